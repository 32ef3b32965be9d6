//! Moves every envelope to another backend: copied, read back and compared, switched by one root, then
//! removed from the old one. What is cut off anywhere is simply begun again. Not which backend is best.

use std::collections::{BTreeMap, BTreeSet};

use super::Vault;
use super::backend::{BackendKind, BlobBackend, Id, StoreTrouble, probe};
use super::commit::Transaction;
use super::core::{Core, Snapshot};
use super::encoding::Digest;
use super::envelope::EnvelopePayload;
use super::error::{Result, VaultError};
use super::journal::{Action, Note};
use super::marker;
use super::storage::{is_missing, names};

/// What a move did.
#[derive(Debug)]
pub struct Migrated {
    /// Where the envelopes were.
    pub from: BackendKind,
    /// How many there are.
    pub envelopes: usize,
    /// What kept the old ones from being removed; they are looked for again by the next move to the
    /// same backend, and by `doctor`.
    pub left: Option<VaultError>,
    /// What could not be tidied up; the move holds all the same.
    pub warnings: Vec<String>,
}

impl Vault {
    /// Moves every envelope to another backend, history and trash included; nothing else changes. Where
    /// the envelopes are there already, only what an earlier move left behind is removed.
    /// `progress(done, total)` counts envelopes that are copied and that are removed.
    ///
    /// # Errors
    /// `Unsupported`, `Store`, `Damaged` when an envelope is not what the index names, and what a
    /// commit refuses: the vault is as before.
    pub fn migrate(
        &self,
        to: BackendKind,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Migrated> {
        let core = &*self.core;
        let header = super::read_root(&core.place)?.header;
        if header.retired_backend.is_some() {
            // Whatever is still there could only be in the way of another move.
            clear_retired(core, &mut |_| {})?;
        }
        if header.backend != to {
            probe::prove(&core.place, to)?;
        }
        let mut tx = Transaction::begin(core)?;
        let from = tx.header.backend;
        let mut moved = Migrated { from, envelopes: 0, left: None, warnings: Vec::new() };
        if from == to {
            // Another way was begun and given up.
            remove_strays(&tx.snapshot)?;
            return Ok(moved);
        }
        let wanted = named_envelopes(&tx.snapshot)?;
        moved.envelopes = wanted.len();
        let target = core.place.backend(to, core.vault_id)?;
        let total = 2 * wanted.len();
        marker::begin_move(&*core.place.storage, to)?;
        let copied =
            copy(&*tx.snapshot.backend, &*target, &wanted, &mut |done| progress(done, total));
        if copied.is_err() && target.list().is_ok_and(|left| left.is_empty()) {
            // Nothing is left there that anybody would have to look for; if the note stays, they look.
            let _ = marker::end_move(&*core.place.storage);
        }
        copied?;
        (tx.header.backend, tx.header.retired_backend) = (to, Some(from));
        tx.forget = true;
        tx.notes.push(Note::of_vault(Action::Migrate, Some(to.word().into())));
        moved.warnings = tx.commit()?.warnings;
        let copied = wanted.len();
        moved.left = clear_retired(core, &mut |done| progress(copied + done, total)).err();
        Ok(moved)
    }
}

/// Every envelope that the index names, with its pin.
pub(super) fn named_envelopes(snapshot: &Snapshot<'_>) -> Result<BTreeMap<Id, Digest>> {
    let mut named = BTreeMap::new();
    for page in snapshot.pages() {
        let entries = page?.1.entries;
        let kept = entries.iter().flat_map(|entry| &entry.kept);
        named.extend(kept.map(|kept| (kept.object, kept.sha256)));
    }
    Ok(named)
}

/// The envelope of that id, which must be the one the index names.
fn pinned(backend: &dyn BlobBackend, id: Id, sha256: Digest) -> Result<Vec<u8>> {
    let damaged = |why| VaultError::Damaged { what: names::object(id), why };
    match backend.get(id) {
        Ok(bytes) if Digest::of(&bytes) == sha256 => Ok(bytes),
        Ok(_) => Err(damaged("it is not the envelope the index names")),
        Err(error) if is_missing(&error) => Err(damaged("it is missing")),
        Err(error) => Err(error),
    }
}

/// Copies the envelopes, or none of them.
fn copy(
    from: &dyn BlobBackend,
    to: &dyn BlobBackend,
    wanted: &BTreeMap<Id, Digest>,
    progress: &mut dyn FnMut(usize),
) -> Result<()> {
    let there: BTreeSet<Id> = to.list()?.into_iter().collect();
    let mut put = Vec::new();
    let mut all = || -> Result<()> {
        for (done, (id, sha256)) in wanted.iter().enumerate() {
            if !there.contains(id) || !is_whole(to, *id, *sha256)? {
                let bytes = pinned(from, *id, *sha256)?;
                // Half of one that was cut off; nothing refers to it.
                to.delete(*id)?;
                put.push(*id);
                to.put_new(*id, &bytes)?;
                pinned(to, *id, *sha256)?;
            }
            progress(done + 1);
        }
        to.sync(&wanted.keys().copied().collect::<Vec<_>>())
    };
    let copied = all();
    if copied.is_err() {
        // What cannot be removed now is found by `doctor`, and by the next try.
        let _ = put.iter().try_for_each(|id| to.delete(*id));
    }
    copied
}

/// Whether a backend holds the envelope that the index names.
fn is_whole(backend: &dyn BlobBackend, id: Id, sha256: Digest) -> Result<bool> {
    match pinned(backend, id, sha256) {
        Ok(_) => Ok(true),
        Err(VaultError::Damaged { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes what an earlier move left in the former backend, and says in the root that it is empty.
pub(super) fn clear_retired(core: &Core, progress: &mut dyn FnMut(usize)) -> Result<()> {
    let mut tx = Transaction::begin(core)?;
    let Some(retired) = tx.header.retired_backend else { return Ok(()) };
    let storage = &*core.place.storage;
    if !marker::says(storage, tx.header.backend) {
        marker::write(storage, tx.header.backend)?;
    }
    remove_unused(&tx.snapshot, retired, progress)?;
    marker::end_move(storage)?;
    tx.header.retired_backend = None;
    tx.commit().map(drop)
}

/// Removes the envelopes of the vault from a backend that is not its own; how many those were. What may
/// be the only copy stays: one whose like in its own backend is not whole, which is an error, and those
/// that say they are newer than the root, which an older root put back leaves.
pub(super) fn remove_unused(
    snapshot: &Snapshot<'_>,
    kind: BackendKind,
    progress: &mut dyn FnMut(usize),
) -> Result<usize> {
    let old = snapshot.core.place.backend(kind, snapshot.core.vault_id)?;
    let left = old.list()?;
    let named = named_envelopes(snapshot)?;
    let mut unused = Vec::new();
    for id in left {
        match named.get(&id) {
            Some(sha256) => pinned(&*snapshot.backend, id, *sha256).map(|_| unused.push(id))?,
            None if is_newer(&*old, id, snapshot.root.header.generation)? => {}
            None => unused.push(id),
        }
    }
    for (done, id) in unused.iter().enumerate() {
        old.delete(*id)?;
        progress(done + 1);
    }
    old.sync(&[])?;
    match old.list()?.iter().any(|id| unused.contains(id)) {
        false => Ok(unused.len()),
        true => Err(VaultError::Store { backend: kind, trouble: StoreTrouble::Lying }),
    }
}

/// Whether an envelope says that it was written after that generation.
fn is_newer(backend: &dyn BlobBackend, id: Id, generation: u64) -> Result<bool> {
    let bytes = match backend.get(id) {
        Ok(bytes) => bytes,
        Err(error) if is_missing(&error) => return Ok(false),
        Err(error) => return Err(error),
    };
    let envelope = EnvelopePayload::from_bytes(&names::object(id), &bytes);
    Ok(envelope.is_ok_and(|envelope| envelope.generation() > generation))
}

/// Removes what moves left that were given up before their commit; tells where, and how many.
pub(super) fn remove_strays(snapshot: &Snapshot<'_>) -> Result<Vec<(BackendKind, usize)>> {
    let strays = elsewhere(snapshot).into_iter();
    let removed = strays.map(|(kind, _)| Ok((kind, remove_unused(snapshot, kind, &mut |_| {})?)));
    let removed = removed.collect::<Result<Vec<_>>>()?;
    marker::end_move(&*snapshot.core.place.storage)?;
    Ok(removed)
}

/// The backends that are not the vault's own and may hold envelopes of it, with how many: the vault
/// directory, and a store of the system where a move to it or from it was cut off. No other store is
/// asked: it might want to be unlocked for nothing.
pub(super) fn elsewhere(snapshot: &Snapshot<'_>) -> Vec<(BackendKind, Result<usize>)> {
    let (core, header) = (snapshot.core, &snapshot.root.header);
    let moving = marker::moving_to(&*core.place.storage);
    let may_hold = |kind: &BackendKind| {
        *kind != header.backend
            && kind.is_of_this_system()
            && (kind.is_in_directory() || [moving, header.retired_backend].contains(&Some(*kind)))
    };
    let held = |kind| {
        let backend = core.place.backend_within(kind, core.vault_id, probe::DEADLINE)?;
        Ok(backend.list()?.len())
    };
    let kinds = BackendKind::LASTING.into_iter().filter(may_hold);
    kinds.map(|kind| (kind, held(kind))).filter(|(_, held)| !matches!(held, Ok(0))).collect()
}
