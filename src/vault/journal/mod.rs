//! The access journal: who read or changed which secret, and when. Sealed, chained record to record,
//! pinned by every commit. It watches; it never keeps anybody from reading or writing.

mod append;
mod entry;
mod finding;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod note;
mod record;
mod shorten;
mod walk;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

pub use entry::{Action, Entry, Purpose};
pub use finding::{Finding, FindingKind, Verification};

pub(crate) use note::Note;

use super::access::Actor;
use super::core::{Core, Snapshot, read_root};
use super::doctor::{self, Severity};
use super::error::{Result, VaultError};
use super::keys::VaultKeys;
use super::root::RootList;
use super::storage::{Storage, names, optional};
use super::{Vault, View};
use append::{MAX_LOG, To};
use entry::entries;
use walk::{Head, Walk};

/// A writer may be met half-way through a record: then it is read again.
const READ_TRIES: usize = 3;

/// How long to try for the journal's lock. Others hold it for well under a millisecond, and for a
/// few hundredths of a second when they shorten it; nobody is to wait for one who was stopped.
const WAIT: Duration = Duration::from_millis(200);
/// The same once it was waited for in vain, until it can be had again.
const SHORT_WAIT: Duration = Duration::from_millis(5);

/// What went wrong with the journal of an open vault.
#[derive(Default)]
pub(crate) struct Trouble {
    /// What could not be recorded, until somebody asks.
    unrecorded: Mutex<Option<String>>,
    /// Whether the lock could not be had.
    busy: AtomicBool,
}

impl Trouble {
    fn wait(&self) -> Duration {
        if self.busy.load(Ordering::Relaxed) { SHORT_WAIT } else { WAIT }
    }

