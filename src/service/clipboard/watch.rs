//! The holder's watch: put the value there, look after it, take it off at its time. No pipes and
//! no process: those are in `holder`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::ClipboardReceipt;
use super::held::{Contents, Held};
use super::wire::Command;
use crate::vault::SensitiveBytes;

/// How often it looks whether the contents are still ours.
const LOOK: Duration = Duration::from_millis(200);
/// The longest a place may take to answer.
const ANSWER: Duration = Duration::from_secs(2);
/// How long to wait after each try to clear before reading back: a clipboard manager may put
/// contents back.
const READ_BACK: [Duration; 3] =
    [Duration::from_millis(30), Duration::from_millis(120), Duration::from_millis(300)];
/// What a place that stays silent is reported as.
const NO_ANSWER: &str = "it does not answer";
/// Reads that may fail in a row before the clipboard counts as gone.
const FAILURES: u32 = 5;

/// When the value has to be off, by whichever clock says so first: the monotonic one stands still
/// in suspend, the wall clock may be set back.
pub(super) struct Deadline {
    by: Instant,
    wall_by: SystemTime,
}

impl Deadline {
    /// `after` from now.
    pub(super) fn after(after: Duration) -> Self {
        let (now, wall) = (Instant::now(), SystemTime::now());
        let (by, wall_by) = (now.checked_add(after), wall.checked_add(after));
        Self { by: by.unwrap_or(now), wall_by: wall_by.unwrap_or(wall) }
    }

    /// The time left; zero when it has come.
    fn left(&self) -> Duration {
        if SystemTime::now() >= self.wall_by {
            return Duration::ZERO;
        }
        self.by.saturating_duration_since(Instant::now())
    }
}

/// A place on a thread of its own, so that one that never answers cannot stop the clock.
///
/// The value lives on that thread and is wiped when the place is dropped.
pub(super) struct Place {
    ask: Option<Sender<(u64, Ask)>>,
    answers: Receiver<(u64, Answer)>,
    asked: AtomicU64,
    silence: Contents,
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
    ///
    /// `silence` is what a read that never answers means.
    pub(super) fn open(
        value: SensitiveBytes,
        silence: Contents,
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
        let place = Self { ask: Some(ask), answers, asked: AtomicU64::new(0), silence };
        match place.heard(0) {
            Some(Answer::Done(done)) => done.map(|()| place),
            _ => Err(NO_ANSWER.to_owned()),
        }
    }

