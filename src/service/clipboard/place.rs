//! A held value on a thread of its own, which is asked by messages and may be too late to answer.
//! It knows no timer: that is `watch`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::held::{self, Contents, Held};
use super::{ClipboardReceipt, Route};
use crate::vault::SensitiveBytes;

/// The longest a place may take to answer.
const ANSWER: Duration = Duration::from_secs(2);
/// How long to wait after each try to clear before reading back: a clipboard manager may put
/// contents back.
const READ_BACK: [Duration; 3] =
    [Duration::from_millis(30), Duration::from_millis(120), Duration::from_millis(300)];
/// How long to wait for a place to wipe its value.
const WIPED: Duration = Duration::from_millis(200);
/// What a place that stays silent is reported as.
const NO_ANSWER: &str = "it does not answer";

/// A place on a thread of its own, so that one that never answers cannot stop the clock.
///
/// The value lives on that thread and is wiped when the place is dropped.
pub(super) struct Place {
    ask: Option<Sender<(u64, Ask)>>,
    answers: Receiver<(u64, Answer)>,
    asked: AtomicU64,
    route: Route,
}

#[derive(Clone, Copy)]
enum Ask {
    Set,
    Look,
    Clear,
}

enum Answer {
    Done(Result<(), String>),
    Contents(Contents),
}

impl Place {
    /// Opens the place on its thread; `open` is where a route proves to work.
    pub(super) fn open(
        value: SensitiveBytes,
        route: Route,
        open: impl FnOnce() -> Result<Box<dyn Held>, String> + Send + 'static,
    ) -> Result<Self, String> {
        let (ask, asked) = mpsc::channel();
        let (answer, answers) = mpsc::channel();
        thread::Builder::new()
            .spawn(move || {
                serve(open, &value, &asked, &answer);
                // Wiped before the closed channel says that the thread has ended.
                drop(value);
                drop(answer);
            })
            .map_err(|error| error.to_string())?;
        let place = Self { ask: Some(ask), answers, asked: AtomicU64::new(0), route };
        match place.heard(0) {
            Some(Answer::Done(done)) => done.map(|()| place),
            _ => Err(NO_ANSWER.to_owned()),
        }
    }

    /// Whether the contents stay when this process ends.
    pub(super) fn outlives_us(&self) -> bool {
        held::outlive_their_holder(self.route)
    }

    /// Puts the value there and reads it back; gives up when `ended` says so.
    ///
    /// After an error it may be there all the same.
    pub(super) fn set(&self, ended: &dyn Fn() -> bool) -> Result<(), String> {
        self.act(Ask::Set)?;
        for _ in 0..10 {
            if self.look() == Contents::Ours {
                return Ok(());
            }
            if ended() {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err("what was put there could not be read back".to_owned())
    }

    fn act(&self, ask: Ask) -> Result<(), String> {
        match self.answer(ask) {
            Some(Answer::Done(done)) => done,
            _ => Err(NO_ANSWER.to_owned()),
        }
    }

    /// Reads back and compares.
    pub(super) fn look(&self) -> Contents {
        match self.answer(Ask::Look) {
            Some(Answer::Contents(contents)) => contents,
            _ => held::silence(self.route),
        }
    }

    fn answer(&self, ask: Ask) -> Option<Answer> {
        let number = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        self.ask.as_ref()?.send((number, ask)).ok()?;
        self.heard(number)
    }

    /// The answer of that number; late answers to earlier questions are dropped.
    fn heard(&self, number: u64) -> Option<Answer> {
        let until = Instant::now() + ANSWER;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.answers.recv_timeout(left).ok()? {
                (heard, answer) if heard == number => return Some(answer),
                _ => {}
            }
        }
    }

    /// Takes the value off and reads back, more than once where somebody puts it back.
    pub(super) fn clear(&self) -> ClipboardReceipt {
        let mut cleared = false;
        let mut kept = String::new();
        for pause in READ_BACK {
            match self.look() {
                Contents::NotOurs if cleared => return ClipboardReceipt::Cleared,
                Contents::NotOurs => return ClipboardReceipt::Replaced,
                Contents::Ours => match self.act(Ask::Clear) {
                    Ok(()) => (cleared, kept) = (true, "another program put it back".to_owned()),
                    Err(why) => kept = why,
                },
                Contents::Unknown(why) => kept = why,
            }
            thread::sleep(pause);
        }
        match self.look() {
            Contents::NotOurs if cleared => ClipboardReceipt::Cleared,
            Contents::NotOurs => ClipboardReceipt::Replaced,
            _ => ClipboardReceipt::Kept(kept),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.ask = None;
        // The process may end right after: the value has to be wiped before, if the place answers.
        while self.answers.recv_timeout(WIPED).is_ok() {}
    }
}

/// The place's thread: answers until nobody asks any more.
fn serve(
    open: impl FnOnce() -> Result<Box<dyn Held>, String>,
    value: &SensitiveBytes,
    asked: &Receiver<(u64, Ask)>,
    answer: &Sender<(u64, Answer)>,
) {
    let mut held = match open() {
        Ok(held) => held,
        Err(why) => {
            let _ = answer.send((0, Answer::Done(Err(why))));
            return;
        }
    };
    let _ = answer.send((0, Answer::Done(Ok(()))));
    while let Ok((number, ask)) = asked.recv() {
        let said = match ask {
            Ask::Set => Answer::Done(held.set(value)),
            Ask::Look => Answer::Contents(held.contents(value)),
            Ask::Clear => Answer::Done(held.clear()),
        };
        if answer.send((number, said)).is_err() {
            return;
        }
    }
}