    pub(crate) fn take(&self) -> Option<String> {
        self.unrecorded.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Appends, and remembers whether the lock could be had.
fn append(
    core: &Core,
    keys: &VaultKeys,
    pinned: Option<Head>,
    notes: &[Note],
    generation: Option<u64>,
) -> Result<Head> {
    let to = To { place: &core.place, keys, pinned, wait: core.trouble.wait() };
    let appended = append::append(to, notes, generation);
    core.trouble.busy.store(matches!(appended, Err(VaultError::Busy)), Ordering::Relaxed);
    appended
}

/// What to say of something that could not be recorded.
fn unrecorded(error: &VaultError) -> String {
    match error {
        VaultError::Busy => "not recorded in the journal: another process holds it".to_owned(),
        error => format!("not recorded in the journal: {error}"),
    }
}

/// Records something that has been done, in a vault whose root pins that. A failure is kept to be
/// told; it stops nobody.
pub(crate) fn record(core: &Core, keys: &VaultKeys, pinned: Option<Head>, notes: &[Note]) {
    if notes.is_empty() {
        return;
    }
    if let Err(error) = append(core, keys, pinned, notes, None) {
        let mut told = core.trouble.unrecorded.lock().unwrap_or_else(PoisonError::into_inner);
        *told = Some(unrecorded(&error));
    }
}

/// Records what a commit is about to do and pins the record in the list of its root. Should the
/// commit not come to its end, the number of its generation tells. Should the journal fail, the
/// commit does not: the former pin stays, and what to say of it is returned.
///
/// `keys` are those the new root is sealed with; of a new epoch, the journal moves along.
pub(crate) fn pin(
    snapshot: &Snapshot<'_>,
    keys: &VaultKeys,
    generation: u64,
    notes: &[Note],
    list: &mut RootList,
) -> Option<String> {
    let mut pinned = snapshot.list.journal;
    let carried = match keys.epoch() == snapshot.keys.epoch() {
        true => Ok(()),
        false => {
            // The former pin is of the former epoch's journal.
            list.journal = None;
            shorten::carry(&snapshot.core.place, &snapshot.keys, keys, pinned.take())
        }
    };
    match carried.and_then(|()| append(snapshot.core, keys, pinned, notes, Some(generation))) {
        Ok(head) => {
            list.journal = Some(head);
            None
        }
        Err(error) => Some(format!("saved, but {}", unrecorded(&error))),
    }
}

/// Makes durable what is pinned: a power loss must not look like a loss of records. If that fails,
/// the former pin is put back, and what to say of it is returned.
pub(crate) fn sync(snapshot: &Snapshot<'_>, epoch: u64, list: &mut RootList) -> Option<String> {
    let former = match epoch == snapshot.root.header.epoch {
        true => snapshot.list.journal,
        false => None,
    };
    if list.journal == former {
        return None;
    }
    let synced = snapshot.core.place.storage.sync_file(&names::journal(epoch));
    synced.err().map(|error| {
        list.journal = former;
        format!("saved, but {}", unrecorded(&error))
    })
}

/// After a commit: removes journals of epochs that are gone.
pub(crate) fn remove_others(core: &Core, epoch: u64) -> Result<()> {
    shorten::remove_others(&*core.place.storage, epoch)
}

/// Looks at the whole journal, and at what the root of a snapshot says of it.
fn walk(snapshot: &Snapshot<'_>) -> Result<Walk> {
    let keys = &*snapshot.keys;
    let name = names::journal(keys.epoch());
    let look = || {
        let file = optional(snapshot.core.place.storage.read(&name, MAX_LOG as u64))?;
        Ok(Walk::over(keys, file.as_deref(), snapshot.list.journal))
    };
    let torn = |walk: &Walk| {
        walk.findings.iter().any(|found| matches!(found.kind, FindingKind::Torn { .. }))
    };
    let mut walk = look()?;
    for _ in 1..READ_TRIES {
        if !torn(&walk) {
            break;
        }
        std::thread::yield_now();
        walk = look()?;
    }
    Ok(walk)
}

/// The journal of an epoch as it lies there; `None` when it cannot be read.
pub(crate) fn file(storage: &dyn Storage, epoch: u64) -> Option<Vec<u8>> {
    storage.read(&names::journal(epoch), MAX_LOG as u64).ok()
}

/// Every record that is left of the journal, oldest first, whatever is wrong with it. Commits past
/// `generation` never came to their end.
pub(crate) fn salvage(storage: &dyn Storage, keys: &VaultKeys, generation: u64) -> Vec<Entry> {
    let file = file(storage, keys.epoch());
    entries(Walk::over(keys, file.as_deref(), None).records, generation)
}

/// What is wrong with the journal, in the words of `doctor`.
pub(crate) fn check(snapshot: &Snapshot<'_>) -> Vec<doctor::Finding> {
    let finding = |severity, message| {
        let what = names::JOURNAL.to_owned();
        doctor::Finding { severity, what, message, fixable: false }
    };
    let found = match walk(snapshot) {
        Ok(walk) => walk.verification(),
        Err(error) => return vec![finding(Severity::Problem, error.to_string())],
    };
    let sound = finding(Severity::Ok, "no record is missing or altered".to_owned());
    let told = found.findings.iter().map(|one| finding(one.severity(), one.to_string()));
    told.chain((!found.has_problems()).then_some(sound)).collect()
}

impl Vault {
    /// Looks at every record of the journal: whether all that the last commit saw is there, in its
    /// order, as it was written.
    pub fn verify_journal(&self) -> Result<Verification> {
        Ok(walk(&Snapshot::load(&self.core)?)?.verification())
    }

    /// Why the journal could not take something since this was last asked.
    pub fn take_unrecorded(&self) -> Option<String> {
        self.core.trouble.take()
    }
}

/// What a view sees of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// Whether records were lost or tampered with, of whatever scope.
    pub has_problems: bool,
    /// What was found in detail; for the owner alone.
    pub found: Option<Verification>,
}

impl View {
    /// The records of the secrets this view sees; for the owner those of the vault as well.
    pub fn journal(&self) -> Result<Journal> {
        let walk = walk(&Snapshot::load(&self.core)?)?;
        // After the records: a commit between the two has come to its end.
        let generation = read_root(&self.core.place)?.header.generation;
        let verification = walk.verification();
        let has_problems = verification.has_problems();
        let found = (self.actor == Actor::Owner).then_some(verification);
        let all = entries(walk.records, generation).into_iter().rev();
        let entries = all.filter_map(|entry| entry.seen_by(&self.actor)).collect();
        Ok(Journal { entries, has_problems, found })
    }

    /// Why the journal could not take something since this was last asked.
    pub fn take_unrecorded(&self) -> Option<String> {
        self.core.trouble.take()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
