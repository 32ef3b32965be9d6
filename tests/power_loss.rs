//! Power loss behind the storage seam: any subset of what was not yet synced may be gone, and the
//! last write may be torn. What was acknowledged is there, and nothing is half done. Each sync of
//! the commit, taken away, makes this fail.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod told;

use std::collections::{BTreeMap, HashSet};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tresor::vault::backend::{BackendKind, Backends, BlobBackend, Id, Site};
use tresor::vault::storage::{LockGuard, LockMode, LogGuard, Storage, UnsafeFile};
use tresor::vault::{
    Actor, Change, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot, Place, Result,
    SecretRef, SensitiveBytes, Unlock, Vault, VaultError, rebuild,
};

use told::say;

const KEY: [u8; 32] = [7; 32];

/// Up to this many pending operations every subset is tried, else this power of two of samples: 32
/// samples, and 2,048 with TRESOR_LONG.
fn all_subsets() -> usize {
    if std::env::var_os("TRESOR_LONG").is_some() { 11 } else { 5 }
}

/// A change of a directory that a power loss may or may not keep.
#[derive(Clone)]
enum Entry {
    Link { name: String, inode: usize },
    Rename { from: String, to: String },
    Unlink { name: String },
}

impl Entry {
    fn dir(&self) -> &str {
        let (Self::Link { name, .. } | Self::Rename { to: name, .. } | Self::Unlink { name }) =
            self;
        name.rsplit_once('/').map_or("", |(dir, _)| dir)
    }

    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Link { name, inode } => drop(names.insert(name.clone(), *inode)),
            Self::Unlink { name } => drop(names.remove(name)),
            Self::Rename { from, to } => {
                if let Some(inode) = names.remove(from) {
                    names.insert(to.clone(), inode);
                }
            }
        }
    }
}

#[derive(Clone, Default)]
struct Disk {
    /// Contents by inode, and how many bytes of them are on the disk.
    inodes: Vec<(Vec<u8>, usize)>,
    names: BTreeMap<String, usize>,
    durable: BTreeMap<String, usize>,
    pending: Vec<Entry>,
    lock: Vec<u8>,
    /// What the store of the system holds, by vault and id.
    stored: BTreeMap<(Id, Id), Vec<u8>>,
}

impl Disk {
    /// One state that a power loss now may leave: `kept` picks the pending directory changes,
    /// `fate` whether unsynced contents arrived, arrived torn, or not at all.
    fn after_power_loss(&self, kept: u64, fate: usize) -> Self {
        let mut names = self.durable.clone();
        for (bit, entry) in self.pending.iter().enumerate() {
            if kept >> (bit % 64) & 1 == 1 {
                entry.apply(&mut names);
            }
        }
        let torn = |number: usize, (bytes, synced): &(Vec<u8>, usize)| {
            let rest = bytes.len() - synced;
            let arrived = match (fate + number) % 3 {
                0 => rest,
                1 => rest / 2,
                _ => 0,
            };
            (bytes[..synced + arrived].to_vec(), synced + arrived)
        };
        let inodes = self.inodes.iter().enumerate().map(|(n, inode)| torn(n, inode)).collect();
        let lock = self.lock[..self.lock.len() * fate / 2].to_vec();
        let stored = self.stored.clone();
        Self { inodes, durable: names.clone(), names, pending: Vec::new(), lock, stored }
    }

    /// A hash of all that can be read: every file by its name, the lock's words, and what the store holds.
    fn contents(&self) -> [u8; 32] {
        let files =
            self.names.iter().map(|(name, inode)| (name.as_bytes(), &self.inodes[*inode].0));
        let mut hasher = Sha256::new();
        let items = self.stored.iter().map(|((_, id), bytes)| (id.0.as_slice(), bytes));
        for (name, bytes) in files.chain(items).chain([(b"lock".as_slice(), &self.lock)]) {
            for part in [name, bytes] {
                hasher.update(part.len().to_le_bytes());
                hasher.update(part);
            }
        }
        hasher.finalize().into()
    }
}

/// How often the power was lost, and how many different disks that left.
struct Tried {
    ways: usize,
    states: usize,
}

