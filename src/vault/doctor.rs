//! Looks at every file, envelope and permission of a vault, and mends what may be mended.
//! Never mends silently, and never widens anything.

mod leftovers;
mod orphans;

use super::commit::Transaction;
use super::core::{Core, Snapshot, binding, envelope, kek, read_root_unchecked};
use super::envelope::Kek;
use super::error::{Result, VaultError};
use super::index::{Entry, Kept};
use super::journal::{self, Action, Note};
use super::marker;
use super::migrate;
use super::place::Place;
use super::records::Records;
use super::root::{MAX_ROOT, RootHeader};
use super::slots::Unlock;
use super::storage::{LockMode, create_durable, names, optional};
use super::{ClosedVault, Vault};
use crate::fault::Fault;

pub use leftovers::sweep;
pub use orphans::{Orphans, orphans, remember_former, remove_orphans};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Note,
    /// Wrong.
    Problem,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What was looked at.
    pub what: String,
    /// What was found.
    pub message: String,
    /// Whether [`fix`] or [`sweep`] mends it.
    pub fixable: bool,
}

/// Everything that was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// In the order in which things were looked at.
    pub findings: Vec<Finding>,
    /// Live secrets.
    pub secrets: usize,
    /// Envelopes the index names.
    pub envelopes: usize,
    /// Pages the root names.
    pub pages: usize,
}

impl Report {
    /// Whether something is wrong.
    pub fn has_problems(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Problem)
    }

    fn add(&mut self, severity: Severity, what: &str, message: impl Into<String>, fixable: bool) {
        let finding = Finding { severity, what: what.into(), message: message.into(), fixable };
        self.findings.push(finding);
    }

    fn problem(&mut self, what: &str, error: &VaultError) {
        self.add(Severity::Problem, what, error.to_string(), false);
    }
}

/// Looks at permissions, the header and what was seen before; works without a key.
pub fn check_files(place: &Place) -> Result<Report> {
    let mut report = Report::default();
    for found in place.storage.inspect()? {
        let name = if found.name.is_empty() { "the vault directory" } else { &found.name };
        report.add(Severity::Problem, name, found.why, found.mendable);
    }
    for found in place.seen.as_ref().map(|seen| seen.inspect()).transpose()?.unwrap_or_default() {
        let name = format!("the record of earlier states {}", found.name);
        report.add(Severity::Problem, name.trim_end(), found.why, found.mendable);
    }
    if report.has_problems() {
        // Nothing behind an unsafe file is opened; the rest is looked at once it is mended.
        return Ok(report);
    }
    check_names(place, &mut report)?;
    match read_root_unchecked(place) {
        Err(error @ (VaultError::NoVault { .. } | VaultError::NotAVault { .. })) => {
            return Err(error);
        }
        Err(error) => report.problem(names::ROOT, &error),
        Ok(root) => {
            if !marker::says(&*place.storage, root.header.backend) {
                let message =
                    format!("it does not say {}, as the header does", root.header.backend);
                // What is cut off between the root and the marker is finished by the next move.
                let severity = match root.header.retired_backend {
                    Some(_) => Severity::Note,
                    None => Severity::Problem,
                };
                report.add(severity, names::MARKER, message, true);
            }
            check_seen(place, &root, &mut report)?;
        }
    }
    check_copy(place, &mut report)?;
    Ok(report)
}

/// The copy of the root. No problem: a program that was killed may have left half of it.
fn check_copy(place: &Place, report: &mut Report) -> Result<()> {
    let message = match optional(place.storage.read(names::ROOT_PREV, MAX_ROOT))? {
        None => "no copy of the root yet",
        Some(copy) if RootHeader::from_bytes(&copy).is_err() => {
            "this copy of the root is damaged or was altered; the next change makes it anew"
        }
        Some(_) => return Ok(()),
    };
    report.add(Severity::Note, names::ROOT_PREV, message, false);
    Ok(())
}

/// Files that are not tresor's: harmless, and never touched.
fn check_names(place: &Place, report: &mut Report) -> Result<()> {
    let mut strange = |dir: &str, name: &str| {
        let name = if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") };
        report.add(Severity::Note, &name, "not a file of tresor's", false);
    };
    for name in place.storage.list(names::TOP)? {
        if !names::is_ours(&name) {
            strange(names::TOP, &name);
        }
    }
    for dir in [names::INDEX, names::OBJECTS] {
        for name in place.storage.list(dir)? {
            if names::id_of(&name).is_none() {
                strange(dir, &name);
            }
        }
    }
    Ok(())
}

