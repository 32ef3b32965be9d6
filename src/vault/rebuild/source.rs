//! What is left of the old vault: a root to unlock, the pages that open, and what the journal tells.
//! Only reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Unused;
use crate::vault::backend::BlobBackend;
use crate::vault::core::{LOCK_WAIT, MAX_PAGE, no_root};
use crate::vault::encoding::{Digest, Id};
use crate::vault::error::{Result, VaultError};
use crate::vault::index::{Entry, Page, written_by};
use crate::vault::journal::{self, Action};
use crate::vault::keys::{ProtectionKey, VaultKeys};
use crate::vault::place::Place;
use crate::vault::records::Records;
use crate::vault::root::{Header, MAX_ROOT, PageRef, RootHeader, RootList};
use crate::vault::scope::{SecretKey, SecretRef};
use crate::vault::secret::Timestamp;
use crate::vault::slots::{self, Unlock};
use crate::vault::storage::{LockGuard, LockMode, names, optional};

/// The old vault, with its keys.
pub(super) struct Source<'a> {
    pub place: &'a Place,
    pub backend: Arc<dyn BlobBackend>,
    pub header: Header,
    pub keys: VaultKeys,
    pub protection: Option<ProtectionKey>,
    /// The list of a root that opens.
    pub list: Option<Listed>,
    /// What was wrong with the roots.
    pub unused: Vec<Unused>,
}

/// The list of a root, and what it is good for.
pub(super) struct Listed {
    pub list: RootList,
    pub generation: u64,
    /// Whether no newer state is known of.
    pub is_newest: bool,
}

/// What a page says of one secret.
pub(super) struct Told {
    pub entry: Entry,
    /// It speaks for every envelope up to this generation.
    pub up_to: u64,
}

/// What all pages that open say.
#[derive(Default)]
pub(super) struct Pages {
    pub told: BTreeMap<Id, Told>,
    /// Numbers of which the root names no page, or one that opens: up to its generation, what is not
    /// in it was removed or never saved.
    pub settled: BTreeSet<u8>,
    /// The pages that the root names and that do not open.
    pub lost: BTreeMap<u8, PageRef>,
    /// The newest generation of a page that opens.
    pub newest: u64,
}

impl Pages {
    fn take(&mut self, page: Page, up_to: u64) {
        self.newest = self.newest.max(up_to);
        for entry in page.entries {
            if self.told.get(&entry.secret_id).is_none_or(|other| other.up_to < up_to) {
                self.told.insert(entry.secret_id, Told { entry, up_to });
            }
        }
    }
}

/// The last change of a name that came to its end.
#[derive(Clone, Copy)]
pub(super) struct Last {
    /// When a secret of that name was deleted or renamed, if that was it.
    pub gone: Option<Timestamp>,
    pub revision: Option<u64>,
}

/// What the journal tells of names.
#[derive(Default)]
pub(super) struct Chronicle {
    pub names: BTreeSet<SecretRef>,
    pub last: BTreeMap<SecretRef, Last>,
    /// The last revision of each record of the root's list; `None` of one that was removed.
    pub records: BTreeMap<SecretKey, Option<u64>>,
}

impl Chronicle {
    /// Takes what was done to a record. Its name is no secret's.
    fn take_record(&mut self, entry: journal::Entry) {
        let there = entry.revision.filter(|_| entry.action != Action::Unprofile);
        if let (Some(name), Some(true)) = (entry.name, entry.saved) {
            self.records.insert(name.key, there);
        }
    }
}

impl<'a> Source<'a> {
    /// Unlocks what is left of a vault.
    pub(super) fn open(place: &'a Place, with: &Unlock<'_>) -> Result<Self> {
        let (roots, unused) = roots(place)?;
        if let Some(found) = place.storage.inspect()?.into_iter().next() {
            return Err(VaultError::Unsafe {
                path: place.storage.path(&found.name),
                why: found.why,
            });
        }
        let header = roots.first().map(|(_, root)| root.header.clone());
        let header = header.ok_or_else(|| no_root(place))?;
        let opened = slots::open(&header.slots, header.vault_id, with)?;
        let keys = VaultKeys::derive(&opened.vault_key, header.vault_id, header.epoch)?;
        let mut source = Self {
            place,
            backend: place.backend(header.backend, header.vault_id)?,
            header,
            keys,
            protection: opened.protection_key,
            list: None,
            unused,
        };
        source.open_list(&roots)?;
        Ok(source)
    }

