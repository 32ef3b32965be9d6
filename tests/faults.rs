//! Every storage call of every operation fails, alone and with the next: the answer is a typed error, and the vault is
//! as before or as after, never between; an acknowledged change is there.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod operations;

use std::io::ErrorKind;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tresor::fault::{Fault, FaultKind};
use tresor::vault::storage::{LockGuard, LockMode, LogGuard, Storage, UnsafeFile};
use tresor::vault::{
    Actor, BackendKind, ClosedVault, CreateOptions, Place, Random, Result, SystemClock,
    SystemRandom, Vault, VaultError, doctor, rebuild,
};

use operations::{
    OPERATIONS, Operation, apply, fill, key_file, name, state, unlock, with_key, write,
};

/// Fails the calls of some numbers, and lets all others through.
struct Failing {
    inner: Arc<dyn Storage>,
    calls: AtomicUsize,
    fail_at: Range<usize>,
    kind: ErrorKind,
    /// A rename that fails has happened all the same: the answer got lost.
    lying: bool,
    /// Sees each call and its name before it is made: what another process does meanwhile, and whether
    /// it fails for another reason than its number.
    before: Option<Before>,
}

type Before = Box<dyn Fn(&str, &str) -> bool + Send + Sync>;

impl Failing {
    /// One that counts its calls and fails at none.
    fn never(inner: Arc<dyn Storage>) -> Self {
        let (calls, kind) = (AtomicUsize::new(0), ErrorKind::Other);
        Self { inner, calls, fail_at: 0..0, kind, lying: false, before: None }
    }

    fn turn(&self, call: &str, name: &str) -> Result<()> {
        let fails = self.before.as_ref().is_some_and(|before| before(call, name));
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        if !fails && !self.fail_at.contains(&number) {
            return Ok(());
        }
        let path = PathBuf::from(name);
        Err(VaultError::Io { verb: "use", path, source: self.kind.into() })
    }
}

