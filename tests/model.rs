//! Any list of operations against a model of plain maps: after each the vault says what the model
//! says, also through another opening of it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use tresor::vault::{
    Actor, BackendKind, Change, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot, Place,
    Record, SecretRef, SensitiveBytes, TrashId, Unlock, Vault, VaultError, doctor,
};

const KEY: [u8; 32] = [7; 32];
const NAMES: [&str; 6] =
    ["global/a", "global/b", "skill:x/a", "project:p/a", "project:p:dev/a", "channel:c:d/a"];
const RECORDS: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Debug, Clone)]
enum Step {
    Write { at: usize, value: Vec<u8>, absent: bool },
    Note { at: usize, note: String },
    Move { from: usize, to: usize },
    Delete { at: usize },
    Restore { newest: usize },
    Revert { at: usize, back: usize },
    Purge { newest: usize },
    PutRecord { at: usize, owner: usize, body: Vec<u8>, absent: bool },
    RemoveRecord { at: usize },
    OrderRecords { ids: Vec<usize> },
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let (at, record) = (0..NAMES.len(), 0..RECORDS.len());
    prop_oneof![
        4 => (at.clone(), proptest::collection::vec(any::<u8>(), 1..80), any::<bool>())
            .prop_map(|(at, value, absent)| Step::Write { at, value, absent }),
        1 => (at.clone(), "[a-z]{1,9}").prop_map(|(at, note)| Step::Note { at, note }),
        2 => (at.clone(), at.clone()).prop_map(|(from, to)| Step::Move { from, to }),
        2 => at.clone().prop_map(|at| Step::Delete { at }),
        1 => (0..4_usize).prop_map(|newest| Step::Restore { newest }),
        1 => (at.clone(), 0..4_usize).prop_map(|(at, back)| Step::Revert { at, back }),
        1 => (0..4_usize).prop_map(|newest| Step::Purge { newest }),
        2 => (record.clone(), at, proptest::collection::vec(any::<u8>(), 1..80), any::<bool>())
            .prop_map(|(at, owner, body, absent)| Step::PutRecord { at, owner, body, absent }),
        1 => record.clone().prop_map(|at| Step::RemoveRecord { at }),
        1 => proptest::collection::vec(record, 0..4).prop_map(|ids| Step::OrderRecords { ids }),
        1 => Just(Step::Reopen),
    ]
}

/// A secret as the model knows it: values by revision (the live one last) and the note.
#[derive(Debug, Clone, Default, PartialEq)]
struct Known {
    revision: u64,
    values: Vec<(u64, Vec<u8>)>,
    note: Option<String>,
}

impl Known {
    fn push(&mut self, value: Vec<u8>) {
        self.revision += 1;
        self.values.push((self.revision, value));
        let surplus = self.values.len().saturating_sub(11);
        self.values.drain(..surplus);
    }

    fn touch(&mut self) {
        self.revision += 1;
        self.values.last_mut().unwrap().0 = self.revision;
    }
}

#[derive(Default)]
struct Model {
    live: BTreeMap<String, Known>,
    trash: Vec<(TrashId, String, Known)>,
    records: Vec<Record>,
}

impl Model {
    fn record(&self, at: usize) -> Option<usize> {
        self.records.iter().position(|record| record.id.as_str() == RECORDS[at])
    }

    /// Whether all of them are there, each named once, and one at least is.
    fn can_order(&self, ids: &[usize]) -> bool {
        let different: BTreeSet<&usize> = ids.iter().collect();
        let there = ids.iter().all(|at| self.record(*at).is_some());
        there && !ids.is_empty() && different.len() == ids.len()
    }
}

fn name(at: usize) -> SecretRef {
    NAMES[at].parse().unwrap()
}

fn open(place: &Place) -> Vault {
    let key = SensitiveBytes::copy_of(&KEY);
    ClosedVault::open(place).unwrap().unlock(&Unlock::KeyFile(&key)).unwrap()
}

