//! Records in their order, and whatever is done to them.

use proptest::prelude::*;

use super::super::entry::Action;
use super::*;

#[test]
fn what_is_recorded_comes_back_in_order() {
    let (desk, head) = Desk::with(3);
    let walk = desk.walk(Some(head));
    assert_eq!(revisions(&walk), [1, 2, 3]);
    assert_eq!(walk.head, Some(head));
    assert!(walk.findings.is_empty(), "{:?}", walk.findings);
    let (sequence, plain) = &walk.records[2];
    assert_eq!((*sequence, plain.at, plain.name.clone()), (3, Timestamp(1_000), Some(name())));
    assert_eq!((plain.action.as_str(), plain.actor.as_str()), ("read", "owner"));
}

#[test]
fn the_length_of_a_record_tells_little_of_the_name() {
    let desk = Desk::new();
    for name in ["global/a", "global/a_little_longer", "skill:x/abc"] {
        let note = Note::read(Purpose::Copy, &Actor::Owner, &name.parse().unwrap(), 1);
        desk.append(&[note]);
    }
    let lengths: Vec<usize> = places(&desk.bytes()).iter().map(|place| place.len()).collect();
    assert_eq!(lengths, [152, 152, 152]);
    let file = desk.bytes();
    assert!(!file.windows(8).any(|window| window == b"a_little"), "a name lies in clear");
}

#[test]
fn every_flipped_bit_of_what_is_pinned_is_found() {
    let (desk, head) = Desk::with(4);
    let file = desk.bytes();
    for bit in 0..file.len() * 8 {
        let mut altered = file.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let walk = Walk::over(&desk.keys, Some(&altered), Some(head));
        assert!(!problems(&walk).is_empty(), "bit {bit} of {}", file.len() * 8);
    }
}

#[test]
fn a_flipped_bit_behind_the_last_pin_is_found_or_looks_like_a_write_that_was_cut_off() {
    let (desk, pinned) = Desk::with(2);
    desk.read(3);
    let file = desk.bytes();
    let last = places(&file).pop().unwrap();
    for bit in last.start * 8..last.end * 8 {
        let mut altered = file.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let walk = Walk::over(&desk.keys, Some(&altered), Some(pinned));
        let torn = walk.findings.iter().any(|f| f.kind == FindingKind::Torn { bytes: last.len() });
        assert!(torn || !problems(&walk).is_empty(), "bit {bit}");
        assert_eq!(revisions(&walk), [1, 2], "bit {bit}");
    }
}

#[test]
fn a_cut_at_any_byte_is_found_up_to_the_last_pin() {
    let (desk, head) = Desk::with(3);
    let file = desk.bytes();
    for length in 0..file.len() {
        let walk = Walk::over(&desk.keys, Some(&file[..length]), Some(head));
        let last = walk.records.last().map_or(0, |(sequence, _)| *sequence);
        assert!(problems(&walk).contains(&FindingKind::Truncated { last, pinned: 3 }), "{length}");
    }
    let gone = Walk::over(&desk.keys, None, Some(head));
    assert_eq!(problems(&gone), [FindingKind::Missing { pinned: 3 }]);
    // What no commit has seen can be cut off unnoticed, as the documents say.
    let two = &file[..places(&file)[1].end];
    assert!(problems(&Walk::over(&desk.keys, Some(two), None)).is_empty());
}

#[test]
fn a_missing_record_is_found_and_named() {
    let (desk, head) = Desk::with(5);
    let file = desk.bytes();
    for (at, place) in places(&file)[..4].iter().enumerate() {
        let without = [&file[..place.start], &file[place.end..]].concat();
        let walk = Walk::over(&desk.keys, Some(&without), Some(head));
        let missing = at as u64 + 1;
        assert_eq!(problems(&walk), [FindingKind::Gap { first: missing, last: missing }]);
        assert_eq!(revisions(&walk).len(), 4, "the others can still be read");
    }
}

#[test]
fn records_out_of_their_order_or_twice_are_found() {
    let (desk, head) = Desk::with(5);
    let file = desk.bytes();
    let all = places(&file);
    for (one, two) in all.iter().zip(&all[1..]) {
        let swapped =
            [&file[..one.start], &file[two.clone()], &file[one.clone()], &file[two.end..]].concat();
        let walk = Walk::over(&desk.keys, Some(&swapped), Some(head));
        let misplaced = |f: &FindingKind| matches!(f, FindingKind::OutOfOrder { .. });
        assert!(problems(&walk).iter().any(misplaced), "{:?}", walk.findings);
        let twice = [&file[..one.end], &file[one.clone()], &file[one.end..]].concat();
        let walk = Walk::over(&desk.keys, Some(&twice), Some(head));
        assert!(problems(&walk).iter().any(misplaced), "{:?}", walk.findings);
    }
}

#[test]
fn a_damaged_length_hides_no_other_record() {
    let (desk, head) = Desk::with(5);
    let mut file = desk.bytes();
    let third = places(&file)[2].clone();
    file[third.start] ^= 0x40;
    let walk = Walk::over(&desk.keys, Some(&file), Some(head));
    assert_eq!(revisions(&walk), [1, 2, 4, 5]);
    assert_eq!(problems(&walk), [FindingKind::Altered { after: 2 }]);
}

