//! Carries one stream from whoever writes it through the mask to whoever reads it: one thread reads, another one
//! masks and writes, and neither waits for more than is there. Starts no process.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use super::Masker;

/// How much is read at once, and what the pipe is asked to hold where that can be asked.
pub const CHUNK: usize = 128 * 1024;
/// What is left free before it, for what the mask held back: more than most values are long.
pub(super) const ROOM: usize = 4 * 1024;
/// How many of these wait for the mask.
const QUEUE: usize = 3;
/// When the command has ended, how long its stream may be silent before it is given up: something that the
/// command left behind may keep it open for ever.
const GRACE: Duration = Duration::from_millis(200);
/// More than can be underway when the command ends; what follows is written by others.
const UNDERWAY: usize = (QUEUE + 2) * CHUNK + 1024 * 1024;

/// What arrives of a stream.
pub enum Feed {
    /// A buffer, and where the bytes end that stand behind its room.
    Bytes(Vec<u8>, usize),
    /// Nobody writes any more.
    Closed,
    /// The command has ended; what it left behind may still write.
    Ended,
}

/// A stream on its way: what tells the pump that the command has ended, and the two ends, for two threads.
/// Emptied buffers go back.
pub fn line() -> (SyncSender<Feed>, Reading, Writing) {
    let (feed, arriving) = sync_channel(QUEUE);
    let (emptied, returned) = channel();
    (feed.clone(), Reading { feed, returned }, Writing { arriving, emptied })
}

/// The end that reads.
pub struct Reading {
    feed: SyncSender<Feed>,
    returned: Receiver<Vec<u8>>,
}

impl Reading {
    /// Reads until nobody writes any more, or nobody wants more. The source is closed then, so that whoever
    /// writes on gets a broken pipe.
    pub fn read(self, mut source: impl Read) {
        loop {
            let mut buffer = self.returned.try_recv().unwrap_or_else(|_| vec![0; ROOM + CHUNK]);
            let fed = match source.read(&mut buffer[ROOM..]) {
                Ok(0) => break,
                Ok(count) => self.feed.send(Feed::Bytes(buffer, ROOM + count)),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                // A terminal that nobody has open any more ends with an error.
                Err(_) => break,
            };
            if fed.is_err() {
                return;
            }
        }
        // Nobody is there to be told otherwise.
        let _ = self.feed.send(Feed::Closed);
    }
}

/// The end that masks and writes.
pub struct Writing {
    arriving: Receiver<Feed>,
    emptied: Sender<Vec<u8>>,
}

impl Writing {
    /// Writes all that arrives, masked, until it is over.
    ///
    /// # Errors
    /// What writing fails with; a broken pipe too.
    pub fn write(self, mut masker: Masker, mut out: impl Write) -> io::Result<()> {
        let mut after_end = None;
        loop {
            let now = Instant::now();
            let wait = match (masker.due(), after_end) {
                (Some(due), _) => due.saturating_duration_since(now),
                (None, Some(_)) => GRACE,
                (None, None) => Duration::MAX,
            };
            match receive(&self.arriving, wait) {
                Ok(Feed::Bytes(mut buffer, end)) => {
                    let bytes = buffer.get_mut(..end).unwrap_or_default();
                    masker.push(bytes, ROOM, Instant::now(), &mut out)?;
                    out.flush()?;
                    let _ = self.emptied.send(buffer);
                    let written =
                        after_end.map(|written: usize| written + end.saturating_sub(ROOM));
                    if written.is_some_and(|written| written > UNDERWAY) {
                        break;
                    }
                    after_end = written;
                }
                Ok(Feed::Ended) => after_end = after_end.or(Some(0)),
                Ok(Feed::Closed) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) if masker.due().is_some() => {
                    masker.release(Instant::now(), &mut out)?;
                    out.flush()?;
                }
                Err(RecvTimeoutError::Timeout) => break,
            }
        }
        masker.release(Instant::now(), &mut out)?;
        out.flush()
    }
}

/// Waits that long, or for ever where the clock has no such time.
fn receive(from: &Receiver<Feed>, wait: Duration) -> Result<Feed, RecvTimeoutError> {
    match wait {
        Duration::MAX => from.recv().map_err(|_| RecvTimeoutError::Disconnected),
        wait => from.recv_timeout(wait),
    }
}
