//! Ways in added, removed and replaced, and the vault key rotated: stories over a real directory.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod kept;

use std::path::PathBuf;

use tresor::vault::{
    Actor, CachedKey, Change, ClosedVault, Expect, KeyringKey, MetadataPatch, NewSlot,
    PassphraseCost, Place, RecoveryCode, Result, SecretRef, SensitiveBytes, SlotKind, SystemRandom,
    Unlock, Vault, VaultError, doctor,
};

const KEY: [u8; 32] = [7; 32];
const OTHER: [u8; 32] = [8; 32];

fn bytes(bytes: impl AsRef<[u8]>) -> SensitiveBytes {
    SensitiveBytes::copy_of(bytes.as_ref())
}

fn name(text: &str) -> SecretRef {
    text.parse().unwrap()
}

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn dir(&self) -> PathBuf {
        self.0.path().join("vault")
    }

    fn place(&self) -> Place {
        kept::place(&self.dir(), &self.0.path().join("state"))
    }

    fn create(&self, slots: Vec<NewSlot>) -> Vault {
        Vault::create(&self.place(), &kept::options(slots)).unwrap()
    }

    fn open(&self, with: &Unlock<'_>) -> Result<Vault> {
        ClosedVault::open(&self.place())?.unlock(with)
    }
}

fn write(vault: &Vault, at: &str, value: &str) {
    let patch = MetadataPatch::default();
    vault.view(Actor::Owner).write(&name(at), bytes(value), patch, Expect::Any).unwrap();
}

/// Every live and kept value, and what lies in the trash.
fn contents(vault: &Vault) -> Vec<String> {
    let view = vault.view(Actor::Owner);
    let mut all = Vec::new();
    for secret in view.list().unwrap().secrets {
        for kept in view.describe(&secret.name).unwrap().history {
            let found = view.read_with(&secret.name, Some(kept.revision), None).unwrap().value;
            let found = found.with_str(str::to_owned).unwrap();
            all.push(format!("{} {} {found} {:?}", secret.name, kept.revision, kept.written_at));
        }
    }
    let trash = view.trash().unwrap();
    all.extend(
        trash.into_iter().map(|entry| format!("trash {} {:?}", entry.summary.name, entry.id)),
    );
    all
}

fn kinds(vault: &Vault) -> Vec<SlotKind> {
    vault.slots().unwrap().into_iter().map(|slot| slot.kind).collect()
}

fn of_kind(vault: &Vault, kind: SlotKind) -> tresor::vault::SlotId {
    vault.slots().unwrap().into_iter().find(|slot| slot.kind == kind).unwrap().id.unwrap()
}

