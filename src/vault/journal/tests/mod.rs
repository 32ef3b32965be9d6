//! The journal by itself: what is appended comes back, and everything done to the file is found.

mod chain;
mod ends;
mod rewriting;

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use super::record::{BEGIN, places};
use super::*;
use crate::vault::access::Actor;
use crate::vault::encoding::{Digest, Hex};
use crate::vault::place::Place;
use crate::vault::scope::SecretRef;
use crate::vault::secret::Timestamp;
use crate::vault::world::{Clock, SystemRandom};

const LOG: &str = "journal/1.log";

struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// A journal in memory, with a clock that is moved by hand.
struct Desk {
    place: Place,
    keys: VaultKeys,
    clock: Arc<HandClock>,
    /// What the root pins.
    pinned: Cell<Option<Head>>,
}

impl Desk {
    fn new() -> Self {
        let clock = Arc::new(HandClock(AtomicI64::new(1_000)));
        let place = Place::in_memory().with_world(clock.clone(), Arc::new(SystemRandom));
        Self { place, keys: keys(1), clock, pinned: Cell::new(None) }
    }

    /// One with so many records, and their head.
    fn with(records: u64) -> (Self, Head) {
        let desk = Self::new();
        let head = (1..=records).fold(None, |_, revision| Some(desk.read(revision)));
        (desk, head.expect("a record"))
    }

    /// Records that a revision was read.
    fn read(&self, revision: u64) -> Head {
        self.append(&[note(revision)])
    }

    fn append(&self, notes: &[Note]) -> Head {
        append::append(self.to(&self.keys), notes, None).expect("appended")
    }

    fn to<'a>(&'a self, keys: &'a VaultKeys) -> To<'a> {
        To { place: &self.place, keys, pinned: self.pinned.get(), wait: WAIT }
    }

    /// Records a commit that found this pinned, and pins it.
    fn commit(&self, notes: &[Note], pinned: Option<Head>) -> Head {
        let to = To { pinned, ..self.to(&self.keys) };
        let head = append::append(to, notes, Some(9)).expect("appended");
        self.pinned.set(Some(head));
        head
    }

    fn bytes(&self) -> Vec<u8> {
        self.place.storage.read(LOG, u64::MAX).expect("a journal")
    }

    fn put(&self, bytes: &[u8]) {
        self.place.storage.overwrite(LOG, bytes).expect("written");
    }

    fn walk(&self, pin: Option<Head>) -> Walk {
        Walk::over(&self.keys, Some(&self.bytes()), pin)
    }

    /// What is found, without what is only worth knowing.
    fn problems(&self, pin: Option<Head>) -> Vec<FindingKind> {
        problems(&self.walk(pin))
    }
}

fn keys(epoch: u64) -> VaultKeys {
    VaultKeys::derive(&[7; 32], Hex([1; 16]), epoch).expect("keys")
}

fn name() -> SecretRef {
    "project:shop:prod/stripe_key".parse().expect("a name")
}

fn note(revision: u64) -> Note {
    Note::read(Purpose::Read, &Actor::Owner, &name(), revision)
}

fn problems(walk: &Walk) -> Vec<FindingKind> {
    let findings = walk.findings.iter().filter(|one| one.severity() == Severity::Problem);
    findings.map(|one| one.kind.clone()).collect()
}

/// The revisions that the records tell of, in order.
fn revisions(walk: &Walk) -> Vec<u64> {
    walk.records.iter().filter_map(|(_, plain)| plain.revision).collect()
}
