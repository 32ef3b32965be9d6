//! Puts a whole new vault at an empty place, durable, or leaves nothing of it behind. Until its root is there
//! the directory says of itself that it is unfinished. Does not know what the vault is made of.

use super::commit::uncertain;
use super::core::LOCK_WAIT;
use super::create::sync_parent;
use super::encoding::Digest;
use super::error::{Result, VaultError};
use super::marker;
use super::place::Place;
use super::root::{Header, MAX_ROOT};
use super::seen::{Seen, make_private_dirs};
use super::storage::{LockGuard, LockMode, Storage, create_durable, names, optional};

/// Refuses a place where anything is.
pub(super) fn check_empty(into: &Place) -> Result<()> {
    match into.storage.list(names::TOP)?.is_empty() {
        true => Ok(()),
        false => Err(VaultError::NotEmpty { path: into.shown() }),
    }
}

/// Whether what is at a place was begun here and cut off.
pub(super) fn is_unfinished(into: &Place) -> Result<bool> {
    let marker = optional(into.storage.read(names::MARKER, 256))?;
    let has_root = optional(into.storage.read(names::ROOT, MAX_ROOT))?.is_some();
    // A power loss may have torn the marker, but then it is all there is.
    let there = into.storage.list(names::TOP)?;
    let is_alone = there.iter().all(|name| [names::MARKER, names::LOCK].contains(&&**name));
    Ok(marker.is_some_and(|marker| marker == names::UNFINISHED || is_alone) && !has_root)
}

/// Has `build` write everything but the root, which it gives, and puts that in its place at the end. What an
/// earlier one left that was cut off there is cleared. The lock is held until the guard is dropped.
pub(super) fn raise(
    into: &Place,
    build: impl FnOnce(&dyn Storage) -> Result<Vec<u8>>,
) -> Result<(Vec<u8>, Box<dyn LockGuard + '_>)> {
    // A record that cannot be kept must be known before there is a vault, not after.
    into.seen.as_ref().map(|seen| seen.read()).transpose()?;
    let was_there = into.path().is_some_and(std::path::Path::exists);
    if let Some(path) = into.path() {
        make_private_dirs(path)?;
    }
    let storage = &*into.storage;
    let guard = storage.lock(LockMode::Exclusive, LOCK_WAIT);
    let mut guard = Some(guard.inspect_err(|_| leave(into, was_there))?);
    let mut take_back = || {
        if cfg!(windows) {
            // The name of its file stays there as long as that is open.
            drop(guard.take());
            return leave(into, was_there);
        }
        // Gone while it is held: whoever waits for it finds that it has no name any more.
        leave(into, was_there);
        drop(guard.take());
    };
    if is_unfinished(into).inspect_err(|_| take_back())? {
        tidy(into);
    }
    let there = storage.list(names::TOP).inspect_err(|_| take_back())?;
    if there.iter().any(|name| name != names::LOCK) {
        // Another process was first; what is there is its own.
        return Err(VaultError::NotEmpty { path: into.shown() });
    }
    let built = begin(storage).and_then(|()| build(storage)).and_then(|root| {
        storage.create_new(names::ROOT_NEXT, &root)?;
        storage.sync_all()?;
        Ok(root)
    });
    let root = built.inspect_err(|_| {
        tidy(into);
        take_back();
    })?;
    if let Err(error) = storage.rename(names::ROOT_NEXT, names::ROOT) {
        if optional(storage.read(names::ROOT, MAX_ROOT))?.is_some() {
            return Err(uncertain(error));
        }
        tidy(into);
        take_back();
        return Err(error);
    }
    let durable = storage.sync_dir(names::TOP).and_then(|()| sync_parent(into));
    durable.map_err(uncertain)?;
    match guard {
        Some(guard) => Ok((root, guard)),
        None => Err(VaultError::Internal { what: "holding the lock" }),
    }
}

/// Marks the place as unfinished, before anything else is there.
fn begin(storage: &dyn Storage) -> Result<()> {
    create_durable(storage, names::MARKER, names::UNFINISHED)?;
    storage.sync_dir(names::TOP)?;
    for dir in [names::INDEX, names::OBJECTS, names::JOURNAL] {
        storage.make_dir(dir)?;
    }
    Ok(())
}

/// What follows once the vault is there: the marker, its record, the copy of its root. It is whole without
/// any of it; gives what could not be done.
pub(super) fn settle(into: &Place, header: &Header, root: &[u8]) -> Vec<VaultError> {
    let storage = &*into.storage;
    let seen = Seen::new(header.vault_id, header.generation, Digest::of(root));
    let steps = [
        // Not synced: it is for people, and `doctor --fix` mends it.
        storage.overwrite(names::MARKER, marker::text(header.backend).as_bytes()),
        into.seen.as_ref().map_or(Ok(()), |file| file.write(&seen)),
        storage.overwrite(names::ROOT_PREV, root),
    ];
    steps.into_iter().filter_map(Result::err).collect()
}

/// Removes what was begun, but the directory. All of it is ours: the place was empty.
fn tidy(into: &Place) {
    let storage = &*into.storage;
    for dir in [names::INDEX, names::OBJECTS, names::JOURNAL, names::LOST, names::TOP] {
        for name in storage.list(dir).unwrap_or_default() {
            let name = if dir.is_empty() { name } else { format!("{dir}/{name}") };
            // What is left after all says of itself that it is unfinished: its mark goes last.
            if name != names::MARKER && name != names::LOCK {
                let _ = storage.remove(&name);
            }
        }
        if let (Some(path), false) = (into.path(), dir.is_empty()) {
            let _ = std::fs::remove_dir(path.join(dir));
        }
    }
    let _ = storage.remove(names::MARKER);
}

/// Takes back the directory itself, if it was made here and nothing else is in it.
fn leave(into: &Place, was_there: bool) {
    let _ = into.storage.remove(names::LOCK);
    if let (Some(path), false) = (into.path(), was_there) {
        let _ = std::fs::remove_dir(path);
    }
}
