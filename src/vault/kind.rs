//! What sort of secret a value is, recognised from the value itself. Never keeps any of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::VaultError;
use super::secret::Timestamp;

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

/// Tells the sort of secret, its expiry and its public facts from a value.
pub fn recognise(_value: &[u8]) -> Recognised {
    Recognised { kind: SecretKind::Other, expires_at: None, facts: Vec::new() }
}
