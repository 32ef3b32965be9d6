//! What is recorded, by the program and by the library, and who gets to see it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tresor::vault::journal::Action;
use tresor::vault::storage::{LockGuard, LockMode, LogGuard, Storage, UnsafeFile};
use tresor::vault::{BackendKind, Purpose, Result, VaultError};

use super::private::copy_private;
use super::*;

/// `log --json` without the unlocks, oldest first, as `actor action name revision`.
fn log(home: &Home) -> Vec<String> {
    let printed = home.ok(&["log", "--json"], "");
    let mut lines: Vec<String> = printed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|entry| entry["action"] != "unlock")
        .map(|entry| {
            let text = |field: &str| entry[field].as_str().unwrap_or("-").to_owned();
            let revision = entry["revision"].as_u64().unwrap_or_default();
            let (actor, action) = (text("actor"), text("action"));
            format!("{actor} {action} {}/{} {revision}", text("scope"), text("key"))
        })
        .collect();
    lines.reverse();
    lines
}

#[test]
fn every_command_that_touches_a_value_is_recorded() {
    let home = Home::new();
    home.ok(&["set", "global/a"], "one");
    home.ok(&["set", "global/a"], "two");
    home.ok(&["read", "global/a"], "");
    home.ok(&["read", "global/a", "--revision", "1"], "");
    home.ok(&["get", "global/a", "--reveal"], "");
    home.ok(&["set", "skill:x/b", "--note", "n"], "b");
    home.ok(&["run", "--env", "A=global/a", "--env", "B=skill:x/b", "--", "/bin/true"], "");
    home.ok(&["read", "skill:x/b", "--as", "skill:x"], "");
    home.ok(&["meta", "global/a", "--note", "n"], "");
    home.ok(&["restore", "global/a", "--revision", "1"], "");
    home.ok(&["move", "global/a", "skill:x/a"], "");
    home.ok(&["delete", "skill:x/a"], "");
    home.ok(&["restore", "skill:x/a"], "");
    home.ok(&["delete", "skill:x/a"], "");
    home.ok(&["purge", "skill:x/a", "--yes"], "");
    // No clipboard is here: the value was read for it all the same.
    assert_eq!(home.run(&["copy", "skill:x/b"], "").status.code(), Some(4));
    assert_eq!(
        log(&home),
        [
            "owner create -/- 0",
            "owner write global/a 1",
            "owner write global/a 2",
            "owner read global/a 2",
            "owner read global/a 1",
            "owner reveal global/a 2",
            "owner write skill:x/b 1",
            "owner run global/a 2",
            "owner run skill:x/b 1",
            "skill:x read skill:x/b 1",
            "owner meta global/a 3",
            "owner revert global/a 4",
            "owner move skill:x/a 5",
            "owner delete skill:x/a 5",
            "owner restore skill:x/a 5",
            "owner delete skill:x/a 5",
            "owner purge skill:x/a 5",
            "owner copy skill:x/b 1",
        ]
    );
    let found = home.open().verify_journal().unwrap();
    assert!(found.findings.is_empty(), "{:?}", found.findings);
}

#[test]
fn what_hands_out_no_value_is_not_recorded() {
    let home = Home::new();
    home.ok(&["set", "global/a", "--note", "n"], "one");
    let before = log(&home);
    home.ok(&["get", "global/a"], "");
    home.ok(&["list"], "");
    home.ok(&["find", "a"], "");
    home.ok(&["history", "global/a"], "");
    home.ok(&["trash"], "");
    home.ok(&["read", "global/a", "--field", "note"], "");
    home.ok(&["doctor"], "");
    assert_eq!(home.run(&["read", "global/none"], "").status.code(), Some(8));
    assert_eq!(home.run(&["read", "skill:x/a", "--as", "skill:y"], "").status.code(), Some(6));
    assert_eq!(log(&home), before);
}

#[test]
fn a_profile_is_recorded_by_its_name_and_taken_for_no_secret_of_that_name() {
    let home = Home::new();
    home.ok(&["set", "skill:x/a"], "one");
    let (id, expect) = ("a".parse().unwrap(), Expect::Any);
    let (owner, body) = ("skill:x".parse().unwrap(), b"what it says".to_vec());
    let put = Change::PutRecord { id, owner, body, expect };
    let order = Change::OrderRecords { ids: vec!["a".parse().unwrap()] };
    let remove = Change::RemoveRecord { id: "a".parse().unwrap(), expect };
    home.open().view(Actor::Owner).apply(vec![put, order, remove], None).unwrap();
    assert_eq!(
        log(&home)[2..],
        [
            "owner profile skill:x/a 1",
            "owner profile-order skill:x/a 1",
            "owner profile-remove skill:x/a 1",
        ]
    );
    assert!(home.ok(&["log"], "").contains("profile-remove"));
    let of_secret = home.ok(&["log", "--secret", "skill:x/a"], "");
    assert!(of_secret.contains("write") && !of_secret.contains("profile"), "{of_secret}");
}

