//! Calls to one store, which answers one after the other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::vault::deadline::{DEADLINE, Silent, await_answer, begin};

/// A line of calls to one store: while one that was given up is still out, others are not begun, for
/// they would wait behind it. After a while one is let through all the same: the answer may have got lost.
pub(super) struct Line {
    given_up: Mutex<Option<GivenUp>>,
    /// How long one that was given up keeps others from being begun.
    reopens: Duration,
}

/// A call for which nobody waits any more.
struct GivenUp {
    since: Instant,
    has_ended: Arc<AtomicBool>,
}

impl Default for Line {
    fn default() -> Self {
        Self { given_up: Mutex::new(None), reopens: DEADLINE }
    }
}

impl Line {
    /// As `deadline::in_time`, with a deadline of its own.
    pub(super) fn run<R: Send + 'static, S>(
        &self,
        waiting: &dyn Fn() -> S,
        deadline: Duration,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, Silent> {
        if self.is_stuck() {
            return Err(Silent(deadline));
        }
        let has_ended = Arc::new(AtomicBool::new(false));
        let ends = Ends(Arc::clone(&has_ended));
        let answers = begin(move || {
            // Also when the store breaks the thread.
            let _ends = ends;
            work()
        })?;
        let answer = await_answer(&answers, waiting, deadline);
        if answer.is_err() {
            let given_up = GivenUp { since: Instant::now(), has_ended };
            *self.given_up.lock().unwrap_or_else(PoisonError::into_inner) = Some(given_up);
        }
        answer
    }

    fn is_stuck(&self) -> bool {
        let given_up = self.given_up.lock().unwrap_or_else(PoisonError::into_inner);
        given_up.as_ref().is_some_and(|call| {
            !call.has_ended.load(Ordering::Acquire) && call.since.elapsed() < self.reopens
        })
    }
}

/// Tells that a call ended.
struct Ends(Arc<AtomicBool>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc;
    use std::thread;

    use super::*;
    use crate::vault::deadline::DEADLINE;

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
        assert_eq!(stuck, Err(Silent(short)));
        let begun = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&begun);
        let behind = line.run(&|| {}, DEADLINE, move || counted.fetch_add(1, Ordering::AcqRel));
        assert_eq!((behind, begun.load(Ordering::Acquire)), (Err(Silent(DEADLINE)), 0));
        hold.send(()).unwrap();
        end.recv().unwrap();
        while line.is_stuck() {
            thread::yield_now();
        }
        assert_eq!(line.run(&|| {}, DEADLINE, || 3), Ok(3));
        // A call that broke is over: nobody has to wait behind it either.
        assert_eq!(
            line.run(&|| {}, DEADLINE, || -> u8 { panic!("the store broke") }),
            Err(Silent(DEADLINE))
        );
        while line.is_stuck() {
            thread::yield_now();
        }
        assert_eq!(line.run(&|| {}, DEADLINE, || 4), Ok(4));
    }

    #[test]
    fn after_a_while_one_is_let_through_all_the_same() {
        let mut line = Line::default();
        let (_hold, held) = mpsc::channel::<()>();
        let short = Duration::from_millis(20);
        let stuck = line.run(&|| {}, short, move || {
            let _ = held.recv();
        });
        assert_eq!(stuck, Err(Silent(short)));
        assert_eq!(line.run(&|| {}, DEADLINE, || 1), Err(Silent(DEADLINE)));
        // Shortened only now: a busy machine comes here late.
        line.reopens = Duration::from_millis(1);
        thread::sleep(Duration::from_millis(2));
        assert_eq!(line.run(&|| {}, DEADLINE, || 2), Ok(2));
    }
}
