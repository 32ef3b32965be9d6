//! A journal written anew: without its oldest records, and under the keys of a new epoch.

use super::super::entry::Action;
use super::super::shorten::{CAP, carry, remove_others};
use super::*;

/// Fills it until it has been shortened once; gives how many records were written.
fn fill(desk: &Desk) -> u64 {
    let mut written = walk_head(desk);
    while desk.bytes().len() < CAP - 200_000 {
        let notes: Vec<Note> = (written + 1..=written + 1_000).map(note).collect();
        written = desk.append(&notes).0;
    }
    let notes: Vec<Note> = (written + 1..=written + 2_000).map(note).collect();
    desk.append(&notes).0
}

fn walk_head(desk: &Desk) -> u64 {
    desk.walk(None).head.map_or(0, |(sequence, _)| sequence)
}

#[test]
fn a_full_journal_drops_its_oldest_half_and_stays_one_chain() {
    let (desk, early) = Desk::with(5);
    desk.pinned.set(Some(early));
    let written = fill(&desk);
    let size = desk.bytes().len();
    assert!(size < CAP * 6 / 10, "{size} bytes were kept");
    let head = desk.read(written + 1);
    let walk = desk.walk(Some(head));
    let kept = revisions(&walk);
    assert_eq!(kept.last(), Some(&(written + 1)));
    assert!(kept.windows(2).all(|two| two[1] == two[0] + 1), "no record between was dropped");
    let up_to = kept[0] - 1;
    assert_eq!(walk.findings, [Finding::new(FindingKind::Dropped { up_to })]);
    assert!(up_to > 10_000);
    // The pin that was dropped is not missed; one that was never there is.
    assert!(desk.problems(Some(early)).is_empty());
    for pinned in [3, 5, up_to, kept[0]] {
        let forged = (pinned, Digest::of(b"x"));
        assert_eq!(desk.problems(Some(forged)), [FindingKind::Replaced { pinned }]);
    }
    // Also when it is shortened once more before the next commit.
    fill(&desk);
    assert!(desk.problems(Some(early)).is_empty());
    assert_eq!(desk.place.storage.list(names::JOURNAL).unwrap(), ["1.log"]);
    // The next commit agrees.
    let head = desk.commit(&[note(0)], Some(early));
    assert!(desk.problems(Some(head)).is_empty());
}

#[test]
fn the_file_of_an_earlier_chain_is_not_taken_for_a_full_one() {
    let (desk, early) = Desk::with(5);
    desk.pinned.set(Some(early));
    fill(&desk);
    let old = desk.bytes();
    desk.place.storage.remove(LOG).unwrap();
    desk.commit(&[note(1)], Some(early));
    let accept = [Note::of_vault(Action::Accept, None)];
    let head = desk.commit(&accept, desk.pinned.get());
    assert!(desk.problems(Some(head)).is_empty());
    // It begins with a number far beyond the pin, as if the pin had been dropped from it.
    desk.put(&old);
    assert_eq!(desk.problems(Some(head)), [FindingKind::Replaced { pinned: head.0 }]);
    let head = desk.commit(&[note(2)], Some(head));
    assert!(matches!(desk.problems(Some(head))[..], [FindingKind::Noticed { .. }]));
}

#[test]
fn what_was_wrong_with_dropped_records_is_not_forgotten() {
    let (desk, _) = Desk::with(9);
    let mut file = desk.bytes();
    let third = places(&file)[2].clone();
    file.drain(third);
    desk.put(&file);
    fill(&desk);
    assert_eq!(desk.problems(None), [FindingKind::DroppedBroken]);
    let head = desk.commit(&[Note::of_vault(Action::Accept, None)], None);
    assert!(desk.problems(Some(head)).is_empty());
    // Accepted, and dropped in its turn, it is gone for good.
    fill(&desk);
    assert!(desk.problems(Some(head)).is_empty());
}

#[test]
fn a_broken_rewriting_leaves_the_journal_as_it_was() {
    let (desk, head) = Desk::with(3);
    desk.place.storage.overwrite("journal/1.next", b"half").unwrap();
    assert!(desk.walk(Some(head)).findings.is_empty());
    fill(&desk);
    assert!(desk.problems(None).is_empty());
}

#[test]
fn a_new_epoch_takes_the_records_along_under_its_own_keys() {
    let (desk, head) = Desk::with(4);
    let next = keys(2);
    carry(&desk.place, &desk.keys, &next, Some(head)).unwrap();
    let head = append::append(desk.to(&next), &[note(5)], None).unwrap();
    let file = desk.place.storage.read("journal/2.log", u64::MAX).unwrap();
    let walk = Walk::over(&next, Some(&file), Some(head));
    assert_eq!(revisions(&walk), [1, 2, 3, 4, 5]);
    assert!(walk.findings.is_empty(), "{:?}", walk.findings);
    // The old one stays until the commit has come to its end.
    assert_eq!(desk.place.storage.list(names::JOURNAL).unwrap(), ["1.log", "2.log"]);
    remove_others(&*desk.place.storage, 2).unwrap();
    assert_eq!(desk.place.storage.list(names::JOURNAL).unwrap(), ["2.log"]);
}

#[test]
fn a_new_epoch_does_not_forget_what_was_wrong_in_the_old_one() {
    let (desk, head) = Desk::with(4);
    let file = desk.bytes();
    desk.put(&file[..places(&file)[1].end]);
    let next = keys(2);
    carry(&desk.place, &desk.keys, &next, Some(head)).unwrap();
    let file = desk.place.storage.read("journal/2.log", u64::MAX).unwrap();
    let walk = Walk::over(&next, Some(&file), None);
    assert_eq!(problems(&walk), [FindingKind::DroppedBroken]);
    assert_eq!(revisions(&walk), [1, 2]);
}