fn check_seen(place: &Place, root: &RootHeader, report: &mut Report) -> Result<()> {
    let Some(file) = &place.seen else { return Ok(()) };
    match file.read()? {
        None => {
            let message = "not checked here: no record of an earlier state on this machine";
            report.add(Severity::Note, "rollback", message, false);
        }
        Some(seen) => match seen.check(root, &place.shown()) {
            Ok(()) => report.add(Severity::Ok, "rollback", "not older than what was seen", false),
            Err(error) => {
                let message = format!("{error}; {}", error.help());
                report.add(Severity::Problem, "rollback", message, false);
            }
        },
    }
    Ok(())
}

/// Opens every page and envelope and looks for leftovers; `progress(done, total)` counts envelopes.
pub fn check(vault: &Vault, progress: &mut dyn FnMut(usize, usize)) -> Result<Report> {
    let core = &vault.core;
    let mut report = check_files(&core.place)?;
    // Under the lock: a commit in flight would look like leftovers.
    let _still = match core.place.storage.lock(LockMode::Shared, super::core::LOCK_WAIT) {
        // What is unsafe has its own finding; nothing behind it is opened.
        Err(VaultError::Unsafe { .. }) => return Ok(report),
        still => still?,
    };
    let snapshot = match Snapshot::load(core) {
        Ok(snapshot) => snapshot,
        Err(error @ (VaultError::KeysChanged | VaultError::Locked)) => return Err(error),
        Err(error) => {
            report.problem(names::ROOT, &error);
            return Ok(report);
        }
    };
    report.findings.extend(journal::check(&snapshot));
    if let Err(error) = Records::of(&snapshot.list) {
        report.problem(names::ROOT, &error);
    }
    let (entries, all_opened) = check_pages(&snapshot, &mut report);
    let total = entries.iter().map(|entry| entry.kept.len()).sum();
    for entry in &entries {
        for kept in &entry.kept {
            match check_envelope(&snapshot, entry, kept) {
                Ok(()) => {}
                // It would say so of every one, and might ask a person each time.
                Err(error @ VaultError::Store { .. }) if !error.is_of_one_item() => {
                    return Err(error);
                }
                Err(error) => report.problem(&entry.name.to_string(), &error),
            }
            report.envelopes += 1;
            progress(report.envelopes, total);
        }
    }
    if all_opened {
        leftovers::check(&snapshot, &entries, &mut report)?;
    } else {
        let message = "not looked for: a page that does not open may name any envelope";
        report.add(Severity::Note, "leftovers", message, false);
    }
    Ok(report)
}

/// Opens every page; those that do not open are findings. Says whether all of them did.
fn check_pages(snapshot: &Snapshot<'_>, report: &mut Report) -> (Vec<Entry>, bool) {
    let mut entries: Vec<Entry> = Vec::new();
    let mut all_opened = true;
    for (number, page_ref) in &snapshot.list.pages {
        report.pages += 1;
        match snapshot.page(*number) {
            Ok(page) => {
                let live = page.entries.iter().filter(|e| e.deleted.is_none()).count();
                if live != page_ref.live as usize {
                    let message = "its count in the root is wrong";
                    report.add(Severity::Problem, &names::page(page_ref.file), message, false);
                }
                report.secrets += live;
                entries.extend(page.entries);
            }
            Err(error) => {
                all_opened = false;
                report.problem(&names::page(page_ref.file), &error);
            }
        }
    }
    (entries, all_opened)
}

/// An envelope must be the one the index names, open, and say of itself what the index says.
fn check_envelope(snapshot: &Snapshot<'_>, entry: &Entry, kept: &Kept) -> Result<()> {
    let bytes = snapshot.backend.get(kept.object)?;
    let envelope = envelope(kept, &bytes)?;
    if entry.metadata.protected {
        // Its seals need the passphrase; the pin above covers every byte of it.
        return Ok(());
    }
    let keys = &*snapshot.keys;
    let key = kek(keys, entry, None)?;
    let kek = Kek { key: &key, epoch: keys.epoch() };
    let damaged = |why| VaultError::Damaged { what: names::object(kept.object), why };
    let header = envelope.open_header(binding(keys, entry, kept), kek);
    let header = header.ok_or_else(|| damaged("its header does not open"))?;
    let is_live = entry.live()?.object == kept.object;
    if header.name != entry.name || (is_live && header.metadata != entry.metadata) {
        return Err(damaged("its header is not what the index says"));
    }
    let value = envelope.open_value(binding(keys, entry, kept), kek);
    value.map(drop).ok_or_else(|| damaged("its value does not open"))
}

