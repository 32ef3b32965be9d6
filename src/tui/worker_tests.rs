//! The worker's answers, over a vault in memory and one on disk.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::*;
use crate::app::{NewWay, SlotChange};
use crate::service::clipboard::{ClipboardEnv, SystemClipboard};
use crate::vault::{
    Change, Expect, MetadataPatch, PassphraseCost, Purpose, Scope, SecretRef, SlotKind,
};

#[path = "worker_tests/codes.rs"]
mod codes;
#[path = "worker_tests/health.rs"]
mod health;
#[path = "worker_tests/recorded.rs"]
mod recorded;
#[path = "worker_tests/waiting.rs"]
mod waiting;
#[path = "worker_tests/ways_in.rs"]
mod ways_in;

struct Bench {
    worker: Worker,
    shared: Shared,
    events: Receiver<Message>,
}

fn bench(place: Option<Place>, shared: Shared) -> Bench {
    bench_with(place, None, shared)
}

fn bench_with(place: Option<Place>, key_file: Option<PathBuf>, shared: Shared) -> Bench {
    let (to, events) = channel();
    let clipboard = Box::new(SystemClipboard::new(ClipboardEnv::default()));
    let osc52 = crate::app::Osc52::Never;
    let copier = Copier::start(clipboard, Duration::from_secs(1), osc52, to.clone()).unwrap();
    let asking = Asking::default();
    let door = Door { place, key_file, calibration: Calibration::Least, asking };
    let worker = Worker::start(door, shared.clone(), copier, to, Actor::Owner).unwrap();
    Bench { worker, shared, events }
}

/// A vault in memory with `global/a`.
fn open() -> Bench {
    let vault = Vault::create(&Place::in_memory(), &CreateOptions::in_memory()).unwrap();
    write(&vault, "global/a", b"canary");
    bench(None, Shared::with(vault))
}

fn write(vault: &Vault, name: &str, value: &[u8]) {
    let value = SensitiveBytes::copy_of(value);
    let view = vault.view(Actor::Owner);
    view.write(&name.parse().unwrap(), value, MetadataPatch::default(), Expect::Any).unwrap();
}

impl Bench {
    fn event(&self) -> Event {
        match self.events.recv_timeout(Duration::from_secs(60)).expect("an answer") {
            Message::Event(event) => event,
            _ => panic!("not an event"),
        }
    }

    fn done(&self, effect: Effect) -> Outcome {
        self.worker.ask(effect);
        match self.event() {
            Event::Done(Ticket(1), outcome) => outcome,
            Event::Failed(_, failure) => panic!("failed: {failure:?}"),
            _ => panic!("not an answer"),
        }
    }

    fn failed(&self, effect: Effect) -> Failure {
        self.worker.ask(effect);
        match self.event() {
            Event::Failed(Ticket(1), failure) => failure,
            _ => panic!("not a failure"),
        }
    }

    fn is_quiet(&self) -> bool {
        // Everything asked before is answered before this is.
        let Outcome::Trash(_) = self.done(Effect::LoadTrash(Ticket(1))) else {
            panic!("not the trash");
        };
        self.events.try_recv().is_err()
    }
}

fn read(name: &str) -> Effect {
    let name = name.parse().unwrap();
    let purpose = Purpose::Reveal;
    Effect::Read { ticket: Ticket(1), name, revision: None, purpose, passphrase: None }
}

fn create(passphrase: SensitiveBytes) -> Effect {
    let (ticket, backend) = (Ticket(1), BackendKind::EncryptedFile);
    Effect::Create { ticket, backend, passphrase, code: None, keyring: false }
}

#[test]
fn an_open_vault_is_listed_described_and_read() {
    let bench = open();
    let Outcome::Listed(listing) = bench.done(Effect::Load(Ticket(1), Actor::Owner)) else {
        panic!("not a listing");
    };
    assert_eq!(listing.secrets.len(), 1);
    let name: SecretRef = "global/a".parse().unwrap();
    let Outcome::Described(found) = bench.done(Effect::Describe(Ticket(1), name)) else {
        panic!("not a description");
    };
    assert_eq!(found.metadata.revision, 1);
    let Outcome::Read(_, 1, value) = bench.done(read("global/a")) else { panic!("not a value") };
    assert!(value.with(|value| value == b"canary"));
}

