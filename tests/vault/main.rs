//! The vault as a program that uses the library sees it: stories over a real directory.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods)] // modes are set as another program would

use std::path::{Path, PathBuf};

use tresor::vault::{
    Actor, Change, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot, Place, SecretKind,
    SecretRef, SensitiveBytes, TrashId, Unlock, Vault, VaultError, View, doctor,
};

const KEY: [u8; 32] = [7; 32];

struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn vault_dir(&self) -> PathBuf {
        self.dir.path().join("vault")
    }

    fn place(&self) -> Place {
        Place::on_disk(&self.vault_dir(), &self.dir.path().join("state"))
    }

    fn create(&self) -> Vault {
        let slot = NewSlot::KeyFile(SensitiveBytes::copy_of(&KEY));
        Vault::create(&self.place(), &CreateOptions::new(vec![slot])).unwrap()
    }

    fn open(&self) -> tresor::vault::Result<Vault> {
        let key = SensitiveBytes::copy_of(&KEY);
        ClosedVault::open(&self.place())?.unlock(&Unlock::KeyFile(&key))
    }
}

fn name(text: &str) -> SecretRef {
    text.parse().unwrap()
}

fn value(bytes: impl AsRef<[u8]>) -> SensitiveBytes {
    SensitiveBytes::copy_of(bytes.as_ref())
}

fn set(view: &View, at: &str, bytes: impl AsRef<[u8]>) -> u64 {
    let receipt = view.write(&name(at), value(bytes), MetadataPatch::default(), Expect::Any);
    receipt.unwrap().outcomes[0].revision
}

fn read(view: &View, at: &str) -> Vec<u8> {
    view.read(&name(at)).unwrap().value.with(<[u8]>::to_vec)
}

#[test]
fn what_was_written_is_read_after_opening_again() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    let all_bytes: Vec<u8> = (0..=255).collect();
    for at in ["global/a", "principal:zoë/b", "channel:slack:a:b/c", "skill:x/d", "project:p:dev/e"]
    {
        set(&view, at, &all_bytes);
    }
    let view = home.open().unwrap().view(Actor::Owner);
    assert_eq!(view.list().unwrap().secrets.len(), 5);
    for at in ["global/a", "principal:zoë/b", "channel:slack:a:b/c", "skill:x/d", "project:p:dev/e"]
    {
        assert_eq!(read(&view, at), all_bytes);
    }
}

#[test]
fn a_wrong_key_is_told_from_a_damaged_root() {
    let home = Home::new();
    home.create();
    let closed = ClosedVault::open(&home.place()).unwrap();
    let wrong = value([8; 32]);
    assert!(matches!(closed.unlock(&Unlock::KeyFile(&wrong)), Err(VaultError::WrongKeyFile)));
    let passphrase = value("x");
    let result = closed.unlock(&Unlock::Passphrase(&passphrase));
    assert!(matches!(result, Err(VaultError::NoSuchSlot { .. })));
    let root = home.vault_dir().join("root.json");
    let text = std::fs::read_to_string(&root).unwrap();
    std::fs::write(&root, text.replace("\"epoch\":1", "\"epoch\":2")).unwrap();
    assert!(matches!(home.open(), Err(VaultError::Damaged { .. })));
}

#[test]
fn history_is_kept_and_a_revision_comes_back() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    for n in 1..=14 {
        assert_eq!(set(&view, "global/k", format!("value {n}")), n);
    }
    let history = view.describe(&name("global/k")).unwrap().history;
    let revisions: Vec<u64> = history.iter().map(|info| info.revision).collect();
    assert_eq!(revisions, (4..=14).rev().collect::<Vec<_>>());
    let old = view.read_with(&name("global/k"), Some(4), None).unwrap();
    assert!(old.value.with(|v| v == b"value 4"));
    assert!(matches!(
        view.read_with(&name("global/k"), Some(3), None),
        Err(VaultError::NoRevision { revision: 3, .. })
    ));
    let revert = Change::Revert { name: name("global/k"), revision: 4, expect: Expect::Any };
    view.apply(vec![revert], None).unwrap();
    assert_eq!(read(&view, "global/k"), b"value 4");
    let objects = std::fs::read_dir(home.vault_dir().join("objects")).unwrap().count();
    assert_eq!(objects, 11, "what fell out of the history is removed");
}

