//! The vault key on its way into a cache outside the vault and back, and what it then holds good for.
//! Not where it is kept, nor for how long.

use std::sync::Arc;

use super::core::{Core, read_root};
use super::encoding::{Digest, Hex, Id, to_json};
use super::error::{Result, VaultError};
use super::journal::{self, Action, Note};
use super::keys::VaultKeys;
use super::root::Header;
use super::seal::Key;
use super::secret::SensitiveBytes;
use super::slots::{MAX_SLOTS, SlotKind};
use super::{ClosedVault, Place, Vault};

/// The first byte; another layout is another number.
const LAYOUT: u8 = 1;
/// The layout's number, the vault's id, the epoch, and the vault key.
const FIXED: usize = 1 + 16 + 8 + 32;
/// What the journal says of such an unlock, in the place of a kind of slot.
const HOW: &str = "cache";

/// The vault key, bound to its vault, its epoch and the ways in there were. Wiped when dropped.
///
/// It opens everything but protected secrets, as long as the key is not rotated and none of those
/// ways in is removed or replaced. It changes no way in by itself, so that nothing outlasts it. It is
/// for memory that forgets in time, never for a file.
pub struct CachedKey(SensitiveBytes);

impl CachedKey {
    /// The longest one in bytes.
    pub const MAX: usize = FIXED + MAX_SLOTS * 32;

    /// Takes what a cache kept, whatever it is: [`ClosedVault::unlock_cached`] tells.
    pub fn from_cache(kept: SensitiveBytes) -> Self {
        Self(kept)
    }

    /// Lends what a cache has to keep.
    pub fn with<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        self.0.with(read)
    }

    /// Puts it together; the buffer has its room beforehand, so that nothing is moved unwiped.
    fn new(header: &Header, keys: &VaultKeys) -> Result<Self> {
        let mut bytes = Vec::with_capacity(Self::MAX);
        bytes.push(LAYOUT);
        bytes.extend_from_slice(&header.vault_id.0);
        bytes.extend_from_slice(&header.epoch.to_be_bytes());
        bytes.extend_from_slice(&*keys.vault_key());
        for slot in ways_in(header)? {
            bytes.extend_from_slice(&slot.0);
        }
        Ok(Self(SensitiveBytes::new(bytes)))
    }

    /// The vault key in it, if it is for the vault of that header as it is now.
    fn vault_key(&self, header: &Header) -> Result<Key> {
        let there = ways_in(header)?;
        let key = self.0.with(|bytes| {
            let (layout, rest) = bytes.split_first()?;
            let (vault_id, rest) = rest.split_first_chunk()?;
            let (epoch, rest) = rest.split_first_chunk()?;
            let (key, slots) = rest.split_first_chunk()?;
            let (slots, odd) = slots.as_chunks();
            let fits = *layout == LAYOUT
                && Hex(*vault_id) == header.vault_id
                && u64::from_be_bytes(*epoch) == header.epoch
                && odd.is_empty()
                && slots.iter().all(|slot| there.contains(&Hex(*slot)));
            fits.then(|| Key::copy_of(key))
        });
        key.ok_or(VaultError::KeysChanged)
    }
}

/// What stands for each way in: all of it, so that one made anew is another one.
fn ways_in(header: &Header) -> Result<Vec<Digest>> {
    header.slots.iter().map(|slot| Ok(Digest::of(&to_json(slot)?))).collect()
}

impl Vault {
    /// The vault key for a cache.
    ///
    /// # Errors
    /// `Locked`, `KeysChanged` after a rotation by somebody else, `OnlyKept` when it came from a cache.
    pub fn cached_key(&self) -> Result<CachedKey> {
        self.core.check_ways_in(None)?;
        let (keys, header) = (self.core.keys()?, read_root(&self.core.place)?.header);
        let is_of = |id: Id| keys.vault_id() == id && keys.epoch() == header.epoch;
        match is_of(header.vault_id) {
            true => CachedKey::new(&header, &keys),
            false => Err(VaultError::KeysChanged),
        }
    }
}

impl ClosedVault {
    /// The id of the vault at that place, whatever was seen of it before: enough to lock it.
    ///
    /// # Errors
    /// `NoVault`, `NotAVault`, `Unsafe`, `Damaged`, `NewerFormat`.
    pub fn id_at(place: &Place) -> Result<String> {
        Ok(Self::open_accepting(place)?.vault_id())
    }

    /// Unlocks with what a cache kept.
    ///
    /// # Errors
    /// `KeysChanged` when it is not, or no longer, a key of this vault: then the cache should drop it.
    pub fn unlock_cached(&self, kept: &CachedKey) -> Result<Vault> {
        let header = &self.root.header;
        let keys = VaultKeys::derive(&*kept.vault_key(header)?, header.vault_id, header.epoch)?;
        self.opened(keys, None).map_err(|error| match error {
            // A cache may hold anything. Should the root be damaged, another way in will tell.
            VaultError::Damaged { .. } => VaultError::KeysChanged,
            error => error,
        })
    }

    /// The vault that `keys` open; they are proven by the root. Without a slot it was a cache.
    pub(super) fn opened(&self, keys: VaultKeys, slot: Option<SlotKind>) -> Result<Vault> {
        let list = self.root.open(&keys)?;
        let mut core = Core::new(self.place.clone(), &self.root.header, keys)?;
        core.only_kept = slot.is_none();
        let how = slot.map_or(HOW, SlotKind::word).to_owned();
        let note = Note::of_vault(Action::Unlock, Some(how));
        journal::record(&core, &*core.keys()?, list.journal, &[note]);
        Ok(Vault { core: Arc::new(core) })
    }
}
