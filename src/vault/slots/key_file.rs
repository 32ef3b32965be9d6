//! The key-file slot: high-entropy bytes through HKDF. For servers and CI, never for people's words.

use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::vault::encoding::Hex;
use crate::vault::error::{Result, VaultError};
use crate::vault::seal::Key;
use crate::vault::secret::SensitiveBytes;
use crate::vault::world::{Random, random_bytes};

/// The fewest and most bytes a key file may have.
const LENGTHS: std::ops::RangeInclusive<usize> = 32..=4096;

/// The salt of one slot.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyFileParameters {
    kdf: HkdfSha256,
    salt: Hex<32>,
}

/// HKDF-SHA-256 (RFC 5869).
#[derive(Clone, Copy, Serialize, Deserialize)]
enum HkdfSha256 {
    #[serde(rename = "hkdf-sha256")]
    HkdfSha256,
}

impl KeyFileParameters {
    /// A fresh salt.
    pub(crate) fn new(random: &dyn Random) -> Result<Self> {
        Ok(Self { kdf: HkdfSha256::HkdfSha256, salt: Hex(random_bytes(random)?) })
    }

    /// Derives the slot's key from the whole contents of the file.
    pub(crate) fn derive(&self, contents: &SensitiveBytes) -> Result<Key> {
        if !LENGTHS.contains(&contents.len()) {
            return Err(VaultError::InvalidOption { why: "a key file has 32 to 4,096 bytes" });
        }
        let HkdfSha256::HkdfSha256 = self.kdf;
        let mut key = Key::default();
        contents
            .with(|bytes| {
                Hkdf::<Sha256>::new(Some(&self.salt.0), bytes)
                    .expand(b"tresor.v1.key-file", &mut *key)
            })
            .map_err(|_| VaultError::Internal { what: "deriving keys" })?;
        Ok(key)
    }
}

/// Makes the contents of a new key file: 32 random bytes as one line of base64.
pub fn generate_key_file(random: &dyn Random) -> Result<SensitiveBytes> {
    use base64::Engine;
    let bytes = Key::new(random_bytes(random)?);
    let mut line = Vec::with_capacity(45);
    line.resize(44, 0);
    let written = base64::engine::general_purpose::STANDARD
        .encode_slice(*bytes, &mut line)
        .map_err(|_| VaultError::Internal { what: "encoding a key file" })?;
    line.truncate(written);
    line.push(b'\n');
    Ok(SensitiveBytes::new(line))
}
