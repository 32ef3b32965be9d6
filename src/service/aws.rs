//! Keys for AWS out of a value: JSON as the AWS CLI prints it, or a profile of its INI files. Asks nobody
//! whether they work.

use serde::Deserialize;
use thiserror::Error;

use super::wiped_json;
use crate::fault::{Fault, FaultKind};
use crate::text::visible;
use crate::vault::{SensitiveBytes, Timestamp};

/// The keys' names in a profile, and as keys of a scope.
pub const ID: &str = "aws_access_key_id";
/// The same of the secret one.
pub const SECRET: &str = "aws_secret_access_key";
/// The same of the token that keys for a while need.
pub const TOKEN: &str = "aws_session_token";
/// What tools call the end of such keys in a profile.
const ENDS: [&str; 4] =
    ["expiration", "aws_expiration", "aws_credential_expiration", "x_security_token_expires"];

/// A pair of keys, for a while where there is a token.
pub struct AwsKeys {
    /// The public one.
    pub id: SensitiveBytes,
    /// The secret one.
    pub secret: SensitiveBytes,
    /// What goes with them.
    pub token: Option<SensitiveBytes>,
    /// When they stop working, as far as they say.
    pub expires_at: Option<Timestamp>,
}

/// Why a value gives no keys; never any of it, but the names of its profiles.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum AwsError {
    /// Another form.
    #[error("it is neither JSON of the AWS CLI nor a profile of its credentials file")]
    Form,
    /// One of the two is missing.
    #[error("it has no {0}")]
    Missing(&'static str),
    /// A time nobody can read.
    #[error("its expiration is no time")]
    Expiration,
    /// No profile of that name.
    #[error("it has no profile '{}'", visible(.0))]
    NoProfile(String),
    /// Several, and none is the default.
    #[error("it has {0} profiles, and none is named default")]
    Profiles(usize),
}

impl Fault for AwsError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NoProfile(_) => FaultKind::NotFound,
            _ => FaultKind::Invalid,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::NoProfile(_) | Self::Profiles(_) => "name one with --profile NAME".into(),
            Self::Expiration => "write it like 2027-01-31T12:00:00Z".into(),
            Self::Form | Self::Missing(_) => {
                "'tresor help aws-credential' shows what it reads".into()
            }
        }
    }
}

/// Reads a value; of several profiles the one that is named, or the default.
///
/// # Errors
/// What is wrong with it.
pub fn read(value: &SensitiveBytes, profile: Option<&str>) -> Result<AwsKeys, AwsError> {
    let read = value.with_str(|text| match text.trim_start().starts_with('{') {
        true => json(text),
        false => ini(text, profile),
    });
    read.unwrap_or(Err(AwsError::Form))
}

/// What `aws sts`, `aws iam create-access-key`, a `credential_process` and the metadata service print.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    #[serde(alias = "AccessKey")]
    credentials: Option<Box<Document>>,
    #[serde(default, deserialize_with = "wiped_json::optional")]
    access_key_id: Option<SensitiveBytes>,
    #[serde(default, deserialize_with = "wiped_json::optional")]
    secret_access_key: Option<SensitiveBytes>,
    #[serde(default, alias = "Token", deserialize_with = "wiped_json::optional")]
    session_token: Option<SensitiveBytes>,
    expiration: Option<String>,
}

fn json(text: &str) -> Result<AwsKeys, AwsError> {
    let document: Document = serde_json::from_str(text).map_err(|_| AwsError::Form)?;
    let document = document
        .credentials
        .map(|inner| *inner)
        .unwrap_or(Document { credentials: None, ..document });
    keys(
        document.access_key_id,
        document.secret_access_key,
        document.session_token,
        document.expiration.as_deref(),
    )
}

fn keys(
    id: Option<SensitiveBytes>,
    secret: Option<SensitiveBytes>,
    token: Option<SensitiveBytes>,
    end: Option<&str>,
) -> Result<AwsKeys, AwsError> {
    let there = |key: Option<SensitiveBytes>| key.filter(|key| !key.is_empty());
    let end = end.filter(|end| !end.is_empty());
    let expires_at =
        end.map(|end| Timestamp::parse(end).ok_or(AwsError::Expiration)).transpose()?;
    Ok(AwsKeys {
        id: there(id).ok_or(AwsError::Missing(ID))?,
        secret: there(secret).ok_or(AwsError::Missing(SECRET))?,
        token: there(token),
        expires_at,
    })
}

