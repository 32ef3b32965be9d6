//! `tresor aws-credential`: keys in the form that AWS asks of a `credential_process`. Asks AWS nothing.

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::output::write_value;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::{json, names};
use crate::fault::{Fault, FaultKind};
use crate::service::aws::{self, AwsKeys};
use crate::vault::{Purpose, Scope, Secret, SecretRef, SensitiveBytes, Timestamp};

/// Answer the AWS CLI and SDKs: keys for a credential_process
///
/// In ~/.aws/config: credential_process = tresor -q aws-credential project:shop:prod
///
/// Of a scope it takes the secrets aws_access_key_id, aws_secret_access_key and, if it is there,
/// aws_session_token. A single secret may hold JSON of the AWS CLI, a profile of its credentials file, or
/// the secret key with the access key's id as its username.
#[derive(Args)]
pub struct AwsCredential {
    /// The secret: SCOPE/KEY, a tresor:// URI, or SCOPE KEY; or a scope alone
    #[arg(value_name = "REF", required = true, num_args = 1..=2)]
    words: Vec<String>,
    /// The profile, where the secret holds several
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

impl AwsCredential {
    pub fn run(&self, session: &Session) -> Outcome {
        let scope = match self.words.as_slice() {
            [word] if !word.contains('/') && !word.starts_with("tresor:") => Some(word.parse()?),
            _ => None,
        };
        let (keys, from) = match scope {
            Some(scope) => {
                let opened = session.open()?;
                (of_scope(&opened, &scope)?, scope.to_string())
            }
            None => {
                let name = names::reference(&self.words)?;
                let opened = session.open()?;
                (self.of_secret(&opened, &name)?, name.to_string())
            }
        };
        if let Some(end) = keys.expires_at.filter(|end| end.has_come(session.now())) {
            let message = format!("the keys of {from} stopped working at {end}");
            let help = "write new ones with 'tresor set', with --expires for their end";
            return Err(CliError::new(FaultKind::Precondition, message, help));
        }
        write_value(&document(&keys, &from)?)?;
        DONE
    }

    fn of_secret(&self, opened: &Opened<'_>, name: &SecretRef) -> Result<AwsKeys, CliError> {
        let view = opened.view.for_purpose(Purpose::Read);
        let secret = opened.with_protection(|key| view.read_with(name, None, key))?;
        let end = secret.metadata.expires_at;
        let keys = match pair(&secret) {
            Some(keys) => keys,
            None => aws::read(&secret.value, self.profile.as_deref()).map_err(|error| {
                let message = format!("{name} holds no keys for AWS: {error}");
                CliError::new(error.kind(), message, error.help())
            })?,
        };
        Ok(AwsKeys { expires_at: earliest([keys.expires_at, end]), ..keys })
    }
}

/// The secret key as the value, and the id as the username.
fn pair(secret: &Secret) -> Option<AwsKeys> {
    let id = secret.metadata.username.as_deref()?;
    let is_one_word = |text: &str| !text.contains(['{', '[', '\n', ' ']) && !text.contains("KEY=");
    let value = secret.value.with_str(|text| {
        is_one_word(text.trim()).then(|| SensitiveBytes::copy_of(text.trim().as_bytes()))
    })??;
    let id = SensitiveBytes::copy_of(id.as_bytes());
    Some(AwsKeys { id, secret: value, token: None, expires_at: None })
}

/// The keys that lie in a scope one by one, as they are at one moment.
fn of_scope(opened: &Opened<'_>, scope: &Scope) -> Result<AwsKeys, CliError> {
    opened.check_visible(scope)?;
    let secrets = opened.view.list()?.secrets;
    let find = |wanted: &str| {
        let here = secrets.iter().filter(|secret| secret.name.scope == *scope);
        let spelt = |key: &str| key.to_ascii_lowercase().replace(['-', '.'], "_");
        here.map(|secret| &secret.name).find(|name| spelt(name.key.as_str()) == wanted).cloned()
    };
    let needed = |wanted: &str| {
        find(wanted).ok_or_else(|| {
            let help = format!("write it with 'tresor set {scope}/{wanted}'");
            CliError::new(FaultKind::NotFound, format!("{scope} has no {wanted}"), help)
        })
    };
    let mut names = vec![needed(aws::ID)?, needed(aws::SECRET)?];
    names.extend(find(aws::TOKEN));
    let view = opened.view.for_purpose(Purpose::Read);
    let read = opened.with_protection(|key| view.read_all(&names, key))?;
    let end = earliest(read.iter().map(|secret| secret.metadata.expires_at));
    let mut values = read.into_iter().map(|secret| trimmed(&secret.value));
    match (values.next(), values.next()) {
        (Some(id), Some(secret)) => {
            Ok(AwsKeys { id, secret, token: values.next(), expires_at: end })
        }
        _ => Err(CliError::new(FaultKind::Internal, "the keys were lost", "")),
    }
}

/// A newline at the end of a key is nobody's.
fn trimmed(value: &SensitiveBytes) -> SensitiveBytes {
    value.with(|bytes| SensitiveBytes::copy_of(bytes.trim_ascii()))
}

fn earliest(ends: impl IntoIterator<Item = Option<Timestamp>>) -> Option<Timestamp> {
    ends.into_iter().flatten().min()
}

/// The document that AWS wants (version 1 of it).
fn document(keys: &AwsKeys, from: &str) -> Result<SensitiveBytes, CliError> {
    let fields = [
        ("AccessKeyId", Some(&keys.id)),
        ("SecretAccessKey", Some(&keys.secret)),
        ("SessionToken", keys.token.as_ref()),
    ];
    // JSON escapes make six bytes of one at most; nothing may be moved to a larger buffer unwiped.
    let room: usize = fields.iter().map(|(_, it)| it.map_or(0, |it| it.len() * 6)).sum();
    let mut line = Vec::with_capacity(room + 256);
    line.extend_from_slice(b"{\"Version\":1");
    for (name, value) in fields {
        let Some(value) = value else { continue };
        line.extend_from_slice(format!(",\"{name}\":").as_bytes());
        let written = value.with_str(|text| json::write(&mut line, &text));
        written.ok_or_else(|| {
            let message = format!("{from}: the {name} is not UTF-8 text");
            CliError::invalid(message, "write it again as text")
        })??;
    }
    if let Some(end) = keys.expires_at {
        line.extend_from_slice(format!(",\"Expiration\":\"{end}\"").as_bytes());
    }
    line.extend_from_slice(b"}\n");
    Ok(SensitiveBytes::new(line))
}
