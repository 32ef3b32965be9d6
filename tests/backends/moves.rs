//! Moves between backends: nothing else changes, and one that is cut off anywhere is begun again.

use tresor::vault::doctor;
use tresor::vault::{
    Actor, BackendKind, Change, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot,
    PassphraseCost, Place, SensitiveBytes, Unlock, Vault, VaultError,
};

use super::operations::{apply, key_file, name, state, unlock, values, write};
use super::store::{Fault, KIND, Store};
use super::{assert_clean, prepared};

fn migrate(vault: &Vault, to: BackendKind) -> tresor::vault::Result<()> {
    vault.migrate(to, &mut |_, _| {}).map(drop)
}

fn objects(place: &Place) -> usize {
    place.storage().list("objects").unwrap().len()
}

#[test]
fn a_move_changes_nothing_else_and_empties_where_it_was() {
    let store = Store::default();
    let place = prepared(&store);
    let vault = unlock(&place).unwrap();
    let before = values(&vault.view(Actor::Owner));
    let envelopes = store.held();
    for (to, in_files, in_store) in [
        (BackendKind::EncryptedFile, envelopes, 0),
        (BackendKind::Memory, 0, 0),
        (KIND, 0, envelopes),
        (BackendKind::Memory, 0, 0),
        (BackendKind::EncryptedFile, envelopes, 0),
        (KIND, 0, envelopes),
    ] {
        let mut told = Vec::new();
        let moved = vault.migrate(to, &mut |done, total| told.push((done, total))).unwrap();
        assert_eq!(moved.envelopes, envelopes, "{to}");
        assert!(moved.left.is_none() && moved.warnings.is_empty(), "{to}: {moved:?}");
        let steps: Vec<usize> = told.iter().map(|(done, _)| *done).collect();
        assert_eq!(steps, (1..=2 * envelopes).collect::<Vec<_>>(), "{to}");
        assert!(told.iter().all(|(_, total)| *total == 2 * envelopes), "{to}");
        assert_eq!((objects(&place), store.held()), (in_files, in_store), "{to}");
        assert_eq!(place.storage().read("backend.kind", 64).unwrap(), format!("{to}\n").as_bytes());
        // Both through the vault that moved it and through another one.
        for vault in [vault.clone(), unlock(&place).unwrap()] {
            assert_eq!(values(&vault.view(Actor::Owner)), before, "{to}");
            assert_eq!(vault.backend(), to);
            assert_clean(&vault, to.word());
        }
        let again = vault.migrate(to, &mut |_, _| panic!("nothing is copied")).unwrap();
        assert_eq!((again.from, again.envelopes), (to, 0));
    }
}

#[test]
fn who_has_the_vault_open_reads_and_writes_on_where_it_is_now() {
    let store = Store::default();
    let place = prepared(&store);
    let (mover, other) = (unlock(&place).unwrap(), unlock(&place).unwrap());
    let view = other.view(Actor::Owner);
    view.read(&name("global/a")).unwrap();
    migrate(&mover, BackendKind::EncryptedFile).unwrap();
    view.read(&name("global/a")).unwrap();
    apply(&other, vec![write("global/b", "b2")]).unwrap();
    assert_eq!((store.held(), other.backend()), (0, BackendKind::EncryptedFile));
    let read = mover.view(Actor::Owner).read(&name("global/b")).unwrap();
    assert_eq!(read.value.with_str(str::to_owned).unwrap(), "b2");
}

#[test]
fn protected_secrets_move_without_their_passphrase() {
    let store = Store::default();
    let place = store.at(Place::in_memory());
    let passphrase = SensitiveBytes::copy_of(b"correct horse battery staple");
    let slots =
        vec![key_file(), NewSlot::PassphraseAt(passphrase.duplicate(), PassphraseCost::LEAST)];
    let vault = Vault::create(&place, &CreateOptions::new(slots)).unwrap();
    let patch = MetadataPatch { protected: Some(true), ..Default::default() };
    let value = SensitiveBytes::copy_of(b"hidden");
    let put = Change::Write { name: name("global/p"), value, patch, expect: Expect::Any };
    let key = vault.protection_key(&Unlock::Passphrase(&passphrase)).unwrap();
    vault.view(Actor::Owner).apply(vec![put], Some(&key)).unwrap();
    migrate(&unlock(&place).unwrap(), KIND).unwrap();
    assert_eq!((objects(&place), store.held()), (0, 1));
    let vault =
        ClosedVault::open(&place).unwrap().unlock(&Unlock::Passphrase(&passphrase)).unwrap();
    let key = vault.protection_key(&Unlock::Passphrase(&passphrase)).unwrap();
    let read = vault.view(Actor::Owner).read_with(&name("global/p"), None, Some(&key)).unwrap();
    assert_eq!(read.value.with_str(str::to_owned).unwrap(), "hidden");
}