/// The states that were met, each judged once: many ways to lose power end in the same one.
#[derive(Default)]
struct Judged(HashSet<([u8; 32], bool)>);

impl Judged {
    /// Whether this state is new, found before or after the change was acknowledged.
    fn is_new(&mut self, disk: &Disk, acknowledged: bool) -> bool {
        self.0.insert((disk.contents(), acknowledged))
    }
}

/// The disk, its syncs counted; the one numbered `skip` does nothing.
#[derive(Default)]
struct Simulated {
    disk: Mutex<Disk>,
    lock: Mutex<()>,
    log: Mutex<()>,
    syncs: Mutex<usize>,
    skip: Option<usize>,
    /// The disk after each operation.
    moments: Mutex<Vec<Disk>>,
}

impl Simulated {
    fn from(disk: Disk, skip: Option<usize>) -> Self {
        Self { disk: Mutex::new(disk), skip, ..Self::default() }
    }

    /// Whether this sync happens.
    fn syncs(&self) -> bool {
        let mut count = self.syncs.lock().unwrap();
        *count += 1;
        self.skip != Some(*count - 1)
    }

    fn change<R>(&self, change: impl FnOnce(&mut Disk) -> R) -> R {
        let mut disk = self.disk.lock().unwrap();
        let result = change(&mut disk);
        self.moments.lock().unwrap().push(disk.clone());
        result
    }

    fn error(name: &str, kind: ErrorKind) -> VaultError {
        VaultError::Io { verb: "use", path: name.into(), source: kind.into() }
    }

    fn enter(disk: &mut Disk, entry: Entry) {
        entry.apply(&mut disk.names);
        disk.pending.push(entry);
    }
}

impl Storage for Simulated {
    fn read(&self, name: &str, _limit: u64) -> Result<Vec<u8>> {
        let disk = self.disk.lock().unwrap();
        let inode = disk.names.get(name).ok_or_else(|| Self::error(name, ErrorKind::NotFound))?;
        Ok(disk.inodes[*inode].0.clone())
    }
    fn create_new(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.change(|disk| {
            if disk.names.contains_key(name) {
                return Err(Self::error(name, ErrorKind::AlreadyExists));
            }
            disk.inodes.push((bytes.to_vec(), 0));
            let inode = disk.inodes.len() - 1;
            Self::enter(disk, Entry::Link { name: name.into(), inode });
            Ok(())
        })
    }
    fn overwrite(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.change(|disk| {
            disk.inodes.push((bytes.to_vec(), 0));
            let inode = disk.inodes.len() - 1;
            // As good as a new file under the old name: either of them may be what is found.
            Self::enter(disk, Entry::Link { name: name.into(), inode });
        });
        Ok(())
    }
    fn sync_file(&self, name: &str) -> Result<()> {
        if !self.syncs() {
            return Ok(());
        }
        self.change(|disk| {
            let inode =
                disk.names.get(name).ok_or_else(|| Self::error(name, ErrorKind::NotFound))?;
            disk.inodes[*inode].1 = disk.inodes[*inode].0.len();
            Ok(())
        })
    }
    fn sync_dir(&self, dir: &str) -> Result<()> {
        if !self.syncs() {
            return Ok(());
        }
        self.change(|disk| {
            let (done, rest) = std::mem::take(&mut disk.pending)
                .into_iter()
                .partition::<Vec<_>, _>(|entry| entry.dir() == dir);
            done.iter().for_each(|entry| entry.apply(&mut disk.durable));
            disk.pending = rest;
        });
        Ok(())
    }
    fn sync_all(&self) -> Result<()> {
        if !self.syncs() {
            return Ok(());
        }
        self.change(|disk| {
            disk.inodes.iter_mut().for_each(|(bytes, synced)| *synced = bytes.len());
            disk.durable = disk.names.clone();
            disk.pending.clear();
        });
        Ok(())
    }
    fn rename(&self, from: &str, to: &str) -> Result<()> {
        self.change(|disk| {
            if !disk.names.contains_key(from) {
                return Err(Self::error(from, ErrorKind::NotFound));
            }
            Self::enter(disk, Entry::Rename { from: from.into(), to: to.into() });
            Ok(())
        })
    }
    fn remove(&self, name: &str) -> Result<bool> {
        self.change(|disk| {
            let there = disk.names.contains_key(name);
            if there {
                Self::enter(disk, Entry::Unlink { name: name.into() });
            }
            Ok(there)
        })
    }
    fn list(&self, dir: &str) -> Result<Vec<String>> {
        let disk = self.disk.lock().unwrap();
        let inside = |name: &String| match name.rsplit_once('/') {
            Some((parent, file)) => (parent == dir).then(|| file.to_owned()),
            None => dir.is_empty().then(|| name.clone()),
        };
        Ok(disk.names.keys().filter_map(inside).collect())
    }
    fn make_dir(&self, _dir: &str) -> Result<()> {
        Ok(())
    }
    fn lock(&self, _mode: LockMode, _wait: Duration) -> Result<Box<dyn LockGuard + '_>> {
        Ok(Box::new(Held(self, self.lock.lock().unwrap())))
    }
    fn open_log(&self, name: &str, _wait: Duration) -> Result<Box<dyn LogGuard + '_>> {
        let held = self.log.lock().unwrap();
        if !self.disk.lock().unwrap().names.contains_key(name) {
            self.create_new(name, b"")?;
        }
        Ok(Box::new(Log(self, name.to_owned(), held)))
    }
    fn inspect(&self) -> Result<Vec<UnsafeFile>> {
        Ok(Vec::new())
    }
    fn mend(&self, _name: &str) -> Result<()> {
        Ok(())
    }
    fn path(&self, name: &str) -> PathBuf {
        name.into()
    }
}

