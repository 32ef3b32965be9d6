//! Finds secrets that stand in clear in files of other programs, line by line, in whatever form. Keeps
//! none of them: only where they stand and what they look like.

use crate::service::reference::Template;
use crate::text::visible;
use crate::vault::{SecretKind, recognise};

/// Shorter values are taken for no secrets.
const SHORTEST: usize = 6;
/// Longer lines are data, not settings.
const LONGEST_LINE: usize = 16 * 1024;

/// A secret in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inline {
    /// Its line, from 1.
    pub line: usize,
    /// The name it is assigned to; empty when it stands by itself. Safe to show.
    pub name: String,
    /// What it looks like; `Other` when only its name tells.
    pub kind: SecretKind,
}

/// All that are found in a text, in order, one a line.
pub fn find(text: &[u8]) -> Vec<Inline> {
    let lines = text.split(|byte| *byte == b'\n').enumerate();
    lines
        .filter_map(|(at, line)| {
            in_line(line).map(|(name, kind)| Inline { line: at + 1, name, kind })
        })
        .collect()
}

/// Whether a value under a name is a secret, and of what kind.
pub fn judge(name: &str, value: &[u8]) -> Option<SecretKind> {
    if !Template::parse(value).spots().is_empty() {
        return None;
    }
    match is_token(value) {
        Some(kind) => Some(kind),
        None => (names_a_secret(name) && looks_real(value)).then_some(SecretKind::Other),
    }
}

fn in_line(line: &[u8]) -> Option<(String, SecretKind)> {
    let text = std::str::from_utf8(line.get(..line.len().min(LONGEST_LINE))?).ok()?.trim();
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        let name = assignment(text).map_or("", |(name, _)| name);
        return Some((visible(name).into_owned(), SecretKind::PrivateKey));
    }
    if let Some((name, value)) = assignment(text)
        && let Some(kind) = judge(name, value.as_bytes())
    {
        return Some((visible(name).into_owned(), kind));
    }
    if !Template::parse(line).spots().is_empty() {
        return None;
    }
    let words =
        text.split(|letter: char| letter.is_whitespace() || "\"'`,;<>()[]{}=".contains(letter));
    words.filter_map(|word| is_token(word.as_bytes())).map(|kind| (String::new(), kind)).next()
}

/// `name = value`, `name: value`, `"name": "value",` and their kin.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let line = line.trim_start_matches(['-', '{', ' ']);
    let (name, value) = line.split_once(['=', ':'])?;
    let name = name.trim().trim_matches(['"', '\'']);
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "_-. ".contains(letter);
    if name.is_empty() || name.len() > 128 || !name.chars().all(is_name) {
        return None;
    }
    let value = value.trim();
    let quote = value.chars().next().filter(|letter| matches!(letter, '"' | '\''));
    let inner = quote.and_then(|quote| value.strip_prefix(quote)?.split(quote).next());
    let plain = || value.split(" #").next().unwrap_or_default().trim().trim_end_matches([',', ';']);
    Some((name, inner.unwrap_or_else(plain)))
}

/// What is a secret by its own form, whatever it is called.
fn is_token(value: &[u8]) -> Option<SecretKind> {
    use SecretKind as K;
    if value.len() < SHORTEST {
        return None;
    }
    let kind = recognise(value).kind;
    let is_one = match kind {
        K::ApiKey | K::OauthToken | K::Jwt | K::PrivateKey | K::SshKey => true,
        K::ConnectionUrl => has_password(value),
        // Any long enough word is a key in base32; the address is not.
        K::Totp => value.starts_with(b"otpauth"),
        K::Password | K::Certificate | K::Env | K::Note | K::Other => false,
    };
    is_one.then_some(kind)
}

/// Whether an address has a password in it: `SCHEME://USER:PASSWORD@HOST`.
fn has_password(address: &[u8]) -> bool {
    let user = std::str::from_utf8(address).ok().and_then(|text| {
        let (user, _) = text.split_once("://")?.1.rsplit_once('@')?;
        user.split_once(':')
    });
    user.is_some_and(|(_, password)| !password.is_empty() && !password.starts_with('$'))
}

/// Whether a name says that its value is secret: `DB_PASSWORD`, `apiKey`, `client-secret`.
fn names_a_secret(name: &str) -> bool {
    const WORDS: [&str; 12] = [
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "token",
        "apikey",
        "accesskey",
        "privatekey",
        "signingkey",
        "credential",
        "authkey",
    ];
    const ABOUT_IT: [&str; 16] = [
        "file", "path", "dir", "url", "uri", "id", "name", "user", "host", "port", "ttl", "expiry",
        "header", "type", "length", "enabled",
    ];
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    WORDS.iter().any(|word| plain.contains(word))
        && !ABOUT_IT.iter().any(|end| plain.ends_with(end))
}

/// Whether a value is more than a place to put one.
fn looks_real(value: &[u8]) -> bool {
    const PLACES: [&str; 14] = [
        "change",
        "example",
        "your",
        "placeholder",
        "todo",
        "xxx",
        "***",
        "...",
        "<",
        "${",
        "$(",
        "{{",
        "none",
        "null",
    ];
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let lower = text.trim().to_ascii_lowercase();
    let first = lower.bytes().next();
    lower.len() >= SHORTEST
        && !PLACES.iter().any(|place| lower.contains(place))
        && !matches!(lower.as_str(), "true" | "false")
        && !lower.starts_with('$')
        && !lower.bytes().all(|byte| Some(byte) == first)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, String, &'static str)> {
        find(text.as_bytes()).into_iter().map(|one| (one.line, one.name, one.kind.word())).collect()
    }

    #[test]
    fn tokens_and_named_secrets_are_found_in_every_form() {
        let stripe = ["sk", "live", "51H8xQ2eZvKYlo2C0aBcDeFgH"].join("_");
        for (text, name, kind) in [
            (format!("STRIPE={stripe}"), "STRIPE", "api_key"),
            (format!("  \"stripe\": \"{stripe}\","), "stripe", "api_key"),
            (format!("# curl -H 'Authorization: {stripe}'"), "", "api_key"),
            ("db: postgres://u:hunter22@h/d".to_owned(), "db", "connection_url"),
            ("export DB_PASSWORD='hunter22' # mine".to_owned(), "DB_PASSWORD", "other"),
            ("- client-secret: hunter22".to_owned(), "client-secret", "other"),
            ("key = -----BEGIN RSA PRIVATE KEY-----".to_owned(), "key", "private_key"),
        ] {
            assert_eq!(found(&format!("\n{text}\n")), [(2, name.to_owned(), kind)], "{text}");
        }
    }

    #[test]
    fn places_for_secrets_references_and_settings_about_them_are_none() {
        for text in [
            "PASSWORD=tresor://global/a",
            "password: {{ env:PASSWORD }}",
            "PASSWORD=changeme",
            "PASSWORD=<your password>",
            "PASSWORD=${PASSWORD}",
            "TOKEN_FILE=/run/secrets/token",
            "TOKEN_TTL=3600000",
            "password = \"\"",
            "secret_name: production",
            "url: postgres://host/d",
            "# the password is in the vault",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
