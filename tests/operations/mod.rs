//! Every kind of change of a vault, to be made to fail anywhere; the vault it is made on, and what is told of it.
#![allow(dead_code)] // not every target asks for all of it

use tresor::vault::{
    Actor, BackendKind, Change, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot, Place,
    Result, SecretRef, SensitiveBytes, TrashId, Unlock, Vault, View,
};

const KEY: [u8; 32] = [7; 32];

pub fn name(text: &str) -> SecretRef {
    text.parse().unwrap()
}

pub fn write(at: &str, bytes: &str) -> Change {
    let value = SensitiveBytes::copy_of(bytes.as_bytes());
    Change::Write { name: name(at), value, patch: MetadataPatch::default(), expect: Expect::Any }
}

pub fn delete(at: &str) -> Change {
    Change::Delete { name: name(at), expect: Expect::Any }
}

fn record(at: &str) -> Change {
    let (id, owner) = (at.parse().unwrap(), "global".parse().unwrap());
    Change::PutRecord { id, owner, body: b"r".to_vec(), expect: Expect::Any }
}

pub fn key_file() -> NewSlot {
    NewSlot::KeyFile(SensitiveBytes::copy_of(&KEY))
}

/// What opens it.
pub fn with_key<R>(work: impl FnOnce(&Unlock<'_>) -> R) -> R {
    work(&Unlock::KeyFile(&SensitiveBytes::copy_of(&KEY)))
}

pub fn unlock(place: &Place) -> Result<Vault> {
    with_key(|key| ClosedVault::open(place)?.unlock(key))
}

pub fn apply(vault: &Vault, changes: Vec<Change>) -> Result<()> {
    vault.view(Actor::Owner).apply(changes, None).map(drop)
}

fn newest_deleted(vault: &Vault) -> Result<TrashId> {
    Ok(vault.view(Actor::Owner).trash()?[0].id)
}

/// A vault in that backend, with history, a record and trash.
pub fn fill(place: &Place, backend: BackendKind) {
    let options = CreateOptions { backend, ..CreateOptions::new(vec![key_file()]) };
    let vault = Vault::create(place, &options).unwrap();
    let first = ["a", "b", "c"].map(|key| write(&format!("global/{key}"), key));
    apply(&vault, first.into()).unwrap();
    apply(&vault, vec![write("global/a", "a2"), record("old")]).unwrap();
    apply(&vault, vec![delete("global/c")]).unwrap();
}

/// What each revision of each live secret holds, or why it cannot be read; and what is in the trash.
pub fn values(view: &View) -> Vec<String> {
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

/// All of it, the slots, and where it is kept.
pub fn state(vault: &Vault) -> Vec<String> {
    let view = vault.view(Actor::Owner);
    let mut told = values(&view);
    told.extend(view.records().unwrap().iter().map(|record| format!("{record:?}")));
    told.extend(vault.slots().unwrap().iter().map(|slot| format!("slot {:?}", slot.id)));
    told.push(format!("kept in {}", vault.backend()));
    told
}

/// One operation; it may fail, and is done whole or not at all.
pub type Operation = fn(&Vault) -> Result<()>;

pub const OPERATIONS: [(&str, Operation); 14] = [
    ("put", |vault| apply(vault, vec![write("global/new", "n")])),
    ("update", |vault| apply(vault, vec![write("global/a", "a3")])),
    ("import", |vault| {
        apply(vault, (0..20).map(|n| write(&format!("skill:x/k{n}"), "v")).collect())
    }),
    ("edit", |vault| {
        let patch = MetadataPatch { note: Some(Some("n".into())), ..Default::default() };
        apply(vault, vec![Change::Edit { name: name("global/a"), patch, expect: Expect::Any }])
    }),
    ("move", |vault| {
        let (from, to) = (name("global/a"), name("skill:x/a"));
        apply(vault, vec![Change::Move { from, to, expect: Expect::Any }])
    }),
    ("delete", |vault| apply(vault, vec![delete("global/b")])),
    ("restore", |vault| apply(vault, vec![Change::Restore { id: newest_deleted(vault)? }])),
    ("purge", |vault| apply(vault, vec![Change::Purge { id: newest_deleted(vault)? }])),
    ("record", |vault| apply(vault, vec![record("new")])),
    ("record and secret", |vault| apply(vault, vec![record("old"), write("global/new", "n")])),
    ("slot added", |vault| vault.change_slots(&[key_file()], &[], None).map(drop)),
    ("slot replaced", |vault| {
        let old = vault.slots()?[0].id.unwrap();
        vault.change_slots(&[key_file()], &[old], None).map(drop)
    }),
    ("rotate", |vault| vault.rotate(&[key_file()], None, &mut |_, _| {}).map(drop)),
    ("migrate", |vault| vault.migrate(BackendKind::Memory, &mut |_, _| {}).map(drop)),
];
