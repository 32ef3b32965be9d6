//! A vault comes back as it was; a backup that is not whole makes none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::vault::world::SystemRandom;
use crate::vault::{
    Actor, Change, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot, Place,
    SensitiveBytes, Unlock, generate_key_file,
};

/// A vault with a history, a trash and something set aside.
struct Home {
    directory: tempfile::TempDir,
    key: SensitiveBytes,
    vault: Vault,
}

impl Home {
    fn new() -> Self {
        Self::kept_in(BackendKind::EncryptedFile)
    }

    fn kept_in(backend: BackendKind) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let key = generate_key_file(&SystemRandom).unwrap();
        let place = place(directory.path(), "vault");
        let slots = vec![NewSlot::KeyFile(key.duplicate())];
        let options = CreateOptions { backend, ..CreateOptions::new(slots) };
        let vault = Vault::create(&place, &options).unwrap();
        let home = Self { directory, key, vault };
        for (name, value) in [("a", "one"), ("a", "two"), ("b", "three"), ("gone", "four")] {
            home.write(name, value);
        }
        let name = "global/gone".parse().unwrap();
        let delete = Change::Delete { name, expect: Expect::Any };
        home.vault.view(Actor::Owner).apply(vec![delete], None).unwrap();
        place.storage.make_dir(names::LOST).unwrap();
        let lost = format!("{}/{}.log", names::LOST, "ab".repeat(16));
        place.storage.create_new(&lost, b"set aside").unwrap();
        home
    }

    fn write(&self, key: &str, value: &str) {
        let (name, value) = (format!("global/{key}"), SensitiveBytes::copy_of(value.as_bytes()));
        let view = self.vault.view(Actor::Owner);
        view.write(&name.parse().unwrap(), value, MetadataPatch::default(), Expect::Any).unwrap();
    }

    fn place(&self, name: &str) -> Place {
        place(self.directory.path(), name)
    }

    fn backup(&self) -> (Vec<u8>, Contents) {
        let mut bytes = Vec::new();
        let contents = self.vault.back_up(&mut bytes, &mut |_, _| {}).unwrap();
        (bytes, contents)
    }

    /// What the vault at a place tells, opened with the key file.
    fn told(&self, place: &Place) -> String {
        let closed = ClosedVault::open(place).unwrap();
        let view = closed.unlock(&Unlock::KeyFile(&self.key)).unwrap().view(Actor::Owner);
        let name = "global/a".parse().unwrap();
        let value = view.read(&name).unwrap().value.with_str(str::to_owned).unwrap();
        let before = view.read_with(&name, Some(1), None).unwrap();
        let before = before.value.with_str(str::to_owned).unwrap();
        let (listing, trash) = (view.list().unwrap(), view.trash().unwrap().len());
        assert!(!view.journal().unwrap().has_problems);
        format!("{value} {before} {} {trash}", listing.secrets.len())
    }
}

fn place(directory: &Path, name: &str) -> Place {
    Place::on_disk(&directory.join(name), &directory.join("state"))
}

fn restored(bytes: &[u8], into: &Place) -> Result<Restored> {
    restore(&mut &*bytes, into, &mut |_, _| {})
}

fn checked(bytes: &[u8]) -> Result<Contents> {
    verify(&mut &*bytes, &mut |_, _| {})
}

#[test]
fn a_vault_comes_back_with_its_history_trash_and_journal() {
    let home = Home::new();
    let (bytes, contents) = home.backup();
    assert_eq!(checked(&bytes).unwrap(), contents);
    assert_eq!(contents.envelopes(), 4);
    let new = home.place("new");
    let restored = restored(&bytes, &new).unwrap();
    assert_eq!((restored.contents, restored.warnings), (contents, vec![]));
    assert_eq!(home.told(&new), "two one 2 1");
    assert_eq!(home.told(&new), home.told(&home.place("vault")));
    let lost = format!("{}/{}.log", names::LOST, "ab".repeat(16));
    assert_eq!(new.storage.read(&lost, 100).unwrap(), b"set aside");
}

