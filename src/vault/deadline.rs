//! Calls that may wait for ever for a person: each runs on a thread of its own, with a deadline.
//! Knows nothing of what is called.

use std::sync::Arc;
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

/// A call did not end in this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silent(pub Duration);

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
    begun.map(|_| answers).map_err(|_| Silent(Duration::ZERO))
}

/// Waits for what [`begin`] began.
///
/// # Errors
/// `Silent` when it did not end in time, or broke.
pub(crate) fn await_answer<R, S>(
    answers: &Receiver<R>,
    waiting: &dyn Fn() -> S,
    deadline: Duration,
) -> Result<R, Silent> {
    let _said = match answers.recv_timeout(PATIENCE.min(deadline)) {
        Err(RecvTimeoutError::Timeout) => waiting(),
        answered => return answered.map_err(|_| Silent(deadline)),
    };
    answers.recv_timeout(deadline.saturating_sub(PATIENCE)).map_err(|_| Silent(deadline))
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
        assert_eq!(gone, Err(Silent(DEADLINE)));
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
}
