//! What nothing refers to: found, removed, or set aside where it may be the only copy of a secret.

use std::collections::BTreeSet;
use std::fmt;

use super::{Report, Severity, all_entries};
use crate::vault::Vault;
use crate::vault::backend::BackendKind;
use crate::vault::commit::Transaction;
use crate::vault::core::{MAX_PAGE, Snapshot};
use crate::vault::encoding::Id;
use crate::vault::envelope::EnvelopePayload;
use crate::vault::error::Result;
use crate::vault::index::{Entry, written_by};
use crate::vault::migrate;
use crate::vault::storage::{create_durable, names};

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
    /// leaves, where nothing remembers the newer one. It may be the only copy of a secret.
    fn is_newer(&self, snapshot: &Snapshot<'_>) -> bool {
        let generation = match self {
            Self::Page(id) => {
                let bytes = snapshot.core.place.storage.read(&names::page(*id), MAX_PAGE);
                bytes.ok().and_then(|bytes| written_by(&bytes))
            }
            Self::Envelope(id) => {
                let envelope = snapshot.backend.get(*id);
                let envelope = envelope
                    .and_then(|bytes| EnvelopePayload::from_bytes(&self.to_string(), &bytes));
                envelope.ok().map(|envelope| envelope.generation())
            }
            Self::Root => None,
        };
        generation.is_some_and(|generation| generation > snapshot.root.header.generation)
    }

    fn remove(&self, snapshot: &Snapshot<'_>) -> Result<()> {
        match self {
            Self::Envelope(id) => snapshot.backend.delete(*id),
            file => snapshot.core.place.storage.remove(&file.to_string()).map(drop),
        }
    }

    /// Moves it to `lost/`, where nothing looks for it and nothing removes it; says so.
    pub(super) fn set_aside(&self, snapshot: &Snapshot<'_>) -> Result<String> {
        let storage = &*snapshot.core.place.storage;
        storage.make_dir(names::LOST)?;
        let name = self.to_string();
        let file = name.rsplit('/').next().unwrap_or(&name);
        let lost = format!("{}/{file}", names::LOST);
        match self {
            Self::Envelope(id) if snapshot.root.header.backend != BackendKind::EncryptedFile => {
                // Half of one that was cut off; what it was copied from is still there.
                storage.remove(&lost)?;
                create_durable(storage, &lost, &snapshot.backend.get(*id)?)?;
                storage.sync_dir(names::LOST)?;
                snapshot.backend.delete(*id)?;
            }
            _ => storage.rename(&name, &lost)?,
        }
        storage.sync_dir(names::LOST)?;
        Ok(format!("{name}: set aside in {}", names::LOST))
    }
}

/// Files that nothing refers to: left by a commit that a power loss cut off, or by an older root
/// put back; and envelopes in a backend that is not the vault's.
pub(super) fn check(snapshot: &Snapshot<'_>, entries: &[Entry], report: &mut Report) -> Result<()> {
    for left in of(snapshot, entries)? {
        let message = match left.is_newer(snapshot) {
            true => "newer than the root, and nothing refers to it",
            false => "a leftover: nothing refers to it",
        };
        report.add(Severity::Note, &left.to_string(), message, true);
    }
    for (kind, held) in migrate::elsewhere(snapshot) {
        let (message, fixable) = match held {
            Ok(held) => (format!("{held} envelopes that a move left there, and nobody uses"), true),
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
        for left in of(&tx.snapshot, &entries)? {
            done.push(match left.is_newer(&tx.snapshot) {
                true => left.set_aside(&tx.snapshot)?,
                false => {
                    left.remove(&tx.snapshot)?;
                    format!("{left}: removed, nothing referred to it")
                }
            });
        }
        for (kind, removed) in migrate::remove_strays(&tx.snapshot)? {
            done.push(format!("{}: removed {removed} envelopes of a former move", kind.label()));
        }
        tx.header.retired_backend.is_some()
    };
    if is_cut_off {
        migrate::clear_retired(core, &mut |_| {})?;
        done.push("the move to another backend is complete now".into());
    }
    Ok(done)
}