#[test]
fn another_history_after_the_pin_is_not_taken_for_the_one_that_was_pinned() {
    let (desk, _) = Desk::with(2);
    let before = desk.bytes();
    let pinned = desk.read(3);
    desk.put(&before);
    desk.read(4);
    assert_eq!(desk.problems(Some(pinned)), [FindingKind::Replaced { pinned: 3 }]);
}

#[test]
fn a_journal_of_another_vault_or_epoch_does_not_open() {
    let (desk, head) = Desk::with(2);
    let other = VaultKeys::derive(&[7; 32], Hex([2; 16]), 1).unwrap();
    for keys in [other, keys(2)] {
        let walk = Walk::over(&keys, Some(&desk.bytes()), Some(head));
        assert!(walk.records.is_empty());
        assert!(problems(&walk).contains(&FindingKind::Beginning));
    }
}

#[test]
fn a_clock_that_went_back_is_told_and_is_no_problem() {
    let (desk, _) = Desk::with(1);
    desk.clock.0.store(400, Ordering::SeqCst);
    let head = desk.read(2);
    let walk = desk.walk(Some(head));
    let (from, to) = (Timestamp(1_000), Timestamp(400));
    assert_eq!(walk.findings, [Finding::new(FindingKind::ClockBack { sequence: 2, from, to })]);
    assert!(!walk.verification().has_problems());
}

#[test]
fn a_record_of_a_later_format_is_told_and_does_not_break_the_chain() {
    let (desk, head) = Desk::with(1);
    let random = &*desk.place.random;
    let later = record::seal(&desk.keys, 2, head.1, &"not ours", random).unwrap();
    desk.put(&[desk.bytes(), later].concat());
    let head = desk.read(3);
    let walk = desk.walk(Some(head));
    assert_eq!(walk.findings, [Finding::new(FindingKind::Unknown { sequence: 2 })]);
    assert_eq!(revisions(&walk), [1, 3]);
}

#[test]
fn what_was_accepted_is_a_problem_no_longer() {
    let (desk, _) = Desk::with(3);
    let mut file = desk.bytes();
    let second = places(&file)[1].clone();
    file[second.start + 60] ^= 1;
    desk.put(&file);
    assert_eq!(desk.problems(None), [FindingKind::Altered { after: 1 }]);
    let head = desk.commit(&[Note::of_vault(Action::Accept, None)], None);
    let walk = desk.walk(Some(head));
    assert!(!walk.verification().has_problems());
    assert_eq!(walk.findings[0].kind, FindingKind::Altered { after: 1 });
    assert!(walk.findings[0].to_string().ends_with("(accepted since)"));
    // What happens afterwards is a problem again.
    desk.put(&[desk.bytes(), vec![1; 5_000]].concat());
    assert_eq!(desk.problems(Some(head)), [FindingKind::Altered { after: 4 }]);
}

/// Something done to a file by somebody without the key.
#[derive(Debug, Clone)]
enum Harm {
    Flip(usize, u8),
    Cut(usize, usize),
    Double(usize, usize),
    Insert(usize, Vec<u8>),
}

fn harm() -> impl Strategy<Value = Harm> {
    let at = 0..2_000_usize;
    prop_oneof![
        (at.clone(), 1..=255_u8).prop_map(|(at, mask)| Harm::Flip(at, mask)),
        (at.clone(), 1..400_usize).prop_map(|(at, length)| Harm::Cut(at, length)),
        (at.clone(), 1..400_usize).prop_map(|(at, length)| Harm::Double(at, length)),
        (at, proptest::collection::vec(any::<u8>(), 1..40))
            .prop_map(|(at, bytes)| Harm::Insert(at, bytes)),
    ]
}

fn inflict(file: &mut Vec<u8>, harm: &Harm) {
    let within = |at: usize| at % file.len().max(1);
    match harm {
        Harm::Flip(at, mask) => {
            let at = within(*at);
            file.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= mask);
        }
        Harm::Cut(at, length) => {
            let at = within(*at);
            drop(file.drain(at..(at + length).min(file.len())));
        }
        Harm::Double(at, length) => {
            let at = within(*at);
            let piece = file[at..(at + length).min(file.len())].to_vec();
            drop(file.splice(at..at, piece));
        }
        Harm::Insert(at, bytes) => drop(file.splice(within(*at).., bytes.clone())),
    }
}

proptest! {
    /// Whatever is done: nothing is read that was not written, nothing of what is pinned is
    /// altered unnoticed, and the next record is written and read all the same.
    #[test]
    fn no_harm_passes_for_the_truth(harms in proptest::collection::vec(harm(), 1..4)) {
        let (desk, head) = Desk::with(6);
        let written = desk.bytes();
        let mut file = written.clone();
        harms.iter().for_each(|harm| inflict(&mut file, harm));
        let walk = Walk::over(&desk.keys, Some(&file), Some(head));
        prop_assert!(walk.records.iter().all(|(sequence, plain)| plain.revision == Some(*sequence)));
        prop_assert!(file.starts_with(&written) || !problems(&walk).is_empty());
        prop_assert!(file != written || walk.findings.is_empty());
        desk.put(&file);
        let head = desk.commit(&[note(99)], Some(head));
        let after = desk.walk(Some(head));
        prop_assert_eq!(revisions(&after).last().copied(), Some(99));
        prop_assert!(file.starts_with(&written) || !problems(&after).is_empty());
    }
}