impl Storage for Failing {
    fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>> {
        self.turn("read", name)?;
        self.inner.read(name, limit)
    }
    fn create_new(&self, name: &str, bytes: &[u8]) -> Result<()> {
        if let Err(error) = self.turn("create_new", name) {
            // A full disk leaves a torn file behind.
            self.inner.create_new(name, &bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.inner.create_new(name, bytes)
    }
    fn overwrite(&self, name: &str, bytes: &[u8]) -> Result<()> {
        if let Err(error) = self.turn("overwrite", name) {
            self.inner.overwrite(name, &bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.inner.overwrite(name, bytes)
    }
    fn sync_file(&self, name: &str) -> Result<()> {
        self.turn("sync_file", name)?;
        self.inner.sync_file(name)
    }
    fn sync_dir(&self, dir: &str) -> Result<()> {
        self.turn("sync_dir", dir)?;
        self.inner.sync_dir(dir)
    }
    fn sync_all(&self) -> Result<()> {
        self.turn("sync_all", "")?;
        self.inner.sync_all()
    }
    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let turn = self.turn("rename", to);
        if turn.is_ok() || self.lying {
            self.inner.rename(from, to)?;
        }
        turn
    }
    fn remove(&self, name: &str) -> Result<bool> {
        self.turn("remove", name)?;
        self.inner.remove(name)
    }
    fn list(&self, dir: &str) -> Result<Vec<String>> {
        self.turn("list", dir)?;
        self.inner.list(dir)
    }
    fn make_dir(&self, dir: &str) -> Result<()> {
        self.turn("make_dir", dir)?;
        self.inner.make_dir(dir)
    }
    fn lock(&self, mode: LockMode, wait: Duration) -> Result<Box<dyn LockGuard + '_>> {
        self.turn("lock", "lock")?;
        self.inner.lock(mode, wait)
    }
    fn open_log(&self, name: &str, wait: Duration) -> Result<Box<dyn LogGuard + '_>> {
        self.turn("open_log", name)?;
        Ok(Box::new(FailingLog(self, self.inner.open_log(name, wait)?)))
    }
    fn inspect(&self) -> Result<Vec<UnsafeFile>> {
        self.inner.inspect()
    }
    fn mend(&self, name: &str) -> Result<()> {
        self.inner.mend(name)
    }
    fn path(&self, name: &str) -> PathBuf {
        self.inner.path(name)
    }
}

struct FailingLog<'a>(&'a Failing, Box<dyn LogGuard + 'a>);

impl LogGuard for FailingLog<'_> {
    fn size(&mut self) -> Result<usize> {
        self.0.turn("size", "journal")?;
        self.1.size()
    }
    fn read_at(&mut self, offset: usize, length: usize) -> Result<Vec<u8>> {
        self.0.turn("read_at", "journal")?;
        self.1.read_at(offset, length)
    }
    fn put_at(&mut self, offset: usize, bytes: &[u8]) -> Result<()> {
        if let Err(error) = self.0.turn("put_at", "journal") {
            // The worst: half of it is there, and could not be cut off again.
            self.1.put_at(offset, &bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.1.put_at(offset, bytes)
    }
}

/// A vault in files, in memory.
fn prepare() -> Place {
    let place = Place::in_memory();
    fill(&place, BackendKind::EncryptedFile);
    place
}

/// Runs one operation with those of its calls failing; `false` when it has fewer.
fn run_once(
    what: &str,
    operation: Operation,
    fail_at: Range<usize>,
    kind: ErrorKind,
    lying: bool,
) -> bool {
    let first = fail_at.start;
    let at = format!("{what}, calls {fail_at:?}, {kind}");
    let place = prepare();
    let healthy = unlock(&place).unwrap();
    let before = state(&healthy);
    let files = || ["objects", "index"].map(|dir| place.storage().list(dir).unwrap());
    let files_before = files();
    let once = fail_at.len() == 1;
    let failing = Arc::new(Failing { fail_at, kind, lying, ..Failing::never(place.storage()) });
    // The unlock itself also goes through the failing storage; what it refuses is typed too.
    let result = unlock(&place.clone().with_storage(Arc::clone(&failing) as Arc<dyn Storage>))
        .and_then(|vault| operation(&vault));
    let hit = failing.calls.load(Ordering::SeqCst) > first;

    let after = state(&unlock(&place).unwrap());
    match &result {
        Ok(_) => assert_ne!(after, before, "{at}: acknowledged and lost"),
        Err(VaultError::Uncertain { .. }) => {}
        Err(error) => {
            assert_eq!(after, before, "{at}: refused ({error}) and yet changed");
            let kinds = [FaultKind::Internal, FaultKind::Damaged, FaultKind::Precondition];
            assert!(kinds.contains(&error.kind()), "{at}: {error}");
            // What it had written it takes away itself, as far as it can.
            assert!(!once || files() == files_before, "{at}: {error}");
        }
    }
    // The next writer tidies up, and nothing is left over or wrong.
    let vault = unlock(&place).unwrap();
    apply(&vault, vec![write("global/next", "x")]).unwrap();
    let report = doctor::check(&vault, &mut |_, _| {}).unwrap();
    assert!(!report.has_problems(), "{at}: {report:?}");
    let leftover = report.findings.iter().find(|f| f.message.contains("leftover"));
    assert!(leftover.is_none(), "{at}: {leftover:?}");
    hit
}

/// Runs one operation again and again, the failure moving from its first call to its last.
fn fail_everywhere(what: &str, operation: Operation, calls: usize, lying: bool) {
    // A full disk and an unreadable one take turns: the code must not tell them apart.
    let kinds = [ErrorKind::Other, ErrorKind::StorageFull];
    let mut at = 0;
    while run_once(what, operation, at..at + calls, kinds[at % 2], lying) {
        at += 1;
    }
    assert!(at > 10, "{what} made only {at} calls: is it still instrumented?");
}

#[test]
fn each_failing_call_leaves_the_vault_before_or_after() {
    for (what, operation) in OPERATIONS {
        fail_everywhere(what, operation, 1, false);
    }
}

#[test]
fn failing_calls_in_a_row_leave_the_vault_before_or_after() {
    // The third and fourth are what takes away again what was written.
    for calls in [2, 3, 4] {
        for (what, operation) in OPERATIONS {
            fail_everywhere(what, operation, calls, false);
        }
    }
}

#[test]
fn a_rename_whose_answer_got_lost_is_uncertain_and_never_rolled_back() {
    for (what, operation) in OPERATIONS {
        fail_everywhere(what, operation, 1, true);
        fail_everywhere(what, operation, 2, true);
    }
}

#[test]
fn a_root_that_is_seen_not_to_be_renamed_is_an_error_and_nothing_uncertain() {
    for (what, operation) in OPERATIONS {
        let place = prepare();
        let renames = Some(Box::new(|call: &str, _: &str| call == "rename") as Before);
        let failing = Failing { before: renames, ..Failing::never(place.storage()) };
        let vault = unlock(&place.clone().with_storage(Arc::new(failing))).unwrap();
        let objects = || place.storage().list("objects").unwrap();
        let before = objects();
        assert!(matches!(operation(&vault), Err(VaultError::Io { .. })), "{what}");
        assert_eq!(objects(), before, "{what}");
    }
}

#[test]
fn what_fails_once_it_is_acknowledged_is_a_warning_but_where_something_was_to_be_forgotten() {
    // A rotation goes on after its commit.
    for (what, operation) in OPERATIONS.into_iter().filter(|(what, _)| *what != "rotate") {
        let place = prepare();
        let acknowledged = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&acknowledged);
        // From the call on that brings the root's name to the disk.
        let renamed = AtomicBool::new(false);
        let late = move |call: &str, name: &str| match (call, name) {
            ("rename", "root.json") => {
                renamed.swap(true, Ordering::SeqCst) && noted.load(Ordering::SeqCst)
            }
            ("sync_dir", "") if renamed.load(Ordering::SeqCst) => {
                noted.swap(true, Ordering::SeqCst)
            }
            _ => noted.load(Ordering::SeqCst),
        };
        let before = Some(Box::new(late) as Before);
        let failing = Failing { before, ..Failing::never(place.storage()) };
        let vault = unlock(&place.with_storage(Arc::new(failing))).unwrap();
        let forgets = ["purge", "slot added", "slot replaced", "migrate"].contains(&what);
        match operation(&vault) {
            Ok(()) => assert!(!forgets, "{what}: what was to be forgotten may come back"),
            Err(VaultError::Uncertain { .. }) => assert!(forgets, "{what}: it was acknowledged"),
            Err(error) => panic!("{what}: {error}"),
        }
        assert!(acknowledged.load(Ordering::SeqCst), "{what}");
    }
}

/// A vault on disk that lost its index, and where a new one is to be.
fn damaged(home: &std::path::Path) -> (Place, Place) {
    let place = |name: &str| Place::on_disk(&home.join(name), &home.join("state"));
    let vault = Vault::create(&place("old"), &CreateOptions::new(vec![key_file()])).unwrap();
    apply(&vault, (0..4).map(|n| write(&format!("skill:x/k{n}"), "v")).collect()).unwrap();
    for page in std::fs::read_dir(home.join("old/index")).unwrap() {
        std::fs::remove_file(page.unwrap().path()).unwrap();
    }
    (place("old"), place("new"))
}

/// Rebuilds with those calls on the new place failing; `false` when it makes fewer.
fn rebuild_once(fail_at: Range<usize>, lying: bool) -> bool {
    let (at, killed) = (format!("calls {fail_at:?}"), fail_at.end == usize::MAX);
    let home = tempfile::tempdir().unwrap();
    let (old, new) = damaged(home.path());
    let (first, kind) = (fail_at.start, ErrorKind::StorageFull);
    let failing = Arc::new(Failing { fail_at, kind, lying, ..Failing::never(new.storage()) });
    let into = new.clone().with_storage(Arc::clone(&failing) as Arc<dyn Storage>);
    match with_key(|key| rebuild::rebuild(&old, key, &into, &[], &mut |_, _| {})) {
        Ok(_) | Err(VaultError::Uncertain { .. }) => {
            let vault = unlock(&new).unwrap();
            assert_eq!(
                state(&vault).iter().filter(|line| line.ends_with(" 1 v")).count(),
                4,
                "{at}"
            );
        }
        Err(error) if killed => {
            // Nobody was left to tidy up: what is there is told apart from a vault.
            let found = ClosedVault::open(&new).map(drop).unwrap_err();
            let told = matches!(found, VaultError::NotAVault { .. } | VaultError::NoVault { .. });
            assert!(told, "{at}: {error}, {found}");
        }
        Err(error) => assert!(!home.path().join("new").exists(), "{at}: {error}"),
    }
    failing.calls.load(Ordering::SeqCst) > first
}

#[test]
fn a_rebuild_that_fails_leaves_nothing_and_one_that_is_killed_leaves_no_vault() {
    for (calls, lying) in [(1, false), (1, true), (usize::MAX, false)] {
        let mut at = 0;
        while rebuild_once(at..at.saturating_add(calls), lying) {
            at += 1;
        }
        assert!(at > 15, "it made only {at} calls: is it still instrumented?");
    }
}

/// A reader holds no lock: writers may remove what it is about to read, again and again.
#[test]
fn a_reader_that_writers_overtake_reads_a_whole_state_and_calls_it_no_damage() {
    for overtaken in 1..=3 {
        let place = prepare();
        let writer = unlock(&place).unwrap();
        let left = AtomicUsize::new(overtaken);
        let write_twice = move |_: &str, name: &str| {
            if !name.starts_with("index/") {
                return false;
            }
            let less = |n: usize| n.checked_sub(1);
            if let Ok(n) = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less) {
                let value = format!("overtaken {n}");
                // The second commit removes the page that the first one replaced.
                (0..2).for_each(|_| apply(&writer, vec![write("global/a", &value)]).unwrap());
            }
            false
        };
        let before = Some(Box::new(write_twice) as Before);
        let storage = Failing { before, ..Failing::never(place.storage()) };
        let reader = place.with_storage(Arc::new(storage));
        let vault = unlock(&reader).unwrap();
        let read = vault.view(Actor::Owner).read(&name("global/a")).unwrap();
        assert!(read.value.with(|value| value == b"overtaken 1"), "{overtaken} times");
    }
}

