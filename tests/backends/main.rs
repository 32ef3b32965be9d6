//! A vault whose envelopes lie in a store of the system: every call of that store fails, hangs or loses
//! what it was given, in every operation; and moves between backends, cut off anywhere.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faults;
mod moves;
#[path = "../operations/mod.rs"]
mod operations;
mod probes;
mod store;

use tresor::vault::{Place, Vault, doctor};

use operations::fill;
use store::{KIND, Store};

/// A vault in that store.
fn prepared(store: &Store) -> Place {
    let place = store.at(Place::in_memory());
    fill(&place, KIND);
    place
}

/// Nothing is wrong, and nothing is left over.
fn assert_clean(vault: &Vault, at: &str) {
    let report = doctor::check(vault, &mut |_, _| {}).unwrap();
    let wrong = report.findings.iter().find(|found| found.fixable || report.has_problems());
    assert!(wrong.is_none(), "{at}: {report:?}");
}
