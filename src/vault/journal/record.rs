//! The bytes of a journal file: its beginning and its records, each sealed and whole by itself.
//! Not their order, and not what they say.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::entry::Plain;
use crate::vault::aad::Fields;
use crate::vault::encoding::{Digest, Hex};
use crate::vault::error::{Result, VaultError};
use crate::vault::keys::VaultKeys;
use crate::vault::seal::{NONCE, Sealed, TAG};
use crate::vault::world::Random;

/// The first bytes of a journal file: a mark and the format.
const MAGIC: &[u8; 8] = b"TRSJRNL\x01";
/// Plaintext is padded to a multiple of this many bytes, so that lengths tell little of names.
const STEP: usize = 64;
/// The longest plaintext: two names, an actor and a detail of the longest kind take about 2.4 KiB.
const MAX_PLAIN: usize = 4096;
/// The beginning of the file: mark, nonce and sealed base, which takes two steps.
pub(super) const BEGIN: usize = MAGIC.len() + NONCE + BASE + TAG;
const BASE: usize = 2 * STEP;
/// What a record has around its nonce and ciphertext: length, sequence, hash of the one before,
/// and the length again.
const FRAME: usize = 4 + 8 + 32 + 4;
/// The shortest record.
const MIN: usize = FRAME + NONCE + STEP + TAG;
/// The longest record.
pub(super) const MAX: usize = FRAME + NONCE + MAX_PLAIN + TAG;

/// What the chain of a file begins at: the record before its first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Base {
    pub sequence: u64,
    pub hash: Digest,
    /// Something was wrong with what was dropped before it.
    pub broken: bool,
    /// The record that was pinned when it was dropped: no other pin may be missing from the file,
    /// so that a file of an earlier chain is not taken for one whose pin was dropped.
    pub pinned: Option<(u64, Digest)>,
}

impl Base {
    /// Where the first file of an epoch begins: at nothing.
    pub(super) const NOTHING: Self =
        Self { sequence: 0, hash: Hex([0; 32]), broken: false, pinned: None };

    /// Whether a pinned record stands before the file's first one, and rightly so.
    pub(super) fn holds(&self, pin: (u64, Digest)) -> bool {
        (self.sequence, self.hash) == pin || (self.sequence > pin.0 && self.pinned == Some(pin))
    }

    /// The beginning of a file.
    pub(super) fn seal(&self, keys: &VaultKeys, random: &dyn Random) -> Result<Vec<u8>> {
        let sealed = seal_padded(self, BASE, keys, &Self::aad(keys), random)?;
        Ok(MAGIC.iter().copied().chain(sealed.to_raw()).collect())
    }

    /// Reads the beginning of a file; `None` when it was altered, or is no journal of these keys.
    pub(super) fn open(keys: &VaultKeys, file: &[u8]) -> Option<Self> {
        let raw = file.get(..BEGIN)?.strip_prefix(MAGIC)?;
        unpad(&Sealed::from_raw(raw)?.open(keys.journal(), &Self::aad(keys))?)
    }

    /// `journal-base` (vault id, epoch).
    fn aad(keys: &VaultKeys) -> Vec<u8> {
        Fields::new("tresor.v1.journal-base").bytes(&keys.vault_id().0).number(keys.epoch()).done()
    }
}

/// One whole record as it stands in the file; nothing of it is believed before it opens.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    bytes: &'a [u8],
    pub sequence: u64,
    /// SHA-256 of the record it was written after.
    pub previous: Digest,
}

impl<'a> Record<'a> {
    /// The whole record that `bytes` begin with, if there is one.
    pub(super) fn first(bytes: &'a [u8]) -> Option<Self> {
        let length = length(bytes.first_chunk::<4>()?)?;
        Self::whole(bytes.get(..length)?)
    }

    /// The whole record that `bytes` end with, if there is one.
    pub(super) fn last(bytes: &'a [u8]) -> Option<Self> {
        let length = length(bytes.last_chunk::<4>()?)?;
        Self::whole(bytes.get(bytes.len().checked_sub(length)?..)?)
    }