struct Held<'a>(&'a Simulated, #[expect(dead_code)] std::sync::MutexGuard<'a, ()>);

impl LockGuard for Held<'_> {
    fn intent(&mut self) -> Result<Vec<u8>> {
        Ok(self.0.disk.lock().unwrap().lock.clone())
    }
    fn set_intent(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.change(|disk| disk.lock = bytes.to_vec());
        Ok(())
    }
}

struct Log<'a>(&'a Simulated, String, #[expect(dead_code)] std::sync::MutexGuard<'a, ()>);

impl Log<'_> {
    fn with<R>(&self, use_it: impl FnOnce(&mut (Vec<u8>, usize)) -> R) -> R {
        let mut disk = self.0.disk.lock().unwrap();
        let inode = disk.names[&self.1];
        use_it(&mut disk.inodes[inode])
    }
}

impl LogGuard for Log<'_> {
    fn size(&mut self) -> Result<usize> {
        Ok(self.with(|(bytes, _)| bytes.len()))
    }
    fn read_at(&mut self, offset: usize, length: usize) -> Result<Vec<u8>> {
        Ok(self.with(|(bytes, _)| bytes.iter().skip(offset).take(length).copied().collect()))
    }
    fn put_at(&mut self, offset: usize, bytes: &[u8]) -> Result<()> {
        self.with(|(file, synced)| {
            file.truncate(offset);
            file.extend_from_slice(bytes);
            *synced = offset.min(*synced);
        });
        self.0.change(|_| Ok(()))
    }
}

fn name(text: &str) -> SecretRef {
    text.parse().unwrap()
}

fn write(at: &str, bytes: &str) -> Change {
    let value = SensitiveBytes::copy_of(bytes.as_bytes());
    Change::Write { name: name(at), value, patch: MetadataPatch::default(), expect: Expect::Any }
}

fn over(storage: &Arc<Simulated>) -> Place {
    let place = Place::in_memory().with_storage(Arc::clone(storage) as Arc<dyn Storage>);
    let others = place.backends();
    place.with_backends(Arc::new(WithStore { storage: Arc::clone(storage), others }))
}

/// A store of the system: what it was told it has done, whatever power is lost then.
struct WithStore {
    storage: Arc<Simulated>,
    others: Arc<dyn Backends>,
}

const STORE: BackendKind = BackendKind::LinuxSecretService;

impl Backends for WithStore {
    fn open(&self, kind: BackendKind, site: &Site<'_>) -> Result<Arc<dyn BlobBackend>> {
        match kind {
            STORE => Ok(Arc::new(Stored { storage: Arc::clone(&self.storage), vault: site.vault })),
            kind => self.others.open(kind, site),
        }
    }
}