    /// Takes the list of the first root that opens.
    fn open_list(&mut self, roots: &[NamedRoot]) -> Result<()> {
        let seen = self.seen_generation()?;
        for (name, root) in roots {
            match root.open(&self.keys) {
                Ok(list) => {
                    let generation = root.header.generation;
                    let is_newest = *name == names::ROOT && generation >= seen;
                    self.list = Some(Listed { list, generation, is_newest });
                    return Ok(());
                }
                Err(error) => self.unused.push(Unused::new(*name, &error)),
            }
        }
        Ok(())
    }

    /// The newest generation of this vault that was seen on this machine; 0 when none was.
    fn seen_generation(&self) -> Result<u64> {
        let seen = self.place.seen.as_ref().map(|file| file.read()).transpose()?.flatten();
        let ours = seen.filter(|seen| seen.vault_id == self.header.vault_id);
        Ok(ours.map_or(0, |seen| seen.generation))
    }

    /// Keeps writers out while it is read. Makes no lock where there is none: nothing is to change.
    pub(super) fn keep_still(&self) -> Result<Option<Box<dyn LockGuard + '_>>> {
        let storage = &*self.place.storage;
        match storage.list(names::TOP)?.iter().any(|name| name == names::LOCK) {
            true => storage.lock(LockMode::Shared, LOCK_WAIT).map(Some),
            false => Ok(None),
        }
    }

    /// Opens every page file. One that the root does not name counts where the root's own is lost,
    /// or where it is newer than the root.
    pub(super) fn pages(&self) -> Result<(Pages, Vec<Unused>)> {
        let (mut pages, mut strays, mut unused) = (Pages::default(), Vec::new(), Vec::new());
        let files = self.place.storage.list(names::INDEX)?;
        for name in files.iter().filter_map(|name| names::id_of(name)).map(names::page) {
            match self.place.storage.read(&name, MAX_PAGE) {
                Ok(file) => match self.pinned(&name, &file) {
                    Some((number, page, up_to)) => {
                        pages.settled.insert(number);
                        pages.take(page, up_to);
                    }
                    None => strays.push((name, file)),
                },
                Err(error) => unused.push(Unused::new(name, &error)),
            }
        }
        self.settle(&mut pages);
        for (name, file) in strays {
            let known = pages.lost.values().any(|page| names::page(page.file) == name);
            if !self.stray(&mut pages, &name, &file) && !known {
                unused.push(Unused { what: name, why: NO_PAGE.into(), is_loss: false });
            }
        }
        Ok((pages, unused))
    }

    /// The page, if it is the one that the root names: by what it is, whatever it is called.
    fn pinned(&self, name: &str, file: &[u8]) -> Option<(u8, Page, u64)> {
        let Listed { list, generation, .. } = self.list.as_ref()?;
        let sha256 = Digest::of(file);
        let (number, _) = list.pages.iter().find(|(_, page)| page.sha256 == sha256)?;
        Some((*number, Page::open(&self.keys, *number, name, file).ok()?, *generation))
    }

    /// Notes which numbers are settled, and which pages are lost.
    fn settle(&self, pages: &mut Pages) {
        let Some(Listed { list, .. }) = &self.list else { return };
        pages.settled.extend((0..=u8::MAX).filter(|number| !list.pages.contains_key(number)));
        for (number, page) in &list.pages {
            if !pages.settled.contains(number) {
                pages.lost.insert(*number, *page);
            }
        }
    }

    /// Takes a page that the root does not name; `false` when it is none of this vault's.
    fn stray(&self, pages: &mut Pages, name: &str, file: &[u8]) -> bool {
        let Some(up_to) = written_by(file) else { return false };
        let open = |number| Some((number, Page::open(&self.keys, number, name, file).ok()?));
        let Some((number, page)) = (0..=u8::MAX).find_map(open) else { return false };
        if !pages.settled.contains(&number) || up_to > self.settled_up_to() {
            pages.take(page, up_to);
        }
        true
    }

    /// The generation up to which settled pages speak.
    pub(super) fn settled_up_to(&self) -> u64 {
        self.list.as_ref().map_or(0, |listed| listed.generation)
    }

    /// Whether the root is the newest there is: then nothing came after it.
    pub(super) fn is_newest(&self) -> bool {
        self.list.as_ref().is_some_and(|listed| listed.is_newest)
    }

    /// The names that the journal tells, and what became of them.
    pub(super) fn chronicle(&self) -> Chronicle {
        let generation = if self.is_newest() { self.settled_up_to() } else { u64::MAX };
        let mut told = Chronicle::default();
        for entry in journal::salvage(&*self.place.storage, &self.keys, generation) {
            if entry.action.is_about_profile() {
                told.take_record(entry);
                continue;
            }
            let names = entry.name.iter().chain(&entry.from).cloned();
            told.names.extend(names);
            // A purge is of one in the trash; a live one may bear the same name.
            if entry.saved != Some(true) || entry.action == Action::Purge {
                continue;
            }
            let gone = (entry.action == Action::Delete).then_some(entry.at);
            if let Some(name) = entry.name {
                told.last.insert(name, Last { gone, revision: entry.revision });
            }
            if let Some(from) = entry.from {
                told.last.insert(from, Last { gone: Some(entry.at), revision: None });
            }
        }
        told
    }

    /// What the journal tells of records and the list that is left does not: they are nowhere else.
    pub(super) fn lost_records(&self, chronicle: &Chronicle) -> Vec<Unused> {
        if self.is_newest() {
            return Vec::new();
        }
        let left = self.list.as_ref().and_then(|listed| Records::of(&listed.list).ok());
        let left = left.unwrap_or_default();
        let differs = |(id, told): (&SecretKey, &Option<u64>)| {
            let why = match (left.revision(id), *told) {
                (left, told) if left == told => return None,
                (None, _) => "it is lost with the newest root, and the journal tells of it".into(),
                (Some(left), Some(told)) => format!("revision {told} is lost; {left} is there"),
                (Some(_), None) => "it is there, and the journal tells that it was removed".into(),
            };
            Some(Unused { what: format!("profile '{id}'"), why, is_loss: told.is_some() })
        };
        chronicle.records.iter().filter_map(differs).collect()
    }

    /// A generation past every one that is known of.
    pub(super) fn next_generation(&self, pages: &Pages, envelopes: u64) -> Result<u64> {
        let known = [self.settled_up_to(), self.seen_generation()?, pages.newest, envelopes];
        Ok(known.into_iter().max().unwrap_or(0).saturating_add(1))
    }
}