/// Applies a step to both; they must agree on whether it is possible.
fn apply(vault: &Vault, model: &mut Model, step: &Step) {
    let expect = Expect::Any;
    let (change, possible) = match step {
        Step::Reopen => return,
        Step::Write { at, value, absent } => {
            let value = SensitiveBytes::copy_of(value);
            let expect = if *absent { Expect::Absent } else { expect };
            let patch = MetadataPatch::default();
            let possible = !*absent || !model.live.contains_key(NAMES[*at]);
            (Change::Write { name: name(*at), value, patch, expect }, possible)
        }
        Step::Note { at, note } => {
            let patch = MetadataPatch { note: Some(Some(note.clone())), ..Default::default() };
            (Change::Edit { name: name(*at), patch, expect }, model.live.contains_key(NAMES[*at]))
        }
        Step::Move { from, to } => {
            let possible = from != to
                && model.live.contains_key(NAMES[*from])
                && !model.live.contains_key(NAMES[*to]);
            (Change::Move { from: name(*from), to: name(*to), expect }, possible)
        }
        Step::Delete { at } => {
            (Change::Delete { name: name(*at), expect }, model.live.contains_key(NAMES[*at]))
        }
        Step::Restore { newest } | Step::Purge { newest } => {
            let entry = model.trash.iter().rev().nth(*newest);
            let id = entry.map_or(TrashId([0; 16]), |(id, ..)| *id);
            let free = entry.is_some_and(|(_, name, _)| !model.live.contains_key(name));
            match step {
                Step::Purge { .. } => (Change::Purge { id }, entry.is_some()),
                _ => (Change::Restore { id }, free),
            }
        }
        Step::Revert { at, back } => {
            let known = model.live.get(NAMES[*at]);
            let revision = known.and_then(|k| k.values.iter().rev().nth(*back)).map(|v| v.0);
            let change =
                Change::Revert { name: name(*at), revision: revision.unwrap_or(999), expect };
            (change, revision.is_some())
        }
        Step::PutRecord { at, owner, body, absent } => {
            let expect = if *absent { Expect::Absent } else { expect };
            let (id, owner) = (RECORDS[*at].parse().unwrap(), name(*owner).scope);
            let possible = !*absent || model.record(*at).is_none();
            (Change::PutRecord { id, owner, body: body.clone(), expect }, possible)
        }
        Step::RemoveRecord { at } => {
            let id = RECORDS[*at].parse().unwrap();
            (Change::RemoveRecord { id, expect }, model.record(*at).is_some())
        }
        Step::OrderRecords { ids } => {
            let possible = model.can_order(ids);
            let ids = ids.iter().map(|at| RECORDS[*at].parse().unwrap()).collect();
            (Change::OrderRecords { ids }, possible)
        }
    };
    let result = vault.view(Actor::Owner).apply(vec![change], None);
    assert_eq!(result.is_ok(), possible, "{step:?}: {:?}", result.err());
    let Ok(receipt) = result else { return };
    follow(model, step, receipt.outcomes[0].trash);
}

/// The last revision of the deleted secrets of that name.
fn last_number(model: &Model, name: &str) -> u64 {
    let former = model.trash.iter().filter(|(_, deleted, _)| deleted == name);
    former.map(|(.., known)| known.revision).max().unwrap_or(0)
}

