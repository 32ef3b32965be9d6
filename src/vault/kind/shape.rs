//! What has no mark of its own: environment files, OAuth and service-account JSON, base32 seeds,
//! passwords, prose. Asked last, and careful: when in doubt it says nothing.

use serde::Deserialize;

use super::{Recognised, SecretKind};
use crate::vault::secret::Timestamp;

/// The longest value that may pass for a password, in bytes.
const MAX_PASSWORD: usize = 64;
/// From this length on, letters, digits, `_` and `-` alone are rather a token than a password.
const LEAST_TOKEN: usize = 32;
/// The longest JSON that is read.
const MAX_JSON: usize = 64 * 1024;

/// Recognises by shape alone.
pub(super) fn read(text: &str) -> Option<Recognised> {
    json(text)
        .or_else(|| env(text))
        .or_else(|| base32(text))
        .or_else(|| password(text))
        .or_else(|| note(text))
}

/// Fields that tell a JSON file's sort and are no secret. All others are skipped unread.
#[derive(Deserialize)]
struct Json {
    #[serde(default, rename = "type")]
    sort: Option<String>,
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    client_email: Option<String>,
    #[serde(default)]
    private_key: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    access_token: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    refresh_token: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    scope: Option<String>,
}

fn json(text: &str) -> Option<Recognised> {
    if !text.starts_with('{') || text.len() > MAX_JSON {
        return None;
    }
    let json: Json = serde_json::from_str(text).ok()?;
    if json.sort.as_deref() == Some("service_account") && json.private_key.is_some() {
        let mut found = Recognised::new(SecretKind::ApiKey, "Google service account key");
        found.add("Project", &json.project_id.unwrap_or_default());
        found.add("Account", &json.client_email.unwrap_or_default());
        return Some(found);
    }
    if json.access_token.is_some() || json.refresh_token.is_some() {
        let mut found = Recognised::new(SecretKind::OauthToken, "OAuth token response");
        found.add("Scope", &json.scope.unwrap_or_default());
        return Some(found);
    }
    None
}

/// Two or more assignments and nothing but comments besides.
fn env(text: &str) -> Option<Recognised> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let variables: Vec<(&str, &str)> = lines.map(variable).collect::<Option<_>>()?;
    // Base64 of several lines can look like names with nothing behind them.
    let names: Vec<&str> =
        variables.iter().filter(|(_, value)| !is_padding(value)).map(|(name, _)| *name).collect();
    if variables.len() < 2 || names.is_empty() {
        return None;
    }
    let mut found = Recognised::new(SecretKind::Env, "Environment file");
    found.add("Variables", &variables.len().to_string());
    found.add("Names", &names.join(" "));
    Some(found)
}

/// The name and the value of `[export ]NAME=…`.
fn variable(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    let name = name.trim();
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let fits = (1..=128).contains(&name.len())
        && name.bytes().all(of_name)
        && !name.starts_with(|c: char| c.is_ascii_digit());
    fits.then_some((name, value))
}

/// What stands behind the first `=` of a line of base64: nothing, or one more.
fn is_padding(value: &str) -> bool {
    matches!(value, "" | "=")
}

/// The seed of a one-time password as sites show it: base32, often in groups of four.
fn base32(text: &str) -> Option<Recognised> {
    let digits = |byte: u8| (b'2'..=b'7').contains(&byte);
    let grouped = text.contains(' ');
    if grouped && text.split(' ').any(|group| group.len() != 4) {
        return None;
    }
    let seed = || text.bytes().filter(|byte| *byte != b' ' && *byte != b'=');
    let of_seed = |byte: u8| match grouped {
        true => byte.is_ascii_alphabetic() || digits(byte),
        false => byte.is_ascii_uppercase() || digits(byte),
    };
    let length = seed().count();
    let fits = matches!(length, 16 | 20 | 24 | 26 | 32 | 52 | 56 | 64)
        && text.len() < 100
        && seed().all(of_seed)
        && seed().any(digits)
        && seed().any(|byte| byte.is_ascii_alphabetic());
    fits.then(|| Recognised::new(SecretKind::Totp, "One-time password seed in base32"))
}

/// A short word of three or four of: lower case, upper case, digits, others.
fn password(text: &str) -> Option<Recognised> {
    let printable = |c: char| !c.is_whitespace() && !c.is_control();
    if text.len() > MAX_PASSWORD || text.len() < 6 || !text.chars().all(printable) {
        return None;
    }
    if text.contains("://") || text.starts_with(['/', '{', '<']) || is_identifier(text) {
        return None;
    }
    let has = |sort: fn(char) -> bool| usize::from(text.chars().any(sort));
    let sorts = has(char::is_lowercase)
        + has(char::is_uppercase)
        + has(char::is_numeric)
        + has(|c| !c.is_alphanumeric());
    (sorts >= 3).then(|| Recognised::plain(SecretKind::Password))
}

/// Host names, addresses, version numbers, UUIDs, times, and long runs that are rather a token of a
/// maker unknown here: three sorts of characters and no password.
fn is_identifier(text: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-@:/+".contains(&byte);
    let hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-' || byte == b':';
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    text.bytes().all(plain)
        || text.bytes().all(hex)
        || (text.len() >= LEAST_TOKEN && text.bytes().all(token))
        || Timestamp::parse(text).is_some()
}

/// Several lines with words in them.
fn note(text: &str) -> Option<Recognised> {
    let readable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    let prose = text.lines().count() > 1
        && text.chars().all(readable)
        && text.split_ascii_whitespace().count() >= 4
        && text.lines().any(|line| line.trim().contains(' '));
    prose.then(|| Recognised::plain(SecretKind::Note))
}
