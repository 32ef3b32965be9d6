//! Writes a journal anew: without its oldest records when it is full, and under the keys of a new
//! epoch. Verification tells both from tampering.

use super::append::MAX_LOG;
use super::record::{self, BEGIN, Base, Record};
use super::walk::{Head, Walk};
use crate::vault::encoding::Digest;
use crate::vault::error::Result;
use crate::vault::keys::VaultKeys;
use crate::vault::place::Place;
use crate::vault::storage::{Storage, create_durable, names, optional};

/// A longer journal is shortened: about 27,000 records, which are looked through in a few hundredths
/// of a second.
pub(super) const CAP: usize = 4 * 1024 * 1024;
/// What is kept of it then: the newest half, so that it seldom happens.
const KEEP: usize = 2 * 1024 * 1024;

/// Drops the oldest records. The new file begins with the hash of the last one that was dropped,
/// so that what stays is one chain with it, bit for bit.
pub(super) fn shorten(
    place: &Place,
    keys: &VaultKeys,
    file: &[u8],
    pin: Option<Head>,
) -> Result<()> {
    let (dropped, kept) = file.split_at(newest(file, KEEP));
    let Some(first) = Record::first(kept) else { return Ok(()) };
    let (sequence, hash) = (first.sequence.saturating_sub(1), first.previous);
    // Somebody who read the root a while ago may know an older pin than the file does.
    let known = Base::open(keys, file).and_then(|base| base.pinned);
    let pinned = [known, pin].into_iter().flatten().filter(|pin| pin.0 <= sequence);
    let pinned = pinned.max_by_key(|pin| pin.0);
    let before = Walk::over(keys, Some(dropped), pinned);
    // What was wrong must not be forgotten with the records it was wrong with.
    let chained = before.head == Some((sequence, hash));
    let broken = !chained || before.verification().has_problems();
    let mut next = Base { sequence, hash, broken, pinned }.seal(keys, &*place.random)?;
    next.extend_from_slice(kept);
    replace(&*place.storage, keys.epoch(), &next)
}

/// Where the newest records begin that take `most` bytes at most; one is always kept.
fn newest(file: &[u8], most: usize) -> usize {
    let mut start = file.len();
    while let Some(record) = file.get(BEGIN..start).and_then(Record::last) {
        let earlier = start - record.length();
        if start < file.len() && file.len() - earlier > most {
            break;
        }
        start = earlier;
    }
    start
}

/// Seals everything that can be read under the keys of a new epoch: the old ones are given up.
pub(super) fn carry(
    place: &Place,
    from: &VaultKeys,
    to: &VaultKeys,
    pinned: Option<Head>,
) -> Result<()> {
    let storage = &*place.storage;
    storage.make_dir(names::JOURNAL)?;
    let file = optional(storage.read(&names::journal(from.epoch()), MAX_LOG as u64))?;
    let walk = Walk::over(from, file.as_deref(), pinned);
    let first = walk.records.first().map_or(0, |(sequence, _)| sequence.saturating_sub(1));
    let broken = walk.verification().has_problems();
    let base = Base { sequence: first, broken, ..Base::NOTHING };
    let mut next = base.seal(to, &*place.random)?;
    let mut head = (base.sequence, base.hash);
    for (_, plain) in &walk.records {
        let sequence = head.0.saturating_add(1);
        let record = record::seal(to, sequence, head.1, plain, &*place.random)?;
        head = (sequence, Digest::of(&record));
        next.extend_from_slice(&record);
    }
    // Not synced: a commit of a new epoch makes everything durable before its root.
    let name = names::journal(to.epoch());
    storage.remove(&name)?;
    storage.create_new(&name, &next)
}

/// Puts a new file in the place of a journal, durably.
fn replace(storage: &dyn Storage, epoch: u64, bytes: &[u8]) -> Result<()> {
    let next = names::journal_next(epoch);
    storage.remove(&next)?;
    create_durable(storage, &next, bytes)?;
    storage.rename(&next, &names::journal(epoch))?;
    storage.sync_dir(names::JOURNAL)
}

/// Removes journals of other epochs: nothing opens them any more.
pub(super) fn remove_others(storage: &dyn Storage, epoch: u64) -> Result<()> {
    let ours = [names::journal(epoch), names::journal_next(epoch)];
    let mut removed = false;
    for name in storage.list(names::JOURNAL)? {
        let name = format!("{}/{name}", names::JOURNAL);
        let is_log = name.ends_with(".log") || name.ends_with(".next");
        if is_log && !ours.contains(&name) {
            removed |= storage.remove(&name)?;
        }
    }
    if removed { storage.sync_dir(names::JOURNAL) } else { Ok(()) }
}