#[test]
fn after_a_lock_nothing_is_answered_with_anything() {
    let bench = open();
    let vault = bench.shared.vault(bench.shared.epoch()).unwrap();
    bench.shared.lock();
    assert!(vault.is_locked());
    assert_eq!(bench.failed(read("global/a")).kind, FaultKind::Locked);
    assert_eq!(bench.failed(Effect::Load(Ticket(1), Actor::Owner)).kind, FaultKind::Locked);
}

#[test]
fn what_opens_after_a_lock_was_asked_for_is_locked_at_once() {
    let shared = Shared::default();
    let asked = shared.epoch();
    shared.lock();
    let vault = Vault::create(&Place::in_memory(), &CreateOptions::in_memory()).unwrap();
    assert!(!shared.put(vault.clone(), asked));
    assert!(vault.is_locked() && shared.vault(shared.epoch()).is_none());
}

#[test]
fn only_changes_of_others_are_told() {
    let bench = open();
    let vault = bench.shared.vault(bench.shared.epoch()).unwrap();
    bench.done(Effect::Load(Ticket(1), Actor::Owner));
    bench.worker.compare();
    assert!(bench.is_quiet(), "nothing had changed");
    let change = Change::Write {
        name: "global/b".parse().unwrap(),
        value: SensitiveBytes::copy_of(b"x"),
        patch: MetadataPatch::default(),
        expect: Expect::Absent,
    };
    bench.done(Effect::Apply(Ticket(1), vec![change], None));
    bench.worker.compare();
    assert!(bench.is_quiet(), "our own change was told");
    write(&vault, "global/c", b"x");
    bench.worker.compare();
    assert!(matches!(bench.event(), Event::VaultChanged));
    bench.worker.compare();
    assert!(bench.is_quiet(), "the same change was told twice");
}

#[test]
fn an_import_is_previewed_and_then_made_of_the_same_values() {
    let bench = open();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(".env");
    std::fs::write(&file, "A=canary\nB=new\nEMPTY=\nC=tresor://global/a\n").unwrap();
    let preview = Effect::PreviewImport(Ticket(1), file.clone(), Scope::global());
    let Outcome::ImportPreview(preview) = bench.done(preview) else { panic!("not a preview") };
    let states: Vec<_> = preview.rows.iter().map(|row| (row.name.to_string(), row.state)).collect();
    use crate::app::ImportState;
    assert_eq!(
        states,
        [("global/a".to_owned(), ImportState::Same), ("global/b".to_owned(), ImportState::New)]
    );
    assert_eq!(preview.left_out, 2);
    std::fs::write(&file, "B=swapped\n").unwrap();
    let import = Effect::Import { ticket: Ticket(1), overwrite: false, passphrase: None };
    let Outcome::Saved(receipt) = bench.done(import) else {
        panic!("not saved");
    };
    assert_eq!(receipt.outcomes.len(), 1);
    let Outcome::Read(_, _, value) = bench.done(read("global/b")) else { panic!("not a value") };
    assert!(value.with(|value| value == b"new"));
}

#[test]
fn an_import_that_fails_is_tried_again_with_the_same_values() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::on_disk(&directory.path().join("vault"), &directory.path().join("state"));
    let bench = bench(Some(place), Shared::default());
    let passphrase = || Some(SensitiveBytes::copy_of(b"correct horse"));
    bench.done(create(passphrase().unwrap()));
    let kept = Change::Write {
        name: "global/kept".parse().unwrap(),
        value: SensitiveBytes::copy_of(b"old"),
        patch: MetadataPatch { protected: Some(true), ..MetadataPatch::default() },
        expect: Expect::Any,
    };
    bench.done(Effect::Apply(Ticket(1), vec![kept], passphrase()));
    let file = directory.path().join(".env");
    std::fs::write(&file, "kept=new\n").unwrap();
    bench.done(Effect::PreviewImport(Ticket(1), file, Scope::global()));
    let import = |passphrase| Effect::Import { ticket: Ticket(1), overwrite: true, passphrase };
    assert!(bench.failed(import(None)).needs_protection);
    let Outcome::Saved(receipt) = bench.done(import(passphrase())) else { panic!("not saved") };
    assert_eq!(receipt.outcomes.len(), 1);
    bench.shared.with_import(|left| assert!(left.is_empty()));
}

#[test]
fn an_import_without_a_usable_file_is_refused() {
    let bench = open();
    for path in ["/nonexistent/.env", "/", "/dev/zero"] {
        let preview = Effect::PreviewImport(Ticket(1), path.into(), Scope::global());
        assert_eq!(bench.failed(preview).kind, FaultKind::Invalid, "{path}");
    }
}

