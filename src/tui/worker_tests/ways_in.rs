//! The ways into a vault, by which the worker opens it and which it changes.

use super::*;

#[test]
fn a_recovery_code_opens_the_vault_and_its_protected_secrets() {
    let temporary = tempfile::tempdir().unwrap();
    let place = Place::on_disk(&temporary.path().join("vault"), &temporary.path().join("state"));
    let code = RecoveryCode::generate(&crate::vault::SystemRandom).unwrap();
    let written = code.shown().unwrap();
    let vault = Vault::create(&place, &CreateOptions::new(vec![NewSlot::Recovery(code)])).unwrap();
    let patch = MetadataPatch { protected: Some(true), ..MetadataPatch::default() };
    let name = "global/a".parse().unwrap();
    let key = vault.protection_key(&Unlock::Recovery(&RecoveryCode::parse(&written).unwrap()));
    let write = Change::Write {
        name,
        value: SensitiveBytes::copy_of(b"canary"),
        patch,
        expect: Expect::Any,
    };
    vault.view(Actor::Owner).apply(vec![write], Some(&key.unwrap())).unwrap();
    let bench = bench(Some(place), Shared::default());
    let typed = || Opener::Typed(written.duplicate());
    let Outcome::Unlocked(facts) = bench.done(Effect::Unlock(Ticket(1), typed())) else {
        panic!("not unlocked");
    };
    assert!(facts.has_recovery && facts.can_protect);
    let passphrase = Some(written.duplicate());
    let name: SecretRef = "global/a".parse().unwrap();
    let purpose = Purpose::Reveal;
    let read = Effect::Read { ticket: Ticket(1), name, revision: None, purpose, passphrase };
    let Outcome::Read(_, 1, value) = bench.done(read) else { panic!("not a value") };
    assert!(value.with(|value| value == b"canary"));
    let wrong = Opener::Typed(SensitiveBytes::copy_of(b"tresor1 qqqq qqqq qqqq qqqq qqqq"));
    let failure = bench.failed(Effect::Unlock(Ticket(1), wrong));
    assert!(failure.wrong_code && failure.kind == FaultKind::Invalid);
}

/// A vault on disk with a passphrase and `global/a`, open, and the bench of its worker.
fn with_passphrase(directory: &Path) -> Bench {
    let place = Place::on_disk(&directory.join("vault"), &directory.join("state"));
    let passphrase = SensitiveBytes::copy_of(b"correct horse");
    let options = CreateOptions::new(vec![NewSlot::Passphrase(passphrase)]);
    let vault = Vault::create(&place, &options).unwrap();
    write(&vault, "global/a", b"canary");
    bench(Some(place), Shared::with(vault))
}

fn typed(text: &[u8]) -> SensitiveBytes {
    SensitiveBytes::copy_of(text)
}

fn kinds(now: &crate::app::SlotsNow) -> Vec<SlotKind> {
    now.slots.iter().map(|slot| slot.kind).collect()
}

#[test]
fn ways_in_are_added_replaced_and_removed() {
    let temporary = tempfile::tempdir().unwrap();
    let bench = with_passphrase(temporary.path());
    let change = |change| match bench.done(Effect::ChangeSlots(Ticket(1), change)) {
        Outcome::SlotsChanged(now) => now,
        _ => panic!("not changed"),
    };
    let key = temporary.path().join("made/key");
    let now = change(SlotChange::Add(NewWay::KeyFile(key.clone()), None));
    assert_eq!(kinds(&now), [SlotKind::Passphrase, SlotKind::KeyFile]);
    assert!(key.is_file() && !now.facts.has_recovery);
    let code = RecoveryCode::generate(&crate::vault::SystemRandom).unwrap();
    let written = code.shown().unwrap();
    let proof = || Some(typed(b"correct horse"));
    assert!(change(SlotChange::Add(NewWay::Recovery(code), proof())).facts.has_recovery);
    let old = now.slots[0].id.unwrap();
    let new = typed(b"another one");
    let wrong = SlotChange::Replace { old, new: new.duplicate(), proof: typed(b"wrong") };
    assert!(bench.failed(Effect::ChangeSlots(Ticket(1), wrong)).wrong_passphrase);
    // The code proves it as well.
    let now = change(SlotChange::Replace { old, new, proof: written });
    let unlock = |text: &[u8]| Effect::Unlock(Ticket(1), Opener::Typed(typed(text)));
    assert!(bench.failed(unlock(b"correct horse")).wrong_passphrase);
    assert!(matches!(bench.done(unlock(b"another one")), Outcome::Unlocked(_)));
    let file = now.slots.iter().find(|slot| slot.kind == SlotKind::KeyFile).unwrap();
    let now = change(SlotChange::Remove(file.id.unwrap()));
    assert_eq!(kinds(&now), [SlotKind::Recovery, SlotKind::Passphrase]);
}

