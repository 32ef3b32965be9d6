//! Stories of the vault directory: copies put back, files lost, places that are taken.

use std::time::Duration;

use tresor::vault::storage::LockMode;
use tresor::vault::{
    Actor, BackendKind, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot, Place, Unlock,
    Vault, VaultError, doctor,
};

use super::private::copy_private;
use super::{Home, KEY, files, kept, make_private, name, read, set, value};

#[test]
fn an_old_copy_put_back_is_refused_until_it_is_accepted() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    set(&view, "global/k", "old");
    let backup = home.dir.path().join("backup");
    copy_private(&home.vault_dir(), &backup);
    set(&view, "global/k", "new");
    std::fs::remove_dir_all(home.vault_dir()).unwrap();
    copy_private(&backup, &home.vault_dir());
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
    copy_private(&elsewhere.vault_dir(), &home.vault_dir());
    assert!(matches!(home.open(), Err(VaultError::DifferentVault { .. })));
}

#[test]
fn a_lost_root_comes_back_from_its_copy() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    set(&view, "global/k", "1");
    std::fs::remove_file(home.vault_dir().join("root.json")).unwrap();
    assert!(matches!(home.open(), Err(VaultError::Damaged { .. })));
    // Whatever else there is of it, or nothing but the copy: it was a vault.
    let nothing_but = |name: &str| {
        let other = Home::new();
        make_private(&other.vault_dir());
        std::fs::rename(home.vault_dir().join(name), other.vault_dir().join(name)).unwrap();
        assert!(matches!(other.open(), Err(VaultError::Damaged { .. })), "{name}");
        std::fs::rename(other.vault_dir().join(name), home.vault_dir().join(name)).unwrap();
    };
    let where_something_is = if kept::in_files() { "objects" } else { "index" };
    [where_something_is, "root.prev.json"].into_iter().for_each(nothing_but);
    let key = value(KEY);
    doctor::accept_restore(&home.place(), &Unlock::KeyFile(&key)).unwrap();
    assert_eq!(read(&home.open().unwrap().view(Actor::Owner), "global/k"), b"1");
}

#[test]
fn a_place_that_holds_something_else_is_left_alone() {
    let home = Home::new();
    assert!(matches!(ClosedVault::open(&home.place()), Err(VaultError::NoVault { .. })));
    assert!(!Vault::exists(&home.place()));
    home.create();
    assert!(Vault::exists(&home.place()));
    let slot = || vec![NewSlot::KeyFile(value(KEY))];
    let again = Vault::create(&home.place(), &CreateOptions::new(slot()));
    assert!(matches!(again, Err(VaultError::AlreadyThere { .. })));
    let other = Home::new();
    make_private(&other.vault_dir());
    std::fs::write(other.vault_dir().join("thesis.txt"), "x").unwrap();
    let refused = Vault::create(&other.place(), &CreateOptions::new(slot()));
    assert!(matches!(refused, Err(VaultError::NotAVault { .. })));
    assert!(Vault::exists(&other.place()), "nobody may take the place for a free one");
    assert!(matches!(other.open(), Err(VaultError::NotAVault { .. })));
}