/// Who reads of a failure is told what to do about it, and whether the change may have happened.
#[test]
fn a_failure_of_the_system_says_what_to_do() {
    let io =
        |kind: ErrorKind| VaultError::Io { verb: "write", path: "f".into(), source: kind.into() };
    for (kind, help) in [
        (ErrorKind::StorageFull, "free some space and try again; the vault is as it was"),
        (ErrorKind::QuotaExceeded, "free some space and try again; the vault is as it was"),
        (ErrorKind::PermissionDenied, "check who owns it and its permissions"),
        (ErrorKind::ReadOnlyFilesystem, "the file system is read-only"),
        (ErrorKind::NotFound, "check the path"),
        (ErrorKind::BrokenPipe, ""),
    ] {
        assert_eq!(io(kind).help(), help, "{kind}");
    }
    let uncertain = VaultError::Uncertain { source: ErrorKind::StorageFull.into() };
    assert_eq!(uncertain.kind(), FaultKind::Uncertain);
    assert!(uncertain.help().starts_with("read the secret to see which"), "{}", uncertain.help());
}

/// Randomness that comes to its end.
struct Drained(AtomicUsize);

impl Random for Drained {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        let less = |left: usize| left.checked_sub(1);
        let left = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
        left.map_err(|_| VaultError::NoRandomness)?;
        SystemRandom.fill(bytes)
    }
}

#[test]
fn without_randomness_nothing_is_sealed_and_nothing_is_changed() {
    for (what, operation) in OPERATIONS {
        let mut draws = 0;
        loop {
            let place = prepare();
            let before = state(&unlock(&place).unwrap());
            let random = Arc::new(Drained(AtomicUsize::new(draws)));
            let drained = place.clone().with_world(Arc::new(SystemClock), random);
            let result = unlock(&drained).and_then(|vault| operation(&vault));
            if result.is_ok() {
                break;
            }
            assert!(matches!(result, Err(VaultError::NoRandomness)), "{what}: {result:?}");
            let vault = unlock(&place).unwrap();
            assert_eq!(state(&vault), before, "{what}, after {draws} draws");
            let report = doctor::check(&vault, &mut |_, _| {}).unwrap();
            assert!(!report.has_problems(), "{what}, after {draws} draws: {report:?}");
            draws += 1;
        }
        assert!(draws > 1, "{what} drew nothing");
    }
}