/// What it holds of one vault.
struct Stored {
    storage: Arc<Simulated>,
    vault: Id,
}

impl BlobBackend for Stored {
    fn put_new(&self, id: Id, bytes: &[u8]) -> Result<()> {
        self.storage.change(|disk| disk.stored.insert((self.vault, id), bytes.to_vec()));
        Ok(())
    }
    fn sync(&self, _new: &[Id]) -> Result<()> {
        Ok(())
    }
    fn get(&self, id: Id) -> Result<Vec<u8>> {
        let found = self.storage.disk.lock().unwrap().stored.get(&(self.vault, id)).cloned();
        found.ok_or_else(|| Simulated::error("an item", ErrorKind::NotFound))
    }
    fn delete(&self, id: Id) -> Result<()> {
        self.storage.change(|disk| disk.stored.remove(&(self.vault, id)));
        Ok(())
    }
    fn list(&self) -> Result<Vec<Id>> {
        let disk = self.storage.disk.lock().unwrap();
        let ours = disk.stored.keys().filter(|(vault, _)| *vault == self.vault);
        Ok(ours.map(|(_, id)| *id).collect())
    }
}

fn unlock(storage: &Arc<Simulated>) -> Result<Vault> {
    let key = SensitiveBytes::copy_of(&KEY);
    ClosedVault::open(&over(storage))?.unlock(&Unlock::KeyFile(&key))
}

/// Everything in the vault with its value and the slots, or why it cannot be read. A power loss never looks as if
/// somebody had been at the journal.
fn state(storage: &Arc<Simulated>) -> Result<Vec<String>> {
    let vault = unlock(storage)?;
    let journal = vault.verify_journal()?;
    if journal.has_problems() {
        let why = format!("{:?}", journal.findings);
        return Err(Simulated::error(&why, ErrorKind::InvalidData));
    }
    let view = vault.view(Actor::Owner);
    let mut all: Vec<_> = vault.slots()?.iter().map(|slot| format!("slot {:?}", slot.id)).collect();
    for secret in view.list()?.secrets {
        for kept in view.describe(&secret.name)?.history {
            let value = view.read_with(&secret.name, Some(kept.revision), None)?.value;
            let value = value.with(<[u8]>::to_vec);
            all.push(format!("{} {} {value:?}", secret.name, kept.revision));
        }
    }
    all.extend(view.trash()?.into_iter().map(|entry| format!("trash {}", entry.summary.name)));
    Ok(all)
}

/// A new vault.
fn made() -> Arc<Simulated> {
    let storage = Arc::new(Simulated::default());
    let slots = vec![NewSlot::KeyFile(SensitiveBytes::copy_of(&KEY))];
    // In files: that is what a power loss takes.
    Vault::create(&over(&storage), &CreateOptions::new(slots)).unwrap();
    storage
}

fn prepared() -> Disk {
    let storage = made();
    let view = unlock(&storage).unwrap().view(Actor::Owner);
    view.apply(vec![write("global/a", "1"), write("global/b", "1")], None).unwrap();
    view.apply(vec![write("global/a", "2"), write("global/gone", "1")], None).unwrap();
    let delete = Change::Delete { name: name("global/gone"), expect: Expect::Any };
    view.apply(vec![delete], None).unwrap();
    storage.sync_all().unwrap();
    storage.disk.lock().unwrap().clone()
}

/// Which subsets of `pending` operations to keep, each with every fate of unsynced contents.
fn subsets(pending: usize) -> impl Iterator<Item = (u64, usize)> {
    let most = all_subsets();
    let all = 1_u64 << pending.min(most);
    // Beyond that a multiplicative hash (Knuth, TAOCP 3, 6.4) spreads the samples.
    let subset = move |n: u64| match pending <= most {
        true => n,
        false => n.wrapping_mul(0x9e37_79b9_7f4a_7c15),
    };
    (0..all).flat_map(move |n| (0..3).map(move |fate| (subset(n), fate)))
}

