//! What is found in a vault in memory, and what is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::*;

use crate::service::compare::AT_ONCE;
use crate::vault::journal::Action;
use crate::vault::{
    Actor, Change, Clock, CreateOptions, Expect, MetadataPatch, NewSlot, Place, RecoveryCode,
    SensitiveBytes, SystemRandom, Unlock, Vault,
};

const NOW: Timestamp = Timestamp(1_800_000_000);

/// A clock moved by hand.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// An empty vault in memory that was opened with a recovery code, its clock, and its protection key.
fn vault() -> (Vault, Arc<Hand>, ProtectionKey) {
    let clock = Arc::new(Hand(AtomicI64::new(NOW.0)));
    let place = Place::in_memory().with_world(clock.clone(), Arc::new(SystemRandom));
    let code = RecoveryCode::generate(&SystemRandom).unwrap();
    let again = RecoveryCode::parse(&code.shown().unwrap()).unwrap();
    let slots = vec![NewSlot::Recovery(code)];
    let options = CreateOptions { slots, ..CreateOptions::in_memory() };
    let vault = Vault::create(&place, &options).unwrap();
    let key = vault.protection_key(&Unlock::Recovery(&again)).unwrap();
    (vault, clock, key)
}

fn name(text: &str) -> SecretRef {
    text.parse().unwrap()
}

fn put(vault: &Vault, text: &str, value: &[u8], kind: SecretKind) {
    put_with(vault, text, value, MetadataPatch { kind: Some(kind), ..Default::default() });
}

fn put_with(vault: &Vault, text: &str, value: &[u8], patch: MetadataPatch) {
    let value = SensitiveBytes::copy_of(value);
    vault.view(Actor::Owner).write(&name(text), value, patch, Expect::Any).unwrap();
}

fn found(vault: &Vault) -> Vec<(String, &'static str)> {
    let report = audit(&vault.view(Actor::Owner), &Rules::at(NOW), None, &mut |_, _| {}).unwrap();
    report.findings.iter().map(|(name, finding)| (name.to_string(), finding.word())).collect()
}

#[test]
fn what_is_weak_old_expiring_or_expired_is_found_worst_first() {
    let (vault, clock, _) = vault();
    clock.0.store(NOW.0 - 400 * DAY, Ordering::SeqCst);
    put(&vault, "global/old", b"Xk2#9vQz!pL0mB7w", SecretKind::Password);
    put(&vault, "global/note", b"kept for ever and ever", SecretKind::Note);
    clock.0.store(NOW.0, Ordering::SeqCst);
    put(&vault, "global/new", b"Lk2#9vQz!pL0mB7w", SecretKind::Password);
    put(&vault, "global/weak", b"password1", SecretKind::Password);
    put(&vault, "global/db_password", b"hunter2", SecretKind::Other);
    put(&vault, "global/db_pass", b"hunter3", SecretKind::Other);
    put(&vault, "global/password_file", b"password2", SecretKind::Other);
    put(&vault, "global/weak_token", b"password1x", SecretKind::ApiKey);
    for (text, days) in [("global/gone", -3), ("global/soon", 5), ("global/later", 31)] {
        let expires_at = Some(Some(NOW.plus(days * DAY + 60)));
        let patch = MetadataPatch { expires_at, ..Default::default() };
        put_with(&vault, text, text.as_bytes(), patch);
    }
    let expected = [
        ("global/gone", "expired"),
        ("global/weak", "weak"),
        ("global/db_pass", "weak"),
        ("global/db_password", "weak"),
        ("global/soon", "expiring"),
        ("global/old", "old"),
    ];
    assert_eq!(found(&vault), expected.map(|(name, word)| (name.to_owned(), word)));
}

#[test]
fn the_same_value_is_found_whatever_its_name_kind_or_last_newline() {
    let (vault, ..) = vault();
    put(&vault, "global/a", b"one and the same", SecretKind::Other);
    put(&vault, "project:x/b", b"one and the same\n", SecretKind::ApiKey);
    put(&vault, "project:x/c", b"another thing", SecretKind::ApiKey);
    put(&vault, "global/short1", b"true", SecretKind::Env);
    put(&vault, "global/short2", b"true", SecretKind::Env);
    let report = audit(&vault.view(Actor::Owner), &Rules::at(NOW), None, &mut |_, _| {}).unwrap();
    let both = [("global/a", "project:x/b"), ("project:x/b", "global/a")];
    let expected =
        both.map(|(one, other)| (name(one), Finding::Reused { with: vec![name(other)] }));
    assert_eq!(report.findings, expected);
    assert_eq!((report.looked_at, report.count("reused"), report.count("weak")), (5, 2, 0));
    // Who does not see the other one is not told of it.
    let view = vault.view("skill:s".parse().unwrap());
    assert_eq!(audit(&view, &Rules::at(NOW), None, &mut |_, _| {}).unwrap().findings, []);
}

