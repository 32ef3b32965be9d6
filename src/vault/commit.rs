//! The commit protocol: many changes, one moment at which all of them hold. The order of its steps
//! is the durability promise; see FORMAT.md. Not what the changes are.

mod point;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::backend::StoreTrouble;
use super::core::{Core, LOCK_WAIT, Snapshot, missing_is_damage, read_root_unchecked};
use super::encoding::{Digest, Hex, Id, to_json};
use super::error::{Result, VaultError};
use super::index::Page;
use super::journal::{self, Note};
use super::keys::VaultKeys;
use super::marker;
use super::records::Records;
use super::root::{Header, PageRef, RootList, Superseded};
use super::secret::Timestamp;
use super::seen::Seen;
use super::storage::{LockGuard, LockMode, is_missing, names};
use super::world::random_bytes;
pub(crate) use point::uncertain;
use point::{finish, publish, recover, roll_back, sync_removals};

/// From this many new files on, one syncfs is cheaper than an fsync each.
pub(crate) const SYNC_EACH: usize = 8;

/// The commit in flight, as the lock file names it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Intent {
    generation: u64,
    objects: Vec<Id>,
    pages: Vec<Id>,
}

/// A page's new file and its bytes.
type PageFile = (Id, Vec<u8>);

/// Changes being collected under the lock, on top of the newest state.
pub(crate) struct Transaction<'a> {
    pub snapshot: Snapshot<'a>,
    pub now: Timestamp,
    /// The generation this commit makes.
    pub generation: u64,
    guard: Box<dyn LockGuard + 'a>,
    pages: BTreeMap<u8, Page>,
    dirty: BTreeSet<u8>,
    new_objects: BTreeMap<Id, Vec<u8>>,
    superseded: Vec<Superseded>,
    /// The records, once they were asked for to be changed.
    records: Option<Records>,
    /// The files of a commit too large to be collected, named before they are written.
    reserved: Option<Intent>,
    /// The keys that seal it: those of the snapshot, or of a new epoch.
    seal_keys: Arc<VaultKeys>,
    /// Removes the copy of the former root first, and everything superseded before the answer.
    pub forget: bool,
    /// What is to be recorded in the journal.
    pub notes: Vec<Note>,
    warnings: Vec<String>,
    /// Writes the header with these changes.
    pub header: Header,
}

/// What a commit did.
pub(crate) struct Committed {
    pub generation: u64,
    pub warnings: Vec<String>,
}

impl<'a> Transaction<'a> {
    /// Takes the lock, finishes or rolls back the commit named in it, and reads the newest state.
    pub(crate) fn begin(core: &'a Core) -> Result<Self> {
        let mut guard = core.place.storage.lock(LockMode::Exclusive, LOCK_WAIT)?;
        let snapshot = Snapshot::load(core)?;
        recover(&snapshot, &mut *guard)?;
        Ok(Self::over(guard, snapshot))
    }

    /// The same, whatever was seen before: only after the user has confirmed. Nothing is finished
    /// or rolled back: what the lock names may belong to the state that is given up.
    pub(crate) fn begin_accepting(core: &'a Core) -> Result<Self> {
        let guard = core.place.storage.lock(LockMode::Exclusive, LOCK_WAIT)?;
        let snapshot = Snapshot::over(core, read_root_unchecked(&core.place)?)?;
        Ok(Self::over(guard, snapshot))
    }

