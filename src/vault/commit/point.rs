//! The commit point, what follows it, and what undoes or finishes a commit that was cut off.

use super::Intent;
use crate::vault::core::Snapshot;
use crate::vault::encoding::from_json;
use crate::vault::error::{Result, VaultError};
use crate::vault::root::{MAX_ROOT, RootList, Superseded};
use crate::vault::seen::Seen;
use crate::vault::storage::{LockGuard, names};

/// The commit point: renames the root and makes the rename durable.
pub(super) fn publish(
    snapshot: &Snapshot<'_>,
    guard: &mut dyn LockGuard,
    intent: &Intent,
    root: &[u8],
) -> Result<()> {
    let storage = &*snapshot.core.place.storage;
    if let Err(error) = storage.rename(names::ROOT_NEXT, names::ROOT) {
        // The answer is in the directory: only the old root, read whole, means that nothing happened.
        return match storage.read(names::ROOT, MAX_ROOT) {
            Ok(now) if now != root => {
                roll_back(snapshot, guard, intent);
                Err(error)
            }
            _ => Err(uncertain(error)),
        };
    }
    storage.sync_dir(names::TOP).map_err(uncertain)
}

/// An error after the commit point: nobody knows what the disk will say.
pub(crate) fn uncertain(error: VaultError) -> VaultError {
    match error {
        VaultError::Io { source, .. } => VaultError::Uncertain { source },
        error => VaultError::Uncertain { source: std::io::Error::other(error.to_string()) },
    }
}

/// Removes what a commit wrote that did not come to its point. Failures leave leftovers that
/// `doctor` finds; they are never visible.
pub(super) fn roll_back(snapshot: &Snapshot<'_>, guard: &mut dyn LockGuard, intent: &Intent) {
    let storage = &*snapshot.core.place.storage;
    let mut clean = storage.remove(names::ROOT_NEXT).is_ok();
    for id in &intent.objects {
        clean &= snapshot.backend.delete(*id).is_ok();
    }
    for id in &intent.pages {
        clean &= storage.remove(&names::page(*id)).is_ok();
    }
    if clean {
        let _ = guard.set_intent(&[]);
    }
}

/// After the commit point: records what was seen, removes what was replaced, copies the root. One
/// step that fails does not keep the others from being done; the first failure is told.
pub(super) fn finish(
    snapshot: &Snapshot<'_>,
    guard: &mut dyn LockGuard,
    seen: &Seen,
    root: &[u8],
    list: &RootList,
) -> Result<()> {
    let storage = &*snapshot.core.place.storage;
    // Outside the vault: this state is the newest now.
    let recorded = snapshot.core.place.seen.as_ref().map_or(Ok(()), |file| file.write(seen));
    // The copy first: until then root.prev.json may name what is removed below.
    // A copy and never a link, so that one damage cannot hit both.
    let copied = storage.overwrite(names::ROOT_PREV, root);
    let removed = list.superseded.iter().map(|superseded| match superseded {
        Superseded::Object(id) => snapshot.backend.delete(*id),
        Superseded::Page(id) => storage.remove(&names::page(*id)).map(drop),
    });
    let removed = removed.fold(Ok(()), Result::and);
    recorded.and(removed).and(copied)?;
    guard.set_intent(&[])
}

/// Makes the removal of envelopes and pages durable.
pub(super) fn sync_removals(snapshot: &Snapshot<'_>, removed: &[Superseded]) -> Result<()> {
    if removed.iter().any(|file| matches!(file, Superseded::Object(_))) {
        snapshot.backend.sync(&[])?;
    }
    match removed.iter().any(|file| matches!(file, Superseded::Page(_))) {
        true => snapshot.core.place.storage.sync_dir(names::INDEX),
        false => Ok(()),
    }
}

/// Finishes the commit named in the lock if its root is there, else rolls it back.
pub(super) fn recover(snapshot: &Snapshot<'_>, guard: &mut dyn LockGuard) -> Result<()> {
    let (root, list) = (&snapshot.root, &snapshot.list);
    let bytes = guard.intent()?;
    // A torn intent can only be left by a power loss; `doctor` finds what it named.
    let Ok(intent) = from_json::<Intent>(names::LOCK, &bytes) else { return Ok(()) };
    let storage = &*snapshot.core.place.storage;
    if intent.generation == root.header.generation {
        storage.sync_dir(names::TOP)?;
        let bytes = storage.read(names::ROOT, MAX_ROOT)?;
        // What cannot be tidied now must not stop new writes; it stays for `doctor`.
        let seen = Seen::new(snapshot.core.vault_id, root.header.generation, root.sha256);
        let _ = finish(snapshot, guard, &seen, &bytes, list);
    } else if intent.generation == root.header.generation + 1 {
        roll_back(snapshot, guard, &intent);
    }
    Ok(())
}
