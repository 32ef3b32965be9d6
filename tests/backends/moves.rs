//! Moves between backends: nothing else changes, and one that is cut off anywhere is begun again.

use tresor::vault::doctor;
use tresor::vault::{
    Actor, BackendKind, Change, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot,
    PassphraseCost, Place, SensitiveBytes, Unlock, Vault, VaultError,
};

use super::operations::{apply, delete, key_file, name, state, unlock, values, with_key, write};
use super::store::{Fault, KIND, Store};
use super::{assert_clean, prepared};

fn migrate(vault: &Vault, to: BackendKind) -> tresor::vault::Result<()> {
    vault.migrate(to, &mut |_, _| {}).map(drop)
}

/// A vault that was moved to files.
fn in_files(store: &Store) -> (Place, Vault) {
    let place = prepared(store);
    let vault = unlock(&place).unwrap();
    migrate(&vault, BackendKind::EncryptedFile).unwrap();
    (place, vault)
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
    let (place, vault) = in_files(&store);
    let storage = place.storage();
    let envelope = format!("objects/{}", storage.list("objects").unwrap()[0]);
    let whole = storage.read(&envelope, 1 << 20).unwrap();
    storage.overwrite(&envelope, b"{}").unwrap();
    let before = state(&vault);
    let refused = migrate(&vault, KIND).unwrap_err();
    assert!(refused.to_string().starts_with("revision "), "{refused}");
    assert!(refused.to_string().contains(" of global/"), "{refused}");
    assert_eq!((state(&vault), store.held()), (before, 0));
    storage.overwrite(&envelope, &whole).unwrap();
    migrate(&vault, KIND).unwrap();
}

/// What lies in another backend and has no like in the vault's own may be the only copy there is.
#[test]
fn the_last_copy_of_an_envelope_is_never_removed() {
    let store = Store::default();
    let (place, vault) = in_files(&store);
    let storage = place.storage();
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
    let (place, vault) = in_files(&store);
    let old = place.storage().read("root.json", 1 << 20).unwrap();
    migrate(&vault, KIND).unwrap();
    apply(&vault, vec![write("global/new", "n")]).unwrap();
    let held = store.held();
    place.storage().overwrite("root.json", &old).unwrap();
    let _ = doctor::sweep(&unlock(&place).unwrap());
    assert!(store.held() >= 1, "what was written last is gone");
    assert!(store.held() <= held);
}

/// All files of a vault: a backup of its directory.
fn backup(place: &Place) -> Vec<(String, Vec<u8>)> {
    let storage = place.storage();
    let of = |dir: &'static str| {
        let files = storage.list(dir).unwrap().into_iter();
        files.map(move |file| if dir.is_empty() { file } else { format!("{dir}/{file}") })
    };
    let names = ["", "index", "objects"].into_iter().flat_map(of);
    let read = |name: String| storage.read(&name, 1 << 20).ok().map(|bytes| (name, bytes));
    names.filter_map(read).collect()
}

/// Puts a backup back over what is there.
fn put_back(place: &Place, files: &[(String, Vec<u8>)]) {
    let storage = place.storage();
    for (name, bytes) in files {
        storage.overwrite(name, bytes).unwrap();
    }
}

#[test]
fn a_move_sets_aside_what_an_older_root_left_behind() {
    for (from, to) in [(KIND, BackendKind::EncryptedFile), (BackendKind::EncryptedFile, KIND)] {
        let store = Store::default();
        let place = prepared(&store);
        let vault = unlock(&place).unwrap();
        if from != KIND {
            migrate(&vault, from).unwrap();
        }
        let old = backup(&place);
        for key in ["n1", "n2", "n3"] {
            apply(&vault, vec![write(&format!("global/{key}"), key)]).unwrap();
        }
        put_back(&place, &old);
        let vault = unlock(&place).unwrap();
        migrate(&vault, to).unwrap();
        assert_eq!(place.storage().list("lost").unwrap().len(), 3, "{from} to {to}");
        let left = if from == KIND { store.held() } else { objects(&place) };
        assert_eq!(left, 0, "{from} to {to}");
    }
}

#[test]
fn what_a_move_that_was_cut_off_left_is_told_to_who_purges_and_goes_with_the_next() {
    let store = Store::default();
    let (place, vault) = in_files(&store);
    let mut calls = 0;
    while store.held() < 2 {
        store.fails(calls..usize::MAX, Fault::Refused);
        migrate(&vault, KIND).unwrap_err();
        store.heals();
        calls += 1;
    }
    apply(&vault, vec![delete("global/b")]).unwrap();
    let view = vault.view(Actor::Owner);
    let purges = view.trash().unwrap().into_iter().map(|entry| Change::Purge { id: entry.id });
    let purged = view.apply(purges.collect(), None).unwrap();
    let told =
        purged.warnings.iter().filter(|told| told.contains("copies of what it removes may lie in"));
    assert_eq!(told.count(), 1, "{:?}", purged.warnings);
    let kept = objects(&place);
    migrate(&vault, KIND).unwrap();
    assert_eq!(store.held(), kept, "what was purged is still there");
    assert_clean(&vault, "after the move");
}

#[test]
fn a_backup_from_before_a_move_is_accepted_and_what_the_store_holds_is_set_aside() {
    let store = Store::default();
    let (place, vault) = in_files(&store);
    let old = backup(&place);
    let before = values(&vault.view(Actor::Owner));
    migrate(&vault, KIND).unwrap();
    apply(&vault, vec![write("global/new", "n")]).unwrap();
    put_back(&place, &old);
    let done = with_key(|key| doctor::accept_restore(&place, key)).unwrap();
    let told = done.iter().filter_map(|line| line.strip_prefix("Secret Service "));
    let [told] = told.collect::<Vec<_>>()[..] else { panic!("{done:?}") };
    let id = told.split(':').next().unwrap();
    assert!(place.storage().list("lost").unwrap().contains(&format!("{id}.json")), "{told}");
    let vault = unlock(&place).unwrap();
    assert_eq!(values(&vault.view(Actor::Owner)), before);
    doctor::sweep(&vault).unwrap();
    assert_eq!(store.held(), 0, "copies were left there");
    assert_clean(&vault, "after the sweep");
}