    /// Puts the value there and reads it back.
    pub(super) fn set(&self) -> Result<(), String> {
        self.act(Ask::Set)?;
        for _ in 0..10 {
            if self.look() == Contents::Ours {
                return Ok(());
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

    fn look(&self) -> Contents {
        match self.answer(Ask::Look) {
            Some(Answer::Contents(contents)) => contents,
            _ => self.silence.clone(),
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
    fn clear(&self) -> ClipboardReceipt {
        match self.look() {
            Contents::Ours => {}
            Contents::NotOurs => return ClipboardReceipt::Replaced,
            Contents::Unknown(why) => return ClipboardReceipt::Kept(why),
        }
        let mut kept = "another program put it back".to_owned();
        for pause in READ_BACK {
            if let Err(why) = self.act(Ask::Clear) {
                kept = why;
            }
            thread::sleep(pause);
            if self.look() == Contents::NotOurs {
                return ClipboardReceipt::Cleared;
            }
        }
        ClipboardReceipt::Kept(kept)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.ask = None;
        // The process may end right after: the value has to be wiped before, if the place answers.
        while self.answers.recv_timeout(LOOK).is_ok() {}
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

/// Watches a value that has been set, until its time, a command, or newer contents.
///
/// `lost` says whether a newer copy of ours has taken over; `ended` whether the process was asked
/// to end, which clears like [`Command::Clear`].
pub(super) fn watch(
    place: &Place,
    deadline: &Deadline,
    commands: &Receiver<Command>,
    lost: &dyn Fn() -> bool,
    ended: &dyn Fn() -> bool,
) -> ClipboardReceipt {
    let mut failures = 0;
    loop {
        let left = deadline.left();
        let command = match commands.recv_timeout(left.min(LOOK)) {
            Ok(command) => Some(command),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(left.min(LOOK));
                None
            }
        };
        if command == Some(Command::Leave) || lost() {
            return ClipboardReceipt::Replaced;
        }
        if command == Some(Command::Clear) || ended() || deadline.left().is_zero() {
            return place.clear();
        }
        match place.look() {
            Contents::Ours => failures = 0,
            Contents::NotOurs => return ClipboardReceipt::Replaced,
            Contents::Unknown(why) => {
                failures += 1;
                if failures == FAILURES {
                    return ClipboardReceipt::Kept(format!("the clipboard is gone: {why}"));
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A clipboard of this test's own; `stubborn` puts contents back that often.
    #[derive(Default)]
    struct Fake {
        contents: Option<Vec<u8>>,
        stubborn: u32,
        broken: bool,
    }

    #[derive(Clone, Default)]
    struct Desk(Arc<Mutex<Fake>>);

    impl Held for Desk {
        fn set(&mut self, value: &SensitiveBytes) -> Result<(), String> {
            self.0.lock().unwrap().contents = Some(value.with(<[u8]>::to_vec));
            Ok(())
        }
        fn contents(&mut self, value: &SensitiveBytes) -> Contents {
            let fake = self.0.lock().unwrap();
            if fake.broken {
                return Contents::Unknown("no display".to_owned());
            }
            match &fake.contents {
                Some(found) if value.with(|plain| plain == found.as_slice()) => Contents::Ours,
                _ => Contents::NotOurs,
            }
        }
        fn clear(&mut self) -> Result<(), String> {
            let mut fake = self.0.lock().unwrap();
            if fake.stubborn > 0 {
                fake.stubborn -= 1;
            } else {
                fake.contents = None;
            }
            Ok(())
        }
    }

    /// The desk with a value set on it, and its place.
    fn desk() -> (Desk, Place) {
        let desk = Desk::default();
        let held: Box<dyn Held> = Box::new(desk.clone());
        let value = SensitiveBytes::copy_of(b"hunter2");
        let place = Place::open(value, Contents::NotOurs, || Ok(held)).unwrap();
        place.set().unwrap();
        (desk, place)
    }

    fn run(place: &Place, after: Duration, command: Option<Command>) -> ClipboardReceipt {
        let (sender, commands) = mpsc::channel();
        command.into_iter().for_each(|command| sender.send(command).unwrap());
        watch(place, &Deadline::after(after), &commands, &|| false, &|| false)
    }

    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn it_is_cleared_at_its_time() {
        let (desk, place) = desk();
        let start = Instant::now();
        assert_eq!(run(&place, Duration::from_millis(300), None), ClipboardReceipt::Cleared);
        assert!(start.elapsed() >= Duration::from_millis(300));
        assert_eq!(desk.0.lock().unwrap().contents, None);
    }

    #[test]
    fn newer_contents_are_left_alone() {
        let (desk, place) = desk();
        desk.0.lock().unwrap().contents = Some(b"mine".to_vec());
        assert_eq!(run(&place, LONG, None), ClipboardReceipt::Replaced);
        assert_eq!(run(&place, LONG, Some(Command::Clear)), ClipboardReceipt::Replaced);
        assert_eq!(desk.0.lock().unwrap().contents.as_deref(), Some(b"mine".as_slice()));
    }

    #[test]
    fn clear_and_leave_are_obeyed_at_once() {
        let (first, place) = desk();
        assert_eq!(run(&place, LONG, Some(Command::Leave)), ClipboardReceipt::Replaced);
        assert!(first.0.lock().unwrap().contents.is_some());
        assert_eq!(run(&place, LONG, Some(Command::Clear)), ClipboardReceipt::Cleared);
        assert!(first.0.lock().unwrap().contents.is_none());
    }

    #[test]
    fn a_newer_copy_ends_it_and_a_signal_clears_it() {
        let (desk, place) = desk();
        let (_sender, commands) = mpsc::channel();
        let deadline = Deadline::after(LONG);
        let lost = watch(&place, &deadline, &commands, &|| true, &|| false);
        assert_eq!(lost, ClipboardReceipt::Replaced);
        let ended = watch(&place, &deadline, &commands, &|| false, &|| true);
        assert_eq!(ended, ClipboardReceipt::Cleared);
        assert!(desk.0.lock().unwrap().contents.is_none());
    }

    #[test]
    fn contents_put_back_are_cleared_again_and_then_reported() {
        let (desk, place) = desk();
        desk.0.lock().unwrap().stubborn = 1;
        assert_eq!(run(&place, Duration::ZERO, None), ClipboardReceipt::Cleared);
        let (desk, place) = self::desk();
        desk.0.lock().unwrap().stubborn = 9;
        assert!(matches!(run(&place, Duration::ZERO, None), ClipboardReceipt::Kept(_)));
    }

    #[test]
    fn a_clipboard_that_is_gone_is_reported() {
        let (desk, place) = desk();
        desk.0.lock().unwrap().broken = true;
        let ClipboardReceipt::Kept(why) = run(&place, LONG, None) else { unreachable!() };
        assert_eq!(why, "the clipboard is gone: no display");
    }

    #[test]
    fn a_place_that_does_not_open_says_why() {
        let value = SensitiveBytes::copy_of(b"x");
        let place = Place::open(value, Contents::NotOurs, || Err("no display".to_owned()));
        assert_eq!(place.err().as_deref(), Some("no display"));
    }
}
