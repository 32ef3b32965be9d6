#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::fault::{Fault, FaultKind};

/// A header of KDBX 4 whose key derivation has these parameters.
fn header(parameters: &[(&str, u64)]) -> Vec<u8> {
    let mut dictionary = vec![0, 1];
    for (name, value) in parameters {
        dictionary.push(5);
        dictionary.extend(u32::try_from(name.len()).unwrap().to_le_bytes());
        dictionary.extend(name.as_bytes());
        dictionary.extend(8_u32.to_le_bytes());
        dictionary.extend(value.to_le_bytes());
    }
    dictionary.push(0);
    let mut bytes = MARK.to_vec();
    bytes.extend([0, 0, 4, 0]);
    for (number, value) in [(4, vec![0; 32]), (KDF, dictionary), (END, Vec::new())] {
        bytes.push(number);
        bytes.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
        bytes.extend(value);
    }
    bytes
}

fn kind(bytes: &[u8]) -> Option<FaultKind> {
    check(&SensitiveBytes::copy_of(bytes)).err().map(|error| error.kind())
}

#[test]
fn honest_costs_are_granted_and_others_refused_before_anything_is_derived() {
    let gib = 1 << 30;
    for (parameters, refused) in [
        (vec![("M", 64 << 20), ("I", 100), ("P", 8)], false),
        (vec![("M", gib), ("I", 16)], false),
        (vec![("R", 300_000_000)], false),
        (vec![("M", gib + 1), ("I", 1)], true),
        (vec![("M", u64::MAX), ("I", u64::MAX)], true),
        (vec![("M", gib), ("I", 65)], true),
        (vec![("I", u64::MAX), ("M", 1)], true),
        (vec![("M", 1), ("M", u64::MAX), ("M", 1)], true),
        (vec![("P", 65)], true),
        (vec![("R", 500_000_001)], true),
    ] {
        let told = kind(&header(&parameters));
        assert_eq!(told, refused.then_some(FaultKind::Refused), "{parameters:?}");
    }
}

#[test]
fn the_rounds_of_the_older_format_are_looked_at_too() {
    let mut older = include_bytes!("../../../../../tests/keepass/kdbx3.kdbx").to_vec();
    assert_eq!(kind(&older), None);
    let rounds = older.windows(3).position(|part| part == [ROUNDS, 8, 0]).unwrap();
    older[rounds + 3..rounds + 11].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(kind(&older), Some(FaultKind::Refused));
}

#[test]
fn what_is_no_such_database_is_told_apart_from_damage() {
    assert_eq!(kind(b"nothing"), Some(FaultKind::Invalid));
    assert_eq!(kind(&MARK[..4]), Some(FaultKind::Unsupported));
    let whole = header(&[("M", 1)]);
    for length in 8..whole.len() {
        assert_eq!(kind(&whole[..length]), Some(FaultKind::Damaged), "{length}");
    }
}

proptest! {
    #[test]
    fn nothing_behind_the_mark_makes_it_panic(version in 3_u8..5, rest in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [&MARK[..], &[0, 0, version, 0], &rest].concat();
        let _ = kind(&bytes);
    }
}
