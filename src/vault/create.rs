//! Making a vault where there is none. What is cut off half-way can simply be repeated.

use std::sync::Arc;

use super::Vault;
use super::backend::BackendKind;
use super::commit::uncertain;
use super::core::{Core, LOCK_WAIT};
use super::encoding::{Digest, Hex};
use super::error::{Result, VaultError};
use super::journal::{Action, Note};
use super::keys::VaultKeys;
use super::marker;
use super::place::Place;
use super::root::{Header, RootList};
use super::seal::Key;
use super::secret::DEFAULT_MAX_VALUE;
use super::seen::{Seen, make_private_dirs};
use super::slots::{MAX_SLOTS, NewSlot, Slot, SlotEntry};
use super::storage::{LockMode, create_durable, names, sync_directory};
use super::world::random_bytes;

/// What a new vault is to be.
pub struct CreateOptions {
    /// The ways to unlock it: one to eight, none only in memory.
    pub slots: Vec<NewSlot>,
    /// Where envelopes are kept.
    pub backend: BackendKind,
    /// The longest value in bytes: 65,536 by default, at most 1 MiB.
    pub max_value: u32,
}

impl CreateOptions {
    /// Encrypted files and the default limits.
    pub fn new(slots: Vec<NewSlot>) -> Self {
        Self { slots, backend: BackendKind::EncryptedFile, max_value: DEFAULT_MAX_VALUE }
    }

    /// In memory, without any slot: it cannot be unlocked again once locked.
    pub fn in_memory() -> Self {
        Self { backend: BackendKind::Memory, ..Self::new(Vec::new()) }
    }

    fn check(&self) -> Result<()> {
        let slots = self.slots.len();
        if slots == 0 && self.backend != BackendKind::Memory {
            return Err(VaultError::InvalidOption { why: "a vault needs a way to unlock it" });
        }
        if slots > MAX_SLOTS {
            return Err(VaultError::InvalidOption { why: "a vault has at most eight slots" });
        }
        Ok(())
    }
}

/// The files a broken-off creation may have left; anything else in the directory is someone's.
const OURS: [&str; 7] = [
    names::LOCK,
    names::MARKER,
    names::ROOT_NEXT,
    names::INDEX,
    names::OBJECTS,
    names::JOURNAL,
    names::ROOT_PREV,
];

/// Makes a vault and gives it unlocked.
pub(super) fn create(place: &Place, options: &CreateOptions) -> Result<Vault> {
    options.check()?;
    let storage = &*place.storage;
    let random = &*place.random;
    let vault_id = Hex(random_bytes(random)?);
    let mut header = Header::new(vault_id, options.backend, options.max_value)?;
    place.backend(options.backend, vault_id)?;
    if let Some(path) = place.path() {
        make_private_dirs(path)?;
    }
    check_empty(place)?;
    // A record that cannot be kept must be known before there is a vault, not after.
    place.seen.as_ref().map(|seen| seen.read()).transpose()?;
    // The key derivation is slow; it comes before the lock and before anything is written.
    let (vault_key, protection) = (Key::random(random)?, Key::random(random)?);
    for new in &options.slots {
        let slot = Slot::new(new, vault_id, &vault_key, &protection, random)?;
        header.slots.push(SlotEntry::Known(Box::new(slot)));
    }
    let keys = VaultKeys::derive(&vault_key, vault_id, header.epoch)?;
    header.generation = 1;
    let root = header.clone().seal(&keys, &RootList::default(), random)?;
    let _guard = storage.lock(LockMode::Exclusive, LOCK_WAIT)?;
    check_empty(place)?;
    storage.make_dir(names::INDEX)?;
    storage.make_dir(names::OBJECTS)?;
    storage.make_dir(names::JOURNAL)?;
    marker::write(storage, options.backend)?;
    storage.remove(names::ROOT_NEXT)?;
    create_durable(storage, names::ROOT_NEXT, &root)?;
    storage.rename(names::ROOT_NEXT, names::ROOT)?;
    storage.sync_dir(names::TOP).and_then(|()| sync_parent(place)).map_err(uncertain)?;
    if let Some(seen) = &place.seen {
        // Without a record `doctor` says "not checked here"; the vault is there all the same.
        let _ = seen.write(&Seen::new(vault_id, header.generation, Digest::of(&root)));
    }
    let core = Core::new(place.clone(), &header, keys)?;
    super::journal::record(&core, &*core.keys()?, None, &[Note::of_vault(Action::Create, None)]);
    Ok(Vault { core: Arc::new(core) })
}

/// Refuses a place that holds a vault, or anything that is not ours.
fn check_empty(place: &Place) -> Result<()> {
    let files = place.storage.list(names::TOP)?;
    let path = place.shown();
    if files.iter().any(|file| file == names::ROOT) {
        return Err(VaultError::AlreadyThere { path });
    }
    let strange = files.iter().any(|file| !OURS.contains(&file.as_str()));
    let used =
        [names::INDEX, names::OBJECTS, names::JOURNAL].iter().map(|dir| place.storage.list(dir));
    let used = used.collect::<Result<Vec<_>>>()?.iter().any(|files| !files.is_empty());
    match strange || used || files.iter().any(|file| file == names::ROOT_PREV) {
        true => Err(VaultError::NotAVault { path, why: "it already holds other files" }),
        false => Ok(()),
    }
}

/// Makes the vault directory's own entry durable.
pub(super) fn sync_parent(place: &Place) -> Result<()> {
    let Some(parent) = place.path().and_then(|path| path.parent()) else { return Ok(()) };
    let parent = if parent.as_os_str().is_empty() { std::path::Path::new(".") } else { parent };
    match sync_directory(parent) {
        // A parent one may only pass through cannot be opened; its system keeps it.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Ok(()),
        synced => synced.map_err(|e| super::storage::io_error("sync", parent, e)),
    }
}