#[test]
fn a_vault_nobody_could_use_is_not_begun() {
    let home = Home::new();
    let key_files = |n| (0..n).map(|_| NewSlot::KeyFile(value(KEY))).collect::<Vec<_>>();
    let short = vec![NewSlot::KeyFile(value([7; 31]))];
    let limited = |max_value| CreateOptions { max_value, ..CreateOptions::new(key_files(1)) };
    for (what, options) in [
        ("no way in", CreateOptions::new(Vec::new())),
        ("nine ways in", CreateOptions::new(key_files(9))),
        ("a key file that can be guessed", CreateOptions::new(short)),
        ("room for no value", limited(0)),
        ("values without end", limited(u32::MAX)),
    ] {
        let refused = Vault::create(&home.place(), &options).map(drop);
        assert!(matches!(refused, Err(VaultError::InvalidOption { .. })), "{what}: {refused:?}");
        let left = std::fs::read_dir(home.vault_dir()).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{what}");
    }
    let backend = BackendKind::MacosKeychain;
    let elsewhere = CreateOptions { backend, ..CreateOptions::new(key_files(1)) };
    let refused = Vault::create(&home.place(), &elsewhere).map(drop);
    assert!(matches!(refused, Err(VaultError::Unsupported { .. })), "{refused:?}");
    assert_eq!(std::fs::read_dir(home.vault_dir()).unwrap().count(), 0);
    Vault::create(&home.place(), &CreateOptions::new(key_files(8))).unwrap();
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

/// What doctor says of leftovers.
fn said_of_leftovers(vault: &Vault) -> Vec<String> {
    let report = doctor::check(vault, &mut |_, _| {}).unwrap();
    let said = report.findings.into_iter().map(|finding| finding.message);
    said.filter(|message| message.contains("refers to it") || message.contains("leftover"))
        .collect()
}

#[test]
fn what_is_newer_than_the_root_is_set_aside_and_not_removed() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    set(&view, "global/k", "old");
    let backup = home.dir.path().join("backup");
    copy_private(&home.vault_dir(), &backup);
    set(&view, "global/later", "only here");
    // A restore that adds and replaces but removes nothing, on a machine that saw nothing.
    for dir in ["index", "objects", ""] {
        for entry in std::fs::read_dir(backup.join(dir)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), home.vault_dir().join(dir).join(entry.file_name()))
                    .unwrap();
            }
        }
    }
    std::fs::remove_dir_all(home.dir.path().join("state")).unwrap();
    let vault = home.open().unwrap();
    assert_eq!(read(&vault.view(Actor::Owner), "global/k"), b"old");
    let newer = ["newer than the root, and nothing refers to it"; 2];
    assert_eq!(said_of_leftovers(&vault), newer, "an envelope and a page");
    let envelopes = || kept::envelopes(&home.place(), &vault).len();
    let before = envelopes();
    let done = doctor::sweep(&vault).unwrap();
    assert_eq!(
        done.iter().filter(|done| done.contains("set aside in lost")).count(),
        2,
        "{done:?}"
    );
    assert_eq!(files(&home, "lost").len(), 2);
    // A copy of the directory may need what lies in a store: there it stays, too.
    let stay = usize::from(kept::backend().is_store());
    assert_eq!(envelopes(), before - 1 + stay);
    assert_eq!(said_of_leftovers(&vault).len(), stay);
}

#[test]
fn envelopes_of_a_page_that_does_not_open_are_no_leftovers() {
    let home = Home::new();
    let vault = home.create();
    set(&vault.view(Actor::Owner), "global/k", "1");
    let page = home.vault_dir().join("index").join(&files(&home, "index")[0]);
    let mut bytes = std::fs::read(&page).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&page, bytes).unwrap();
    let said = said_of_leftovers(&vault);
    assert!(said.is_empty(), "{said:?}");
    assert!(doctor::check(&vault, &mut |_, _| {}).unwrap().has_problems());
    assert!(doctor::sweep(&vault).is_err());
    assert_eq!(kept::envelopes(&home.place(), &vault).len(), 1);
}

#[test]
fn a_lock_file_replaced_while_one_waits_for_it_locks_nobody_out() {
    let home = Home::new();
    home.create();
    let storage = home.place().storage();
    let first = storage.lock(LockMode::Exclusive, Duration::ZERO).unwrap();
    let place = home.place();
    let waiter = std::thread::spawn(move || {
        let storage = place.storage();
        let _held = storage.lock(LockMode::Exclusive, Duration::from_secs(60)).unwrap();
        storage.lock(LockMode::Exclusive, Duration::ZERO).map(drop)
    });
    // Long enough that it waits for the old file; were it later, it would simply find the new one.
    std::thread::sleep(Duration::from_millis(50));
    std::fs::remove_file(home.vault_dir().join("lock")).unwrap();
    drop(first);
    assert!(matches!(waiter.join().unwrap(), Err(VaultError::Busy)));
}
