//! Every call to the store fails in one of its ways, in every operation.

use std::ops::Range;

use tresor::fault::{Fault as _, FaultKind};
use tresor::vault::{Actor, VaultError, doctor};

use super::operations::{OPERATIONS, Operation, apply, delete, name, state, unlock, write};
use super::store::{Fault, Store};
use super::{assert_clean, prepared};

/// Runs one operation with those of its calls failing so; `false` when it has fewer.
fn run_once(what: &str, operation: Operation, calls: Range<usize>, fault: Fault) -> bool {
    let (store, first) = (Store::default(), calls.start);
    let at = format!("{what}, calls {calls:?}, {fault:?}");
    let place = prepared(&store);
    let before = state(&unlock(&place).unwrap());
    let vault = unlock(&place).unwrap();
    store.fails(calls, fault);
    let result = operation(&vault);
    let hit = store.heals() > first;
    let after = state(&unlock(&place).unwrap());
    match &result {
        Ok(()) => assert_ne!(after, before, "{at}: acknowledged and lost"),
        Err(VaultError::StillThere { .. }) => assert_ne!(after, before, "{at}: told as done"),
        Err(VaultError::Uncertain { .. }) => {}
        Err(error) => {
            assert_eq!(after, before, "{at}: refused ({error}) and yet changed");
            let kinds = [FaultKind::Unreachable, FaultKind::Damaged];
            assert!(kinds.contains(&error.kind()), "{at}: {error}");
            assert!(!error.help().is_empty(), "{at}: {error}");
        }
    }
    if fault == Fault::Loses {
        // What was lost is told as lost, and nothing else is missing.
        let told = after.iter().filter(|line| line.contains("it is missing")).count();
        assert!(told <= 1, "{at}: {after:?}");
        return hit;
    }
    // The next writer and `doctor --fix` tidy up, and nothing is left over or wrong.
    let vault = unlock(&place).unwrap();
    apply(&vault, vec![write("global/next", "x")]).unwrap();
    doctor::fix(&place).unwrap();
    doctor::sweep(&vault).unwrap();
    assert_clean(&vault, &at);
    assert_eq!(state(&vault).len(), after.len() + 1, "{at}");
    hit
}

#[test]
fn each_call_that_fails_leaves_the_vault_before_or_after() {
    for fault in [Fault::Refused, Fault::Hangs, Fault::Loses] {
        for (what, operation) in OPERATIONS {
            let mut at = 0;
            while run_once(what, operation, at..at + 1, fault) {
                at += 1;
            }
            // What writes no envelope has nothing to do with the store.
            let without =
                ["delete", "restore", "record", "slot added", "slot replaced"].contains(&what);
            assert!(at > 0 || without, "{what} never asked the store");
        }
    }
}

#[test]
fn a_store_that_stays_away_leaves_the_vault_before_or_after() {
    for fault in [Fault::Refused, Fault::Hangs] {
        for (what, operation) in OPERATIONS {
            let mut at = 0;
            while run_once(what, operation, at..usize::MAX, fault) {
                at += 1;
            }
        }
    }
}

#[test]
fn while_the_store_is_away_all_that_lies_in_the_directory_works() {
    let store = Store::default();
    let place = prepared(&store);
    store.fails(0..usize::MAX, Fault::Refused);
    let vault = unlock(&place).unwrap();
    let view = vault.view(Actor::Owner);
    assert_eq!(view.list().unwrap().secrets.len(), 2);
    view.describe(&name("global/a")).unwrap();
    view.trash().unwrap();
    assert_eq!(store.heals(), 0, "the store was asked");
    store.fails(0..usize::MAX, Fault::Refused);
    let refused = view.read(&name("global/a")).map(drop).unwrap_err();
    assert_eq!(refused.kind(), FaultKind::Unreachable);
    assert_eq!(refused.to_string(), "the Secret Service cannot be reached: it is not there",);
    // What needs no envelope can even be written.
    apply(&vault, vec![delete("global/b")]).unwrap();
    store.heals();
    assert_eq!(view.list().unwrap().secrets.len(), 1);
    assert_clean(&vault, "after it came back");
}

#[test]
fn what_a_store_lost_or_altered_is_damage_and_the_rest_is_read() {
    let store = Store::default();
    let place = prepared(&store);
    let vault = unlock(&place).unwrap();
    store.fails(0..1, Fault::Loses);
    let view = vault.view(Actor::Owner);
    let lost = view.read(&name("global/a")).map(drop).unwrap_err();
    assert_eq!(lost.kind(), FaultKind::Damaged, "{lost}");
    assert!(lost.to_string().ends_with("it is missing"), "{lost}");
    view.read(&name("global/b")).unwrap();
}
