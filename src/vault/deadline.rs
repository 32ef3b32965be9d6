//! Calls that may wait for ever for a person: each runs on a thread of its own, with a deadline.
//! Knows nothing of what is called.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// From here on it is worth saying what is waited for.
pub const PATIENCE: Duration = Duration::from_secs(1);
/// Long enough for a person to answer the desktop's prompt.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// What is to be said when a call takes long, asked from any thread; what it gives is dropped when that
/// call has ended, so that the words can be taken back.
pub type Waiting = Arc<dyn Fn() -> Said + Send + Sync>;
/// Held as long as a call is waited for.
pub type Said = Box<dyn Send>;

/// Says nothing.
pub fn unsaid() -> Waiting {
    Arc::new(|| Box::new(()))
}

/// A call did not end in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silent;

/// Runs `work`, up to the deadline. `waiting` is called once if it takes long; what it gives is dropped
/// at the end.
///
/// # Errors
/// `Silent` when it did not end, or broke; one that never ends is left behind.
pub fn in_time<R: Send + 'static, S>(
    waiting: &dyn Fn() -> S,
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, Silent> {
    await_answer(&begin(work)?, waiting, DEADLINE)
}

/// Begins `work` on a thread of its own.
///
/// # Errors
/// `Silent` when there can be no thread.
pub fn begin<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<Receiver<R>, Silent> {
    let (answer, answers) = mpsc::channel();
    let begun = thread::Builder::new().name("store".into()).spawn(move || {
        // Nobody listens any more after the deadline; the answer is dropped, and wiped by its type.
        let _ = answer.send(work());
    });
    begun.map(|_| answers).map_err(|_| Silent)
}

fn await_answer<R, S>(
    answers: &Receiver<R>,
    waiting: &dyn Fn() -> S,
    deadline: Duration,
) -> Result<R, Silent> {
    let _said = match answers.recv_timeout(PATIENCE.min(deadline)) {
        Err(RecvTimeoutError::Timeout) => waiting(),
        answered => return answered.map_err(|_| Silent),
    };
    answers.recv_timeout(deadline.saturating_sub(PATIENCE)).map_err(|_| Silent)
}

/// A line of calls to one store: while one that was given up is still out, others are not begun, for
/// they would wait behind it.
#[derive(Default)]
pub(crate) struct Line {
    given_up: Arc<AtomicUsize>,
}

impl Line {
    /// As [`in_time`], with a deadline of its own.
    pub(crate) fn run<R: Send + 'static, S>(
        &self,
        waiting: &dyn Fn() -> S,
        deadline: Duration,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, Silent> {
        if self.given_up.load(Ordering::Acquire) > 0 {
            return Err(Silent);
        }
        let call =
            Arc::new(Call { state: AtomicU8::new(OUT), given_up: Arc::clone(&self.given_up) });
        let ends = Ends(Arc::clone(&call));
        let answers = begin(move || {
            // Also when the store breaks the thread.
            let _ends = ends;
            work()
        })?;
        let answer = await_answer(&answers, waiting, deadline);
        if answer.is_err() {
            call.give_up();
        }
        answer
    }
}

const OUT: u8 = 0;
const GIVEN_UP: u8 = 1;
const ENDED: u8 = 2;

/// One call: whether it is still out, and whether anybody waits for it.
struct Call {
    state: AtomicU8,
    given_up: Arc<AtomicUsize>,
}

impl Call {
    fn give_up(&self) {
        self.given_up.fetch_add(1, Ordering::AcqRel);
        if self.state.swap(GIVEN_UP, Ordering::AcqRel) == ENDED {
            self.given_up.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

/// Tells the call that it ended.
struct Ends(Arc<Call>);

impl Drop for Ends {
    fn drop(&mut self) {
        if self.0.state.swap(ENDED, Ordering::AcqRel) == GIVEN_UP {
            self.0.given_up.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_takes_long_is_told_once_and_what_breaks_is_given_up() {
        let told = Cell::new(0);
        let waiting = || told.set(told.get() + 1);
        assert_eq!(in_time(&waiting, || 1), Ok(1));
        assert_eq!(told.get(), 0);
        let slow = in_time(&waiting, || {
            thread::sleep(PATIENCE + Duration::from_millis(300));
            2
        });
        assert_eq!((slow, told.get()), (Ok(2), 1));
        let gone = in_time(&waiting, || -> u8 { panic!("the store broke") });
        assert_eq!(gone, Err(Silent));
    }

    #[test]
    fn what_was_said_is_taken_back_when_the_call_has_ended() {
        struct Said<'a>(&'a Cell<&'static str>);
        impl Drop for Said<'_> {
            fn drop(&mut self) {
                self.0.set("taken back");
            }
        }
        let words = Cell::new("none");
        let waiting = || {
            words.set("said");
            Said(&words)
        };
        assert_eq!(in_time(&waiting, || 1), Ok(1));
        assert_eq!(words.get(), "none");
        let slow = in_time(&waiting, || thread::sleep(PATIENCE + Duration::from_millis(100)));
        assert_eq!((slow, words.get()), (Ok(()), "taken back"));
    }

    #[test]
    fn behind_one_that_was_given_up_nobody_waits_and_its_end_frees_the_line() {
        let line = Line::default();
        let (hold, held) = mpsc::channel::<()>();
        let (ended, end) = mpsc::channel();
        let short = Duration::from_millis(20);
        let stuck = line.run(&|| {}, short, move || {
            let _ = held.recv();
            ended.send(()).unwrap();
        });
        assert_eq!(stuck, Err(Silent));
        let begun = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&begun);
        let behind = line.run(&|| {}, DEADLINE, move || counted.fetch_add(1, Ordering::AcqRel));
        assert_eq!((behind, begun.load(Ordering::Acquire)), (Err(Silent), 0));
        hold.send(()).unwrap();
        end.recv().unwrap();
        while line.given_up.load(Ordering::Acquire) > 0 {
            thread::yield_now();
        }
        assert_eq!(line.run(&|| {}, DEADLINE, || 3), Ok(3));
        // A call that broke is over: nobody has to wait behind it either.
        assert_eq!(line.run(&|| {}, DEADLINE, || -> u8 { panic!("the store broke") }), Err(Silent));
        while line.given_up.load(Ordering::Acquire) > 0 {
            thread::yield_now();
        }
        assert_eq!(line.run(&|| {}, DEADLINE, || 4), Ok(4));
    }
}