#[test]
fn a_vault_is_made_locked_and_unlocked_again() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::on_disk(&directory.path().join("vault"), &directory.path().join("state"));
    let bench = bench(Some(place), Shared::default());
    let passphrase = || SensitiveBytes::copy_of(b"correct horse");
    let Outcome::Unlocked(facts) = bench.done(create(passphrase())) else {
        panic!("not unlocked");
    };
    assert_eq!((facts.name.as_str(), facts.lockable, facts.can_protect), ("vault", true, true));
    bench.shared.lock();
    let wrong = Effect::Unlock(Ticket(1), Opener::Typed(SensitiveBytes::copy_of(b"wrong")));
    assert!(bench.failed(wrong).wrong_passphrase);
    let Outcome::Unlocked(_) = bench.done(Effect::Unlock(Ticket(1), Opener::Typed(passphrase())))
    else {
        panic!("not unlocked");
    };
}

#[test]
fn an_older_copy_is_refused_until_it_is_accepted() {
    use crate::app::restore::Altered;
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path().join("vault");
    let place = Place::on_disk(&at, &directory.path().join("state"));
    let bench = bench(Some(place), Shared::default());
    let accept = |bytes: &[u8]| {
        Effect::AcceptRestore(Ticket(1), Opener::Typed(SensitiveBytes::copy_of(bytes)))
    };
    let load = || Effect::Load(Ticket(1), Actor::Owner);
    bench.done(create(SensitiveBytes::copy_of(b"correct horse")));
    let old = std::fs::read(at.join("root.json")).unwrap();
    write(&bench.shared.vault(bench.shared.epoch()).unwrap(), "global/a", b"canary");
    std::fs::write(at.join("root.json"), old).unwrap();
    assert_eq!(bench.failed(load()).altered, Some(Altered::Older));
    assert!(bench.failed(accept(b"wrong")).wrong_passphrase);
    assert_eq!(bench.failed(load()).altered, Some(Altered::Older));
    assert!(matches!(bench.done(accept(b"correct horse")), Outcome::Unlocked(_)));
    let Outcome::Listed(listing) = bench.done(load()) else { panic!("not a listing") };
    assert!(listing.secrets.is_empty());
    assert!(at.join("lost").read_dir().unwrap().next().is_some(), "nothing was set aside");
    std::fs::remove_file(at.join("root.json")).unwrap();
    assert_eq!(bench.failed(load()).altered, Some(Altered::NoRoot));
    assert!(matches!(bench.done(accept(b"correct horse")), Outcome::Unlocked(_)));
}

#[cfg(unix)] // a mode is what makes the key file unsafe
#[test]
fn an_older_copy_is_accepted_by_a_key_file_and_unlocked_by_it() {
    use std::os::unix::fs::PermissionsExt;

    use crate::app::restore::Altered;
    use crate::vault::{SystemRandom, generate_key_file};
    let directory = tempfile::tempdir().unwrap();
    let (at, file) = (directory.path().join("vault"), directory.path().join("key"));
    let place = || Place::on_disk(&at, &directory.path().join("state"));
    let key = generate_key_file(&SystemRandom).unwrap();
    let mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode));
    key.with(|key| std::fs::write(&file, key)).unwrap();
    mode(0o600).unwrap();
    let options = CreateOptions::new(vec![NewSlot::KeyFile(key)]);
    let vault = Vault::create(&place(), &options).unwrap();
    let old = std::fs::read(at.join("root.json")).unwrap();
    write(&vault, "global/a", b"canary");
    std::fs::write(at.join("root.json"), old).unwrap();

    let bench = bench_with(Some(place()), Some(file.clone()), Shared::default());
    let unlock = || Effect::Unlock(Ticket(1), Opener::KeyFile);
    let accept = || Effect::AcceptRestore(Ticket(1), Opener::KeyFile);
    assert_eq!(bench.failed(unlock()).altered, Some(Altered::Older));
    mode(0o644).unwrap();
    let refused = bench.failed(accept());
    assert_eq!(
        (refused.kind, refused.help.as_str()),
        (FaultKind::Refused, "chmod 600 the key file")
    );
    mode(0o600).unwrap();
    assert!(matches!(bench.done(accept()), Outcome::Unlocked(_)));
    bench.shared.lock();
    assert!(matches!(bench.done(unlock()), Outcome::Unlocked(_)));
    std::fs::remove_file(&file).unwrap();
    bench.shared.lock();
    assert!(bench.failed(unlock()).message.contains("key"));
}
