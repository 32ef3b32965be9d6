//! What sort of secret a value is, recognised from the value itself. Never keeps any of it.
//!
//! Recognition is a guess by shape. It asks nobody, so a token that was revoked long ago looks like
//! any other, and it checks no signature. One file for each family of shapes.

mod jwt;
mod pem;
mod shape;
mod tokens;
mod url;
mod x509;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::VaultError;
use super::secret::Timestamp;
use crate::text::visible;

/// The most facts about one value.
const MAX_FACTS: usize = 12;
/// The longest fact in characters.
const MAX_FACT: usize = 200;

/// The sorts of secret tresor tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    /// A key for a service's interface.
    ApiKey,
    /// An OAuth access or refresh token.
    OauthToken,
    /// A JSON Web Token (RFC 7519).
    Jwt,
    /// An X.509 certificate in PEM form.
    Certificate,
    /// A private key in PEM form.
    PrivateKey,
    /// An OpenSSH private key.
    SshKey,
    /// A password.
    Password,
    /// A one-time-password secret (RFC 6238), as an otpauth URI or base32.
    Totp,
    /// An address with credentials in it.
    ConnectionUrl,
    /// The contents of an environment file.
    Env,
    /// Text to keep secret.
    Note,
    /// Anything else.
    Other,
}

impl SecretKind {
    /// All kinds with their stable words.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::ApiKey, "api_key"),
        (Self::OauthToken, "oauth_token"),
        (Self::Jwt, "jwt"),
        (Self::Certificate, "certificate"),
        (Self::PrivateKey, "private_key"),
        (Self::SshKey, "ssh_key"),
        (Self::Password, "password"),
        (Self::Totp, "totp"),
        (Self::ConnectionUrl, "connection_url"),
        (Self::Env, "env"),
        (Self::Note, "note"),
        (Self::Other, "other"),
    ];

    /// The stable word, as used in `--kind` and JSON.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("other", |(_, word)| word)
    }
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for SecretKind {
    type Err = VaultError;

    fn from_str(input: &str) -> Result<Self, VaultError> {
        Self::ALL
            .iter()
            .find(|(_, word)| *word == input)
            .map(|(kind, _)| *kind)
            .ok_or_else(|| VaultError::InvalidKind { input: input.into() })
    }
}

/// What could be told from a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// The sort of secret; `Other` when nothing fits.
    pub kind: SecretKind,
    /// When the value itself says it stops working (`exp`, `notAfter`).
    pub expires_at: Option<Timestamp>,
    /// Facts that are no secret, in the order to show them; the first is `Type` where known.
    pub facts: Vec<(String, String)>,
}

impl Recognised {
    /// A kind with its first fact, the type in words.
    fn new(kind: SecretKind, what: &str) -> Self {
        Self { kind, expires_at: None, facts: vec![("Type".to_owned(), what.to_owned())] }
    }

    /// Nothing but a kind.
    fn plain(kind: SecretKind) -> Self {
        Self { kind, expires_at: None, facts: Vec::new() }
    }

    /// Adds a fact that is no secret, shortened and made safe to show; empty ones are left out.
    ///
    /// So is one with a word in it that would be taken for a secret by itself, such as an address
    /// with a password: facts are shown unmasked.
    fn add(&mut self, label: &str, text: &str) {
        if text.is_empty() || self.facts.len() >= MAX_FACTS || has_secret(text) {
            return;
        }
        let shown = visible(text);
        let fact = match shown.char_indices().nth(MAX_FACT) {
            None => shown.into_owned(),
            Some(_) => shown.chars().take(MAX_FACT - 1).chain(['…']).collect(),
        };
        self.facts.push((label.to_owned(), fact));
    }

    /// The type in words, where one is known.
    fn what(&self) -> Option<&str> {
        self.facts.first().filter(|(label, _)| label == "Type").map(|(_, what)| what.as_str())
    }
}

/// Whether a word of `text` would be taken for a secret by itself.
fn has_secret(text: &str) -> bool {
    let readers = [jwt::read, tokens::read, url::read];
    text.split([' ', ',', ';', '=']).any(|word| readers.iter().any(|read| read(word).is_some()))
}

/// Tells the sort of secret, its expiry and its public facts from a value.
///
/// White space around the value does not matter. Facts never hold a secret part of it; there are
/// at most 12, of at most 200 characters each.
pub fn recognise(value: &[u8]) -> Recognised {
    if let Some(found) = x509::read_der(value) {
        return found;
    }
    let Ok(text) = std::str::from_utf8(value) else {
        return Recognised::new(SecretKind::Other, "Binary data");
    };
    let text = text.trim();
    [pem::read, jwt::read, tokens::read, url::read, shape::read]
        .iter()
        .find_map(|read| read(text))
        .unwrap_or_else(|| Recognised::plain(SecretKind::Other))
}

/// A key under which such a value is usually stored, for instance `github_token`.
pub fn proposed_key(recognised: &Recognised) -> Option<&'static str> {
    let what = recognised.what().unwrap_or_default();
    tokens::key_for(what).or_else(|| url::key_for(what)).or(match recognised.kind {
        SecretKind::ApiKey => Some("api_key"),
        SecretKind::OauthToken => Some("oauth_token"),
        SecretKind::Jwt => Some("jwt"),
        SecretKind::Certificate => Some("tls_certificate"),
        SecretKind::PrivateKey => Some("private_key"),
        SecretKind::SshKey => Some("ssh_key"),
        SecretKind::Password => Some("password"),
        SecretKind::Totp => Some("totp"),
        SecretKind::ConnectionUrl => Some("url"),
        SecretKind::Env => Some("env"),
        SecretKind::Note | SecretKind::Other => None,
    })
}

#[cfg(test)]
mod tests;