/// Takes away what others may do, and rewrites a wrong marker; says what it did.
pub fn fix(place: &Place) -> Result<Vec<String>> {
    let storage = &*place.storage;
    let mut done = Vec::new();
    for found in storage.inspect()?.into_iter().filter(|found| found.mendable) {
        storage.mend(&found.name)?;
        let name = if found.name.is_empty() { "the vault directory" } else { &found.name };
        done.push(format!("{name}: only its owner has access now"));
    }
    if let Some(seen) = &place.seen {
        done.extend(seen.mend()?);
    }
    done.extend(mend_marker(place)?);
    Ok(done)
}

/// Has the marker say what the header says. Under the lock: a move changes both.
fn mend_marker(place: &Place) -> Result<Option<String>> {
    let storage = &*place.storage;
    let wrong = || {
        let backend = read_root_unchecked(place).ok()?.header.backend;
        (!marker::says(storage, backend)).then_some(backend)
    };
    if wrong().is_none() {
        return Ok(None);
    }
    let _guard = storage.lock(LockMode::Exclusive, super::core::LOCK_WAIT)?;
    let Some(backend) = wrong() else { return Ok(None) };
    marker::write(storage, backend)?;
    Ok(Some(format!("{}: says {backend} now", names::MARKER)))
}

fn all_entries(snapshot: &Snapshot<'_>) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for page in snapshot.pages() {
        entries.extend(page?.1.entries);
    }
    Ok(entries)
}

/// Accepts a vault that was restored or replaced, after the user has confirmed it: sets what it
/// does not refer to aside in `lost/`, moves the generation past everything seen, and commits.
///
/// A root that is missing or damaged is first taken from `root.prev.json`.
pub fn accept_restore(place: &Place, with: &Unlock<'_>) -> Result<Vec<String>> {
    let mut done = bring_back_root(place)?;
    let vault = ClosedVault::open_accepting(place)?.unlock(with)?;
    let core: &Core = &vault.core;
    let seen = place.seen.as_ref().map(|file| file.read()).transpose()?.flatten();
    let mut tx = Transaction::begin_accepting(core)?;
    let entries = all_entries(&tx.snapshot)?;
    for left in leftovers::of(&tx.snapshot, &entries)? {
        done.push(left.set_aside(&tx.snapshot)?);
    }
    done.extend(migrate::set_store_aside(&tx.snapshot)?);
    tx.notes.push(Note::of_vault(Action::Accept, None));
    tx.generation = tx.generation.max(seen.map_or(0, |seen| seen.generation + 1));
    let committed = tx.commit()?;
    done.push(format!("accepted as generation {}", committed.generation));
    done.extend(committed.warnings);
    Ok(done)
}

/// Copies `root.prev.json` over a root that cannot be read.
fn bring_back_root(place: &Place) -> Result<Vec<String>> {
    let storage = &*place.storage;
    let is_whole = || match read_root_unchecked(place) {
        Err(VaultError::Damaged { .. }) => Ok(false),
        read => read.map(|_| true),
    };
    // Looked at before the lock, which would leave its file in a place that holds no vault.
    if is_whole()? {
        return Ok(Vec::new());
    }
    let _guard = storage.lock(LockMode::Exclusive, super::core::LOCK_WAIT)?;
    if is_whole()? {
        return Ok(Vec::new());
    }
    let previous = storage.read(names::ROOT_PREV, MAX_ROOT)?;
    RootHeader::from_bytes(&previous)?;
    storage.remove(names::ROOT_NEXT)?;
    create_durable(storage, names::ROOT_NEXT, &previous)?;
    storage.rename(names::ROOT_NEXT, names::ROOT)?;
    storage.sync_dir(names::TOP)?;
    Ok(vec![format!("{} was taken from {}", names::ROOT, names::ROOT_PREV)])
}