#[test]
fn a_writer_that_saw_another_revision_is_refused() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    set(&view, "global/k", "1");
    let write =
        |expect| view.write(&name("global/k"), value("2"), MetadataPatch::default(), expect);
    assert!(matches!(write(Expect::Absent), Err(VaultError::Exists { .. })));
    assert!(matches!(
        write(Expect::Revision(7)),
        Err(VaultError::Changed { expected: 7, actual: 1, .. })
    ));
    write(Expect::Revision(1)).unwrap();
    assert_eq!(read(&view, "global/k"), b"2");
}

#[test]
fn metadata_changes_keep_the_value_and_its_history() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    set(&view, "global/k", "1");
    set(&view, "global/k", "2");
    let patch = MetadataPatch {
        kind: Some(SecretKind::ApiKey),
        username: Some(Some("zoë".into())),
        tags: Some(vec!["b".into(), "a".into(), "b".into()]),
        ..Default::default()
    };
    let edit = Change::Edit { name: name("global/k"), patch, expect: Expect::Revision(2) };
    view.apply(vec![edit], None).unwrap();
    let description = view.describe(&name("global/k")).unwrap();
    assert_eq!(description.metadata.tags, ["a", "b"]);
    assert_eq!(description.metadata.revision, 3);
    let revisions: Vec<u64> = description.history.iter().map(|info| info.revision).collect();
    assert_eq!(revisions, [3, 1]);
    assert_eq!(read(&view, "global/k"), b"2");
}

#[test]
fn a_move_takes_the_history_along_and_reseals_it() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    set(&view, "global/k", "1");
    set(&view, "global/k", "2");
    let change = |from: &str, to: &str| {
        let (from, to) = (name(from), name(to));
        view.apply(vec![Change::Move { from, to, expect: Expect::Any }], None)
    };
    change("global/k", "skill:x/k2").unwrap();
    assert!(matches!(view.read(&name("global/k")), Err(VaultError::NotFound { .. })));
    assert_eq!(read(&view, "skill:x/k2"), b"2");
    let first = view.read_with(&name("skill:x/k2"), Some(1), None).unwrap();
    assert!(first.value.with(|v| v == b"1"));
    set(&view, "global/k", "3");
    assert!(matches!(change("global/k", "skill:x/k2"), Err(VaultError::Exists { .. })));
    assert!(matches!(change("global/none", "global/n"), Err(VaultError::NotFound { .. })));
}

#[test]
fn deleted_secrets_come_back_until_they_are_purged() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    set(&view, "global/k", "1");
    let delete = || {
        let change = Change::Delete { name: name("global/k"), expect: Expect::Any };
        view.apply(vec![change], None).unwrap().outcomes[0].trash.unwrap()
    };
    let first = delete();
    assert!(view.list().unwrap().secrets.is_empty());
    assert_eq!(view.list().unwrap().trash, 1);
    set(&view, "global/k", "2");
    let restore = |id: TrashId| view.apply(vec![Change::Restore { id }], None);
    assert!(matches!(restore(first), Err(VaultError::Exists { .. })));
    let second = delete();
    assert_eq!(view.trash().unwrap().len(), 2);
    restore(first).unwrap();
    assert_eq!(read(&view, "global/k"), b"1");
    view.apply(vec![Change::Purge { id: second }], None).unwrap();
    assert!(view.trash().unwrap().is_empty());
    assert!(matches!(restore(second), Err(VaultError::NotInTrash { .. })));
    let objects = std::fs::read_dir(home.vault_dir().join("objects")).unwrap().count();
    assert_eq!(objects, 1);
}

#[test]
fn a_batch_is_one_commit_or_none() {
    let home = Home::new();
    let vault = home.create();
    let view = vault.view(Actor::Owner);
    let write = |at: &str, expect| Change::Write {
        name: name(at),
        value: value(at),
        patch: MetadataPatch::default(),
        expect,
    };
    let before = vault.generation().unwrap();
    let many: Vec<_> = (0..500).map(|n| write(&format!("global/k{n}"), Expect::Absent)).collect();
    view.apply(many, None).unwrap();
    assert_eq!(vault.generation().unwrap(), before + 1);
    assert_eq!(view.list().unwrap().secrets.len(), 500);
    let failing = vec![write("global/new", Expect::Absent), write("global/k1", Expect::Absent)];
    assert!(matches!(view.apply(failing, None), Err(VaultError::Exists { .. })));
    assert!(view.read(&name("global/new")).is_err());
    let twice = (0..20).map(|_| write("global/twice", Expect::Any)).collect();
    view.apply(twice, None).unwrap();
    assert_eq!(view.describe(&name("global/twice")).unwrap().history.len(), 11);
    let report = doctor::check(&vault, &mut |_, _| {}).unwrap();
    assert!(!report.has_problems(), "{report:?}");
    assert!(!report.findings.iter().any(|f| f.message.contains("leftover")), "{report:?}");
}