/// Runs a batch with every power loss during and after it; gives the states tried, or a violation.
fn survive(
    start: &Disk,
    skip: Option<usize>,
    (what, operation): (&str, Operation),
) -> std::result::Result<Tried, String> {
    let before = state(&Arc::new(Simulated::from(start.clone(), None))).unwrap();
    let storage = Arc::new(Simulated::from(start.clone(), skip));
    operation(&unlock(&storage).unwrap()).unwrap();
    let moments = std::mem::take(&mut *storage.moments.lock().unwrap());
    let after = state(&storage).unwrap();
    // The rename and the sync of its directory are the commit point; what follows is tidying up.
    let (mut tried, mut judged) = (0, Judged::default());
    let mut acknowledged = false;
    for (number, moment) in moments.iter().enumerate() {
        let root_pending = moment
            .pending
            .iter()
            .any(|e| matches!(e, Entry::Rename { to, .. } if to == "root.json"));
        let renamed = moment.names.get("root.json") != start.names.get("root.json");
        acknowledged |= renamed && !root_pending;
        for (kept, fate) in subsets(moment.pending.len()) {
            tried += 1;
            let lost = moment.after_power_loss(kept, fate);
            if !judged.is_new(&lost, acknowledged) {
                continue;
            }
            let lost = Arc::new(Simulated::from(lost, None));
            let at = format!("moment {number} of {}, kept {kept:b}, fate {fate}", moments.len());
            match state(&lost) {
                Ok(now) if now == after => {}
                Ok(now) if now == before && !acknowledged => {}
                Ok(_) => return Err(format!("{at}: neither before nor after")),
                Err(error) => return Err(format!("{at}: {error}")),
            }
            let view = unlock(&lost).unwrap().view(Actor::Owner);
            if let Err(error) = view.apply(vec![write("global/next", "x")], None) {
                return Err(format!("{at}: the next write: {error}"));
            }
        }
    }
    // At the end of all, an acknowledged change is there whatever else is lost.
    let last = moments.last().unwrap();
    for (kept, fate) in subsets(last.pending.len()) {
        let lost = Arc::new(Simulated::from(last.after_power_loss(kept, fate), None));
        if state(&lost).ok().as_ref() != Some(&after) {
            return Err(format!("acknowledged and lost, kept {kept:b}, fate {fate}"));
        }
        if FORGET.contains(&what) && remembers(start, last, &lost.disk.lock().unwrap()) {
            return Err(format!("what was forgotten is back, kept {kept:b}, fate {fate}"));
        }
    }
    Ok(Tried { ways: tried, states: judged.0.len() })
}

/// Operations after which nothing of before may be found.
const FORGET: [&str; 3] = ["purge", "slot replaced", "rotate"];

/// Whether a file that was removed is there after all, or a root of before.
fn remembers(start: &Disk, end: &Disk, lost: &Disk) -> bool {
    let mut removed = start.names.keys().filter(|name| !end.names.contains_key(*name));
    let old_root = &start.inodes[start.names["root.json"]].0;
    removed.any(|name| lost.names.contains_key(name))
        || lost.names.values().any(|inode| lost.inodes[*inode].0 == *old_root)
}

type Operation = fn(&Vault) -> Result<()>;

fn apply(vault: &Vault, changes: Vec<Change>) -> Result<()> {
    vault.view(Actor::Owner).apply(changes, None).map(drop)
}

fn key_file() -> NewSlot {
    NewSlot::KeyFile(SensitiveBytes::copy_of(&KEY))
}

