//! A vault whose envelopes lie in a store of the system: every call of that store fails, hangs or loses
//! what it was given, in every operation; and moves between backends, cut off anywhere.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faults;
mod moves;
mod store;

use tresor::vault::{
    Actor, Change, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot, Place, Result,
    SecretRef, SensitiveBytes, TrashId, Unlock, Vault, View, doctor,
};

use store::{KIND, Store};

const KEY: [u8; 32] = [7; 32];

fn name(text: &str) -> SecretRef {
    text.parse().unwrap()
}

fn write(at: &str, bytes: &str) -> Change {
    let value = SensitiveBytes::copy_of(bytes.as_bytes());
    Change::Write { name: name(at), value, patch: MetadataPatch::default(), expect: Expect::Any }
}

fn key_file() -> NewSlot {
    NewSlot::KeyFile(SensitiveBytes::copy_of(&KEY))
}

fn unlock(place: &Place) -> Result<Vault> {
    ClosedVault::open(place)?.unlock(&Unlock::KeyFile(&SensitiveBytes::copy_of(&KEY)))
}

fn apply(vault: &Vault, changes: Vec<Change>) -> Result<()> {
    vault.view(Actor::Owner).apply(changes, None).map(drop)
}

fn newest_deleted(vault: &Vault) -> Result<TrashId> {
    Ok(vault.view(Actor::Owner).trash()?[0].id)
}

/// A vault in that store, with history and trash.
fn prepared(store: &Store) -> Place {
    let place = store.at(Place::in_memory());
    let options = CreateOptions { backend: KIND, ..CreateOptions::new(vec![key_file()]) };
    let vault = Vault::create(&place, &options).unwrap();
    let first = ["a", "b", "c"].map(|key| write(&format!("global/{key}"), key));
    apply(&vault, first.into()).unwrap();
    apply(&vault, vec![write("global/a", "a2")]).unwrap();
    apply(&vault, vec![Change::Delete { name: name("global/c"), expect: Expect::Any }]).unwrap();
    place
}

/// What each revision of each live secret holds, or why it cannot be read; and what is in the trash.
fn values(view: &View) -> Vec<String> {
    let mut told = Vec::new();
    for secret in view.list().unwrap().secrets {
        for kept in view.describe(&secret.name).unwrap().history {
            let read = view.read_with(&secret.name, Some(kept.revision), None);
            let read = read.map(|secret| secret.value.with_str(str::to_owned).unwrap());
            let read = read.unwrap_or_else(|error| format!("({error})"));
            told.push(format!("{} {} {read}", secret.name, kept.revision));
        }
    }
    told.extend(view.trash().unwrap().iter().map(|entry| format!("trash {}", entry.summary.name)));
    told
}

/// All of it, and where it is kept.
fn state(vault: &Vault) -> Vec<String> {
    let mut told = values(&vault.view(Actor::Owner));
    told.extend(vault.slots().unwrap().iter().map(|slot| format!("slot {:?}", slot.id)));
    told.push(format!("kept in {}", vault.backend()));
    told
}

/// Nothing is wrong, and nothing is left over.
fn assert_clean(vault: &Vault, at: &str) {
    let report = doctor::check(vault, &mut |_, _| {}).unwrap();
    let wrong = report.findings.iter().find(|found| found.fixable || report.has_problems());
    assert!(wrong.is_none(), "{at}: {report:?}");
}
