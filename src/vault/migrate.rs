//! Moves every envelope to another backend: copied, read back and compared, switched by one root, then
//! removed from the old one. What is cut off anywhere is simply begun again. Not which backend is best.

use std::collections::{BTreeMap, BTreeSet};

use super::Vault;
use super::backend::{BackendKind, BlobBackend, Id, StoreTrouble, probe};
use super::commit::Transaction;
use super::core::{Core, Snapshot};
use super::encoding::Digest;
use super::error::{Result, VaultError};
use super::journal::{Action, Note};
use super::lost;
use super::marker;
use super::storage::{is_missing, names};

/// What a move did.
#[derive(Debug)]
pub struct Migrated {
    /// Where the envelopes were.
    pub from: BackendKind,
    /// How many there are.
    pub envelopes: usize,
    /// Of an earlier move, and removed only now: from where, and how many.
    pub cleared: Vec<(BackendKind, usize)>,
    /// What kept the old ones from being removed; they are looked for again by the next move to the
    /// same backend, and by `doctor`.
    pub left: Option<VaultError>,
    /// Whether they were left where they were, too: a copy of the vault's directory may need them.
    pub is_shared: bool,
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
        let mut cleared = Vec::new();
        if let Some(retired) = header.retired_backend {
            // Whatever is still there could only be in the way of another move.
            cleared.push((retired, clear_retired(core, &mut |_| {})?));
        }
        if header.backend != to {
            probe::prove(&core.place, to)?;
        }
        let mut tx = Transaction::begin(core)?;
        let from = tx.header.backend;
        let mut moved = Migrated {
            from,
            envelopes: 0,
            cleared,
            left: None,
            is_shared: lost::is_shared(&tx.snapshot, from)?,
            warnings: Vec::new(),
        };
        if from == to {
            // Another way was begun and given up.
            moved.cleared.extend(remove_strays(&tx.snapshot)?);
            return Ok(moved);
        }
        let wanted = named_envelopes(&tx.snapshot)?;
        moved.envelopes = wanted.len();
        let target = core.place.backend(to, core.vault_id)?;
        let total = 2 * wanted.len();
        let known = marker::moving_to(&*core.place.storage) == Some(to);
        marker::begin_move(&*core.place.storage, to)?;
        let copied = clear_way(&tx.snapshot, (to, &*target), &wanted, known).and_then(|()| {
            copy(&tx.snapshot, (to, &*target), &wanted, &mut |done| progress(done, total))
        });
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
        moved.left =
            clear_retired(core, &mut |done| progress((copied + done).min(total), total)).err();
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
pub(super) fn pinned(backend: &dyn BlobBackend, id: Id, sha256: Digest) -> Result<Vec<u8>> {
    let damaged = |why| VaultError::Damaged { what: names::object(id), why };
    match backend.get(id) {
        Ok(bytes) if Digest::of(&bytes) == sha256 => Ok(bytes),
        Ok(_) => Err(damaged("it is not the envelope the index names")),
        Err(error) if is_missing(&error) => Err(damaged("it is missing")),
        Err(error) => Err(error),
    }
}

/// Before a move: what says it is newer than the root is set aside at both ends, for the move makes a newer
/// root. What else lies at its target is removed where `known` says that a move left it, and else set aside.
/// What a copy of the directory may need stays.
fn clear_way(
    snapshot: &Snapshot<'_>,
    (to, target): (BackendKind, &dyn BlobBackend),
    wanted: &BTreeMap<Id, Digest>,
    known: bool,
) -> Result<()> {
    let from = snapshot.root.header.backend;
    let held = snapshot.backend.list()?;
    set_newer_aside(snapshot, from, &*snapshot.backend, (&held, wanted))?;
    let held = target.list()?;
    let strays = set_newer_aside(snapshot, to, target, (&held, wanted))?;
    if lost::is_shared(snapshot, to)? {
        return Ok(());
    }
    strays.into_iter().try_for_each(|stray| match known {
        true => target.delete(stray),
        false => lost::set_envelope_aside(snapshot, to, target, stray),
    })
}

/// Copies the envelopes, or none of them.
fn copy(
    snapshot: &Snapshot<'_>,
    (kind, to): (BackendKind, &dyn BlobBackend),
    wanted: &BTreeMap<Id, Digest>,
    progress: &mut dyn FnMut(usize),
) -> Result<()> {
    let there: BTreeSet<Id> = to.list()?.into_iter().collect();
    let mut put = Vec::new();
    let mut all = || -> Result<()> {
        for (done, (id, sha256)) in wanted.iter().enumerate() {
            // A file that is whole may be one that nobody made durable; a store knows no such state.
            let is_kept =
                there.contains(id) && !kind.is_in_directory() && pinned(to, *id, *sha256).is_ok();
            if !is_kept {
                let bytes = pinned(&*snapshot.backend, *id, *sha256)
                    .map_err(|error| of_its_secret(snapshot, *id, error))?;
                if there.contains(id) {
                    to.delete(*id)?;
                }
                put.push(*id);
                to.put_new(*id, &bytes)?;
                pinned(to, *id, *sha256)?;
            }
            progress(done + 1);
        }
        to.sync(&put)
    };
    let copied = all();
    if copied.is_err() {
        // What cannot be removed now is found by `doctor`, and by the next try.
        let _ = put.iter().try_for_each(|id| to.delete(*id));
    }
    copied
}

/// Damage to an envelope, told of the secret that it belongs to.
pub(super) fn of_its_secret(snapshot: &Snapshot<'_>, id: Id, error: VaultError) -> VaultError {
    let VaultError::Damaged { why, .. } = error else { return error };
    let entries = snapshot.pages().filter_map(Result::ok).flat_map(|(_, page)| page.entries);
    let mut named = entries.filter_map(|entry| {
        let kept = entry.kept.iter().find(|kept| kept.object == id)?;
        Some(format!("revision {} of {}", kept.revision, entry.name))
    });
    VaultError::Damaged { what: named.next().unwrap_or_else(|| names::object(id)), why }
}

/// Removes what an earlier move left in the former backend, and says in the root that it is empty.
/// How many envelopes it removed.
pub(super) fn clear_retired(core: &Core, progress: &mut dyn FnMut(usize)) -> Result<usize> {
    let mut tx = Transaction::begin(core)?;
    let Some(retired) = tx.header.retired_backend else { return Ok(0) };
    let storage = &*core.place.storage;
    if !marker::says(storage, tx.header.backend) {
        marker::write(storage, tx.header.backend)?;
    }
    let removed = remove_unused(&tx.snapshot, retired, progress)?;
    marker::end_move(storage)?;
    tx.header.retired_backend = None;
    tx.commit().map(|_| removed)
}

/// Removes the envelopes of the vault from a backend that is not its own; how many those were. What may
/// be the only copy stays: one whose like in its own backend is not whole, which is an error; and one that
/// says it is newer than the root is set aside. What a copy of the directory may need is left alone.
pub(super) fn remove_unused(
    snapshot: &Snapshot<'_>,
    kind: BackendKind,
    progress: &mut dyn FnMut(usize),
) -> Result<usize> {
    if lost::is_shared(snapshot, kind)? {
        return Ok(0);
    }
    let old = snapshot.core.place.backend(kind, snapshot.core.vault_id)?;
    let named = named_envelopes(snapshot)?;
    let held = old.list()?;
    let mut unused = set_newer_aside(snapshot, kind, &*old, (&held, &named))?;
    for id in held {
        if let Some(sha256) = named.get(&id) {
            pinned(&*snapshot.backend, id, *sha256)?;
            unused.push(id);
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

/// Sets aside what of the held envelopes the index does not name and says that it is newer than the root;
/// gives what else the index does not name.
fn set_newer_aside(
    snapshot: &Snapshot<'_>,
    kind: BackendKind,
    backend: &dyn BlobBackend,
    (held, named): (&[Id], &BTreeMap<Id, Digest>),
) -> Result<Vec<Id>> {
    let generation = snapshot.root.header.generation;
    let mut rest = Vec::new();
    for id in held.iter().copied().filter(|id| !named.contains_key(id)) {
        match lost::is_newer(backend, id, generation)? {
            true => lost::set_envelope_aside(snapshot, kind, backend, id)?,
            false => rest.push(id),
        }
    }
    Ok(rest)
}

/// Sets aside, for a vault that is accepted as a backup brought it back, what the store of the system holds
/// of it and the index does not name: it may have been moved there after that backup. Says what it did.
pub(super) fn set_store_aside(snapshot: &Snapshot<'_>) -> Result<Vec<String>> {
    let (core, storage) = (snapshot.core, &*snapshot.core.place.storage);
    let other = |kind: &BackendKind| kind.is_store() && *kind != snapshot.root.header.backend;
    let Some(kind) = BackendKind::OF_THE_SYSTEM.filter(other) else { return Ok(Vec::new()) };
    if lost::is_shared(snapshot, kind)? {
        return Ok(Vec::new());
    }
    let held = core.place.backend_within(kind, core.vault_id, probe::DEADLINE);
    let (backend, held) = match held.and_then(|backend| backend.list().map(|held| (backend, held)))
    {
        Ok(found) => found,
        Err(
            VaultError::Unsupported { .. }
            | VaultError::Store { trouble: StoreTrouble::Unreachable(_), .. },
        ) => return Ok(Vec::new()),
        Err(error) => return Ok(vec![format!("{}: not looked at: {error}", kind.label())]),
    };
    let named = named_envelopes(snapshot)?;
    let (copies, lost): (Vec<Id>, Vec<Id>) =
        held.into_iter().partition(|id| named.contains_key(id));
    if !copies.is_empty() {
        // They are removed as what a move left there.
        marker::begin_move(storage, kind)?;
    }
    let set_aside = |id: Id| {
        lost::set_envelope_aside(snapshot, kind, &*backend, id)?;
        Ok(format!("{} {id}: set aside in {}", kind.label(), names::LOST))
    };
    lost.into_iter().map(set_aside).collect()
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