/// What is wrong with a page file that opens in no place.
const NO_PAGE: &str = "it is damaged, or no page of this vault";

/// A root under its file's name.
type NamedRoot = (&'static str, RootHeader);

/// The roots that can be read, the newer one first, and what is wrong with the others.
fn roots(place: &Place) -> Result<(Vec<NamedRoot>, Vec<Unused>)> {
    let (mut roots, mut unused, mut first) = (Vec::new(), Vec::new(), None);
    for name in [names::ROOT, names::ROOT_PREV] {
        let read = optional(place.storage.read(name, MAX_ROOT));
        let parsed = read.and_then(|file| match file {
            Some(file) => RootHeader::from_bytes(&file),
            None => Err(VaultError::Damaged { what: name.into(), why: "it is missing" }),
        });
        match parsed {
            Ok(root) => roots.push((name, root)),
            Err(error @ (VaultError::NewerFormat { .. } | VaultError::Unsafe { .. })) => {
                return Err(error);
            }
            Err(error) => {
                unused.push(Unused::new(name, &error));
                first.get_or_insert(error);
            }
        }
    }
    match (roots.is_empty(), no_root(place)) {
        (true, error @ (VaultError::NoVault { .. } | VaultError::NotAVault { .. })) => Err(error),
        (true, error) => Err(first.unwrap_or(error)),
        (false, _) => Ok((roots, unused)),
    }
}