#[test]
fn an_unlock_is_recorded_with_its_slot_and_a_failed_one_is_not() {
    let home = Home::new();
    let entries = home.open().view(Actor::Owner).journal().unwrap().entries;
    assert_eq!(entries[0].action, Action::Unlock);
    assert_eq!(entries[0].detail.as_deref(), Some("key_file"));
    let wrong = SensitiveBytes::copy_of(&[8; 32]);
    let closed = ClosedVault::open(&home.place()).unwrap();
    assert!(closed.unlock(&Unlock::KeyFile(&wrong)).is_err());
    assert_eq!(told(&home.open()), ["create", "unlock", "unlock"]);
}

#[test]
fn reads_carry_their_purpose_and_several_are_one_state() {
    let home = Home::new();
    let vault = home.open();
    put(&vault, "global/a", "1");
    put(&vault, "global/b", "2");
    let view = vault.view(Actor::Owner);
    use Purpose::{Compare, Copy, Edit, Export, Read, Reveal, Run};
    for purpose in [Read, Reveal, Copy, Edit, Run, Export, Compare] {
        view.for_purpose(purpose).read(&name("global/a")).unwrap();
    }
    let both = [name("global/b"), name("global/a")];
    let secrets = view.for_purpose(Run).read_all(&both, None).unwrap();
    let values: Vec<_> = secrets.iter().map(|secret| secret.value.with(<[u8]>::to_vec)).collect();
    assert_eq!(values, [b"2", b"1"]);
    let words: Vec<String> = told(&vault).split_off(4);
    assert_eq!(
        words,
        ["read", "reveal", "copy", "edit", "run", "export", "compare", "run", "run"]
            .iter()
            .enumerate()
            .map(|(at, word)| format!("{word} global/{}", if at == 7 { "b" } else { "a" }))
            .collect::<Vec<_>>()
    );
    // All or none: nothing was handed out, so nothing is recorded.
    let missing = [name("global/a"), name("global/none")];
    assert!(view.read_all(&missing, None).is_err());
    assert_eq!(told(&vault).len(), 4 + 9);
}

#[test]
fn a_comparison_of_many_is_one_record_that_counts_them() {
    let home = Home::new();
    let vault = home.open();
    let names: Vec<_> = (0..17).map(|at| name(&format!("global/k{at}"))).collect();
    names.iter().for_each(|name| put(&vault, &name.to_string(), "value"));
    let view = vault.view(Actor::Owner).for_purpose(Purpose::Compare);
    let before = told(&vault).len();
    view.read_all(&names[..16], None).unwrap();
    assert_eq!(told(&vault).len(), before + 16);
    view.read_all(&names, None).unwrap();
    let entries = view.journal().unwrap().entries;
    assert_eq!(entries.len(), before + 17);
    assert_eq!((&entries[0].action, &entries[0].name), (&Action::Compare, &None));
    assert_eq!(entries[0].detail.as_deref(), Some("17 values"));
    // Values that go out are named, however many.
    view.for_purpose(Purpose::Run).read_all(&names, None).unwrap();
    assert_eq!(told(&vault).len(), before + 17 + 17);
}

#[test]
fn an_actor_sees_only_what_is_its_own_and_nothing_of_the_vault() {
    let home = Home::new();
    let vault = home.open();
    let batch = ["global/a", "skill:x/b", "skill:y/c"].map(|at| write(at, "v"));
    vault.view(Actor::Owner).apply(batch.into(), None).unwrap();
    let y: Actor = "skill:y".parse().unwrap();
    vault.view(y).read(&name("global/a")).unwrap();
    let x = vault.view("skill:x".parse().unwrap());
    let entries = x.journal().unwrap().entries;
    let lines: Vec<String> = entries.iter().rev().map(line).collect();
    assert_eq!(lines, ["write global/a", "write skill:x/b", "read global/a"]);
    assert_eq!(entries[0].actor, None, "who it was is not for skill:x to know");
    let printed = home.ok(&["log", "--as", "skill:x", "--json"], "");
    assert!(!printed.contains("skill:y") && !printed.contains("unlock"), "{printed}");
    let refused = home.run(&["log", "--as", "skill:x", "--secret", "skill:y/c"], "");
    assert_eq!(refused.status.code(), Some(6));
    assert_eq!(home.run(&["log", "--as", "skill:x", "--verify"], "").status.code(), Some(6));
}

