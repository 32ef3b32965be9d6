#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods)] // another process is told by its environment what to hold

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use super::*;
use crate::vault::error::VaultError;
use crate::vault::permissions::let_everybody_read;
use crate::vault::storage::{DiskStorage, LockMode, Storage};

const WAIT: Duration = Duration::from_millis(50);
const HOLD_THERE: &str = "TRESOR_TEST_HOLDS";

fn storage() -> (tempfile::TempDir, DiskStorage) {
    let home = tempfile::tempdir().unwrap();
    let storage = DiskStorage::new(&home.path().join("vault"));
    storage.make_dir("").unwrap();
    storage.make_dir("index").unwrap();
    (home, storage)
}

/// Opens as a program does that shares nothing, such as a virus scanner.
fn open_alone(path: &Path) -> File {
    OpenOptions::new().read(true).share_mode(0).open(path).unwrap()
}

#[test]
fn what_others_may_read_is_refused_seen_and_mended() {
    let (_home, storage) = storage();
    storage.create_new("index/a", b"page").unwrap();
    for name in ["", "index", "index/a"] {
        let_everybody_read(&storage.path(name));
        let refused = storage.read("index/a", 10).unwrap_err();
        assert!(
            matches!(refused, VaultError::Unsafe { .. } | VaultError::NotAVault { .. }),
            "{refused}"
        );
        let found = storage.inspect().unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].name.as_str(), found[0].mendable), (name, true));
        storage.mend(name).unwrap();
        assert_eq!(storage.inspect().unwrap(), []);
        assert_eq!(storage.read("index/a", 10).unwrap(), b"page");
    }
}

#[test]
fn a_second_name_is_refused_and_not_mended() {
    let (home, storage) = storage();
    storage.create_new("index/a", b"page").unwrap();
    std::fs::hard_link(storage.path("index/a"), home.path().join("second")).unwrap();
    assert!(matches!(storage.read("index/a", 10), Err(VaultError::Unsafe { .. })));
    assert!(!storage.inspect().unwrap()[0].mendable);
    assert!(matches!(storage.mend("index/a"), Err(VaultError::Unsafe { .. })));
}

/// Junctions need no rights. A system that makes none, as Wine before 9, has none to follow.
#[test]
fn a_junction_is_refused_and_leads_nowhere() {
    let (home, storage) = storage();
    let (aside, index) = (home.path().join("aside"), storage.path("index"));
    std::fs::rename(&index, &aside).unwrap();
    Command::new("cmd").args(["/C", "mklink", "/J"]).arg(&index).arg(&aside).output().unwrap();
    if !index.is_symlink() {
        assert!(!index.exists());
        return;
    }
    for refused in [
        storage.create_new("index/a", b"page").unwrap_err(),
        storage.read("index/a", 10).unwrap_err(),
        storage.list("index").unwrap_err(),
        storage.mend("index").unwrap_err(),
    ] {
        assert!(matches!(refused, VaultError::Unsafe { .. }), "{refused}");
    }
    assert!(storage.inspect().unwrap().iter().any(|found| found.name == "index"));
    assert_eq!(std::fs::read_dir(&aside).unwrap().count(), 0);
}

/// Not a test by itself: what the other process runs.
#[test]
fn holds_a_lock_for_another_process() {
    let Some(path) = std::env::var_os(HOLD_THERE) else { return };
    let storage = DiskStorage::new(Path::new(&path));
    let mut guard = storage.lock(LockMode::Exclusive, WAIT).unwrap();
    guard.set_intent(b"an intent").unwrap();
    println!("\nheld");
    let _ = io::stdin().read_line(&mut String::new());
}

/// Gives the other process once it holds the lock, and its output, which is to stay open.
fn holder(storage: &DiskStorage) -> (Child, impl Iterator<Item = io::Result<String>>) {
    let test = "vault::storage::disk::windows::tests::holds_a_lock_for_another_process";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(HOLD_THERE, storage.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().trim() == "held"), "the other process holds nothing");
    (child, lines)
}

