//! One stream on its way through the mask. It keeps what could still become a value; the time is told to it, and
//! it neither reads nor waits.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::{MASK, Patterns, escape};

/// How long bytes that could become a value are held back. A value that comes in parts with more time between
/// them is shown up to the pause, and what comes after it is masked all the same.
pub const HOLD: Duration = Duration::from_millis(50);

/// The state between two writes of one stream.
pub struct Masker {
    patterns: Arc<Patterns>,
    /// What could still become a value.
    held: Zeroizing<Vec<u8>>,
    /// How much of that was written already, because its time was over.
    shown: usize,
    /// When the rest of it is written.
    due: Option<Instant>,
    /// The bytes just before what is held, for sequences that began there.
    before: Zeroizing<Vec<u8>>,
}

impl Masker {
    /// The beginning of a stream.
    pub fn new(patterns: Arc<Patterns>) -> Self {
        let (held, before) = (Zeroizing::new(Vec::new()), Zeroizing::new(Vec::new()));
        Self { patterns, held, shown: 0, due: None, before }
    }

    /// Takes the next bytes, and writes what is sure. They stand in `buffer` behind some `room`: what was held
    /// back goes there, mostly, and nothing else has to be moved.
    pub fn push(
        &mut self,
        buffer: &mut [u8],
        room: usize,
        now: Instant,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let held = Zeroizing::new(std::mem::take(&mut *self.held));
        let waited = held.len();
        if let Some(start) = room.checked_sub(waited)
            && let Some((before, _)) = buffer.split_at_mut_checked(room)
        {
            before[start..].copy_from_slice(&held);
            return self.work(&buffer[start..], waited, now, false, out);
        }
        let bytes = buffer.get(room..).unwrap_or_default();
        let mut joined = Zeroizing::new(Vec::with_capacity(waited + bytes.len()));
        joined.extend_from_slice(&held);
        joined.extend_from_slice(bytes);
        self.work(&joined, waited, now, false, out)
    }

    /// When [`Masker::release`] is to be called, if nothing comes before that.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Writes what is held. It is remembered: should the value be completed, its end is masked.
    pub fn release(&mut self, now: Instant, out: &mut impl Write) -> io::Result<()> {
        let held = Zeroizing::new(std::mem::take(&mut *self.held));
        self.work(&held, 0, now, true, out)
    }

    /// Writes what is sure of `bytes`, all of it when `late`, and keeps what could become a value. The first
    /// `waited` bytes were kept before.
    fn work(
        &mut self,
        bytes: &[u8],
        waited: usize,
        now: Instant,
        late: bool,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let mut writer = Writer { out, bytes, shown: self.shown, before: &self.before };
        let (mut written, mut from, mut kept) = (0, 0, None);
        while let Some(found) = self.patterns.next(bytes, from) {
            if found.pending && !late {
                kept = Some(found.at);
                break;
            }
            if found.whole == 0 {
                kept = kept.or(Some(found.at));
                from = found.at + 1;
                continue;
            }
            writer.plain(written, found.at)?;
            written = found.at + found.whole;
            writer.masked(found.at, written)?;
            (from, kept) = (written, None);
        }
        let start = kept.unwrap_or(bytes.len());
        let shown = if late { bytes.len() } else { start };
        writer.plain(written, shown)?;
        // Bytes that wait already are not made to wait anew for those that follow them.
        let due = self.due.filter(|_| start < waited).unwrap_or(now + HOLD);
        self.keep(bytes, start, shown, due);
        Ok(())
    }

    /// Keeps the bytes from `start` on, of which those before `shown` were written.
    fn keep(&mut self, bytes: &[u8], start: usize, shown: usize, due: Instant) {
        let (done, held) = bytes.split_at(start);
        let seen = done.get(done.len().saturating_sub(escape::LONGEST)..).unwrap_or_default();
        let surplus = (self.before.len() + seen.len()).saturating_sub(escape::LONGEST);
        let surplus = surplus.min(self.before.len());
        self.before.drain(..surplus);
        self.before.extend_from_slice(seen);
        let was_shown = self.shown.saturating_sub(start);
        self.shown = was_shown.max(shown.saturating_sub(start));
        self.due = (held.len() > self.shown).then_some(due);
        self.held = Zeroizing::new(held.to_vec());
    }
}

/// Writes parts of some bytes, but for those that were written before.
struct Writer<'a, W> {
    out: &'a mut W,
    bytes: &'a [u8],
    shown: usize,
    before: &'a [u8],
}

impl<W: Write> Writer<'_, W> {
    fn plain(&mut self, from: usize, to: usize) -> io::Result<()> {
        match self.bytes.get(from.max(self.shown)..to) {
            Some(part) if !part.is_empty() => self.out.write_all(part),
            _ => Ok(()),
        }
    }

    /// A value. Where a control sequence ends in it, that end is kept: the screen would show its remains.
    fn masked(&mut self, from: usize, to: usize) -> io::Result<()> {
        let start = escape::end(self.before, self.bytes, from).min(to);
        self.plain(from, start)?;
        if to > start.max(self.shown) { self.out.write_all(MASK) } else { Ok(()) }
    }
}