#[test]
fn each_kind_of_slot_opens_the_vault() {
    let home = Home::new();
    let vault = home.create(vec![NewSlot::KeyFile(bytes(KEY))]);
    write(&vault, "global/k", "v");
    let code = RecoveryCode::generate(&SystemRandom).unwrap();
    let shown = code.shown().unwrap();
    let key = KeyringKey::generate(&SystemRandom).unwrap();
    let (item, held) = (key.item(), key.with(|held| bytes(held)));
    let passphrase = bytes("correct horse");
    let add = [
        NewSlot::Recovery(code),
        NewSlot::Keyring(key),
        NewSlot::Passphrase(bytes("correct horse")),
    ];
    let added = vault.change_slots(&add, &[], None).unwrap();
    assert_eq!(added.iter().map(|slot| slot.protects).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(added[1].item.as_deref(), Some(item.as_str()));
    let typed = RecoveryCode::parse(&shown).unwrap();
    let from_keyring = KeyringKey::from_item(&item, &held).unwrap();
    let ways = [
        Unlock::KeyFile(&bytes(KEY)),
        Unlock::Recovery(&typed),
        Unlock::Keyring(&from_keyring),
        Unlock::Passphrase(&passphrase),
    ]
    .map(|with| contents(&home.open(&with).unwrap()));
    assert!(ways.iter().all(|way| *way == contents(&vault)));

    let other = RecoveryCode::generate(&SystemRandom).unwrap();
    assert!(matches!(home.open(&Unlock::Recovery(&other)), Err(VaultError::WrongRecoveryCode)));
    let lying = KeyringKey::from_item(&item, &bytes(OTHER)).unwrap();
    assert!(matches!(home.open(&Unlock::Keyring(&lying)), Err(VaultError::WrongKeyringKey)));
    assert!(matches!(
        KeyringKey::from_item(&item, &bytes("short")),
        Err(VaultError::WrongKeyringKey)
    ));
}

#[test]
fn protected_secrets_open_with_the_passphrase_or_the_code_only() {
    let home = Home::new();
    let vault = home.create(vec![NewSlot::KeyFile(bytes(KEY))]);
    let code = RecoveryCode::generate(&SystemRandom).unwrap();
    let typed = RecoveryCode::parse(&code.shown().unwrap()).unwrap();
    vault.change_slots(&[NewSlot::Recovery(code)], &[], None).unwrap();
    // The second slot that keeps the protection key has to be given it.
    let passphrase = || NewSlot::Passphrase(bytes("correct horse"));
    let refused = vault.change_slots(&[passphrase()], &[], None);
    assert!(matches!(refused, Err(VaultError::NeedsProtectionKey)));
    let key = vault.protection_key(&Unlock::Recovery(&typed)).unwrap();
    vault.change_slots(&[passphrase()], &[], Some(&key)).unwrap();
    let patch = MetadataPatch { protected: Some(true), ..Default::default() };
    let view = vault.view(Actor::Owner);
    let at = name("global/k");
    let change = Change::Write { name: at.clone(), value: bytes("v"), patch, expect: Expect::Any };
    view.apply(vec![change], Some(&key)).unwrap();
    let by_passphrase = vault.protection_key(&Unlock::Passphrase(&bytes("correct horse"))).unwrap();
    let read = view.read_with(&at, None, Some(&by_passphrase)).unwrap();
    assert_eq!(read.value.with_str(str::to_owned).unwrap(), "v");
    assert!(matches!(view.read(&at), Err(VaultError::Protected { .. })));
    let key_file = bytes(KEY);
    let none = vault.protection_key(&Unlock::KeyFile(&key_file));
    assert!(matches!(none, Err(VaultError::CannotProtect)));

    // The last slot that keeps it stays for as long as something is protected.
    let passphrase = of_kind(&vault, SlotKind::Passphrase);
    vault.change_slots(&[], &[passphrase], None).unwrap();
    let recovery = of_kind(&vault, SlotKind::Recovery);
    let refused = vault.change_slots(&[], &[recovery], None);
    assert!(matches!(refused, Err(VaultError::KeepsOut { .. })), "{refused:?}");
    let patch = MetadataPatch { protected: Some(false), ..Default::default() };
    view.apply(vec![Change::Edit { name: at, patch, expect: Expect::Any }], Some(&key)).unwrap();
    vault.change_slots(&[], &[recovery], None).unwrap();
    assert_eq!(kinds(&vault), [SlotKind::KeyFile]);
}

#[test]
fn nobody_locks_himself_out() {
    let home = Home::new();
    let vault = home.create(vec![NewSlot::KeyFile(bytes(KEY))]);
    let key_file = of_kind(&vault, SlotKind::KeyFile);
    let refused = |add: &[NewSlot], remove: &[_]| vault.change_slots(add, remove, None);
    assert!(matches!(refused(&[], &[key_file]), Err(VaultError::KeepsOut { .. })));
    let keyring = || NewSlot::Keyring(KeyringKey::generate(&SystemRandom).unwrap());
    assert!(matches!(refused(&[keyring()], &[key_file]), Err(VaultError::KeepsOut { .. })));
    assert!(matches!(
        vault.rotate(&[keyring()], None, &mut |_, _| {}),
        Err(VaultError::InvalidOption { .. })
    ));
    assert!(matches!(
        vault.rotate(&[], None, &mut |_, _| {}),
        Err(VaultError::InvalidOption { .. })
    ));
    let many: Vec<_> = (0..8).map(|_| keyring()).collect();
    assert!(matches!(refused(&many, &[]), Err(VaultError::InvalidOption { .. })));
    let added = vault.change_slots(&[NewSlot::KeyFile(bytes(OTHER))], &[key_file], None).unwrap();
    assert!(matches!(refused(&[], &[key_file]), Err(VaultError::NoSlot { .. })));
    assert_eq!(vault.slots().unwrap()[0].id, added[0].id);
    assert!(matches!(home.open(&Unlock::KeyFile(&bytes(KEY))), Err(VaultError::WrongKeyFile)));
    home.open(&Unlock::KeyFile(&bytes(OTHER))).unwrap();
}

#[test]
fn a_removed_slot_is_in_no_file_any_more() {
    let home = Home::new();
    let vault = home.create(vec![NewSlot::KeyFile(bytes(KEY))]);
    write(&vault, "global/k", "v");
    let old = of_kind(&vault, SlotKind::KeyFile);
    vault.change_slots(&[NewSlot::KeyFile(bytes(OTHER))], &[old], None).unwrap();
    for file in ["root.json", "root.prev.json"] {
        let text = std::fs::read_to_string(home.dir().join(file)).unwrap();
        assert!(!text.contains(&old.to_string()), "{file}");
    }
}

#[test]
fn a_rotation_changes_every_key_and_no_value() {
    let home = Home::new();
    let vault = home.create(vec![NewSlot::KeyFile(bytes(KEY))]);
    for n in 0..40 {
        write(&vault, &format!("project:p{}:dev/key{n}", n % 7), &format!("value {n}"));
    }
    for revision in 2..5 {
        write(&vault, "global/changed", &format!("revision {revision}"));
    }
    let delete = Change::Delete { name: name("project:p1:dev/key1"), expect: Expect::Any };
    vault.view(Actor::Owner).apply(vec![delete], None).unwrap();
    let (before, other) = (contents(&vault), home.open(&Unlock::KeyFile(&bytes(KEY))).unwrap());
    let objects = || kept::envelopes(&home.place(), &vault);
    let old_objects = objects();
    let mut seen = Vec::new();
    let code = RecoveryCode::generate(&SystemRandom).unwrap();
    let typed = RecoveryCode::parse(&code.shown().unwrap()).unwrap();
    let slots = [NewSlot::KeyFile(bytes(OTHER)), NewSlot::Recovery(code)];
    let done = vault.rotate(&slots, None, &mut |done, total| seen.push((done, total))).unwrap();
    assert_eq!((done.envelopes, done.warnings), (43, vec![]));
    assert_eq!(seen.last(), Some(&(43, 43)));
    assert_eq!(contents(&vault), before, "through the vault that rotated");
    assert!(objects().iter().all(|object| !old_objects.contains(object)));
    let journals = std::fs::read_dir(home.dir().join("journal")).unwrap();
    let journals: Vec<_> = journals.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(journals, ["2.log"], "the former journal can be opened no more");
    // Another process has to unlock again, with a way in that was given.
    assert!(matches!(other.view(Actor::Owner).list(), Err(VaultError::KeysChanged)));
    assert!(matches!(home.open(&Unlock::KeyFile(&bytes(KEY))), Err(VaultError::WrongKeyFile)));
    for with in [Unlock::KeyFile(&bytes(OTHER)), Unlock::Recovery(&typed)] {
        let vault = home.open(&with).unwrap();
        assert_eq!(contents(&vault), before);
        let report = doctor::check(&vault, &mut |_, _| {}).unwrap();
        assert!(!report.has_problems(), "{report:?}");
        assert!(!report.findings.iter().any(|finding| finding.fixable), "{report:?}");
    }
    write(&vault, "global/after", "v");
}

#[test]
fn a_cached_key_opens_what_it_was_kept_for_and_no_protected_secret() {
    let home = Home::new();
    let vault = home.create(vec![NewSlot::Passphrase(bytes("one")), NewSlot::KeyFile(bytes(KEY))]);
    let protection = vault.protection_key(&Unlock::Passphrase(&bytes("one"))).unwrap();
    write(&vault, "global/open", "v");
    write(&vault, "global/guarded", "v");
    let patch = MetadataPatch { protected: Some(true), ..Default::default() };
    let guard = Change::Edit { name: name("global/guarded"), patch, expect: Expect::Any };
    vault.view(Actor::Owner).apply(vec![guard], Some(&protection)).unwrap();
    let kept = vault.cached_key().unwrap().with(<[u8]>::to_vec);
    vault.lock();
    assert!(matches!(vault.cached_key(), Err(VaultError::Locked)));
    let open = |kept: &[u8]| {
        ClosedVault::open(&home.place())?.unlock_cached(&CachedKey::from_cache(bytes(kept)))
    };
    let opened = open(&kept).unwrap();
    let view = opened.view(Actor::Owner);
    assert_eq!(view.read(&name("global/open")).unwrap().value.len(), 1);
    assert!(matches!(view.read(&name("global/guarded")), Err(VaultError::Protected { .. })));
    let entries = view.journal().unwrap().entries;
    assert!(entries.iter().any(|entry| entry.detail.as_deref() == Some("cache")), "{entries:?}");
    // It makes nothing that would outlast it, but for a person who enters the passphrase.
    let new = || [NewSlot::KeyFile(bytes(OTHER))];
    let key_file = of_kind(&opened, SlotKind::KeyFile);
    let refused = |add: &[_], remove: &[_]| opened.change_slots(add, remove, None).map(drop);
    assert!(matches!(refused(&new(), &[]), Err(VaultError::OnlyKept)));
    assert!(matches!(refused(&[], &[key_file]), Err(VaultError::OnlyKept)));
    let rotated = opened.rotate(&new(), None, &mut |_, _| {});
    assert!(matches!(rotated, Err(VaultError::OnlyKept)));
    assert!(matches!(opened.cached_key(), Err(VaultError::OnlyKept)));
    opened.change_slots(&new(), &[], Some(&protection)).unwrap();
    // Every other byte string is told from it: another key in it as well as another frame.
    for at in 0..kept.len() {
        let mut altered = kept.clone();
        altered[at] ^= 1;
        assert!(matches!(open(&altered), Err(VaultError::KeysChanged)), "byte {at}");
    }
    for length in 0..57 {
        assert!(matches!(open(&kept[..length]), Err(VaultError::KeysChanged)), "{length} bytes");
    }
}

/// What a guess of each passphrase costs: memory in KiB and passes.
fn costs(vault: &Vault) -> Vec<(u32, u32)> {
    vault.slots().unwrap().into_iter().filter_map(|slot| slot.cost).collect()
}

#[test]
fn a_passphrase_that_costs_too_little_is_made_anew_with_what_it_protects() {
    let home = Home::new();
    let (weak, least) = (PassphraseCost::new(19 * 1024, 2).unwrap(), PassphraseCost::LEAST);
    let slots = vec![
        NewSlot::PassphraseAt(bytes("weak"), weak),
        NewSlot::Passphrase(bytes("other")),
        NewSlot::KeyFile(bytes(KEY)),
    ];
    let vault = home.create(slots);
    let key = vault.protection_key(&Unlock::Passphrase(&bytes("weak"))).unwrap();
    let patch = MetadataPatch { protected: Some(true), ..Default::default() };
    let (at, value, expect) = (name("global/k"), bytes("v"), Expect::Any);
    let guarded = Change::Write { name: at.clone(), value, patch, expect };
    vault.view(Actor::Owner).apply(vec![guarded], Some(&key)).unwrap();
    let least = (least.memory_kib(), least.iterations());
    assert!(
        !vault.renew(&bytes("other")).unwrap(),
        "another passphrase renews no slot of this one"
    );
    assert_eq!(costs(&vault), [(19 * 1024, 2), least]);
    assert!(vault.renew(&bytes("weak")).unwrap());
    assert_eq!(costs(&vault), [least, least]);
    assert_eq!(vault.slots().unwrap().len(), 3);
    assert!(!vault.renew(&bytes("weak")).unwrap(), "once is enough");
    let vault = home.open(&Unlock::Passphrase(&bytes("weak"))).unwrap();
    let key = vault.protection_key(&Unlock::Passphrase(&bytes("weak"))).unwrap();
    vault.view(Actor::Owner).read_with(&at, None, Some(&key)).unwrap();
    let entries = vault.view(Actor::Owner).journal().unwrap().entries;
    let replaced =
        |detail: &Option<String>| detail.as_deref().is_some_and(|d| d.contains("replaced"));
    assert_eq!(entries.iter().filter(|entry| replaced(&entry.detail)).count(), 1, "{entries:?}");
}

#[test]
fn a_passphrase_that_costs_more_in_one_way_stays_as_it_is() {
    for (memory_kib, passes) in [(65 * 1024, 3), (19 * 1024, 4), (65 * 1024, 2)] {
        let home = Home::new();
        let cost = PassphraseCost::new(memory_kib, passes).unwrap();
        let vault = home.create(vec![NewSlot::PassphraseAt(bytes("p"), cost)]);
        let before = vault.generation().unwrap();
        assert!(!vault.renew(&bytes("p")).unwrap());
        assert_eq!(vault.generation().unwrap(), before);
        assert_eq!(costs(&vault), [(memory_kib, passes)]);
    }
    let refused =
        [(64 * 1024, 1), (18 * 1024, 3), (512 * 1024, 9), (u32::MAX, 2), (64 * 1024, u32::MAX)];
    for (memory_kib, passes) in refused {
        assert!(PassphraseCost::new(memory_kib, passes).is_err(), "{memory_kib} {passes}");
    }
}

#[test]
fn a_rotation_takes_protected_secrets_along() {
    let home = Home::new();
    let vault = home.create(vec![NewSlot::Passphrase(bytes("one"))]);
    let key = vault.protection_key(&Unlock::Passphrase(&bytes("one"))).unwrap();
    let patch = MetadataPatch { protected: Some(true), ..Default::default() };
    let (at, value, expect) = (name("global/k"), bytes("v"), Expect::Any);
    let view = vault.view(Actor::Owner);
    let write = Change::Write { name: at.clone(), value, patch, expect };
    view.apply(vec![write], Some(&key)).unwrap();
    let passphrase = || [NewSlot::Passphrase(bytes("two"))];
    let without = vault.rotate(&passphrase(), None, &mut |_, _| {});
    assert!(matches!(without, Err(VaultError::Protected { .. })));
    let unprotected = vault.rotate(&[NewSlot::KeyFile(bytes(KEY))], Some(&key), &mut |_, _| {});
    assert!(matches!(unprotected, Err(VaultError::CannotProtect)));
    vault.rotate(&passphrase(), Some(&key), &mut |_, _| {}).unwrap();
    assert!(view.read_with(&at, None, Some(&key)).is_err(), "the old protection key");
    let key = vault.protection_key(&Unlock::Passphrase(&bytes("two"))).unwrap();
    let read = view.read_with(&at, None, Some(&key)).unwrap();
    assert_eq!(read.value.with_str(str::to_owned).unwrap(), "v");
}
