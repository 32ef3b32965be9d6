//! Nothing of a value and of its visible form stays in memory: this process looks at its own, also at what was
//! freed. The only test of this file, so that nobody else's memory is looked at.
#![cfg(target_os = "linux")] // only Linux shows a process its own memory as a file
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;

use tresor::text::{visible_secret, visible_secret_lines};
use tresor::vault::SensitiveBytes;
use zeroize::{Zeroize, Zeroizing};

/// What is looked for, backwards: the search itself is not to be found.
const BACKWARDS: &[u8] = b"c7d15ae-yranac";
/// The length of what is looked for: an escape as it is shown, and the canary.
const NEEDLE: usize = "␛".len() + BACKWARDS.len();

/// Looks through this process's memory. It allocates once: what was freed is not to be overwritten by
/// the search for it.
struct Search {
    maps: String,
    bytes: Vec<u8>,
}

impl Search {
    fn new() -> Self {
        Self { maps: String::with_capacity(1 << 20), bytes: vec![0; 1 << 20] }
    }

    /// How often what is looked for lies in writable memory.
    fn occurrences(&mut self, is: fn(&[u8]) -> bool) -> usize {
        let Self { maps, bytes } = self;
        maps.clear();
        File::open("/proc/self/maps").expect("the maps").read_to_string(maps).expect("text");
        let memory = File::open("/proc/self/mem").expect("the memory");
        let mut found = 0;
        for line in maps.lines().filter(|line| line.contains(" rw")) {
            let (range, _) = line.split_once(' ').expect("a range");
            let (begin, end) = range.split_once('-').expect("a range");
            let number = |text| u64::from_str_radix(text, 16).expect("an address");
            let mut at = number(begin);
            // Guard pages and device memory cannot be read.
            while let Ok(read @ NEEDLE..) = memory.read_at(bytes, at) {
                let left = usize::try_from(number(end) - at).expect("a length");
                let runs = bytes[..read.min(left)].windows(NEEDLE);
                found += runs.filter(|run| is(run)).count();
                at += (read - NEEDLE + 1) as u64;
                if at + NEEDLE as u64 > number(end) {
                    break;
                }
            }
            bytes.zeroize();
            bytes.resize(1 << 20, 0);
        }
        found
    }
}

fn is_shown(run: &[u8]) -> bool {
    let after = run.strip_prefix("␛".as_bytes());
    after.is_some_and(|after| after.iter().eq(BACKWARDS.iter().rev()))
}

/// Whether these bytes end with the canary, whatever stands before it.
fn is_there(run: &[u8]) -> bool {
    run.iter().rev().zip(BACKWARDS).all(|(one, other)| one == other)
}

/// A value with the canary behind an escape, between others that make its visible form grow.
fn value() -> SensitiveBytes {
    let canary: Zeroizing<Vec<u8>> = Zeroizing::new(BACKWARDS.iter().rev().copied().collect());
    let mut bytes = Vec::with_capacity(4096);
    for _ in 0..40 {
        bytes.extend_from_slice(b"\x01\x02\x03\x1b");
        bytes.extend_from_slice(&canary);
        bytes.extend_from_slice("\u{202e}\u{9b}\n".as_bytes());
    }
    SensitiveBytes::new(bytes)
}

/// Leaves gaps of about `len` bytes between small blocks, so that what grows has to move.
fn gaps(len: usize) -> Vec<Vec<u8>> {
    let (gaps, walls): (Vec<_>, Vec<_>) =
        (0..200).map(|more| (vec![0_u8; len + more % 50], vec![0_u8; 32])).unzip();
    drop(gaps);
    walls
}

#[test]
fn a_value_and_its_visible_form_are_wiped() {
    let value = value();
    let _walls = gaps(value.len());
    let mut search = Search::new();
    assert_eq!(search.occurrences(is_shown), 0, "before it is made");
    value.with_str(|text| {
        let shown = visible_secret(text);
        let found = search.occurrences(is_shown);
        assert!(found >= 40, "the search finds nothing even while it is there");
        drop(shown);
        assert_eq!(search.occurrences(is_shown), 0, "after it was shown");
        let lines = visible_secret_lines(text);
        assert!(search.occurrences(is_shown) >= 40);
        drop(lines);
        assert_eq!(search.occurrences(is_shown), 0, "after it was shown over several lines");
    });
    let copy = value.duplicate();
    assert!(search.occurrences(is_there) >= 80, "the search finds nothing even while it is there");
    drop((value, copy));
    assert_eq!(search.occurrences(is_there), 0, "after the value and its copy were dropped");
}