#[test]
fn protected_values_are_left_out_unless_their_key_is_there() {
    let (vault, _, key) = vault();
    let patch = MetadataPatch {
        kind: Some(SecretKind::Password),
        protected: Some(true),
        ..Default::default()
    };
    let change = Change::Write {
        name: name("global/closed"),
        value: SensitiveBytes::copy_of(b"abc123"),
        patch,
        expect: Expect::Absent,
    };
    vault.view(Actor::Owner).apply(vec![change], Some(&key)).unwrap();
    put(&vault, "global/open", b"Xk2#9vQz!pL0mB7w", SecretKind::Password);
    let view = vault.view(Actor::Owner);
    let without = audit(&view, &Rules::at(NOW), None, &mut |_, _| {}).unwrap();
    assert_eq!((without.looked_at, without.left_out), (1, vec![name("global/closed")]));
    assert_eq!(without.findings, []);
    let with = audit(&view, &Rules::at(NOW), Some(&key), &mut |_, _| {}).unwrap();
    assert_eq!((with.looked_at, with.left_out.len(), with.count("weak")), (2, 0, 1));
}

#[test]
fn one_secret_is_judged_by_its_own_value_alone() {
    let (vault, clock, key) = vault();
    clock.0.store(NOW.0 - 400 * DAY, Ordering::SeqCst);
    put(&vault, "global/old", b"password1", SecretKind::Password);
    put(&vault, "global/twin", b"password1", SecretKind::Password);
    put(&vault, "global/key", b"password1", SecretKind::ApiKey);
    put(&vault, "global/note", b"password1", SecretKind::Other);
    let protected = MetadataPatch { protected: Some(true), ..Default::default() };
    let change = Change::Edit { name: name("global/twin"), patch: protected, expect: Expect::Any };
    let view = vault.view(Actor::Owner);
    view.apply(vec![change], Some(&key)).unwrap();
    let judged = |of: &str, key| {
        let judged = judge(&view, &view.describe(&name(of)).unwrap(), &Rules::at(NOW), key);
        let Judged { findings, looked_at } = judged.unwrap();
        (findings.iter().map(Finding::word).collect::<Vec<_>>(), looked_at)
    };
    let read = || {
        let entries = view.journal().unwrap().entries;
        entries.iter().filter(|entry| entry.action == Action::Compare).count()
    };
    assert_eq!(judged("global/old", None), (vec!["weak", "old"], Some(true)));
    assert_eq!(read(), 1);
    assert_eq!(judged("global/twin", None), (vec!["old"], Some(false)));
    // What is no password is not opened: its value would tell nothing.
    assert_eq!(judged("global/key", None), (vec!["old"], None));
    assert_eq!(judged("global/note", None), (vec![], None));
    assert_eq!(read(), 1);
    assert_eq!(judged("global/twin", Some(&key)), (vec!["weak", "old"], Some(true)));
}

#[test]
fn progress_ends_at_the_whole_and_a_large_vault_is_read_in_parts() {
    let (vault, ..) = vault();
    let write = |number: usize| Change::Write {
        name: name(&format!("global/key{number}")),
        value: SensitiveBytes::from_string(format!("value number {number}")),
        patch: MetadataPatch::default(),
        expect: Expect::Absent,
    };
    vault.view(Actor::Owner).apply((0..AT_ONCE + 9).map(write).collect(), None).unwrap();
    let mut steps = Vec::new();
    let view = vault.view(Actor::Owner);
    let mut at = |done, total| steps.push((done, total));
    assert_eq!(audit(&view, &Rules::at(NOW), None, &mut at).unwrap().looked_at, AT_ONCE + 9);
    let all = AT_ONCE + 9;
    assert_eq!(steps, [(0, all), (AT_ONCE, all), (all, all)]);
}

#[test]
fn findings_are_told_in_words() {
    assert_eq!(Finding::Expired { days: 0 }.text(), "expired today");
    assert_eq!(Finding::Expiring { days: 1 }.text(), "expires in 1 day");
    let with = ["global/a", "global/b"].map(name).to_vec();
    assert_eq!(Finding::Reused { with }.text(), "the same value as global/a and 1 more");
}