/// What a possible step does to the model.
fn follow(model: &mut Model, step: &Step, trash: Option<TrashId>) {
    let at = |model: &Model, newest: &usize| model.trash.len() - 1 - newest;
    match step {
        Step::Reopen => {}
        Step::Write { at, value, .. } => {
            let revision = last_number(model, NAMES[*at]);
            let new = || Known { revision, ..Known::default() };
            model.live.entry(NAMES[*at].into()).or_insert_with(new).push(value.clone());
        }
        Step::Note { at, note } => {
            let known = model.live.get_mut(NAMES[*at]).unwrap();
            known.note = Some(note.clone());
            known.touch();
        }
        Step::Move { from, to } => {
            let mut known = model.live.remove(NAMES[*from]).unwrap();
            known.revision = known.revision.max(last_number(model, NAMES[*to]));
            known.touch();
            model.live.insert(NAMES[*to].into(), known);
        }
        Step::Delete { at } => {
            let known = model.live.remove(NAMES[*at]).unwrap();
            model.trash.push((trash.unwrap(), NAMES[*at].into(), known));
        }
        Step::Restore { newest } => {
            let (_, name, known) = model.trash.remove(at(model, newest));
            model.live.insert(name, known);
        }
        Step::Purge { newest } => drop(model.trash.remove(at(model, newest))),
        Step::Revert { at, back } => {
            let known = model.live.get_mut(NAMES[*at]).unwrap();
            let value = known.values.iter().rev().nth(*back).unwrap().1.clone();
            known.push(value);
        }
        Step::PutRecord { at, owner, body, .. } => {
            let there = model.record(*at).map(|place| (place, model.records[place].revision));
            let (place, revision) = there.unwrap_or((model.records.len(), 0));
            let (id, owner) = (RECORDS[*at].parse().unwrap(), name(*owner).scope);
            let record = Record { id, owner, revision: revision + 1, body: body.clone() };
            let replaced = place..(place + 1).min(model.records.len());
            model.records.splice(replaced, [record]);
        }
        Step::RemoveRecord { at } => {
            let place = model.record(*at).unwrap();
            drop(model.records.remove(place));
        }
        Step::OrderRecords { ids } => {
            for at in ids.iter().rev() {
                let record = model.records.remove(model.record(*at).unwrap());
                model.records.insert(0, record);
            }
        }
    }
}

fn compare(vault: &Vault, model: &Model) {
    let view = vault.view(Actor::Owner);
    let listing = view.list().unwrap();
    let names: Vec<String> = listing.secrets.iter().map(|s| s.name.to_string()).collect();
    let mut expected: Vec<&SecretRef> = Vec::new();
    let parsed: Vec<SecretRef> = model.live.keys().map(|name| name.parse().unwrap()).collect();
    expected.extend(&parsed);
    expected.sort();
    assert_eq!(names, expected.iter().map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(listing.trash, model.trash.len());
    assert_eq!(view.trash().unwrap().len(), model.trash.len());
    assert_eq!(view.records().unwrap(), model.records);
    for (at, known) in &model.live {
        let name: SecretRef = at.parse().unwrap();
        let description = view.describe(&name).unwrap();
        assert_eq!(description.metadata.revision, known.revision, "{at}");
        assert_eq!(description.metadata.note, known.note, "{at}");
        let kept: Vec<u64> = description.history.iter().rev().map(|info| info.revision).collect();
        assert_eq!(kept, known.values.iter().map(|v| v.0).collect::<Vec<_>>(), "{at}");
        for (revision, value) in &known.values {
            let secret = view.read_with(&name, Some(*revision), None).unwrap();
            assert!(secret.value.with(|bytes| bytes == value), "{at} revision {revision}");
        }
    }
}

/// 48 lists of operations, or as many as PROPTEST_CASES says.
fn cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig::with_cases(cases.unwrap_or(48))
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn the_vault_does_what_the_model_does(steps in proptest::collection::vec(step(), 1..40)) {
        let place = Place::in_memory();
        let slots = vec![NewSlot::KeyFile(SensitiveBytes::copy_of(&KEY))];
        let options = CreateOptions { backend: BackendKind::Memory, ..CreateOptions::new(slots) };
        let mut vault = Vault::create(&place, &options).unwrap();
        let mut model = Model::default();
        for step in &steps {
            if matches!(step, Step::Reopen) {
                vault.lock();
                let locked = vault.view(Actor::Owner).list();
                prop_assert!(matches!(locked, Err(VaultError::Locked)));
                vault = open(&place);
            }
            apply(&vault, &mut model, step);
        }
        compare(&vault, &model);
        compare(&open(&place), &model);
        let report = doctor::check(&vault, &mut |_, _| {}).unwrap();
        prop_assert!(!report.has_problems(), "{:?}", report);
        prop_assert!(!report.findings.iter().any(|f| f.message.contains("leftover")));
    }
}
