//! Calls to one store, which answers one after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use crate::vault::deadline::{Silent, await_answer, begin};

/// A line of calls to one store: while one that was given up is still out, others are not begun, for
/// they would wait behind it.
#[derive(Default)]
pub(super) struct Line {
    given_up: Arc<AtomicUsize>,
}

impl Line {
    /// As `deadline::in_time`, with a deadline of its own.
    pub(super) fn run<R: Send + 'static, S>(
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
