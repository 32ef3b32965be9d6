//! Whoever can write to the vault's files, and has no key.

use tresor::vault::doctor;

use super::*;

/// A vault with a few records, all of them seen by the last change, and its journal's bytes.
fn prepared() -> (Home, Vault, Vec<u8>) {
    let home = Home::new();
    let vault = home.open();
    put(&vault, "global/a", "one");
    assert_eq!(read(&vault, "global/a"), "one");
    put(&vault, "global/a", "two");
    let file = std::fs::read(home.log()).unwrap();
    (home, vault, file)
}

/// Where each record begins, and the end; by the lengths that the format describes.
fn bounds(file: &[u8]) -> Vec<usize> {
    let mut bounds = vec![176];
    while let Some(length) = file[*bounds.last().unwrap()..].first_chunk::<4>() {
        bounds.push(bounds.last().unwrap() + u32::from_le_bytes(*length) as usize);
    }
    bounds
}

#[test]
fn every_altered_byte_is_found_and_no_read_fails_for_it() {
    let (home, vault, file) = prepared();
    for at in 0..file.len() {
        let mut altered = file.clone();
        altered[at] ^= 1 << (at % 8);
        std::fs::write(home.log(), &altered).unwrap();
        let found = vault.verify_journal().unwrap();
        assert!(!problems(&found).is_empty(), "byte {at} of {}", file.len());
        assert_eq!(read(&vault, "global/a"), "two");
        assert_eq!(vault.take_unrecorded(), None, "and it was recorded");
    }
    std::fs::write(home.log(), &file).unwrap();
    assert!(vault.verify_journal().unwrap().findings.is_empty());
}

#[test]
fn what_was_cut_off_stays_found_when_the_vault_is_used_on() {
    let (home, vault, file) = prepared();
    let all = bounds(&file);
    std::fs::write(home.log(), &file[..all[2]]).unwrap();
    assert_eq!(
        problems(&vault.verify_journal().unwrap()),
        [FindingKind::Truncated { last: 2, pinned: 5 }]
    );
    (0..10).for_each(|_| assert_eq!(read(&vault, "global/a"), "two"));
    assert_eq!(problems(&vault.verify_journal().unwrap()), [FindingKind::Replaced { pinned: 5 }]);
    put(&vault, "global/b", "three");
    let found = problems(&vault.verify_journal().unwrap());
    let [FindingKind::Noticed { why, .. }] = &found[..] else { panic!("{found:?}") };
    assert!(why.contains("record 5"), "{why}");
    let printed = home.run(&["log", "--verify"], "");
    assert_eq!(printed.status.code(), Some(9));
    assert!(String::from_utf8_lossy(&printed.stdout).contains("✗ found at "));
    let doctor = home.run(&["doctor"], "");
    assert_eq!(doctor.status.code(), Some(9));
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("✗ journal: found at "));
}

#[test]
fn a_missing_a_moved_and_a_doubled_record_are_found() {
    let (home, vault, file) = prepared();
    let all = bounds(&file);
    let piece = |at: usize| &file[all[at]..all[at + 1]];
    let (before, after) = (&file[..all[1]], &file[all[3]..]);
    let missing = [before, piece(2), after].concat();
    let moved = [before, piece(2), piece(1), after].concat();
    let doubled = [before, piece(1), piece(1), piece(2), after].concat();
    let expected = [
        (missing, FindingKind::Gap { first: 2, last: 2 }),
        (moved, FindingKind::OutOfOrder { sequence: 2 }),
        (doubled, FindingKind::OutOfOrder { sequence: 2 }),
    ];
    for (altered, kind) in expected {
        std::fs::write(home.log(), &altered).unwrap();
        let found = problems(&vault.verify_journal().unwrap());
        assert!(found.contains(&kind), "{found:?}");
        assert_eq!(home.run(&["log", "--verify"], "").status.code(), Some(9));
        // What can still be read is shown, with a word about the rest.
        let shown = home.run(&["log"], "");
        assert!(shown.status.success());
        assert!(String::from_utf8_lossy(&shown.stderr).contains("log --verify"));
    }
}

#[test]
fn a_deleted_journal_is_found_until_the_owner_accepts_it() {
    let (home, vault, _) = prepared();
    std::fs::remove_file(home.log()).unwrap();
    assert_eq!(problems(&vault.verify_journal().unwrap()), [FindingKind::Missing { pinned: 5 }]);
    std::fs::remove_dir(home.log().parent().unwrap()).unwrap();
    assert_eq!(problems(&vault.verify_journal().unwrap()), [FindingKind::Missing { pinned: 5 }]);
    // Used on, it stays found.
    assert_eq!(home.ok(&["read", "global/a"], ""), "two");
    home.ok(&["set", "global/b"], "three");
    assert_eq!(home.run(&["log", "--verify"], "").status.code(), Some(9));
    home.ok(&["doctor", "--accept-restore", "--yes"], "");
    home.ok(&["log", "--verify"], "");
    let vault = home.open();
    let found = vault.verify_journal().unwrap();
    assert!(found.findings.iter().all(|one| one.accepted), "{:?}", found.findings);
    assert_eq!(found.findings.len(), 1, "it is still told");
    let report = doctor::check(&vault, &mut |_, _| {}).unwrap();
    assert!(!report.has_problems(), "{report:?}");
}

#[test]
fn a_journal_of_another_vault_is_no_journal_of_this_one() {
    let (home, vault, _) = prepared();
    let (_other_home, _other, file) = prepared();
    std::fs::write(home.log(), &file).unwrap();
    assert!(problems(&vault.verify_journal().unwrap()).contains(&FindingKind::Beginning));
    assert_eq!(read(&vault, "global/a"), "two");
    // It is kept, and a new one begun.
    let lost: Vec<_> = std::fs::read_dir(home.path().join("vault/lost")).unwrap().collect();
    assert_eq!(std::fs::read(lost[0].as_ref().unwrap().path()).unwrap(), file);
    put(&vault, "global/b", "x");
    assert!(told(&vault).starts_with(&["broken".to_owned()]), "{:?}", told(&vault));
}

#[test]
fn an_older_copy_of_the_journal_is_found() {
    let (home, vault, file) = prepared();
    put(&vault, "global/a", "three");
    std::fs::write(home.log(), &file).unwrap();
    let found = problems(&vault.verify_journal().unwrap());
    assert_eq!(found, [FindingKind::Truncated { last: 5, pinned: 6 }]);
}

#[test]
fn a_record_cut_off_while_it_was_written_is_mended() {
    let (home, vault, file) = prepared();
    assert_eq!(read(&vault, "global/a"), "two");
    let longer = std::fs::read(home.log()).unwrap();
    for length in [file.len() + 1, file.len() + 30, longer.len() - 1] {
        std::fs::write(home.log(), &longer[..length]).unwrap();
        let found = vault.verify_journal().unwrap();
        assert!(problems(&found).is_empty());
        assert_eq!(found.findings[0].kind, FindingKind::Torn { bytes: length - file.len() });
        let told = home.run(&["log", "--verify"], "");
        assert!(told.status.success(), "harmless: {told:?}");
        assert!(vault.verify_journal().unwrap().findings.is_empty(), "mended by that unlock");
        std::fs::write(home.log(), &file).unwrap();
    }
}
