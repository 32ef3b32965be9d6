//! Golden vaults hold the format still: one that no longer opens means a new format number.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod private;

use std::path::{Path, PathBuf};

use private::copy_private;
use tresor::vault::{
    Actor, Change, ClosedVault, CreateOptions, Expect, KeyringKey, MetadataPatch, NewSlot, Place,
    RecoveryCode, SecretKind, SecretRef, SensitiveBytes, SlotKind, Timestamp, Unlock, Vault,
    doctor,
};

const PASSPHRASE: &str = "correct horse b\u{e4}ttery staple";
/// The item of the desktop's keyring, and what it held.
const ITEM: (&str, [u8; 32]) = ("0123456789abcdef0123456789abcdef", [0x6b; 32]);

fn golden(which: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(which)
}

fn name(text: &str) -> SecretRef {
    text.parse().unwrap()
}

fn write(at: &str, value: &[u8], patch: MetadataPatch) -> Change {
    let value = SensitiveBytes::copy_of(value);
    Change::Write { name: name(at), value, patch, expect: Expect::Any }
}

fn passphrase() -> SensitiveBytes {
    SensitiveBytes::copy_of(PASSPHRASE.as_bytes())
}

fn key_file() -> SensitiveBytes {
    SensitiveBytes::new(std::fs::read(golden("v1-key-file.key")).unwrap())
}

fn recovery() -> RecoveryCode {
    let shown = SensitiveBytes::new(std::fs::read(golden("v1-recovery.code")).unwrap());
    RecoveryCode::parse(&shown).unwrap()
}

fn keyring() -> KeyringKey {
    KeyringKey::from_item(ITEM.0, &SensitiveBytes::copy_of(&ITEM.1)).unwrap()
}

/// One slot of every kind.
fn every_slot() -> Vec<NewSlot> {
    vec![
        NewSlot::Passphrase(passphrase()),
        NewSlot::Recovery(recovery()),
        NewSlot::Keyring(keyring()),
        NewSlot::KeyFile(key_file()),
    ]
}

/// Fills a new vault with one of everything that the format can hold.
fn fill(vault: &Vault, passphrase: Option<&SensitiveBytes>) {
    let view = vault.view(Actor::Owner);
    let full = MetadataPatch {
        kind: Some(SecretKind::ApiKey),
        username: Some(Some("zo\u{eb}".into())),
        url: Some(Some("https://example.org/a?b=c".into())),
        tags: Some(vec!["live".into(), "billing".into()]),
        note: Some(Some("two\nlines".into())),
        expires_at: Some(Some(Timestamp(2_000_000_000))),
        protected: None,
    };
    let all: Vec<u8> = (0..=255).collect();
    let plain = MetadataPatch::default;
    let mut batch = vec![
        write("global/full", b"first", full),
        write("global/full", b"second", plain()),
        write("principal:user:zo\u{eb}/binary", &all, plain()),
        write("channel:slack:acct:1/one-byte", b"x", plain()),
        write("skill:extractor/long", &vec![b'l'; 5000], plain()),
        write("project:shop/limit", &vec![b'm'; 65_536], plain()),
        write("project:shop:prod/gone", b"deleted", plain()),
    ];
    batch.push(Change::Delete { name: name("project:shop:prod/gone"), expect: Expect::Any });
    view.apply(batch, None).unwrap();
    let to = name("project:shop:dev/limit");
    view.apply(
        vec![Change::Move { from: name("project:shop/limit"), to, expect: Expect::Any }],
        None,
    )
    .unwrap();
    if let Some(passphrase) = passphrase {
        let key = vault.protection_key(&Unlock::Passphrase(passphrase)).unwrap();
        let patch = MetadataPatch { protected: Some(true), ..plain() };
        view.apply(vec![write("global/protected", b"guarded", patch)], Some(&key)).unwrap();
    }
}

