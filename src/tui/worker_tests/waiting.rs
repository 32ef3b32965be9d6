//! A store of the system that keeps one waiting: whatever does not need it goes on.

use std::sync::{Arc, Condvar, Mutex};

use super::*;
use crate::vault::Result as VaultResult;
use crate::vault::backend::{Backends, BlobBackend, Id, Site};

/// Holds back whoever reads while it is shut.
#[derive(Default)]
struct Gate {
    /// Whether it is shut, and how many came to it since.
    state: Mutex<(bool, usize)>,
    turned: Condvar,
}

impl Gate {
    fn turn(&self, shut: bool) {
        *self.state.lock().unwrap() = (shut, 0);
        self.turned.notify_all();
    }

    fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        self.turned.notify_all();
        drop(self.turned.wait_while(state, |state| state.0).unwrap());
    }

    /// Until somebody stands before it.
    fn reached(&self) {
        let state = self.state.lock().unwrap();
        drop(self.turned.wait_while(state, |state| state.1 == 0).unwrap());
    }
}

/// The memory, in the place of a store behind a gate.
struct Gated(Arc<dyn Backends>, Arc<Gate>);

impl Backends for Gated {
    fn open(&self, _kind: BackendKind, site: &Site<'_>) -> VaultResult<Arc<dyn BlobBackend>> {
        let memory = self.0.open(BackendKind::Memory, site)?;
        Ok(Arc::new(GatedBlobs(memory, Arc::clone(&self.1))))
    }
}

struct GatedBlobs(Arc<dyn BlobBackend>, Arc<Gate>);

impl BlobBackend for GatedBlobs {
    fn put_new(&self, id: Id, bytes: &[u8]) -> VaultResult<()> {
        self.0.put_new(id, bytes)
    }

    fn sync(&self, new: &[Id]) -> VaultResult<()> {
        self.0.sync(new)
    }

    fn get(&self, id: Id) -> VaultResult<Vec<u8>> {
        self.1.pass();
        self.0.get(id)
    }

    fn delete(&self, id: Id) -> VaultResult<()> {
        self.0.delete(id)
    }

    fn list(&self) -> VaultResult<Vec<Id>> {
        self.0.list()
    }
}

fn passphrase() -> SensitiveBytes {
    SensitiveBytes::copy_of(b"correct horse")
}

#[test]
fn while_a_read_waits_the_rest_is_answered_and_after_a_lock_it_brings_nothing() {
    let home = tempfile::tempdir().unwrap();
    let gate = Arc::new(Gate::default());
    let place = Place::on_disk(&home.path().join("vault"), &home.path().join("state"));
    let gated = Gated(place.backends(), Arc::clone(&gate));
    let bench = bench(Some(place.with_backends(Arc::new(gated))), Shared::default());
    let (ticket, backend) = (Ticket(1), BackendKind::LinuxSecretService);
    let make =
        Effect::Create { ticket, backend, passphrase: passphrase(), code: None, keyring: false };
    bench.done(make);
    let change = Change::Write {
        name: "global/a".parse().unwrap(),
        value: SensitiveBytes::copy_of(b"canary"),
        patch: MetadataPatch::default(),
        expect: Expect::Absent,
    };
    assert!(matches!(bench.done(Effect::Apply(ticket, vec![change], None)), Outcome::Saved(_)));

    gate.turn(true);
    bench.worker.ask(read("global/a"));
    gate.reached();
    bench.worker.ask(Effect::Describe(Ticket(2), "global/a".parse().unwrap()));
    assert!(matches!(bench.event(), Event::Done(Ticket(2), Outcome::Described(_))));
    bench.worker.ask(Effect::Load(Ticket(3), Actor::Owner));
    assert!(matches!(bench.event(), Event::Done(Ticket(3), Outcome::Listed(_))));
    bench.shared.lock();
    bench.worker.ask(Effect::Unlock(Ticket(4), Opener::Typed(passphrase())));
    assert!(matches!(bench.event(), Event::Done(Ticket(4), Outcome::Unlocked(_))));
    gate.turn(false);
    let Event::Failed(Ticket(1), failure) = bench.event() else { panic!("read after a lock") };
    assert_eq!(failure.kind, FaultKind::Locked);
    let Outcome::Read(_, 1, value) = bench.done(read("global/a")) else { panic!("not a value") };
    assert!(value.with(|value| value == b"canary"));
}