    fn over(guard: Box<dyn LockGuard + 'a>, snapshot: Snapshot<'a>) -> Self {
        Self {
            now: snapshot.core.place.clock.now(),
            generation: snapshot.root.header.generation + 1,
            header: snapshot.root.header.clone(),
            seal_keys: Arc::clone(&snapshot.keys),
            reserved: None,
            snapshot,
            guard,
            pages: BTreeMap::new(),
            dirty: BTreeSet::new(),
            new_objects: BTreeMap::new(),
            superseded: Vec::new(),
            records: None,
            forget: false,
            notes: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// A page to be looked at.
    pub(crate) fn page(&mut self, number: u8) -> Result<&Page> {
        self.load(number).map(|page| &*page)
    }

    /// A page to be changed.
    pub(crate) fn page_mut(&mut self, number: u8) -> Result<&mut Page> {
        self.dirty.insert(number);
        self.load(number)
    }

    fn load(&mut self, number: u8) -> Result<&mut Page> {
        use std::collections::btree_map::Entry::{Occupied, Vacant};
        match self.pages.entry(number) {
            Occupied(page) => Ok(page.into_mut()),
            Vacant(room) => Ok(room.insert(self.snapshot.page(number)?)),
        }
    }

    /// The records, to be changed.
    pub(crate) fn records_mut(&mut self) -> Result<&mut Records> {
        let records = match self.records.take() {
            Some(records) => records,
            None => Records::of(&self.snapshot.list)?,
        };
        Ok(self.records.insert(records))
    }

    /// Takes in a new envelope and gives its id and hash.
    pub(crate) fn add_object(&mut self, bytes: Vec<u8>) -> Result<(Id, Digest)> {
        let id = Hex(random_bytes(&*self.snapshot.core.place.random)?);
        let sha256 = Digest::of(&bytes);
        self.new_objects.insert(id, bytes);
        Ok((id, sha256))
    }

    /// An envelope's bytes, also of one that this commit adds.
    pub(crate) fn object(&self, id: Id) -> Result<Vec<u8>> {
        match self.new_objects.get(&id) {
            Some(bytes) => Ok(bytes.clone()),
            // Under the lock nobody removes what the root names: what is missing is damage.
            None => self.snapshot.backend.get(id).map_err(missing_is_damage),
        }
    }

    /// Drops envelopes that nothing refers to any more.
    pub(crate) fn drop_objects(&mut self, ids: impl IntoIterator<Item = Id>) {
        for id in ids {
            if self.new_objects.remove(&id).is_none() {
                self.superseded.push(Superseded::Object(id));
            }
        }
    }

    /// Names all files of a large commit at once, so that its envelopes can be written one by one.
    /// Whoever reserves calls [`Self::commit`] or [`Self::abandon`].
    pub(crate) fn reserve(&mut self, objects: Vec<Id>) -> Result<()> {
        let random = &*self.snapshot.core.place.random;
        let pages = (0..=u8::MAX).map(|_| Ok(Hex(random_bytes(random)?)));
        let pages = pages.collect::<Result<_>>()?;
        let intent = Intent { generation: self.generation, objects, pages };
        self.guard.set_intent(&to_json(&intent)?)?;
        self.reserved = Some(intent);
        Ok(())
    }

    /// Writes one of the reserved envelopes; not durable before the commit.
    pub(crate) fn put_reserved(&self, id: Id, bytes: &[u8]) -> Result<Digest> {
        self.put(id, bytes).map(|()| Digest::of(bytes))
    }

    /// Writes an envelope. What is put into a store is read back: it gives no receipt.
    fn put(&self, id: Id, bytes: &[u8]) -> Result<()> {
        let (kind, backend) = (self.snapshot.root.header.backend, &*self.snapshot.backend);
        backend.put_new(id, bytes)?;
        if !kind.is_store() {
            return Ok(());
        }
        match backend.get(id) {
            Ok(kept) if kept == bytes => match backend.lasts(id)? {
                true => Ok(()),
                false => Err(VaultError::Store { backend: kind, trouble: StoreTrouble::Forgetful }),
            },
            Err(error) if !is_missing(&error) => Err(error),
            _ => Err(VaultError::Store { backend: kind, trouble: StoreTrouble::Lying }),
        }
    }

    /// Removes what was reserved and written.
    pub(crate) fn abandon(mut self) {
        if let Some(intent) = self.reserved.take() {
            roll_back(&self.snapshot, &mut *self.guard, &intent);
        }
    }

    /// Puts other pages in the place of all that are there, sealed by other keys.
    pub(crate) fn replace_pages(&mut self, pages: BTreeMap<u8, Page>, keys: Arc<VaultKeys>) {
        self.dirty = (0..=u8::MAX).collect();
        self.pages = self.dirty.iter().map(|number| (*number, Page::default())).collect();
        self.pages.extend(pages);
        self.seal_keys = keys;
    }

    /// Makes it so. Before the rename an error means "the vault is as before"; after it,
    /// `Uncertain`; what fails after the acknowledgement is a warning.
    pub(crate) fn commit(mut self) -> Result<Committed> {
        let storage = &*self.snapshot.core.place.storage;
        // Durable with the rename of the root, whose directory is the same.
        let forgotten = self.forget.then(|| storage.remove(names::ROOT_PREV)).transpose();
        let (pages, mut list) = match forgotten.and_then(|_| self.seal_pages()) {
            Ok(sealed) => sealed,
            Err(error) => {
                self.abandon();
                return Err(error);
            }
        };
        self.notes.extend(Note::slots(&self.snapshot.root.header, &self.header));
        let keys = Arc::clone(&self.seal_keys);
        let unrecorded =
            journal::pin(&self.snapshot, &keys, self.generation, &self.notes, &mut list);
        self.warnings.extend(unrecorded);
        let intent = match self.reserved.take() {
            Some(reserved) => reserved,
            None => Intent {
                generation: self.generation,
                objects: self.new_objects.keys().copied().collect(),
                pages: pages.iter().map(|(id, _)| *id).collect(),
            },
        };
        let core = self.snapshot.core;
        let root = match self.write(&intent, &pages, &mut list) {
            Ok(root) => root,
            Err(error) => {
                roll_back(&self.snapshot, &mut *self.guard, &intent);
                return Err(error);
            }
        };
        publish(&self.snapshot, &mut *self.guard, &intent, &root)?;
        let generation = self.generation;
        let seen = Seen::new(core.vault_id, generation, Digest::of(&root));
        let mut finished = finish(&self.snapshot, &mut *self.guard, &seen, &root, &list);
        if self.header.epoch > 1 {
            finished = finished.and_then(|()| journal::remove_others(core, self.header.epoch));
        }
        if self.forget {
            // What was purged must not come back with a power loss.
            finished = finished.and_then(|()| sync_removals(&self.snapshot, &list.superseded));
        }
        self.warnings.extend(self.told_of_copies());
        match finished {
            Ok(()) => {}
            Err(VaultError::Store { backend, trouble }) if self.forget => {
                return Err(VaultError::StillThere { backend, trouble });
            }
            Err(error) if self.forget => return Err(uncertain(error)),
            Err(error) => self.warnings.push(format!("saved, but not tidied up: {error}")),
        }
        Ok(Committed { generation, warnings: self.warnings })
    }

    /// Where copies of what was to be forgotten may still lie: a move that was cut off left them.
    fn told_of_copies(&self) -> Option<String> {
        let (header, storage) = (&self.snapshot.root.header, &*self.snapshot.core.place.storage);
        if !self.forget || self.header.backend != header.backend {
            return None;
        }
        let left = header.retired_backend.or_else(|| marker::moving_to(storage))?;
        Some(format!(
            "copies of what it removes may lie in {}, where a move was cut off: 'tresor doctor --fix' removes them",
            left.label()
        ))
    }

    /// Seals every changed page and gives the list for the new root.
    fn seal_pages(&mut self) -> Result<(Vec<PageFile>, RootList)> {
        let mut sealed = Vec::new();
        let mut list = self.snapshot.list.clone();
        list.superseded.clear();
        if let Some(records) = &self.records {
            records.put_into(&mut list)?;
        }
        for number in std::mem::take(&mut self.dirty) {
            let Some(mut page) = self.pages.remove(&number) else { continue };
            self.drop_objects(page.sweep(self.now));
            if let Some(old) = list.pages.remove(&number) {
                list.superseded.push(Superseded::Page(old.file));
            }
            if page.entries.is_empty() {
                continue;
            }
            let random = &*self.snapshot.core.place.random;
            let reserved =
                self.reserved.as_ref().and_then(|all| all.pages.get(usize::from(number)));
            let file = match reserved {
                Some(id) => *id,
                None => Hex(random_bytes(random)?),
            };
            let bytes = page.seal(&self.seal_keys, self.generation, number, random)?;
            let (sha256, live) = (Digest::of(&bytes), page.live());
            list.pages.insert(number, PageRef { file, sha256, live });
            sealed.push((file, bytes));
        }
        list.superseded.append(&mut self.superseded);
        Ok((sealed, list))
    }

    fn seal_root(&self, list: &RootList) -> Result<Vec<u8>> {
        let mut header = self.header.clone();
        header.generation = self.generation;
        header.seal(&self.seal_keys, list, &*self.snapshot.core.place.random)
    }

    /// Seals the root and writes it beside the one that is there.
    fn create_root(&self, list: &RootList) -> Result<Vec<u8>> {
        let storage = &*self.snapshot.core.place.storage;
        let root = self.seal_root(list)?;
        storage.remove(names::ROOT_NEXT)?;
        storage.create_new(names::ROOT_NEXT, &root)?;
        Ok(root)
    }

    /// Writes the intent and every new file, and makes them durable; gives the root. Nothing is
    /// visible yet.
    fn write(
        &mut self,
        intent: &Intent,
        pages: &[PageFile],
        list: &mut RootList,
    ) -> Result<Vec<u8>> {
        let core = self.snapshot.core;
        let storage = &*core.place.storage;
        self.guard.set_intent(&to_json(intent)?)?;
        for (id, bytes) in &self.new_objects {
            self.put(*id, bytes)?;
        }
        for (id, bytes) in pages {
            storage.create_new(&names::page(*id), bytes)?;
        }
        let mut root = self.create_root(list)?;
        // All of it is written before any of it is synced: a file system that keeps a journal then
        // writes that once. The order among the syncs does not matter; the rename waits for all.
        if intent.objects.len() + intent.pages.len() > SYNC_EACH {
            return storage.sync_all().map(|()| root);
        }
        if let Some(unrecorded) = journal::sync(&self.snapshot, self.header.epoch, list) {
            self.warnings.push(unrecorded);
            root = self.create_root(list)?;
        }
        if !intent.objects.is_empty() {
            self.snapshot.backend.sync(&intent.objects)?;
        }
        for id in &intent.pages {
            storage.sync_file(&names::page(*id))?;
        }
        if !intent.pages.is_empty() {
            storage.sync_dir(names::INDEX)?;
        }
        storage.sync_file(names::ROOT_NEXT).map(|()| root)
    }
}
