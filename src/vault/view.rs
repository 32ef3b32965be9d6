//! What one actor can see and do: the boundary a daemon hands to its parts. It has no way back to
//! the vault, and decides by the scope alone, before any look-up.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread::Builder;

use super::access::{Actor, Verdict};
use super::apply::{Changes, check_write};
use super::backend::BackendKind;
use super::change::{Change, Expect, Outcome};
use super::commit::Transaction;
use super::core::{Core, Snapshot};
use super::error::{Result, VaultError};
use super::index::{Entry, Page};
use super::journal::{self, Note, Purpose};
use super::keys::ProtectionKey;
use super::scope::{Scope, SecretRef};
use super::secret::{
    Description, MetadataPatch, Secret, SecretSummary, SensitiveBytes, TrashEntry,
};

/// An actor's window on an unlocked vault. Cheap to clone; locked together with the vault.
#[derive(Clone)]
pub struct View {
    pub(super) core: Arc<Core>,
    pub(super) actor: Actor,
    pub(super) purpose: Purpose,
}

/// All live secrets a view sees, at one generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The state this was read from.
    pub generation: u64,
    /// Where the envelopes were then.
    pub backend: BackendKind,
    /// Sorted by scope, then key.
    pub secrets: Vec<SecretSummary>,
    /// How many visible entries lie in the trash.
    pub trash: usize,
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The generation it made.
    pub generation: u64,
    /// One for each change, in order.
    pub outcomes: Vec<Outcome>,
    /// What could not be tidied up afterwards; the changes are saved all the same.
    pub warnings: Vec<String>,
}

impl View {
    /// Who looks through this view.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The same view, whose reads are recorded as made for that purpose.
    #[must_use]
    pub fn for_purpose(&self, purpose: Purpose) -> Self {
        Self { purpose, ..self.clone() }
    }

    /// Every visible live secret.
    pub fn list(&self) -> Result<Listing> {
        self.core.read(|snapshot| {
            let generation = snapshot.root.header.generation;
            let numbers: Vec<u8> = snapshot.list.pages.keys().copied().collect();
            let share = numbers.len().div_ceil(workers(numbers.len())).max(1);
            let parts: Vec<Result<Part>> = std::thread::scope(|scope| {
                let mut shares = numbers.chunks(share);
                let first = shares.next().unwrap_or_default();
                let list = |numbers| {
                    let work = move || self.list_pages(snapshot, numbers);
                    // Where no thread can be had, its share is done here.
                    let worker = Builder::new().spawn_scoped(scope, work);
                    worker.map_err(|_| numbers)
                };
                let workers: Vec<_> = shares.map(list).collect();
                let mut parts = vec![self.list_pages(snapshot, first)];
                parts.extend(workers.into_iter().map(|worker| match worker {
                    Ok(worker) => worker.join().unwrap_or_else(|_| Err(gone())),
                    Err(numbers) => self.list_pages(snapshot, numbers),
                }));
                parts
            });
            let backend = snapshot.root.header.backend;
            let mut listing = Listing { generation, backend, secrets: Vec::new(), trash: 0 };
            for part in parts {
                let part = part?;
                listing.secrets.extend(part.secrets);
                listing.trash += part.trash;
            }
            // The parts are sorted: this only merges them.
            listing.secrets.sort_by(|a, b| a.name.cmp(&b.name));
            listing.secrets.shrink_to_fit();
            Ok(listing)
        })
    }

    /// The visible secrets of some pages, sorted.
    fn list_pages(&self, snapshot: &Snapshot<'_>, numbers: &[u8]) -> Result<Part> {
        let mut part = Part { secrets: Vec::new(), trash: 0 };
        let mut scopes = HashSet::new();
        for number in numbers {
            for mut entry in self.visible(snapshot.page(*number)?) {
                entry.name.scope = share(&mut scopes, entry.name.scope);
                match entry.deleted {
                    Some(_) => part.trash += 1,
                    None => part.secrets.push(entry.into_summary()),
                }
            }
        }
        part.secrets.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(part)
    }

    /// The entries of a page that this view may see.
    fn visible(&self, page: Page) -> impl Iterator<Item = Entry> {
        page.entries.into_iter().filter(|entry| self.actor.sees(&entry.name.scope).is_allowed())
    }

    /// The visible trash, newest first.
    pub fn trash(&self) -> Result<Vec<TrashEntry>> {
        self.core.read(|snapshot| {
            let mut trash = Vec::new();
            for page in snapshot.pages() {
                trash.extend(self.visible(page?.1).filter_map(|entry| {
                    let generation = entry.deleted?.generation;
                    Some((generation, entry.into_trash()?))
                }));
            }
            trash.sort_by(|(one, a), (two, b)| two.cmp(one).then(a.id.cmp(&b.id)));
            Ok(trash.into_iter().map(|(_, entry)| entry).collect())
        })
    }

    /// Everything known about one secret but its value.
    pub fn describe(&self, name: &SecretRef) -> Result<Description> {
        self.check_sees(&name.scope)?;
        self.core.read(|snapshot| Ok(snapshot.entry(name)?.description()))
    }