#[test]
fn a_key_file_made_for_a_slot_that_is_refused_is_removed_again() {
    let temporary = tempfile::tempdir().unwrap();
    let bench = with_passphrase(temporary.path());
    for number in 0..7 {
        let way = NewWay::KeyFile(temporary.path().join(format!("key-{number}")));
        bench.done(Effect::ChangeSlots(Ticket(1), SlotChange::Add(way, None)));
    }
    let one_too_many = temporary.path().join("key-8");
    let change = SlotChange::Add(NewWay::KeyFile(one_too_many.clone()), None);
    let failure = bench.failed(Effect::ChangeSlots(Ticket(1), change));
    assert!(failure.message.contains("at most eight"), "{}", failure.message);
    assert!(!one_too_many.exists());
}

#[test]
fn a_rotation_tells_what_it_drops_reports_its_progress_and_outlives_a_lock() {
    let temporary = tempfile::tempdir().unwrap();
    let bench = with_passphrase(temporary.path());
    let way = NewWay::KeyFile(temporary.path().join("key"));
    bench.done(Effect::ChangeSlots(Ticket(1), SlotChange::Add(way, None)));
    let opener = || Opener::Typed(typed(b"correct horse"));
    let wrong = Effect::Prove(Ticket(1), Opener::Typed(typed(b"wrong")));
    assert!(bench.failed(wrong).wrong_passphrase);
    let Outcome::Proven(dropped) = bench.done(Effect::Prove(Ticket(1), opener())) else {
        panic!("not proven");
    };
    assert_eq!(dropped.iter().map(|slot| slot.kind).collect::<Vec<_>>(), [SlotKind::KeyFile]);
    bench.worker.ask(Effect::Rotate { ticket: Ticket(1), opener: opener(), code: None });
    let Event::Progress(Ticket(1), 1, 1) = bench.event() else { panic!("no progress") };
    bench.shared.lock();
    let Event::Done(_, Outcome::Rotated(done)) = bench.event() else { panic!("not rotated") };
    assert_eq!((done.envelopes, kinds(&done.now)), (1, vec![SlotKind::Passphrase]));
    assert_eq!(bench.failed(read("global/a")).kind, FaultKind::Locked);
    bench.done(Effect::Unlock(Ticket(1), opener()));
    let Outcome::Read(_, 1, value) = bench.done(read("global/a")) else { panic!("not a value") };
    assert!(value.with(|value| value == b"canary"));
}

#[test]
fn a_passphrase_that_costs_too_little_is_brought_up_to_date_by_the_unlock() {
    let temporary = tempfile::tempdir().unwrap();
    let place = Place::on_disk(&temporary.path().join("vault"), &temporary.path().join("state"));
    let weak = PassphraseCost::new(19 * 1024, 2).unwrap();
    let slots = vec![NewSlot::PassphraseAt(typed(b"weak"), weak)];
    Vault::create(&place, &CreateOptions::new(slots)).unwrap().lock();
    let bench = bench(Some(place.clone()), Shared::default());
    bench.done(Effect::Unlock(Ticket(1), Opener::Typed(typed(b"weak"))));
    let least = (PassphraseCost::LEAST.memory_kib(), PassphraseCost::LEAST.iterations());
    let slots = ClosedVault::open(&place).unwrap().slots();
    assert_eq!(slots.iter().map(|slot| slot.cost).collect::<Vec<_>>(), [Some(least)]);
}
