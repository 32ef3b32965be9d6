//! The key hierarchy: the vault key and the five keys derived from it, held in a locked page.
//! Not how the vault key is wrapped (slots) nor what each key seals.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::aad::Fields;
use super::array::SecretArray;
use super::encoding::Id;
use super::error::{Result, VaultError};
use super::memory::LockedPage;
use super::scope::SecretRef;
use super::seal::Key;

/// The purposes of the derived keys, in the order in which they lie in the page.
const LABELS: [&str; 5] = ["wrap", "root", "page", "locate", "journal"];

/// The vault key of one epoch and the keys derived from it. Wiped when dropped.
pub(crate) struct VaultKeys {
    page: LockedPage,
    vault_id: Id,
    epoch: u64,
}

impl VaultKeys {
    /// Derives all keys: HKDF-SHA-256 (RFC 5869) with `(label, vault id, epoch)` as info.
    pub(crate) fn derive(vault_key: &[u8; 32], vault_id: Id, epoch: u64) -> Result<Self> {
        let mut page = LockedPage::new()?;
        let hkdf = Hkdf::<Sha256>::new(None, vault_key);
        let mut room = page.bytes_mut().chunks_exact_mut(32);
        if let Some(first) = room.next() {
            first.copy_from_slice(vault_key);
        }
        for (label, key) in LABELS.iter().zip(room) {
            let info = Fields::new("tresor.v1.key")
                .bytes(label.as_bytes())
                .bytes(&vault_id.0)
                .number(epoch)
                .done();
            hkdf.expand(&info, key).map_err(|_| VaultError::Internal { what: "deriving keys" })?;
        }
        Ok(Self { page, vault_id, epoch })
    }

    /// The epoch these keys belong to; another one in the root means the keys were rotated.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The vault these keys belong to.
    pub(crate) fn vault_id(&self) -> Id {
        self.vault_id
    }

    /// Lends the key at `position` of the page: 0 is the vault key, then [`LABELS`].
    fn at(&self, position: usize) -> &[u8; 32] {
        const NONE: [u8; 32] = [0; 32];
        let bytes = self.page.bytes().chunks_exact(32).nth(position);
        bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or(&NONE)
    }

    /// A copy of the vault key, to be wrapped by a slot.
    pub(crate) fn vault_key(&self) -> Key {
        Key::copy_of(self.at(0))
    }

    /// The KEK: wraps the DEK of every envelope.
    pub(crate) fn wrap(&self) -> &[u8; 32] {
        self.at(1)
    }

    /// Seals the list in the root.
    pub(crate) fn root(&self) -> &[u8; 32] {
        self.at(2)
    }

    /// Seals pages of metadata.
    pub(crate) fn page(&self) -> &[u8; 32] {
        self.at(3)
    }

    /// Seals the records of the journal.
    pub(crate) fn journal(&self) -> &[u8; 32] {
        self.at(5)
    }

    /// The KEK of protected secrets: HKDF(wrap ‖ PK).
    pub(crate) fn protected_wrap(&self, protection: &ProtectionKey) -> Result<Key> {
        let mut input = SecretArray::<64>::zeroed();
        let (wrap, pk) = input.split_at_mut(32);
        wrap.copy_from_slice(self.wrap());
        pk.copy_from_slice(&*protection.0);
        let info = Fields::new("tresor.v1.protected-wrap").bytes(&self.vault_id.0).done();
        let mut key = Key::zeroed();
        Hkdf::<Sha256>::new(None, &*input)
            .expand(&info, &mut *key)
            .map_err(|_| VaultError::Internal { what: "deriving keys" })?;
        Ok(key)
    }

    /// The page a name lives in: the first byte of HMAC-SHA-256(locate key, enc(scope, key)).
    pub(crate) fn locate(&self, name: &SecretRef) -> Result<u8> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.at(4))
            .map_err(|_| VaultError::Internal { what: "locating" })?;
        let fields = Fields::new("tresor.v1.locator")
            .bytes(name.scope.as_str().as_bytes())
            .bytes(name.key.as_str().as_bytes());
        mac.update(&fields.done());
        Ok(mac.finalize().into_bytes().first().copied().unwrap_or_default())
    }
}

/// The key of protected secrets, held only for one action and wiped when dropped.
pub struct ProtectionKey(pub(super) Key);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::encoding::Hex;
    use super::*;

    /// What another implementation makes of FORMAT.md: the HMAC and SHA-256 of Python's library.
    #[test]
    fn the_keys_are_those_of_the_format() {
        let vault_key = std::array::from_fn(|at| at as u8);
        let keys = VaultKeys::derive(&vault_key, Hex([1; 16]), 2).unwrap();
        let protection = ProtectionKey(Key::copy_of(&[9; 32]));
        let hex = |key: &[u8; 32]| Hex(*key).to_string();
        assert_eq!(*keys.vault_key(), vault_key);
        for (key, expected) in [
            (keys.wrap(), "bdd01dc89b87f1eeb07e63d55dc315512b00a056f4c9d41d2b07f05c7c7a399a"),
            (keys.root(), "b80434273ab77259e830688a209e268e8f1de30c1c4c9723b6ab8621d83f9f06"),
            (keys.page(), "e260e94d47eb9040ef2e8785cceb66ac4e0c0c92312e674d2062ad25b27d8ee3"),
            (keys.journal(), "a13329c803d2928a19556075e0dc9fc95d37a4cfcb4d5bf7cd4cd2ee49382140"),
            (
                &*keys.protected_wrap(&protection).unwrap(),
                "4240867cce50bb39a8813b1bd05f51a486ecbfeaf2b5d1506a38f622524fb384",
            ),
        ] {
            assert_eq!(hex(key), expected);
        }
        assert_eq!(keys.locate(&"global/k".parse().unwrap()).unwrap(), 145);
    }
}
