//! What slots of high-entropy secrets share: HKDF-SHA-256 with a salt. Never for people's words.

use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::vault::encoding::Hex;
use crate::vault::error::{Result, VaultError};
use crate::vault::seal::Key;
use crate::vault::world::{Random, random_bytes};

/// The salt of one slot.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HkdfParameters {
    kdf: HkdfSha256,
    salt: Hex<32>,
}

/// HKDF-SHA-256 (RFC 5869).
#[derive(Clone, Copy, Serialize, Deserialize)]
enum HkdfSha256 {
    #[serde(rename = "hkdf-sha256")]
    HkdfSha256,
}

impl HkdfParameters {
    /// A fresh salt.
    pub(crate) fn new(random: &dyn Random) -> Result<Self> {
        Ok(Self { kdf: HkdfSha256::HkdfSha256, salt: Hex(random_bytes(random)?) })
    }

    /// Derives the slot's key from its secret; `info` tells the kinds of slot apart.
    pub(crate) fn derive(&self, secret: &[u8], info: &str) -> Result<Key> {
        let HkdfSha256::HkdfSha256 = self.kdf;
        let mut key = Key::zeroed();
        Hkdf::<Sha256>::new(Some(&self.salt.0), secret)
            .expand(info.as_bytes(), &mut *key)
            .map_err(|_| VaultError::Internal { what: "deriving keys" })?;
        Ok(key)
    }
}
