//! The end of the file: writes that were cut off, and writers that find it not as they left it.

use super::super::entry::Action;
use super::*;

#[test]
fn a_record_cut_off_at_any_byte_is_mended_by_the_next_one() {
    let (desk, pinned) = Desk::with(2);
    desk.read(3);
    let file = desk.bytes();
    let last = places(&file).pop().unwrap();
    for length in last.start + 1..last.end {
        desk.put(&file[..length]);
        let walk = desk.walk(Some(pinned));
        let bytes = length - last.start;
        assert_eq!(walk.findings, [Finding::new(FindingKind::Torn { bytes })]);
        let head = desk.commit(&[note(4)], Some(pinned));
        let walk = desk.walk(Some(head));
        assert!(walk.findings.is_empty(), "{length}: {:?}", walk.findings);
        assert_eq!(revisions(&walk), [1, 2, 4]);
    }
    assert!(desk.place.storage.list(names::LOST).unwrap().is_empty(), "nothing had to be kept");
}

#[test]
fn a_power_loss_that_kept_only_the_length_is_mended() {
    let (desk, pinned) = Desk::with(2);
    let file = desk.bytes();
    for (half, zeros) in [(0, 9_000), (40, 30), (0, 1), (4, 20_000)] {
        let record = &file[places(&file)[1].clone()][..half];
        desk.put(&[file.as_slice(), record, &vec![0; zeros]].concat());
        assert!(desk.problems(Some(pinned)).is_empty());
        let head = desk.commit(&[note(3)], Some(pinned));
        assert!(desk.walk(Some(head)).findings.is_empty());
        assert_eq!(revisions(&desk.walk(None)), [1, 2, 3]);
    }
}

#[test]
fn a_file_without_a_record_begins_anew() {
    let whole = Desk::with(1).0.bytes();
    for length in [0, 1, BEGIN - 1, BEGIN] {
        let desk = Desk::new();
        let begin = Desk::with(1).0.bytes();
        assert_eq!(whole.len(), begin.len());
        desk.put(&begin[..length]);
        let head = desk.read(7);
        assert_eq!(head.0, 1);
        assert!(desk.walk(Some(head)).findings.is_empty());
    }
}

#[test]
fn a_damaged_end_is_kept_aside_bit_for_bit_and_told() {
    let (desk, _) = Desk::with(4);
    let mut file = desk.bytes();
    let last = places(&file).pop().unwrap();
    file[last.start + 80] ^= 1;
    desk.put(&file);
    desk.read(5);
    let storage = &*desk.place.storage;
    let kept = storage.list(names::LOST).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(storage.read(&format!("lost/{}", kept[0]), u64::MAX).unwrap(), file);
    let walk = desk.walk(None);
    assert_eq!(revisions(&walk), [1, 2, 3, 5]);
    let [FindingKind::Noticed { sequence: 4, at: Timestamp(1_000), why }] = &problems(&walk)[..]
    else {
        panic!("{:?}", walk.findings)
    };
    assert!(why.contains("damaged after record 3"), "{why}");
    // Once is enough.
    desk.read(6);
    assert_eq!(storage.list(names::LOST).unwrap().len(), 1);
    assert_eq!(desk.problems(None).len(), 1);
}

#[test]
fn whole_records_behind_damage_are_not_thrown_away() {
    // Damage in the middle, of a length or of what is sealed, and a torn end: what lies between
    // must not be cut off as torn.
    for place in [0, 80] {
        let (desk, _) = Desk::with(40);
        let mut file = desk.bytes();
        let all = places(&file);
        file[all[1].start + place] ^= 0x40;
        file.truncate(all[39].start + 10);
        desk.put(&file);
        desk.read(41);
        let kept = desk.place.storage.list(names::LOST).unwrap();
        let aside = desk.place.storage.read(&format!("lost/{}", kept[0]), u64::MAX).unwrap();
        assert_eq!(aside, file);
    }
}

#[test]
fn a_commit_notices_what_is_gone_before_it_pins_anew() {
    let (desk, _) = Desk::with(2);
    let early = desk.bytes();
    let pinned = desk.read(3);
    desk.read(4);
    desk.put(&early);
    // Enough reads that the count alone would not tell.
    let reads: Vec<u64> = (5..9).map(|revision| desk.read(revision).0).collect();
    assert_eq!(reads, [3, 4, 5, 6]);
    let head = desk.commit(&[note(9)], Some(pinned));
    let [FindingKind::Noticed { why, .. }] = &desk.problems(Some(head))[..] else {
        panic!("{:?}", desk.walk(Some(head)).findings)
    };
    assert!(why.contains("record 3"), "{why}");
    // The next one finds what it pinned.
    let head = desk.commit(&[note(10)], Some(head));
    assert_eq!(desk.problems(Some(head)).len(), 1);
}

#[test]
fn a_deleted_journal_is_noticed_by_the_next_commit() {
    let (desk, pinned) = Desk::with(2);
    desk.place.storage.remove(LOG).unwrap();
    desk.read(3);
    assert_eq!(desk.problems(Some(pinned)), [FindingKind::Truncated { last: 1, pinned: 2 }]);
    let head = desk.commit(&[note(4)], Some(pinned));
    assert!(matches!(desk.problems(Some(head))[..], [FindingKind::Noticed { sequence: 2, .. }]));
}

#[test]
fn the_pin_is_found_behind_any_number_of_reads() {
    let (desk, pinned) = Desk::with(3);
    let many: Vec<Note> = (4..2_000).map(note).collect();
    desk.append(&many);
    let head = desk.commit(&[note(2_000)], Some(pinned));
    assert!(desk.walk(Some(head)).findings.is_empty());
    assert_eq!(revisions(&desk.walk(None)).len(), 2_000);
}

#[test]
fn a_commit_without_notes_pins_what_is_there_and_writes_nothing() {
    let (desk, _) = Desk::with(2);
    let head = desk.read(3);
    let before = desk.bytes();
    assert_eq!(desk.commit(&[], None), head);
    assert_eq!(desk.bytes(), before);
}

#[test]
fn a_detail_is_cut_to_a_length_that_always_fits() {
    let desk = Desk::new();
    let long = "\u{e4}".repeat(5_000);
    let note = Note::of_vault(Action::Slots, Some(long));
    desk.append(&[note]);
    let walk = desk.walk(None);
    assert_eq!(walk.records[0].1.detail.as_deref(), Some("\u{e4}".repeat(100).as_str()));
}

#[test]
fn the_longest_names_fit_into_a_record() {
    let desk = Desk::new();
    let segment = "\u{65e5}".repeat(85);
    let name = format!("channel:{segment}:{segment}/{}", "k".repeat(128)).parse().unwrap();
    let actor: Actor = format!("channel:{segment}:{segment}").parse().unwrap();
    let note = Note::read(Purpose::Compare, &actor, &name, u64::MAX);
    desk.append(&[note]);
    assert_eq!(desk.walk(None).records[0].1.name.as_ref(), Some(&name));
}
