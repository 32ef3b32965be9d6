//! What nothing refers to: found, removed, or set aside where it may be the only copy of a secret.

use std::collections::BTreeSet;
use std::fmt;

use super::{Report, Severity, all_entries};
use crate::text::counted;
use crate::vault::Vault;
use crate::vault::commit::Transaction;
use crate::vault::core::{MAX_PAGE, Snapshot};
use crate::vault::encoding::Id;
use crate::vault::error::Result;
use crate::vault::index::{Entry, written_by};
use crate::vault::lost;
use crate::vault::migrate;
use crate::vault::storage::names;

/// One thing that nothing refers to.
pub(super) enum Leftover {
    Page(Id),
    Envelope(Id),
    /// A root that was never put in its place.
    Root,
}

impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page(id) => f.write_str(&names::page(*id)),
            Self::Envelope(id) => f.write_str(&names::object(*id)),
            Self::Root => f.write_str(names::ROOT_NEXT),
        }
    }
}

impl Leftover {
    /// Whether it says that it was written after the root: what a root put back from an older copy
    /// leaves, where nothing remembers the newer one.
    fn is_newer(&self, snapshot: &Snapshot<'_>) -> Result<bool> {
        let generation = snapshot.root.header.generation;
        match self {
            Self::Page(id) => {
                let bytes = snapshot.core.place.storage.read(&names::page(*id), MAX_PAGE);
                Ok(bytes
                    .ok()
                    .and_then(|bytes| written_by(&bytes))
                    .is_some_and(|by| by > generation))
            }
            Self::Envelope(id) => lost::is_newer(&*snapshot.backend, *id, generation),
            Self::Root => Ok(false),
        }
    }

    fn remove(&self, snapshot: &Snapshot<'_>) -> Result<()> {
        match self {
            Self::Envelope(id) => snapshot.backend.delete(*id),
            file => snapshot.core.place.storage.remove(&file.to_string()).map(drop),
        }
    }

    /// Moves it to `lost/`; says so.
    pub(super) fn set_aside(&self, snapshot: &Snapshot<'_>) -> Result<String> {
        let storage = &*snapshot.core.place.storage;
        let name = self.to_string();
        match self {
            Self::Envelope(id) => {
                let kind = snapshot.root.header.backend;
                lost::set_envelope_aside(snapshot, kind, &*snapshot.backend, *id)?;
            }
            Self::Page(_) | Self::Root => lost::set_file_aside(storage, &name)?,
        }
        Ok(format!("{name}: set aside in {}", names::LOST))
    }
}

/// Files that nothing refers to: left by a commit that a power loss cut off, or by an older root
/// put back; and envelopes in a backend that is not the vault's.
pub(super) fn check(snapshot: &Snapshot<'_>, entries: &[Entry], report: &mut Report) -> Result<()> {
    let is_shared = lost::is_shared(snapshot, snapshot.root.header.backend)?;
    for left in of(snapshot, entries)? {
        let is_shared = is_shared && matches!(left, Leftover::Envelope(_));
        let is_newer = left.is_newer(snapshot)?;
        let message = match is_newer {
            true => "newer than the root, and nothing refers to it",
            false if is_shared => "not of this directory; a copy of the vault may need it",
            false => "a leftover: nothing refers to it",
        };
        report.add(Severity::Note, &left.to_string(), message, is_newer || !is_shared);
    }
    for (kind, held) in migrate::elsewhere(snapshot) {
        let (message, fixable) = match held {
            Ok(held) => {
                let held = counted(held, "envelope");
                (format!("{held} that a move left there, and nobody uses"), true)
            }
            Err(error) => (format!("what a move left there is unknown: {error}"), false),
        };
        report.add(Severity::Note, kind.label(), message, fixable);
    }
    if let Some(retired) = snapshot.root.header.retired_backend {
        let message = "a move from there was cut off before all of it was tidied up";
        report.add(Severity::Note, retired.label(), message, true);
    }
    Ok(())
}

/// All pages and envelopes that nothing refers to.
pub(super) fn of(snapshot: &Snapshot<'_>, entries: &[Entry]) -> Result<Vec<Leftover>> {
    let storage = &*snapshot.core.place.storage;
    let pages: BTreeSet<Id> = snapshot.list.pages.values().map(|page| page.file).collect();
    let objects: BTreeSet<Id> =
        entries.iter().flat_map(|entry| entry.kept.iter().map(|kept| kept.object)).collect();
    let mut found = Vec::new();
    let left = storage.list(names::INDEX)?;
    let left = left.iter().filter_map(|name| names::id_of(name)).filter(|id| !pages.contains(id));
    found.extend(left.map(Leftover::Page));
    let left = snapshot.backend.list()?;
    found.extend(left.into_iter().filter(|id| !objects.contains(id)).map(Leftover::Envelope));
    if storage.list(names::TOP)?.iter().any(|file| file == names::ROOT_NEXT) {
        found.push(Leftover::Root);
    }
    Ok(found)
}

/// Removes leftovers, under the lock, and sets aside those newer than the root; says what it did.
///
/// # Errors
/// What a commit refuses, and `Store` or `Damaged` when what is elsewhere may be the only copy.
pub fn sweep(vault: &Vault) -> Result<Vec<String>> {
    let core = &vault.core;
    let mut done = Vec::new();
    let is_cut_off = {
        let tx = Transaction::begin(core)?;
        let entries = all_entries(&tx.snapshot)?;
        let is_shared = lost::is_shared(&tx.snapshot, tx.header.backend)?;
        for left in of(&tx.snapshot, &entries)? {
            let is_shared = is_shared && matches!(left, Leftover::Envelope(_));
            done.push(match left.is_newer(&tx.snapshot)? {
                true => left.set_aside(&tx.snapshot)?,
                false if is_shared => {
                    format!("{left}: left alone, a copy of this vault elsewhere may need it")
                }
                false => {
                    left.remove(&tx.snapshot)?;
                    format!("{left}: removed, nothing referred to it")
                }
            });
        }
        let strays = migrate::remove_strays(&tx.snapshot)?.into_iter();
        for (kind, removed) in strays.filter(|(_, removed)| *removed > 0) {
            let removed = counted(removed, "envelope");
            done.push(format!("{}: removed {removed} of a former move", kind.label()));
        }
        tx.header.retired_backend.is_some()
    };
    if is_cut_off {
        migrate::clear_retired(core, &mut |_| {})?;
        done.push("the move to another backend is complete now".into());
    }
    Ok(done)
}
