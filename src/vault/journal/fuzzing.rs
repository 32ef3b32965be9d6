//! For the target in `fuzz/`: a journal to which anything was done. Not in a release.

use std::sync::LazyLock;

use super::entry::{Plain, Purpose};
use super::note::Note;
use super::record::{self, Base, places};
use super::walk::{Head, Sound, Walk};
use crate::vault::access::Actor;
use crate::vault::encoding::{Digest, Hex};
use crate::vault::error::Result;
use crate::vault::keys::VaultKeys;
use crate::vault::scope::SecretRef;
use crate::vault::secret::Timestamp;
use crate::vault::world::Random;

/// Records of the journal that is altered.
const RECORDS: u64 = 6;
/// Bytes of input that one alteration takes: what, from where, how much, to where.
const STEP: usize = 6;

static GENUINE: LazyLock<Option<Genuine>> = LazyLock::new(|| Genuine::new().ok());

/// Reads any bytes as a journal, then does to a genuine one what they say: what is read of it was
/// written so, and whatever was done to it is found.
pub fn journal(bytes: &[u8]) {
    assert!(GENUINE.is_some(), "there is no journal to be altered");
    let Some(genuine) = &*GENUINE else { return };
    let walk = Walk::over(&genuine.keys, Some(bytes), None);
    assert!(walk.records.is_empty(), "a record opened without its key");

    let altered = alter(&genuine.file, bytes);
    let walk = Walk::over(&genuine.keys, Some(&altered), Some(genuine.head));
    let written = |record: &(u64, Plain)| genuine.records.contains(record);
    assert!(walk.records.iter().all(written), "a record says what nobody wrote");
    assert!(walk.findings.is_empty() == (altered == genuine.file), "an alteration is not found");
    let sound = Sound::of(&genuine.keys, &altered);
    assert!(altered.get(..sound.end) == genuine.file.get(..sound.end), "a loss counts as sound");
}

struct Genuine {
    keys: VaultKeys,
    file: Vec<u8>,
    records: Vec<(u64, Plain)>,
    head: Head,
}

/// The same bytes in every run, so that an input that was kept means the same again.
struct Counted;

impl Random for Counted {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        bytes.iter_mut().zip((1..=u8::MAX).cycle()).for_each(|(byte, count)| *byte = count);
        Ok(())
    }
}

impl Genuine {
    fn new() -> Result<Self> {
        let keys = VaultKeys::derive(&[2; 32], Hex([1; 16]), 1)?;
        let mut head = (Base::NOTHING.sequence, Base::NOTHING.hash);
        let mut file = Base::NOTHING.seal(&keys, &Counted)?;
        let mut records = Vec::new();
        let name: SecretRef = "project:shop:prod/stripe_key".parse()?;
        for (sequence, now) in (1..=RECORDS).zip(1_000..) {
            let note = Note::read(Purpose::Read, &Actor::Owner, &name, sequence);
            let plain = note.at(Timestamp(now), None);
            let bytes = record::seal(&keys, sequence, head.1, &plain, &Counted)?;
            head = (sequence, Digest::of(&bytes));
            file.extend(bytes);
            records.push((sequence, plain));
        }
        Ok(Self { keys, file, records, head })
    }
}

/// Does to a file what `program` says: bits turned, stretches and records removed, copied, moved.
fn alter(file: &[u8], program: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    for step in program.chunks_exact(STEP) {
        let &[what, from_low, from_high, much, to_low, to_high] = step else { break };
        let offset = |low, high| usize::from(u16::from_le_bytes([low, high])) % (file.len() + 1);
        let (mut from, mut to) = (offset(from_low, from_high), offset(to_low, to_high));
        let mut end = (from + usize::from(much)).min(file.len());
        if what >= 0x80 {
            // Whole records, which chains are made of.
            let places = places(&file);
            let pick = |byte: u8| places.get(usize::from(byte) % places.len().max(1)).cloned();
            let (Some(taken), Some(goal)) = (pick(from_low), pick(to_low)) else { continue };
            (from, end, to) = (taken.start, taken.end, goal.start);
        }
        match what % 4 {
            0 => {
                file.get_mut(from..end).unwrap_or_default().iter_mut().for_each(|b| *b ^= much | 1)
            }
            1 => drop(file.drain(from..end)),
            2 => {
                let copy = file.get(from..end).unwrap_or_default().to_vec();
                drop(file.splice(to..to, copy));
            }
            _ => file.truncate(from),
        }
        // Copies of copies would grow without end.
        file.truncate(64 * 1024);
    }
    file
}