    fn whole(bytes: &'a [u8]) -> Option<Self> {
        let (first, rest) = bytes.split_first_chunk::<4>()?;
        if bytes.last_chunk::<4>() != Some(first) || length(first) != Some(bytes.len()) {
            return None;
        }
        let (sequence, rest) = rest.split_first_chunk::<8>()?;
        let previous = Hex(*rest.first_chunk::<32>()?);
        Some(Self { bytes, sequence: u64::from_le_bytes(*sequence), previous })
    }

    /// How many bytes of the file it takes.
    pub(super) fn length(&self) -> usize {
        self.bytes.len()
    }

    /// What the next record names as the one before it.
    pub(super) fn hash(&self) -> Digest {
        Digest::of(self.bytes)
    }

    /// The sealed plaintext; `None` when a byte of the record is not the one written.
    fn unseal(&self, keys: &VaultKeys) -> Option<Zeroizing<Vec<u8>>> {
        let raw = self.bytes.get(FRAME - 4..self.bytes.len().checked_sub(4)?)?;
        Sealed::from_raw(raw)?.open(keys.journal(), &aad(keys, self.sequence, self.previous))
    }

    /// Whether it is one that was written with these keys.
    pub(super) fn is_genuine(&self, keys: &VaultKeys) -> bool {
        self.unseal(keys).is_some()
    }

    /// What it says; `None` when it was altered, `Some(None)` when it is of a later format.
    pub(super) fn open(&self, keys: &VaultKeys) -> Option<Option<Plain>> {
        self.unseal(keys).map(|plain| unpad(&plain))
    }
}

/// Where each record lies in a file, as far as they can be told apart from its beginning; for tests
/// that do something to them.
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn places(file: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut places = Vec::new();
    let mut at = BEGIN;
    while let Some(record) = file.get(at..).and_then(Record::first) {
        places.push(at..at + record.length());
        at += record.length();
    }
    places
}

/// Seals a record that follows the one with the hash `previous`.
pub(super) fn seal(
    keys: &VaultKeys,
    sequence: u64,
    previous: Digest,
    plain: &impl Serialize,
    random: &dyn Random,
) -> Result<Vec<u8>> {
    let sealed = seal_padded(plain, STEP, keys, &aad(keys, sequence, previous), random)?;
    let mut bytes = vec![0; 4];
    bytes.extend_from_slice(&sequence.to_le_bytes());
    bytes.extend_from_slice(&previous.0);
    bytes.extend(sealed.to_raw());
    let length = u32::try_from(bytes.len() + 4).unwrap_or(u32::MAX).to_le_bytes();
    bytes.extend_from_slice(&length);
    if let Some(first) = bytes.first_chunk_mut::<4>() {
        *first = length;
    }
    Ok(bytes)
}

/// A length that a record can have.
fn length(bytes: &[u8; 4]) -> Option<usize> {
    let length = usize::try_from(u32::from_le_bytes(*bytes)).ok()?;
    let fits = (MIN..=MAX).contains(&length) && (length - MIN).is_multiple_of(STEP);
    fits.then_some(length)
}

fn seal_padded<T: Serialize>(
    value: &T,
    step: usize,
    keys: &VaultKeys,
    aad: &[u8],
    random: &dyn Random,
) -> Result<Sealed> {
    let internal = VaultError::Internal { what: "encoding a record of the journal" };
    let Ok(plain) = postcard::to_allocvec(value) else { return Err(internal) };
    let mut plain = Zeroizing::new(plain);
    if plain.len() > MAX_PLAIN {
        return Err(internal);
    }
    let padded = plain.len().next_multiple_of(step);
    plain.resize(padded, 0);
    Sealed::new(keys.journal(), aad, plain, random)
}

/// Reads postcard with zeros behind it.
fn unpad<T: DeserializeOwned>(plain: &[u8]) -> Option<T> {
    let (value, padding) = postcard::take_from_bytes::<T>(plain).ok()?;
    padding.iter().all(|byte| *byte == 0).then_some(value)
}

/// `journal` (vault id, epoch, sequence, hash of the record before).
fn aad(keys: &VaultKeys, sequence: u64, previous: Digest) -> Vec<u8> {
    Fields::new("tresor.v1.journal")
        .bytes(&keys.vault_id().0)
        .number(keys.epoch())
        .number(sequence)
        .bytes(&previous.0)
        .done()
}