/// From the call of a number on, no call of the store is made any more, as when the process is killed
/// there. What it could still do to files is the harder case: it tidies up.
#[test]
fn a_move_that_is_cut_off_at_any_call_loses_nothing_and_is_begun_again() {
    for (from, to) in [(KIND, BackendKind::EncryptedFile), (BackendKind::EncryptedFile, KIND)] {
        let mut at = 0;
        loop {
            let store = Store::default();
            let place = prepared(&store);
            if from != KIND {
                migrate(&unlock(&place).unwrap(), from).unwrap();
            }
            let before = values(&unlock(&place).unwrap().view(Actor::Owner));
            store.fails(at..usize::MAX, Fault::Refused);
            let _ = migrate(&unlock(&place).unwrap(), to);
            if store.heals() <= at {
                break;
            }
            let vault = unlock(&place).unwrap();
            assert_eq!(values(&vault.view(Actor::Owner)), before, "{from} to {to}, call {at}");
            migrate(&vault, to).unwrap();
            assert_eq!(values(&vault.view(Actor::Owner)), before, "{from} to {to}, call {at}");
            let empty = if to == KIND { objects(&place) } else { store.held() };
            assert_eq!(empty, 0, "{from} to {to}, call {at}");
            assert_clean(&vault, &format!("{from} to {to}, call {at}"));
            at += 1;
        }
        assert!(at > 10, "{from} to {to} made only {at} calls");
    }
}

#[test]
fn a_damaged_envelope_moves_nothing_and_is_named() {
    let store = Store::default();
    let place = prepared(&store);
    let vault = unlock(&place).unwrap();
    migrate(&vault, BackendKind::EncryptedFile).unwrap();
    let storage = place.storage();
    let envelope = format!("objects/{}", storage.list("objects").unwrap()[0]);
    let whole = storage.read(&envelope, 1 << 20).unwrap();
    storage.overwrite(&envelope, b"{}").unwrap();
    let before = state(&vault);
    let refused = migrate(&vault, KIND).unwrap_err();
    assert!(matches!(&refused, VaultError::Damaged { what, .. } if *what == envelope), "{refused}");
    assert_eq!((state(&vault), store.held()), (before, 0));
    storage.overwrite(&envelope, &whole).unwrap();
    migrate(&vault, KIND).unwrap();
}

/// What lies in another backend and has no like in the vault's own may be the only copy there is.
#[test]
fn the_last_copy_of_an_envelope_is_never_removed() {
    let store = Store::default();
    let place = prepared(&store);
    let vault = unlock(&place).unwrap();
    let storage = place.storage();
    migrate(&vault, BackendKind::EncryptedFile).unwrap();
    let file = storage.list("objects").unwrap()[0].clone();
    let (envelope, id) = (format!("objects/{file}"), file.trim_end_matches(".json"));
    let bytes = storage.read(&envelope, 1 << 20).unwrap();
    migrate(&vault, KIND).unwrap();
    // As a backup of the directory brings it back: the store has it too.
    storage.create_new(&envelope, &bytes).unwrap();
    doctor::sweep(&vault).unwrap();
    assert_eq!(objects(&place), 0);
    storage.create_new(&envelope, &bytes).unwrap();
    store.lose(id);
    let refused = doctor::sweep(&vault).unwrap_err();
    assert!(matches!(refused, VaultError::Damaged { .. }), "{refused}");
    assert_eq!(objects(&place), 1, "the last copy was removed");
}

/// An older root put back knows nothing of what came after a move.
#[test]
fn what_is_newer_than_the_root_is_not_removed_either() {
    let store = Store::default();
    let place = prepared(&store);
    let vault = unlock(&place).unwrap();
    migrate(&vault, BackendKind::EncryptedFile).unwrap();
    let old = place.storage().read("root.json", 1 << 20).unwrap();
    migrate(&vault, KIND).unwrap();
    apply(&vault, vec![write("global/new", "n")]).unwrap();
    let held = store.held();
    place.storage().overwrite("root.json", &old).unwrap();
    let _ = doctor::sweep(&unlock(&place).unwrap());
    assert!(store.held() >= 1, "what was written last is gone");
    assert!(store.held() <= held);
}