#[test]
fn views_see_and_change_only_what_they_may() {
    let home = Home::new();
    let vault = home.create();
    let owner = vault.view(Actor::Owner);
    for at in ["global/g", "skill:a/k", "skill:b/k", "project:p/k", "project:p:dev/k"] {
        set(&owner, at, at);
    }
    let skill = vault.view("skill:a".parse().unwrap());
    let names: Vec<String> =
        skill.list().unwrap().secrets.iter().map(|s| s.name.to_string()).collect();
    assert_eq!(names, ["global/g", "skill:a/k"]);
    assert!(matches!(skill.read(&name("skill:b/k")), Err(VaultError::NotAllowed { .. })));
    assert!(matches!(skill.describe(&name("skill:b/none")), Err(VaultError::NotAllowed { .. })));
    let write = skill.write(&name("global/x"), value("x"), MetadataPatch::default(), Expect::Any);
    assert!(matches!(write, Err(VaultError::NotAllowed { verb: "change", .. })));
    set(&skill, "skill:a/new", "mine");
    let delete = Change::Delete { name: name("skill:b/k"), expect: Expect::Any };
    let trash = owner.apply(vec![delete], None).unwrap().outcomes[0].trash.unwrap();
    assert!(skill.trash().unwrap().is_empty());
    let restore = |view: &View| view.apply(vec![Change::Restore { id: trash }], None);
    assert!(matches!(restore(&skill), Err(VaultError::NotInTrash { .. })));
    let delete = Change::Delete { name: name("global/g"), expect: Expect::Any };
    let global = owner.apply(vec![delete], None).unwrap().outcomes[0].trash.unwrap();
    assert_eq!(skill.trash().unwrap().len(), 1);
    let purge = skill.apply(vec![Change::Purge { id: global }], None);
    assert!(matches!(purge, Err(VaultError::NotAllowed { verb: "change", .. })));
    restore(&owner).unwrap();
}

#[test]
fn locking_locks_every_clone_and_view() {
    let home = Home::new();
    let vault = home.create();
    let view = vault.view(Actor::Owner);
    set(&view, "global/k", "1");
    vault.clone().lock();
    assert!(vault.is_locked());
    assert!(matches!(view.read(&name("global/k")), Err(VaultError::Locked)));
    assert!(matches!(view.list(), Err(VaultError::Locked)));
    let write = view.write(&name("global/k"), value("2"), MetadataPatch::default(), Expect::Any);
    assert!(matches!(write, Err(VaultError::Locked)));
}

#[test]
fn protected_secrets_need_the_passphrase_each_time() {
    let home = Home::new();
    let passphrase = value("correct horse");
    let slots = vec![NewSlot::Passphrase(value("correct horse"))];
    let vault = Vault::create(&home.place(), &CreateOptions::new(slots)).unwrap();
    let view = vault.view(Actor::Owner);
    set(&view, "global/k", "1");
    set(&view, "global/k", "2");
    let protect = |on| {
        let patch = MetadataPatch { protected: Some(on), ..Default::default() };
        vec![Change::Edit { name: name("global/k"), patch, expect: Expect::Any }]
    };
    assert!(matches!(view.apply(protect(true), None), Err(VaultError::Protected { .. })));
    let key = vault.protection_key(&passphrase).unwrap();
    assert!(matches!(vault.protection_key(&value("wrong")), Err(VaultError::WrongPassphrase)));
    view.apply(protect(true), Some(&key)).unwrap();
    assert!(matches!(view.read(&name("global/k")), Err(VaultError::Protected { .. })));
    for revision in [1, 3] {
        let refused = view.read_with(&name("global/k"), Some(revision), None);
        assert!(matches!(refused, Err(VaultError::Protected { .. })));
        assert!(view.read_with(&name("global/k"), Some(revision), Some(&key)).is_ok());
    }
    view.apply(protect(false), Some(&key)).unwrap();
    assert_eq!(read(&view, "global/k"), b"2");
    let key_file_vault = Home::new();
    let other = key_file_vault.create();
    assert!(matches!(other.protection_key(&passphrase), Err(VaultError::CannotProtect)));
}

