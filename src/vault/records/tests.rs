//! The form of the records, and what a list whose records are none does to everything else.

use proptest::prelude::*;

use super::*;
use crate::vault::change::Change;
use crate::vault::commit::Transaction;
use crate::vault::doctor::{self, Severity};
use crate::vault::{CreateOptions, MetadataPatch, NewSlot, Place, SensitiveBytes, Vault};

fn id(text: &str) -> SecretKey {
    text.parse().unwrap()
}

fn record(name: &str, owner: &str, revision: u64, body: &[u8]) -> Record {
    Record { id: id(name), owner: owner.parse().unwrap(), revision, body: body.to_vec() }
}

fn encoded(records: Vec<Record>) -> Vec<u8> {
    Records(records).to_bytes().unwrap()
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let owner = prop_oneof![
        Just("global".to_owned()),
        "[a-z]{1,9}".prop_map(|name| format!("skill:{name}")),
        "[a-z]{1,9}:[a-z\u{eb}]{1,9}".prop_map(|name| format!("project:{name}")),
    ];
    let body =
        prop_oneof![proptest::collection::vec(any::<u8>(), 1..300), Just(vec![0xff; MAX_RECORD]),];
    let one = (owner, 1_u64.., body);
    proptest::collection::btree_map("[A-Za-z0-9._-]{1,128}", one, 0..12).prop_map(|all| {
        let named = |(name, (owner, revision, body)): (String, (String, u64, Vec<u8>))| {
            record(&name, &owner, revision, &body)
        };
        all.into_iter().map(named).collect()
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(records in records()) {
        let bytes = encoded(records.clone());
        prop_assert_eq!(Records::from_bytes(&bytes), Some(Records(records)));
    }

    /// Any bytes, and any one change of right ones: an error, or what would be written so.
    #[test]
    fn what_is_read_is_what_would_be_written(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        records in records(),
        at in any::<usize>(),
        other in any::<u8>(),
    ) {
        let mut altered = encoded(records);
        let at = at % altered.len();
        let cut = altered[..at].to_vec();
        altered[at] = other;
        for bytes in [bytes, altered, cut] {
            if let Some(records) = Records::from_bytes(&bytes) {
                prop_assert_eq!(records.to_bytes().unwrap(), bytes);
            }
        }
    }
}

#[test]
fn the_form_is_the_one_in_the_specification() {
    let bytes = encoded(vec![record("a.b", "global", 300, b"hi"), record("c", "skill:x", 1, b"!")]);
    assert_eq!(bytes, b"\x02\x03a.b\x06global\xac\x02\x02hi\x01c\x07skill:x\x01\x01!");
    assert_eq!(Records::from_bytes(&[0]), Some(Records::default()));
}

#[test]
fn any_other_form_is_refused() {
    let twice = encoded(vec![record("a", "global", 1, b"x"), record("a", "skill:x", 1, b"x")]);
    let many = (0..=MAX_RECORDS).map(|n| record(&n.to_string(), "global", 1, b"x"));
    for (what, bytes) in [
        ("nothing", &b""[..]),
        ("a byte too many", b"\x01\x01a\x06global\x01\x01x\x00"),
        ("a byte too few", b"\x01\x01a\x06global\x01\x02x"),
        ("more than there are", b"\xff\xff\xff\xff\x0f\x01a\x06global\x01\x01x"),
        ("a longer number than needed", b"\x01\x01a\x06global\x81\x00\x01x"),
        ("no revision", b"\x01\x01a\x06global\x00\x01x"),
        ("no body", b"\x01\x01a\x06global\x01\x00"),
        ("no key", b"\x01\x01/\x06global\x01\x01x"),
        ("an alias of a scope", b"\x01\x01a\x06user:x\x01\x01x"),
        ("an id twice", &twice),
        ("a body too long", &encoded(vec![record("a", "global", 1, &[0; MAX_RECORD + 1])])),
        ("too many", &encoded(many.collect())),
    ] {
        assert_eq!(Records::from_bytes(bytes), None, "{what}");
    }
    assert!(Records::from_bytes(b"\x01\x01a\x06global\x01\x01x").is_some());
}

#[test]
fn a_vault_without_records_has_no_trace_of_them() {
    let mut list = RootList::default();
    let mut records = Records::default();
    records.put(&Actor::Owner, id("a"), Scope::global(), b"x".to_vec(), Expect::Absent).unwrap();
    records.put_into(&mut list).unwrap();
    assert_eq!(Records::of(&list).unwrap(), records);
    records.remove(&Actor::Owner, &id("a"), Expect::Any).unwrap();
    records.put_into(&mut list).unwrap();
    assert_eq!(list, RootList::default());
}

#[test]
fn there_are_at_most_a_thousand() {
    let mut records = Records::default();
    let mut put = |name: &str, expect| {
        records.put(&Actor::Owner, id(name), Scope::global(), b"x".to_vec(), expect)
    };
    for n in 0..MAX_RECORDS {
        put(&n.to_string(), Expect::Absent).unwrap();
    }
    let refused = put("more", Expect::Any);
    assert!(matches!(refused, Err(VaultError::InvalidOption { .. })), "{refused:?}");
    assert_eq!(put("0", Expect::Any).unwrap().revision, 2, "those that are there still change");
    assert!(Records::from_bytes(&records.to_bytes().unwrap()).is_some());
}

fn key_file() -> NewSlot {
    NewSlot::KeyFile(SensitiveBytes::copy_of(&[7; 32]))
}

fn in_memory() -> Vault {
    let options = CreateOptions { slots: vec![key_file()], ..CreateOptions::in_memory() };
    Vault::create(&Place::in_memory(), &options).unwrap()
}

/// Puts bytes into the place of the records, as a writer that does not know them could.
fn spoil(vault: &Vault, bytes: &[u8]) {
    let mut tx = Transaction::begin(&vault.core).unwrap();
    tx.snapshot.list.extensions.insert(EXTENSION.into(), bytes.to_vec());
    tx.commit().unwrap();
}

fn extension(vault: &Vault) -> Option<Vec<u8>> {
    let tx = Transaction::begin(&vault.core).unwrap();
    tx.snapshot.list.extensions.get(EXTENSION).cloned()
}

#[test]
fn malformed_records_are_told_and_keep_nobody_from_a_secret() {
    let vault = in_memory();
    let view = vault.view(Actor::Owner);
    let name: SecretRef = "global/k".parse().unwrap();
    let put = || Change::PutRecord {
        id: id("a"),
        owner: Scope::global(),
        body: b"x".to_vec(),
        expect: Expect::Any,
    };
    view.apply(vec![put()], None).unwrap();
    spoil(&vault, b"\x01no");
    for refused in [
        view.records().map(drop),
        view.record(&id("a")).map(drop),
        view.apply(vec![put()], None).map(drop),
        view.apply(vec![Change::OrderRecords { ids: vec![id("a")] }], None).map(drop),
    ] {
        let why = "its list of profiles is malformed";
        let told = matches!(&refused, Err(VaultError::Damaged { what, why: it })
            if what == "root.json" && *it == why);
        assert!(told, "{refused:?}");
    }
    // Not even together with a secret; and alone it is written all the same.
    let write = || Change::Write {
        name: name.clone(),
        value: SensitiveBytes::copy_of(b"v"),
        patch: MetadataPatch::default(),
        expect: Expect::Absent,
    };
    assert!(view.apply(vec![write(), put()], None).is_err());
    view.apply(vec![write()], None).unwrap();
    assert!(view.read(&name).unwrap().value.with(|read| read == b"v"));
    assert_eq!(view.list().unwrap().secrets.len(), 1);
    vault.rotate(&[key_file()], None, &mut |_, _| {}).unwrap();
    assert_eq!(extension(&vault).as_deref(), Some(&b"\x01no"[..]), "carried as it is");

    let report = doctor::check(&vault, &mut |_, _| {}).unwrap();
    let found: Vec<_> =
        report.findings.iter().filter(|found| found.severity == Severity::Problem).collect();
    assert_eq!(found.len(), 1, "{report:?}");
    let told = "root.json is damaged or was altered: its list of profiles is malformed";
    assert_eq!((&*found[0].what, &*found[0].message), ("root.json", told));
    assert!(!found[0].fixable);
}