#[test]
fn a_vault_without_a_journal_gets_one() {
    let home = Home::new();
    put(&home.open(), "global/a", "one");
    // As a vault that was made before there were journals: no pin, no directory.
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1-key-file");
    let vault = home.path().join("vault");
    std::fs::remove_dir_all(&vault).unwrap();
    std::fs::remove_dir_all(home.path().join("state")).unwrap();
    copy_private(&golden, &vault);
    let key = std::fs::read(golden.with_extension("key")).unwrap();
    let closed = ClosedVault::open(&home.place()).unwrap();
    let vault = closed.unlock(&Unlock::KeyFile(&SensitiveBytes::new(key))).unwrap();
    assert_eq!(read(&vault, "global/full"), "second");
    let found = vault.verify_journal().unwrap();
    assert_eq!((found.records, found.pinned, found.findings.len()), (2, None, 0));
    put(&vault, "global/new", "x");
    assert_eq!(vault.verify_journal().unwrap().pinned, Some(3));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(home.log().parent().unwrap()), mode(&home.log())), (0o700, 0o600));
}

/// Refuses to make new roots, as a full disk does.
struct NoRoots(Arc<dyn Storage>);

impl Storage for NoRoots {
    fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>> {
        self.0.read(name, limit)
    }
    fn create_new(&self, name: &str, bytes: &[u8]) -> Result<()> {
        match name {
            "root.next.json" => Err(VaultError::Io {
                verb: "write",
                path: name.into(),
                source: std::io::ErrorKind::StorageFull.into(),
            }),
            name => self.0.create_new(name, bytes),
        }
    }
    fn overwrite(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.0.overwrite(name, bytes)
    }
    fn sync_file(&self, name: &str) -> Result<()> {
        self.0.sync_file(name)
    }
    fn sync_dir(&self, dir: &str) -> Result<()> {
        self.0.sync_dir(dir)
    }
    fn sync_all(&self) -> Result<()> {
        self.0.sync_all()
    }
    fn rename(&self, from: &str, to: &str) -> Result<()> {
        self.0.rename(from, to)
    }
    fn remove(&self, name: &str) -> Result<bool> {
        self.0.remove(name)
    }
    fn list(&self, dir: &str) -> Result<Vec<String>> {
        self.0.list(dir)
    }
    fn make_dir(&self, dir: &str) -> Result<()> {
        self.0.make_dir(dir)
    }
    fn lock(&self, mode: LockMode, wait: Duration) -> Result<Box<dyn LockGuard + '_>> {
        self.0.lock(mode, wait)
    }
    fn open_log(&self, name: &str, wait: Duration) -> Result<Box<dyn LogGuard + '_>> {
        self.0.open_log(name, wait)
    }
    fn inspect(&self) -> Result<Vec<UnsafeFile>> {
        self.0.inspect()
    }
    fn mend(&self, name: &str) -> Result<()> {
        self.0.mend(name)
    }
    fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }
}

#[test]
fn a_change_that_could_not_be_saved_is_told_as_such() {
    let place = Place::in_memory();
    let slots = vec![NewSlot::KeyFile(SensitiveBytes::copy_of(&KEY))];
    let options = CreateOptions { backend: BackendKind::Memory, ..CreateOptions::new(slots) };
    Vault::create(&place, &options).unwrap();
    let full = unlock(&place.clone().with_storage(Arc::new(NoRoots(place.storage()))));
    let refused = full.view(Actor::Owner).apply(vec![write("global/a", "1")], None);
    assert!(refused.is_err());
    let vault = unlock(&place);
    put(&vault, "global/b", "2");
    let entries = vault.view(Actor::Owner).journal().unwrap().entries;
    let changes = entries.iter().rev().filter(|entry| entry.name.is_some());
    let saved: Vec<_> = changes.map(|entry| (line(entry), entry.saved)).collect();
    let expected = [("write global/a", Some(false)), ("write global/b", Some(true))];
    assert_eq!(saved, expected.map(|(line, saved)| (line.to_owned(), saved)));
    let found = vault.verify_journal().unwrap();
    assert!(found.findings.is_empty(), "{:?}", found.findings);
}