#[test]
fn what_lies_in_another_store_comes_back_as_files() {
    let home = Home::kept_in(BackendKind::Memory);
    let (bytes, contents) = home.backup();
    assert_eq!((checked(&bytes).unwrap(), contents.envelopes()), (contents.clone(), 4));
    let new = home.place("new");
    restored(&bytes, &new).unwrap();
    assert_eq!(ClosedVault::open(&new).unwrap().backend(), BackendKind::EncryptedFile);
    assert_eq!(home.told(&new), "two one 2 1");
}

#[test]
fn it_is_accepted_where_a_newer_state_was_seen() {
    let home = Home::new();
    let (bytes, _) = home.backup();
    home.write("a", "three");
    let place = home.place("vault");
    std::fs::remove_dir_all(place.path().unwrap()).unwrap();
    restored(&bytes, &place).unwrap();
    assert_eq!(home.told(&place), "two one 2 1");
}

#[test]
fn no_place_is_taken_where_something_is() {
    let home = Home::new();
    let (bytes, _) = home.backup();
    let there = restored(&bytes, &home.place("vault")).unwrap_err();
    assert!(matches!(there, BackupError::Vault(VaultError::AlreadyThere { .. })));
    let other = home.directory.path().join("other");
    crate::vault::make_private_dirs(&other).unwrap();
    std::fs::write(other.join("mine"), "x").unwrap();
    let there = restored(&bytes, &home.place("other")).unwrap_err();
    assert!(matches!(there, BackupError::Vault(VaultError::NotEmpty { .. })));
    assert_eq!(std::fs::read_dir(other).unwrap().count(), 1);
}

#[test]
fn wherever_a_backup_ends_too_early_nothing_is_left() {
    let home = Home::new();
    let (bytes, _) = home.backup();
    for end in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
        assert!(checked(&bytes[..end]).is_err(), "{end}");
        let place = home.place("new");
        assert!(restored(&bytes[..end], &place).is_err(), "{end}");
        assert!(!place.path().unwrap().exists(), "{end}");
    }
    let longer = [&bytes[..], b"x"].concat();
    assert!(checked(&longer).is_err());
}

#[test]
fn what_was_cut_off_is_no_vault_and_is_begun_again() {
    let home = Home::new();
    let (bytes, _) = home.backup();
    let new = home.place("new");
    crate::vault::make_private_dirs(new.path().unwrap()).unwrap();
    new.storage.create_new(names::MARKER, names::UNFINISHED).unwrap();
    new.storage.make_dir(names::OBJECTS).unwrap();
    new.storage
        .create_new(&format!("{}/{}.json", names::OBJECTS, "cd".repeat(16)), b"half")
        .unwrap();
    assert!(matches!(ClosedVault::open(&new), Err(VaultError::NotAVault { .. })));
    restored(&bytes, &new).unwrap();
    assert_eq!(home.told(&new), "two one 2 1");
    assert_eq!(new.storage.list(names::OBJECTS).unwrap().len(), 4);
}

#[test]
fn names_that_no_vault_has_are_refused() {
    for name in [
        "../root.json",
        "root.json/x",
        "lock",
        "backend.kind",
        "index/../../x.page",
        "objects/a.json",
        "lost/../root.json",
        "/etc/passwd",
        "journal/01.log",
        "journal/x.log",
        "turn.0",
        "",
        "objects/ABABABABABABABABABABABABABABABAB.json",
    ] {
        assert_eq!(form::limit(name), None, "{name}");
    }
    assert!(form::limit(&format!("objects/{}.json", "ab".repeat(16))).is_some());
}

#[test]
fn a_backup_of_a_newer_form_is_told_as_such() {
    assert!(matches!(checked(b"TRSBKUP\x02"), Err(BackupError::NewerForm)));
    assert!(matches!(checked(b"TRSBKUP"), Err(BackupError::NotWhole { .. })));
    assert!(matches!(checked(b"something else"), Err(BackupError::NotWhole { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let marked = [b"TRSBKUP\x01".as_slice(), &bytes].concat();
        prop_assert!(checked(&bytes).is_err());
        prop_assert!(checked(&marked).is_err());
    }
}

#[test]
fn no_altered_byte_goes_unnoticed() {
    let home = Home::new();
    let (bytes, contents) = home.backup();
    for at in (0..bytes.len()).step_by(61) {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        // What is told beside the parts has only the encryption around it.
        match checked(&altered) {
            Err(_) => {}
            Ok(read) => assert_eq!(read.parts, contents.parts, "byte {at}"),
        }
    }
}