const OPERATIONS: [(&str, Operation); 8] = [
    ("put", |vault| apply(vault, vec![write("global/new", "n")])),
    ("update", |vault| apply(vault, vec![write("global/a", "3")])),
    ("move", |vault| {
        let (from, to) = (name("global/a"), name("skill:x/a"));
        apply(vault, vec![Change::Move { from, to, expect: Expect::Any }])
    }),
    ("delete", |vault| {
        apply(vault, vec![Change::Delete { name: name("global/b"), expect: Expect::Any }])
    }),
    ("import", |vault| {
        apply(vault, (0..12).map(|n| write(&format!("skill:x/k{n}"), "v")).collect())
    }),
    ("purge", |vault| {
        let id = vault.view(Actor::Owner).trash()?[0].id;
        apply(vault, vec![Change::Purge { id }])
    }),
    ("slot replaced", |vault| {
        let old = vault.slots()?[0].id.unwrap();
        vault.change_slots(&[key_file()], &[old], None).map(drop)
    }),
    ("rotate", |vault| vault.rotate(&[key_file()], None, &mut |_, _| {}).map(drop)),
];

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_half_done() {
    let start = prepared();
    let (mut all, mut different) = (0, 0);
    for (what, operation) in OPERATIONS {
        let tried =
            survive(&start, None, (what, operation)).unwrap_or_else(|why| panic!("{what}: {why}"));
        assert!(tried.ways > 50, "{what}: lost only {} times", tried.ways);
        (all, different) = (all + tried.ways, different + tried.states);
    }
    say(&format!("{all} power losses, {different} different states"));
    assert!(all_subsets() == 5 || all >= 100_000, "only {all} states");
}

#[test]
fn every_sync_of_the_commit_is_needed() {
    let start = prepared();
    for (what, operation) in OPERATIONS {
        let storage = Arc::new(Simulated::from(start.clone(), None));
        operation(&unlock(&storage).unwrap()).unwrap();
        let syncs = *storage.syncs.lock().unwrap();
        assert!(syncs >= 2, "{what} syncs only {syncs} times");
        for skip in 0..syncs {
            let without = survive(&start, Some(skip), (what, operation));
            assert!(without.is_err(), "{what}: sync {skip} of {syncs} can be left out unnoticed");
        }
    }
}

#[test]
fn a_vault_without_a_journal_gets_one_that_survives() {
    // As one that was made before there were journals: its root pins nothing.
    let fresh = made();
    fresh.remove("journal/1.log").unwrap();
    fresh.sync_all().unwrap();
    let start = fresh.disk.lock().unwrap().clone();
    survive(&start, None, OPERATIONS[0]).unwrap();
    let storage = Arc::new(Simulated::from(start.clone(), None));
    drop(unlock(&storage).unwrap());
    let syncs = *storage.syncs.lock().unwrap();
    assert!(syncs > 0);
    for skip in 0..syncs {
        assert!(survive(&start, Some(skip), OPERATIONS[0]).is_err(), "sync {skip} is not needed");
    }
}

/// A vault whose journal is shortened by the next 2,000 reads.
fn nearly_full() -> Disk {
    let storage = Arc::new(Simulated::from(prepared(), None));
    let view = unlock(&storage).unwrap().view(Actor::Owner);
    let many = vec![name("global/b"); 1_000];
    while storage.read("journal/1.log", u64::MAX).unwrap().len() < 4_000_000 {
        view.read_all(&many, None).unwrap();
    }
    storage.sync_all().unwrap();
    storage.disk.lock().unwrap().clone()
}

/// Whether every power loss now leaves a vault that can be read, its journal whole.
fn survives(storage: &Simulated) -> bool {
    let now = storage.disk.lock().unwrap().clone();
    subsets(now.pending.len()).all(|(kept, fate)| {
        state(&Arc::new(Simulated::from(now.after_power_loss(kept, fate), None))).is_ok()
    })
}

#[test]
fn a_journal_that_was_shortened_survives() {
    let start = nearly_full();
    let run = |skip| {
        let storage = Arc::new(Simulated::from(start.clone(), skip));
        let view = unlock(&storage).unwrap().view(Actor::Owner);
        let many = vec![name("global/b"); 2_000];
        view.read_all(&many, None).unwrap();
        let syncs = *storage.syncs.lock().unwrap();
        let early = survives(&storage);
        view.apply(vec![write("global/a", "3")], None).unwrap();
        (syncs, early && survives(&storage))
    };
    let (syncs, survived) = run(None);
    assert!(survived);
    assert_eq!(syncs, 2, "the new file and its name");
    for skip in 0..syncs {
        assert!(!run(Some(skip)).1, "sync {skip} of {syncs} can be left out unnoticed");
    }
}

