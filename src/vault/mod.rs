#![doc = include_str!("FORMAT.md")]

mod aad;
pub mod access;
mod apply;
mod array;
pub mod backend;
pub mod backup;
mod cached;
mod change;
mod commit;
mod core;
mod create;
pub mod deadline;
pub mod doctor;
mod encoding;
mod envelope;
pub mod error;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod index;
pub mod journal;
mod keys;
pub mod kind;
mod lost;
mod marker;
pub mod memory;
mod migrate;
mod permissions;
mod place;
mod raise;
pub mod rebuild;
mod records;
mod rekey;
mod renew;
mod root;
pub mod scope;
mod seal;
pub mod secret;
mod seen;
mod slots;
pub mod storage;
mod turn;
mod view;
mod world;

use std::path::PathBuf;
use std::sync::Arc;

pub use access::{Actor, Verdict};
pub use backend::BackendKind;
pub use cached::CachedKey;
pub use change::{Change, Expect, Outcome};
pub use create::CreateOptions;
pub use error::{Result, VaultError};
pub use journal::Purpose;
pub use keys::ProtectionKey;
pub use kind::{Recognised, SecretKind, proposed_key, recognise};
pub use migrate::Migrated;
pub use permissions::{
    MAX_KEY_MATERIAL, create_private_file, make_private_dirs, read_private_file, why_unsafe,
};
pub use place::Place;
pub use records::{MAX_RECORD, Record};
pub use rekey::Rotated;
pub use scope::{Locator, Scope, ScopeKind, SecretKey, SecretRef};
pub use secret::{
    Description, MAX_MAX_VALUE, MAX_NOTE, MAX_TAGS, MetadataPatch, RevisionInfo, Secret,
    SecretMetadata, SecretSummary, SensitiveBytes, Timestamp, TrashEntry, TrashId,
};
pub use slots::{
    KeyringKey, NewSlot, PassphraseCost, RecoveryCode, SlotId, SlotInfo, SlotKind, Unlock,
    generate_key_file,
};
pub use storage::sync_directory;
pub use turn::Turn;
pub use view::{Listing, Receipt, View};
pub use world::{Clock, Random, SystemClock, SystemRandom};

use self::core::{Core, read_root, read_root_unchecked};
use keys::VaultKeys;
use root::RootHeader;

/// The format this build reads and writes.
pub(crate) const FORMAT: u64 = 1;

/// A vault whose header has been read; no key is held.
pub struct ClosedVault {
    place: Place,
    root: RootHeader,
}

impl ClosedVault {
    /// Reads and checks the header and who may get at it.
    ///
    /// # Errors
    /// `NoVault`, `NotAVault`, `Unsafe`, `Damaged`, `NewerFormat`, and what `.seen` refuses.
    pub fn open(place: &Place) -> Result<Self> {
        Ok(Self { place: place.clone(), root: read_root(place)? })
    }

    /// The same whatever was seen before: only to accept a restore.
    pub(crate) fn open_accepting(place: &Place) -> Result<Self> {
        Ok(Self { place: place.clone(), root: read_root_unchecked(place)? })
    }

    /// Its slots, in order.
    pub fn slots(&self) -> Vec<SlotInfo> {
        self.root.header.slots.iter().map(|slot| slot.info()).collect()
    }

    /// The vault's id in hex.
    pub fn vault_id(&self) -> String {
        self.root.header.vault_id.to_string()
    }

    /// Where its envelopes are kept.
    pub fn backend(&self) -> BackendKind {
        self.root.header.backend
    }

    /// Whether the marker file says what the header says. While a move is tidied up it may not.
    pub fn marker_agrees(&self) -> bool {
        let header = &self.root.header;
        header.retired_backend.is_some() || marker::says(&*self.place.storage, header.backend)
    }

    /// Unlocks; takes about half a second for a passphrase.
    ///
    /// # Errors
    /// `WrongPassphrase`, `WrongKeyFile`, `NoSuchSlot`, `Damaged`.
    pub fn unlock(&self, with: &Unlock<'_>) -> Result<Vault> {
        let header = &self.root.header;
        let opened = slots::open(&header.slots, header.vault_id, with)?;
        let keys = VaultKeys::derive(&opened.vault_key, header.vault_id, header.epoch)?;
        // The right keys and yet no list: the root was altered.
        self.opened(keys, Some(with.kind()))
    }
}

/// An unlocked vault. Cheap to clone; every clone and view is locked together.
#[derive(Clone)]
pub struct Vault {
    core: Arc<Core>,
}

impl Vault {
    /// Makes a vault and gives it unlocked.
    ///
    /// # Errors
    /// `AlreadyThere`, `NotAVault`, `Unsafe`, `InvalidOption`, `Unsupported`, `Io`.
    pub fn create(place: &Place, options: &CreateOptions) -> Result<Self> {
        create::create(place, options)
    }

    /// Whether anything of a vault is at that place, readable or not.
    pub fn exists(place: &Place) -> bool {
        !matches!(read_root(place), Err(VaultError::NoVault { .. })) && place.shown().exists()
    }

    /// What `actor` can see and do.
    pub fn view(&self, actor: Actor) -> View {
        View { core: Arc::clone(&self.core), actor, purpose: Purpose::default() }
    }

    /// Drops and wipes every key; every clone and view answers `Locked` from now on.
    pub fn lock(&self) {
        self.core.lock();
    }

    /// Whether the keys have been dropped.
    pub fn is_locked(&self) -> bool {
        self.core.is_locked()
    }

    /// The vault's id in hex.
    pub fn vault_id(&self) -> String {
        self.core.vault_id.to_string()
    }

    /// Where its envelopes are kept.
    pub fn backend(&self) -> BackendKind {
        self.core.backend_kind()
    }

    /// The vault directory, or `None` in memory.
    pub fn path(&self) -> Option<PathBuf> {
        self.core.place.path().map(PathBuf::from)
    }

    /// Its slots as they are now, in order.
    pub fn slots(&self) -> Result<Vec<SlotInfo>> {
        Ok(read_root(&self.core.place)?.header.slots.iter().map(|slot| slot.info()).collect())
    }

    /// The longest value in bytes.
    pub fn max_value(&self) -> Result<usize> {
        Ok(read_root(&self.core.place)?.header.limits.max_value as usize)
    }

    /// The generation now: one small read, to compare with [`Listing::generation`].
    pub fn generation(&self) -> Result<u64> {
        Ok(read_root(&self.core.place)?.header.generation)
    }

    /// Whether it has a slot that can protect secrets.
    pub fn can_protect(&self) -> Result<bool> {
        Ok(read_root(&self.core.place)?.header.slots.iter().any(|slot| slot.protects()))
    }

    /// Whether that would unlock it; as slow as an unlock.
    ///
    /// # Errors
    /// What an unlock refuses.
    pub fn check(&self, with: &Unlock<'_>) -> Result<()> {
        let header = read_root(&self.core.place)?.header;
        slots::open(&header.slots, header.vault_id, with).map(drop)
    }

    /// Unwraps the key of protected secrets; as slow as an unlock. Wiped when dropped.
    ///
    /// # Errors
    /// `CannotProtect` when no slot of that kind keeps it, and what an unlock refuses.
    pub fn protection_key(&self, with: &Unlock<'_>) -> Result<ProtectionKey> {
        let header = read_root(&self.core.place)?.header;
        match slots::open(&header.slots, header.vault_id, with) {
            Err(VaultError::NoSuchSlot { .. }) if !self.can_protect()? => {
                Err(VaultError::CannotProtect)
            }
            opened => opened?.protection_key.ok_or(VaultError::CannotProtect),
        }
    }
}
