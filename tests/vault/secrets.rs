//! Stories of secrets: written, changed, moved, deleted, seen by actors, locked.

use std::sync::mpsc;
use std::time::Duration;

use tresor::vault::storage::LockMode;
use tresor::vault::{
    Actor, Change, ClosedVault, Expect, MetadataPatch, NewSlot, SecretKind, TrashId, Unlock, Vault,
    VaultError, View, doctor,
};

use super::{Home, kept, name, read, set, value};

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
    let objects = kept::envelopes(&home.place(), &home.open().unwrap()).len();
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
    let delete = Change::Delete { name: name("global/k"), expect: Expect::Any };
    view.apply(vec![delete], None).unwrap();
    // What was deleted meanwhile is not made anew behind the back of who deleted it.
    assert!(matches!(write(Expect::Revision(2)), Err(VaultError::NotFound { .. })));
    assert!(view.list().unwrap().secrets.is_empty());
}

#[test]
fn a_secret_made_anew_is_not_taken_for_the_one_that_was_seen() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    let seen = set(&view, "global/k", "seen");
    let delete = Change::Delete { name: name("global/k"), expect: Expect::Revision(seen) };
    view.apply(vec![delete], None).unwrap();
    assert_eq!(set(&view, "global/k", "another"), seen + 1);
    let expect = Expect::Revision(seen);
    let write = view.write(&name("global/k"), value("stale"), MetadataPatch::default(), expect);
    assert!(matches!(write, Err(VaultError::Changed { expected: 1, actual: 2, .. })));
    // A move onto the name of a deleted one counts on as well.
    set(&view, "global/other", "1");
    let delete = Change::Delete { name: name("global/k"), expect: Expect::Any };
    let (from, to) = (name("global/other"), name("global/k"));
    let rename = Change::Move { from, to, expect: Expect::Any };
    let receipt = view.apply(vec![delete, rename], None).unwrap();
    assert_eq!(receipt.outcomes[1].revision, 3);
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
    let objects = kept::envelopes(&home.place(), &home.open().unwrap()).len();
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
    assert!(!vault.is_locked());
    vault.clone().lock();
    assert!(vault.is_locked());
    assert!(matches!(view.read(&name("global/k")), Err(VaultError::Locked)));
    assert!(matches!(view.list(), Err(VaultError::Locked)));
    let write = view.write(&name("global/k"), value("2"), MetadataPatch::default(), Expect::Any);
    assert!(matches!(write, Err(VaultError::Locked)));
}

#[test]
fn a_lock_does_not_wait_for_a_writer_that_waits_for_another_process() {
    let home = Home::new();
    let vault = home.create();
    let view = vault.view(Actor::Owner);
    set(&view, "global/k", "1");
    // Opened apart, as by another process: flock knows files, not threads.
    let other = home.place().storage();
    let other = other.lock(LockMode::Exclusive, Duration::ZERO).unwrap();
    let (started, starts) = mpsc::channel();
    let writer = std::thread::spawn(move || {
        started.send(()).unwrap();
        view.write(&name("global/k"), value("2"), MetadataPatch::default(), Expect::Any).map(drop)
    });
    starts.recv().unwrap();
    vault.lock();
    assert!(vault.is_locked(), "while the other process still holds its lock");
    assert!(!writer.is_finished());
    drop(other);
    assert!(matches!(writer.join().unwrap(), Err(VaultError::Locked)));
    assert_eq!(read(&home.open().unwrap().view(Actor::Owner), "global/k"), b"1");
}

#[test]
fn protected_secrets_need_the_passphrase_each_time() {
    let home = Home::new();
    let passphrase = value("correct horse");
    let slots = vec![NewSlot::Passphrase(value("correct horse"))];
    let vault = Vault::create(&home.place(), &kept::options(slots)).unwrap();
    let view = vault.view(Actor::Owner);
    set(&view, "global/k", "1");
    set(&view, "global/k", "2");
    let protect = |on| {
        let patch = MetadataPatch { protected: Some(on), ..Default::default() };
        vec![Change::Edit { name: name("global/k"), patch, expect: Expect::Any }]
    };
    assert!(matches!(view.apply(protect(true), None), Err(VaultError::Protected { .. })));
    let key = vault.protection_key(&Unlock::Passphrase(&passphrase)).unwrap();
    assert!(matches!(
        vault.protection_key(&Unlock::Passphrase(&value("wrong"))),
        Err(VaultError::WrongPassphrase)
    ));
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
    assert!(matches!(
        other.protection_key(&Unlock::Passphrase(&passphrase)),
        Err(VaultError::CannotProtect)
    ));
    // Nor by the key of another vault: nobody could ever open it.
    let patch = MetadataPatch { protected: Some(true), ..Default::default() };
    let view = other.view(Actor::Owner);
    let write =
        Change::Write { name: name("global/k"), value: value("v"), patch, expect: Expect::Any };
    let refused = view.apply(vec![write], Some(&key)).map(drop);
    assert!(matches!(refused, Err(VaultError::CannotProtect)), "{refused:?}");
    assert!(view.list().unwrap().secrets.is_empty());
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

#[test]
fn what_could_not_be_shown_in_a_line_is_no_metadata() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    let write = |patch| view.write(&name("global/k"), value("v"), patch, Expect::Any).map(drop);
    let text = |text: &str| Some(Some(text.to_owned()));
    let tags = |tags: Vec<String>| MetadataPatch { tags: Some(tags), ..Default::default() };
    let long = "a".repeat(1025);
    for (field, patch) in [
        ("username", MetadataPatch { username: text(""), ..Default::default() }),
        ("username", MetadataPatch { username: text("ops\u{1b}[2J"), ..Default::default() }),
        ("url", MetadataPatch { url: text("https://a\r\nb"), ..Default::default() }),
        ("url", MetadataPatch { url: text(&long), ..Default::default() }),
        ("tag", tags(vec!["fine".into(), "no\nt".into()])),
        ("tags", tags((0..65).map(|n| n.to_string()).collect())),
        ("note", MetadataPatch { note: text(&"n".repeat(4097)), ..Default::default() }),
    ] {
        let refused = write(patch);
        let told =
            matches!(&refused, Err(VaultError::InvalidMetadata { field: it, .. }) if *it == field);
        assert!(told, "{field}: {refused:?}");
        assert!(view.list().unwrap().secrets.is_empty());
    }
    write(MetadataPatch { note: text(&"n".repeat(4096)), ..tags(vec!["a".repeat(1024); 64]) })
        .unwrap();
}