/// Rebuilds into an empty disk with every power loss during and after it; gives the states tried, or a violation.
fn survive_rebuild(
    old: &Arc<Simulated>,
    skip: Option<usize>,
) -> std::result::Result<Tried, String> {
    let whole = state(old).unwrap();
    let new = Arc::new(Simulated::from(Disk::default(), skip));
    let key = SensitiveBytes::copy_of(&KEY);
    rebuild::rebuild(&over(old), &Unlock::KeyFile(&key), &over(&new), &[], &mut |_, _| {}).unwrap();
    let moments = std::mem::take(&mut *new.moments.lock().unwrap());
    let (mut tried, mut judged) = (0, Judged::default());
    for (number, moment) in moments.iter().enumerate() {
        let acknowledged = number + 1 == moments.len();
        for (kept, fate) in subsets(moment.pending.len()) {
            tried += 1;
            let lost = moment.after_power_loss(kept, fate);
            if !judged.is_new(&lost, acknowledged) {
                continue;
            }
            let lost = Arc::new(Simulated::from(lost, None));
            let at = format!("moment {number} of {}, kept {kept:b}, fate {fate}", moments.len());
            match state(&lost) {
                Ok(now) if now == whole => {}
                Ok(_) => return Err(format!("{at}: half a vault")),
                // No root, no vault: but whatever is there says so, and the next one clears it.
                Err(_)
                    if !lost.disk.lock().unwrap().names.contains_key("root.json")
                        && !acknowledged =>
                {
                    // A marker alone may be torn: there is nothing else to lose.
                    let begun = ["lock", "backend.kind"];
                    let is_empty =
                        lost.disk.lock().unwrap().names.keys().all(|name| begun.contains(&&**name));
                    let marker = lost.read("backend.kind", 256);
                    if !is_empty && !marker.is_ok_and(|marker| marker.starts_with(b"unfinished")) {
                        return Err(format!("{at}: what was begun does not say so"));
                    }
                }
                Err(error) => return Err(format!("{at}: {error}")),
            }
        }
    }
    Ok(Tried { ways: tried, states: judged.0.len() })
}

#[test]
fn a_rebuilt_vault_is_whole_and_durable_or_none_and_each_of_its_syncs_is_needed() {
    let old = Arc::new(Simulated::from(prepared(), None));
    let tried = survive_rebuild(&old, None).unwrap_or_else(|why| panic!("{why}"));
    assert!(tried.ways > 50, "lost only {} times", tried.ways);
    // Those of the marker and its name, of everything, and of the name of the root.
    for skip in 0..4 {
        assert!(
            survive_rebuild(&old, Some(skip)).is_err(),
            "sync {skip} can be left out unnoticed"
        );
    }
}

/// Moves to a store and back: each envelope can be read at every moment, wherever the root that is left says it is.
#[test]
fn a_move_between_backends_loses_nothing() {
    let to_store: Operation = |vault| vault.migrate(STORE, &mut |_, _| {}).map(drop);
    let to_files: Operation =
        |vault| vault.migrate(BackendKind::EncryptedFile, &mut |_, _| {}).map(drop);
    let in_files = prepared();
    let in_store = {
        let storage = Arc::new(Simulated::from(in_files.clone(), None));
        to_store(&unlock(&storage).unwrap()).unwrap();
        storage.sync_all().unwrap();
        storage.disk.lock().unwrap().clone()
    };
    for (what, start, operation) in [("there", in_files, to_store), ("back", in_store, to_files)] {
        let tried =
            survive(&start, None, (what, operation)).unwrap_or_else(|why| panic!("{what}: {why}"));
        assert!(tried.ways > 50, "{what}: lost only {} times", tried.ways);
        let storage = Arc::new(Simulated::from(start.clone(), None));
        operation(&unlock(&storage).unwrap()).unwrap();
        let syncs = *storage.syncs.lock().unwrap();
        let needed = |skip: &usize| survive(&start, Some(*skip), (what, operation)).is_err();
        let needed: Vec<usize> = (0..syncs).filter(needed).collect();
        say(&format!(
            "{what}: {} power losses; of {syncs} syncs are needed {needed:?}",
            tried.ways
        ));
        assert!(needed.len() >= 2, "{what}: hardly a sync is needed");
    }
}