/// Compares a golden vault with what [`fill`] put into it, then writes to it; gives its slots.
fn check(which: &str, unlock: &Unlock<'_>, protection: Option<&Unlock<'_>>) -> Vec<SlotKind> {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("vault");
    copy_private(&golden(which), &dir);
    let place = Place::on_disk(&dir, &home.path().join("state"));
    let vault = ClosedVault::open(&place).unwrap().unlock(unlock).unwrap();
    let view = vault.view(Actor::Owner);
    let read = |at: &str| view.read(&name(at)).unwrap().value.with(<[u8]>::to_vec);
    assert_eq!(read("global/full"), b"second");
    assert_eq!(read("principal:user:zo\u{eb}/binary"), (0..=255).collect::<Vec<u8>>());
    assert_eq!(read("channel:slack:acct:1/one-byte"), b"x");
    assert_eq!(read("skill:extractor/long"), vec![b'l'; 5000]);
    assert_eq!(read("project:shop:dev/limit"), vec![b'm'; 65_536]);
    let first = view.read_with(&name("global/full"), Some(1), None).unwrap();
    assert!(first.value.with(|value| value == b"first"));
    let metadata = view.describe(&name("global/full")).unwrap().metadata;
    assert_eq!(metadata.kind, SecretKind::ApiKey);
    assert_eq!(metadata.username.as_deref(), Some("zo\u{eb}"));
    assert_eq!(metadata.url.as_deref(), Some("https://example.org/a?b=c"));
    assert_eq!(metadata.tags, ["billing", "live"]);
    assert_eq!(metadata.note.as_deref(), Some("two\nlines"));
    assert_eq!(metadata.expires_at, Some(Timestamp(2_000_000_000)));
    assert_eq!(metadata.revision, 2);
    let protection = protection.map(|unlock| vault.protection_key(unlock).unwrap());
    if let Some(key) = &protection {
        let secret = view.read_with(&name("global/protected"), None, Some(key)).unwrap();
        assert!(secret.value.with(|value| value == b"guarded"));
    }
    let report = doctor::check(&vault, &mut |_, _| {}).unwrap();
    assert!(!report.has_problems(), "{report:?}");
    let trash = view.trash().unwrap();
    assert_eq!(trash[0].summary.name, name("project:shop:prod/gone"));
    assert_eq!(view.list().unwrap().secrets.len(), 5 + usize::from(protection.is_some()));
    view.apply(vec![write("global/new", b"new", MetadataPatch::default())], None).unwrap();
    assert_eq!(read("global/new"), b"new");
    vault.slots().unwrap().iter().map(|slot| slot.kind).collect()
}

#[test]
fn format_1_with_a_key_file_opens() {
    check("v1-key-file", &Unlock::KeyFile(&key_file()), None);
}

#[test]
fn format_1_with_a_passphrase_opens_in_both_unicode_forms() {
    let decomposed = SensitiveBytes::from_string(PASSPHRASE.replace('\u{e4}', "a\u{308}"));
    check(
        "v1-passphrase",
        &Unlock::Passphrase(&decomposed),
        Some(&Unlock::Passphrase(&decomposed)),
    );
}

/// Each way in opens it, and the two that keep the protection key open what is protected.
fn check_every_slot(which: &str) {
    let (words, code) = (passphrase(), recovery());
    let (words, code) = (Unlock::Passphrase(&words), Unlock::Recovery(&code));
    let (item, file) = (keyring(), key_file());
    check(which, &words, Some(&code));
    check(which, &code, Some(&words));
    check(which, &Unlock::KeyFile(&file), Some(&code));
    let kinds = check(which, &Unlock::Keyring(&item), Some(&code));
    let every = [SlotKind::Passphrase, SlotKind::Recovery, SlotKind::Keyring, SlotKind::KeyFile];
    assert_eq!(kinds, every);
}

#[test]
fn format_1_with_a_slot_of_every_kind_opens_by_each() {
    check_every_slot("v1-every-slot");
}

#[test]
fn format_1_with_a_key_that_was_replaced_opens_by_each_slot() {
    let root = std::fs::read_to_string(golden("v1-rotated").join("root.json")).unwrap();
    assert!(root.contains("\"epoch\":2"), "it is not of the second epoch");
    check_every_slot("v1-rotated");
}

/// Makes one golden vault.
fn make(which: &str) {
    let state = tempfile::tempdir().unwrap();
    let place = Place::on_disk(&golden(which), &state.path().join("state"));
    let slots = match which {
        "v1-key-file" => vec![NewSlot::KeyFile(key_file())],
        "v1-passphrase" => vec![NewSlot::Passphrase(passphrase())],
        _ => every_slot(),
    };
    let protects = slots.iter().any(|slot| slot.kind() == SlotKind::Passphrase);
    let vault = Vault::create(&place, &CreateOptions::new(slots)).unwrap();
    fill(&vault, protects.then(passphrase).as_ref());
    if which == "v1-rotated" {
        let key = vault.protection_key(&Unlock::Passphrase(&passphrase())).unwrap();
        vault.rotate(&every_slot(), Some(&key), &mut |_, _| {}).unwrap();
    }
}

/// Makes the golden vaults of a new format; run once with TRESOR_WRITE_GOLDEN=1, then committed.
#[test]
fn golden_vaults_are_there() {
    for which in ["v1-key-file", "v1-passphrase", "v1-every-slot", "v1-rotated"] {
        if std::env::var_os("TRESOR_WRITE_GOLDEN").is_some() && !golden(which).exists() {
            make(which);
        }
        assert!(golden(which).join("root.json").is_file(), "{which}");
    }
}