/// A section of an INI file: its name, and its lines apart.
type Profile<'t> = (&'t str, Vec<(String, &'t str)>);

fn ini(text: &str, wanted: Option<&str>) -> Result<AwsKeys, AwsError> {
    let profiles = profiles(text)?;
    let named = |name: &str| profiles.iter().find(|(profile, _)| *profile == name);
    let (_, lines) = match (wanted, profiles.as_slice()) {
        (Some(name), _) => named(name).ok_or_else(|| AwsError::NoProfile(name.to_owned()))?,
        (None, []) => return Err(AwsError::Form),
        (None, [only]) => only,
        (None, several) => named("default").ok_or(AwsError::Profiles(several.len()))?,
    };
    let value = |names: &[&str]| {
        let mut lines = lines.iter().filter(|(key, _)| names.contains(&key.as_str()));
        lines.next_back().map(|(_, value)| *value)
    };
    let secret = |name| value(&[name]).map(|value| SensitiveBytes::copy_of(value.as_bytes()));
    keys(secret(ID), secret(SECRET), secret(TOKEN), value(&ENDS))
}

/// The sections that say anything. Lines before the first one are a profile without a name: also those
/// of a `.env` file, in capitals and with `export` in front.
fn profiles(text: &str) -> Result<Vec<Profile<'_>>, AwsError> {
    let mut profiles: Vec<Profile<'_>> = vec![("", Vec::new())];
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            let name = name.trim();
            profiles.push((name.strip_prefix("profile ").unwrap_or(name).trim(), Vec::new()));
        } else if !line.is_empty() {
            let (key, value) = line.split_once('=').ok_or(AwsError::Form)?;
            let key = key.trim();
            let key = key.strip_prefix("export ").unwrap_or(key).trim();
            if let Some((_, lines)) = profiles.last_mut() {
                lines.push((key.to_ascii_lowercase(), unquoted(value.trim())));
            }
        }
    }
    profiles.retain(|(_, lines)| !lines.is_empty());
    Ok(profiles)
}

fn unquoted(value: &str) -> &str {
    let within = |mark: char| value.strip_prefix(mark)?.strip_suffix(mark);
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The keys as one line of text.
    fn told(text: &str, profile: Option<&str>) -> Result<String, AwsError> {
        let keys = read(&SensitiveBytes::copy_of(text.as_bytes()), profile)?;
        let text = |key: &SensitiveBytes| key.with_str(str::to_owned).unwrap();
        let token = keys.token.as_ref().map(text);
        let end = keys.expires_at.map(|end| end.to_string());
        let all = [Some(text(&keys.id)), Some(text(&keys.secret)), token, end];
        Ok(all.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn every_form_of_json_is_read() {
        let flat = r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s\/+","SessionToken":"t","Expiration":"2030-01-01T00:00:00+00:00"}"#;
        assert_eq!(told(flat, None).unwrap(), "A s/+ t 2030-01-01T00:00:00Z");
        let sts = r#" {"Credentials":{"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":null},"AssumedRoleUser":{}}"#;
        assert_eq!(told(sts, None).unwrap(), "A s");
        let iam = r#"{"AccessKey":{"UserName":"u","AccessKeyId":"A","SecretAccessKey":"s"}}"#;
        assert_eq!(told(iam, None).unwrap(), "A s");
        let missing = told(r#"{"AccessKeyId":"A"}"#, None);
        assert_eq!(missing, Err(AwsError::Missing(SECRET)));
        assert_eq!(told(r#"{"AccessKeyId":1}"#, None), Err(AwsError::Form));
        let soon = r#"{"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"soon"}"#;
        assert_eq!(told(soon, None), Err(AwsError::Expiration));
    }

    #[test]
    fn profiles_are_chosen_by_name() {
        let one = "# mine\n[work]\naws_access_key_id = A\naws_secret_access_key=s=\nregion=x\n";
        assert_eq!(told(one, None).unwrap(), "A s=");
        let two = format!("{one}[profile home]\naws_access_key_id=B\naws_secret_access_key=r\n");
        assert_eq!(told(&two, None), Err(AwsError::Profiles(2)));
        assert_eq!(told(&two, Some("home")).unwrap(), "B r");
        assert_eq!(told(&two, Some("none")), Err(AwsError::NoProfile("none".into())));
        let with_default =
            format!("{two}[default]\naws_access_key_id=C\naws_secret_access_key=q\n");
        assert_eq!(told(&with_default, None).unwrap(), "C q");
        let variables = "export AWS_ACCESS_KEY_ID=\"A\"\nAWS_SECRET_ACCESS_KEY='s'\n\
            AWS_SESSION_TOKEN=t\n";
        assert_eq!(told(variables, None).unwrap(), "A s t");
        for text in ["", "nonsense", "[only]\n", "\u{1}"] {
            assert_eq!(told(text, None), Err(AwsError::Form), "{text:?}");
        }
        assert_eq!(told("[a]\nregion=x", None), Err(AwsError::Missing(ID)));
    }

    proptest! {
        #[test]
        fn no_value_is_too_strange(value in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = read(&SensitiveBytes::new(value), Some("x"));
        }
    }
}
