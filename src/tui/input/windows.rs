//! The console's thread. Nothing wakes it but the console, so at the end it is left waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};
use std::{io, thread};

use zeroize::{Zeroize, Zeroizing};

use super::patience;
use crate::app::Event;
use crate::service::console::{Keyboard, Typed};
use crate::tui::Message;
use crate::tui::decode::Decoder;

/// How often is looked for the rest of what is half read: a wait for input takes no time limit.
const LOOK: Duration = Duration::from_millis(5);
/// The most that is taken in one piece.
const PIECE: usize = 4096;

/// The reading thread. When this is dropped the program ends with the next thing it does, and the thread with
/// it; a key that comes before is dropped.
pub struct InputThread {
    stopped: Arc<AtomicBool>,
}

impl InputThread {
    /// Starts reading; events go to `to`.
    pub fn start(to: Sender<Message>) -> io::Result<Self> {
        let stopped = Arc::new(AtomicBool::new(false));
        let reader = Reader {
            keyboard: Keyboard::open()?,
            decoder: Decoder::new(),
            stopped: Arc::clone(&stopped),
        };
        thread::Builder::new().name("input".into()).spawn(move || reader.serve(&to))?;
        Ok(Self { stopped })
    }
}

impl Drop for InputThread {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
    }
}

struct Reader {
    keyboard: Keyboard,
    decoder: Decoder,
    stopped: Arc<AtomicBool>,
}

impl Reader {
    fn serve(mut self, to: &Sender<Message>) {
        let mut events = Vec::new();
        loop {
            let read = self.read(to, &mut events);
            if self.stopped.load(Ordering::SeqCst) {
                return;
            }
            let gone = read.is_err().then_some(Message::Hangup);
            for message in events.drain(..).map(Message::Event).chain(gone) {
                if to.send(message).is_err() {
                    return;
                }
            }
            if read.is_err() {
                return;
            }
        }
    }

    /// Waits for something and takes all that is there, in one piece: so Escape and what follows it at once
    /// are told from two keys.
    fn read(&mut self, to: &Sender<Message>, events: &mut Vec<Event>) -> io::Result<()> {
        if !self.comes_in_time()? {
            self.decoder.settle(events);
            return Ok(());
        }
        let mut piece = Zeroizing::new(Vec::with_capacity(2 * PIECE));
        while piece.is_empty() || (piece.len() < PIECE && self.keyboard.has_more()?) {
            match self.keyboard.read()? {
                // A held key is never longer than what is left.
                Typed::Bytes(bytes) => piece.extend(bytes.iter().take(PIECE)),
                Typed::Resized => {
                    // The loop is gone when this fails, and then the next message tells.
                    let _ = to.send(Message::Resized);
                    break;
                }
            }
        }
        self.decoder.feed(&piece, events);
        piece.zeroize();
        Ok(())
    }

    /// Whether more comes before what is half read counts as whole.
    fn comes_in_time(&self) -> io::Result<bool> {
        let Some(patience) = patience(&self.decoder) else { return Ok(true) };
        let until = Instant::now() + patience;
        while !self.keyboard.has_more()? {
            if Instant::now() >= until {
                return Ok(false);
            }
            thread::sleep(LOOK);
        }
        Ok(true)
    }
}
