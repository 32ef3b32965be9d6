//! Adds records at the end of a journal, under its own lock, without reading more than that end.
//! What it finds broken there it sets aside or records; it never throws a whole record away.

use std::time::Duration;

use super::entry::Action;
use super::note::Note;
use super::record::{self, BEGIN, Base, MAX, Record};
use super::shorten::{CAP, shorten};
use super::walk::{Head, Sound};
use crate::vault::encoding::{Digest, Hex};
use crate::vault::error::{Result, VaultError};
use crate::vault::keys::VaultKeys;
use crate::vault::place::Place;
use crate::vault::storage::{LogGuard, create_durable, is_missing, names};
use crate::vault::world::random_bytes;

/// The longest file that is read whole; shortening keeps it far below.
pub(super) const MAX_LOG: usize = 64 * 1024 * 1024;
/// How much is read at a time when looking back for a record.
const WINDOW: usize = 64 * 1024;

/// Where the next record goes.
struct Tail {
    end: usize,
    head: Head,
}

/// Which journal, and how long to try for its lock.
#[derive(Clone, Copy)]
pub(super) struct To<'a> {
    pub place: &'a Place,
    pub keys: &'a VaultKeys,
    /// What the root pins of it.
    pub pinned: Option<Head>,
    pub wait: Duration,
}

/// Appends a record for each note, in one write, and gives the head of the chain. Those of a commit
/// carry the generation it makes, and it looks for what the one before it pinned.
pub(super) fn append(to: To<'_>, notes: &[Note], generation: Option<u64>) -> Result<Head> {
    let mut log = Log::open(to)?;
    let tail = log.tail()?;
    if let (Some(pinned), true) = (to.pinned, generation.is_some())
        && !log.holds(pinned, &tail)?
    {
        let why = format!("record {}, which the last change saw, is not there", pinned.0);
        log.wrong.get_or_insert(why);
    }
    let (bytes, head) = log.records(&tail, notes, generation)?;
    log.put(&tail, &bytes)?;
    Ok(head)
}

/// An open journal, locked.
struct Log<'a> {
    place: &'a Place,
    keys: &'a VaultKeys,
    pinned: Option<Head>,
    guard: Box<dyn LogGuard + 'a>,
    size: usize,
    /// What was found wrong with it, to be recorded before anything else.
    wrong: Option<String>,
}

impl<'a> Log<'a> {
    fn open(To { place, keys, pinned, wait }: To<'a>) -> Result<Self> {
        let storage = &*place.storage;
        let name = names::journal(keys.epoch());
        let mut guard = match storage.open_log(&name, wait) {
            Err(error) if is_missing(&error) => {
                storage.make_dir(names::JOURNAL)?;
                storage.sync_dir(names::TOP)?;
                storage.open_log(&name, wait)?
            }
            guard => guard?,
        };
        let size = guard.size()?;
        if size > MAX_LOG {
            return Err(VaultError::Damaged { what: name, why: "it is too long" });
        }
        Ok(Self { place, keys, pinned, guard, size, wrong: None })
    }

    fn read(&mut self, from: usize, to: usize) -> Result<Vec<u8>> {
        self.guard.read_at(from, to.saturating_sub(from))
    }

    /// The end of the chain: one read, unless a write was cut off or somebody was at the file.
    fn tail(&mut self) -> Result<Tail> {
        let size = self.size;
        if size < BEGIN {
            return Ok(Tail { end: 0, head: (Base::NOTHING.sequence, Base::NOTHING.hash) });
        }
        let from = if size == BEGIN { 0 } else { BEGIN.max(size.saturating_sub(MAX)) };
        let bytes = self.read(from, size)?;
        let head = match size == BEGIN {
            true => Base::open(self.keys, &bytes).map(|base| (base.sequence, base.hash)),
            false => Record::last(&bytes)
                .filter(|record| record.is_genuine(self.keys))
                .map(|record| (record.sequence, record.hash())),
        };
        match head {
            Some(head) => Ok(Tail { end: size, head }),
            None => self.mend(),
        }
    }

    /// Finds where the chain ends in a file whose end is not sound. What was cut off while it was
    /// written is dropped; anything else may be tampering and is kept in `lost/`.
    fn mend(&mut self) -> Result<Tail> {
        let file = self.read(0, self.size)?;
        let Sound { end, head, only_torn } = Sound::of(self.keys, &file);
        if !only_torn {
            let storage = &*self.place.storage;
            let id: [u8; 16] = random_bytes(&*self.place.random)?;
            storage.make_dir(names::LOST)?;
            create_durable(storage, &names::lost_journal(Hex(id)), &file)?;
            storage.sync_dir(names::LOST)?;
            self.wrong = Some(format!(
                "it was damaged after record {}; a copy of it was set aside in {}",
                head.0,
                names::LOST
            ));
        }
        Ok(Tail { end, head })
    }

    /// Whether a record that was pinned is still in the chain, or was dropped from it in due order.
    fn holds(&mut self, pinned: Head, tail: &Tail) -> Result<bool> {
        let mut end = tail.end;
        while end > BEGIN {
            let from = BEGIN.max(end.saturating_sub(WINDOW));
            let window = self.read(from, end)?;
            let mut rest = window.as_slice();
            while let Some(record) = Record::last(rest) {
                if record.sequence <= pinned.0 {
                    return Ok((record.sequence, record.hash()) == pinned);
                }
                rest = rest.get(..rest.len() - record.length()).unwrap_or_default();
            }
            if rest.len() == window.len() {
                return Ok(false);
            }
            end = from + rest.len();
        }
        if end < BEGIN {
            return Ok(false);
        }
        let base = Base::open(self.keys, &self.read(0, BEGIN)?);
        Ok(base.is_some_and(|base| base.holds(pinned)))
    }

    /// The bytes that are to follow the tail, and the head they lead to.
    fn records(
        &self,
        tail: &Tail,
        notes: &[Note],
        generation: Option<u64>,
    ) -> Result<(Vec<u8>, Head)> {
        let random = &*self.place.random;
        let mut bytes = match tail.end {
            0 => Base::NOTHING.seal(self.keys, random)?,
            _ => Vec::new(),
        };
        let now = self.place.clock.now();
        let wrong = self.wrong.clone().map(|why| Note::of_vault(Action::Broken, Some(why)));
        let wrong = wrong.iter().map(|note| note.at(now, None));
        let places = 0_u32..;
        let told = notes.iter().zip(places);
        let told = told.map(|(note, place)| note.at(now, generation.map(|of| (of, place))));
        let mut head = tail.head;
        for plain in wrong.chain(told) {
            let sequence = head.0.saturating_add(1);
            let record = record::seal(self.keys, sequence, head.1, &plain, random)?;
            head = (sequence, Digest::of(&record));
            bytes.extend_from_slice(&record);
        }
        Ok((bytes, head))
    }

    fn put(&mut self, tail: &Tail, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() && tail.end == self.size {
            return Ok(());
        }
        self.guard.put_at(tail.end, bytes)?;
        if tail.end == 0 {
            // Once in its life: a commit makes what is in it durable, but not its name.
            self.place.storage.sync_dir(names::JOURNAL)?;
        }
        let size = tail.end + bytes.len();
        if size <= CAP {
            return Ok(());
        }
        let file = self.read(0, size)?;
        shorten(self.place, self.keys, &file, self.pinned)
    }
}