#[test]
fn values_outside_the_limits_are_refused() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    let write = |bytes: Vec<u8>| {
        view.write(&name("global/k"), value(bytes), MetadataPatch::default(), Expect::Any)
    };
    assert!(matches!(write(vec![]), Err(VaultError::EmptyValue)));
    assert!(matches!(
        write(vec![0; 65_537]),
        Err(VaultError::ValueTooLarge { actual: 65_537, max: 65_536 })
    ));
    write(vec![0; 65_536]).unwrap();
    assert_eq!(read(&view, "global/k").len(), 65_536);
}

fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_dir(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn an_old_copy_put_back_is_refused_until_it_is_accepted() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    set(&view, "global/k", "old");
    let backup = home.dir.path().join("backup");
    copy_dir(&home.vault_dir(), &backup);
    set(&view, "global/k", "new");
    std::fs::remove_dir_all(home.vault_dir()).unwrap();
    copy_dir(&backup, &home.vault_dir());
    assert!(matches!(home.open(), Err(VaultError::RolledBack { .. })));
    let state = home.dir.path().join("state");
    let spelt = Place::on_disk(&state.join("../vault/"), &state);
    assert!(matches!(ClosedVault::open(&spelt), Err(VaultError::RolledBack { .. })));
    assert!(matches!(view.read(&name("global/k")), Err(VaultError::RolledBack { .. })));
    let write = view.write(&name("global/k"), value("x"), MetadataPatch::default(), Expect::Any);
    assert!(matches!(write, Err(VaultError::RolledBack { .. })));
    let key = value(KEY);
    doctor::accept_restore(&home.place(), &Unlock::KeyFile(&key)).unwrap();
    let vault = home.open().unwrap();
    assert_eq!(read(&vault.view(Actor::Owner), "global/k"), b"old");
    set(&vault.view(Actor::Owner), "global/k", "newer");
    assert!(!doctor::check(&vault, &mut |_, _| {}).unwrap().has_problems());
}

#[test]
fn another_vault_in_its_place_is_noticed() {
    let home = Home::new();
    home.create();
    std::fs::remove_dir_all(home.vault_dir()).unwrap();
    let elsewhere = Home::new();
    elsewhere.create();
    copy_dir(&elsewhere.vault_dir(), &home.vault_dir());
    assert!(matches!(home.open(), Err(VaultError::DifferentVault { .. })));
}

#[test]
fn a_lost_root_comes_back_from_its_copy() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    set(&view, "global/k", "1");
    std::fs::remove_file(home.vault_dir().join("root.json")).unwrap();
    assert!(matches!(home.open(), Err(VaultError::Damaged { .. })));
    let key = value(KEY);
    doctor::accept_restore(&home.place(), &Unlock::KeyFile(&key)).unwrap();
    assert_eq!(read(&home.open().unwrap().view(Actor::Owner), "global/k"), b"1");
}

#[test]
fn a_place_that_holds_something_else_is_left_alone() {
    let home = Home::new();
    assert!(matches!(ClosedVault::open(&home.place()), Err(VaultError::NoVault { .. })));
    home.create();
    let slot = || vec![NewSlot::KeyFile(value(KEY))];
    let again = Vault::create(&home.place(), &CreateOptions::new(slot()));
    assert!(matches!(again, Err(VaultError::AlreadyThere { .. })));
    let other = Home::new();
    make_private(&other.vault_dir());
    std::fs::write(other.vault_dir().join("thesis.txt"), "x").unwrap();
    let refused = Vault::create(&other.place(), &CreateOptions::new(slot()));
    assert!(matches!(refused, Err(VaultError::NotAVault { .. })));
    assert!(matches!(other.open(), Err(VaultError::NotAVault { .. })));
    assert!(Vault::create(&home.place(), &CreateOptions::new(Vec::new())).is_err());
}

fn make_private(dir: &Path) {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(dir).unwrap();
}

#[test]
fn a_newer_format_is_named_as_such() {
    let home = Home::new();
    home.create();
    let root = home.vault_dir().join("root.json");
    let text = std::fs::read_to_string(&root).unwrap();
    std::fs::write(&root, text.replace("\"format\":1", "\"format\":2,\"new\":true")).unwrap();
    assert!(matches!(home.open(), Err(VaultError::NewerFormat { found: 2, known: 1 })));
}