#[test]
fn another_process_locks_us_out_until_it_ends_and_hides_nothing() {
    let (_home, storage) = storage();
    for killed in [false, true] {
        let (mut child, output) = holder(&storage);
        for mode in [LockMode::Exclusive, LockMode::Shared] {
            assert!(matches!(storage.lock(mode, WAIT), Err(VaultError::Busy)), "{mode:?}");
        }
        assert_eq!(storage.read("lock", 100).unwrap(), b"an intent");
        match killed {
            true => child.kill().unwrap(),
            false => child.stdin.take().unwrap().write_all(b"\n").unwrap(),
        }
        let mut guard = storage.lock(LockMode::Exclusive, Duration::from_secs(10)).unwrap();
        assert_eq!(guard.intent().unwrap(), b"an intent");
        output.for_each(drop);
        child.wait().unwrap();
    }
}

#[test]
fn shared_locks_go_together_and_not_with_an_exclusive_one() {
    let (_home, storage) = storage();
    let first = storage.lock(LockMode::Shared, WAIT).unwrap();
    let second = storage.lock(LockMode::Shared, WAIT).unwrap();
    assert!(matches!(storage.lock(LockMode::Exclusive, WAIT), Err(VaultError::Busy)));
    drop((first, second));
    storage.lock(LockMode::Exclusive, WAIT).unwrap();
}

#[test]
fn a_file_in_use_is_replaced_and_removed_as_soon_as_it_can_be() {
    let (_home, storage) = storage();
    storage.create_new("root.json", b"old").unwrap();
    storage.create_new("root.next.json", b"new").unwrap();
    let root = storage.path("root.json");
    std::thread::scope(|scope| {
        for take in ["replace", "remove"] {
            let held = open_alone(&root);
            scope.spawn(move || {
                std::thread::sleep(Duration::from_millis(100));
                drop(held);
            });
            match take {
                "replace" => storage.rename("root.next.json", "root.json").unwrap(),
                _ => assert!(storage.remove("root.json").unwrap()),
            }
        }
    });
    assert!(!root.exists());
}

#[test]
fn who_shares_nothing_for_too_long_is_reported() {
    let (_home, storage) = storage();
    storage.create_new("root.json", b"old").unwrap();
    let held = open_alone(&storage.path("root.json"));
    let began = Instant::now();
    assert!(matches!(storage.read("root.json", 10), Err(VaultError::Io { .. })));
    assert!(began.elapsed() >= PATIENCE);
    drop(held);
    assert_eq!(storage.read("root.json", 10).unwrap(), b"old");
}

#[test]
fn readers_neither_stop_a_removal_nor_lose_what_they_read() {
    let (_home, storage) = storage();
    storage.create_new("index/a", b"page").unwrap();
    let (file, _) = storage.open_file("index/a", How::Read).unwrap();
    assert!(storage.remove("index/a").unwrap());
    let mut bytes = [0; 4];
    assert_eq!(read_at(&file, &mut bytes, 0).unwrap(), 4);
    assert_eq!(&bytes, b"page");
    drop(file);
    storage.create_new("index/a", b"again").unwrap();
}

#[test]
fn everything_can_be_synced_and_the_longest_paths_work() {
    let home = tempfile::tempdir().unwrap();
    let deep = ["d".repeat(100), "e".repeat(100), "f".repeat(100)];
    let path: PathBuf = deep.iter().fold(home.path().to_owned(), |path, step| path.join(step));
    crate::vault::permissions::make_private_dirs(&path).unwrap();
    let whole = PathBuf::from(format!(r"\\?\{}", path.display()));
    for storage in [DiskStorage::new(&path), DiskStorage::new(&whole)] {
        storage.make_dir("index").unwrap();
        storage.create_new("index/a", b"page").unwrap();
        storage.create_new("root.next.json", b"root").unwrap();
        storage.rename("root.next.json", "root.json").unwrap();
        storage.sync_all().unwrap();
        storage.sync_file("root.json").unwrap();
        storage.sync_dir("index").unwrap();
        storage.overwrite("root.json", b"x").unwrap();
        assert_eq!(storage.read("root.json", 10).unwrap(), b"x");
        assert_eq!(storage.list("index").unwrap(), ["a"]);
        assert!(storage.remove("index/a").unwrap());
        assert!(!storage.remove("index/a").unwrap());
    }
    sync_directory(home.path()).unwrap();
}
