//! The keyring slot: 32 random bytes that the desktop's keyring keeps, never the vault key itself.
//! Knows no keyring: whoever does hands the bytes over, and the key check proves them.

use serde::{Deserialize, Serialize};

use super::hkdf::HkdfParameters;
use crate::vault::encoding::{Hex, Id};
use crate::vault::error::{Result, VaultError};
use crate::vault::seal::Key;
use crate::vault::secret::SensitiveBytes;
use crate::vault::world::{Random, random_bytes};

/// Tells this slot's key from those of other kinds.
pub(super) const INFO: &str = "tresor.v1.keyring";

/// Which item of the keyring holds the key, and the salt.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyringParameters {
    pub(super) item: Id,
    pub(super) hkdf: HkdfParameters,
}

/// The key of a keyring slot and the name of the item that holds it. Wiped when dropped.
pub struct KeyringKey {
    pub(super) item: Id,
    pub(super) key: Key,
}

impl KeyringKey {
    /// Draws a new key for a new item: no item is ever written over.
    ///
    /// # Errors
    /// `NoRandomness`.
    pub fn generate(random: &dyn Random) -> Result<Self> {
        let (item, key) = (Hex(random_bytes(random)?), Key::random(random)?);
        Ok(Self { item, key })
    }

    /// Takes what the keyring's item of that name held.
    ///
    /// # Errors
    /// `WrongKeyringKey` when it cannot be such a key.
    pub fn from_item(item: &str, held: &SensitiveBytes) -> Result<Self> {
        let item = Id::parse(item).ok_or(VaultError::WrongKeyringKey)?;
        let mut key = Key::zeroed();
        held.with(|bytes| match bytes.len() == key.len() {
            true => {
                key.copy_from_slice(bytes);
                Ok(())
            }
            false => Err(VaultError::WrongKeyringKey),
        })?;
        Ok(Self { item, key })
    }

    /// The name of its item.
    pub fn item(&self) -> String {
        self.item.to_string()
    }

    /// Lends what the item has to hold.
    pub fn with<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        read(&*self.key)
    }
}