    /// The same of several, in their order, as they were at one moment; each by itself may be `NotFound` or
    /// `NotAllowed`.
    pub fn describe_all(&self, names: &[SecretRef]) -> Result<Vec<Result<Description>>> {
        // By the scopes alone, before any look-up.
        let seen: Vec<_> = names.iter().map(|name| self.check_sees(&name.scope)).collect();
        let allowed = names.iter().zip(&seen).filter(|(_, seen)| seen.is_ok());
        let allowed: Vec<SecretRef> = allowed.map(|(name, _)| name.clone()).collect();
        let mut found = self.core.read(|snapshot| snapshot.entries_there(&allowed))?.into_iter();
        let described = |(name, seen): (&SecretRef, Result<()>)| {
            seen?;
            let missing = || VaultError::NotFound { name: name.clone() };
            Ok(found.next().flatten().ok_or_else(missing)?.description())
        };
        Ok(names.iter().zip(seen).map(described).collect())
    }

    /// The live value; a protected secret is `Protected`.
    pub fn read(&self, name: &SecretRef) -> Result<Secret> {
        self.read_with(name, None, None)
    }

    /// A value with all one can ask for: a kept revision, a protected secret.
    pub fn read_with(
        &self,
        name: &SecretRef,
        revision: Option<u64>,
        protection: Option<&ProtectionKey>,
    ) -> Result<Secret> {
        let names = std::slice::from_ref(name);
        let mut secrets = self.read_from(names, revision, protection, &|_, _| {})?;
        secrets.pop().ok_or(VaultError::Internal { what: "reading" })
    }

    /// The live values of several secrets, in their order, as they were at one moment.
    pub fn read_all(
        &self,
        names: &[SecretRef],
        protection: Option<&ProtectionKey>,
    ) -> Result<Vec<Secret>> {
        self.read_all_told(names, protection, &|_, _| {})
    }

    /// The same, where `progress(done, total)` counts them.
    pub fn read_all_told(
        &self,
        names: &[SecretRef],
        protection: Option<&ProtectionKey>,
        progress: &dyn Fn(usize, usize),
    ) -> Result<Vec<Secret>> {
        self.read_from(names, None, protection, progress)
    }

    /// Reads from one state, and records in one step what was read.
    fn read_from(
        &self,
        names: &[SecretRef],
        revision: Option<u64>,
        protection: Option<&ProtectionKey>,
        progress: &dyn Fn(usize, usize),
    ) -> Result<Vec<Secret>> {
        names.iter().try_for_each(|name| self.check_sees(&name.scope))?;
        let (read, keys, pinned) = self.core.read(|snapshot| {
            let mut read = Vec::with_capacity(names.len());
            for entry in snapshot.entries(names)? {
                read.push(snapshot.secret(entry, revision, protection)?);
                progress(read.len(), names.len());
            }
            Ok((read, Arc::clone(&snapshot.keys), snapshot.list.journal))
        })?;
        let told = read.iter().map(|(secret, revision)| (&secret.name, *revision)).collect();
        let notes = Note::reads(self.purpose, &self.actor, told);
        journal::record(&self.core, &keys, pinned, &notes);
        Ok(read.into_iter().map(|(secret, _)| secret).collect())
    }

    /// Writes one value: a new secret, or a new revision.
    pub fn write(
        &self,
        name: &SecretRef,
        value: SensitiveBytes,
        patch: MetadataPatch,
        expect: Expect,
    ) -> Result<Receipt> {
        self.apply(vec![Change::Write { name: name.clone(), value, patch, expect }], None)
    }

    /// Applies all changes in one commit, or none.
    pub fn apply(
        &self,
        changes: Vec<Change>,
        protection: Option<&ProtectionKey>,
    ) -> Result<Receipt> {
        self.apply_told(changes, protection, &mut |_, _| {})
    }

    /// The same, where `progress(done, total)` counts the changes.
    pub fn apply_told(
        &self,
        changes: Vec<Change>,
        protection: Option<&ProtectionKey>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Receipt> {
        for scope in changes.iter().flat_map(Change::scopes) {
            self.check_writes(&scope)?;
        }
        let mut tx = Transaction::begin(&self.core)?;
        let mut batch = Changes { tx: &mut tx, actor: &self.actor, protection };
        let mut outcomes = Vec::with_capacity(changes.len());
        let total = changes.len();
        for change in changes {
            outcomes.push(batch.apply(change)?);
            progress(outcomes.len(), total);
        }
        let done = tx.commit()?;
        Ok(Receipt { generation: done.generation, outcomes, warnings: done.warnings })
    }

    /// Refuses a scope that the actor may not write to, before anything is asked for or done for it.
    ///
    /// # Errors
    ///
    /// `NotAllowed`.
    pub fn check_writes(&self, scope: &Scope) -> Result<()> {
        check_write(&self.actor, scope)
    }

    fn check_sees(&self, scope: &Scope) -> Result<()> {
        match self.actor.sees(scope) {
            Verdict::Allowed(_) => Ok(()),
            Verdict::Refused(_) => Err(VaultError::NotAllowed {
                actor: self.actor.to_string(),
                verb: "see",
                scope: scope.clone(),
            }),
        }
    }
}

/// A part of a listing.
struct Part {
    secrets: Vec<SecretSummary>,
    trash: usize,
}

fn gone() -> VaultError {
    VaultError::Internal { what: "listing" }
}

/// How many threads open so many pages: one for every 64, as far as there are processors.
fn workers(pages: usize) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    (pages / 64).clamp(1, processors)
}

/// Lets names of the same scope share its text: less memory, and faster to compare.
fn share(scopes: &mut HashSet<Scope>, scope: Scope) -> Scope {
    match scopes.get(&scope) {
        Some(shared) => shared.clone(),
        None => {
            scopes.insert(scope.clone());
            scope
        }
    }
}
