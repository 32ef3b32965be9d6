//! The way to a sign-in that goes on in another thread: ends it, hands it what was pasted, and says where
//! to keep what it brought. Knows no provider.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Place;
use crate::vault::SensitiveBytes;

/// How long what is being kept is waited for: a write waits for others at most so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ends a sign-in from elsewhere; clones end the same one.
#[derive(Clone, Default)]
pub struct Cancel(Arc<(Mutex<bool>, Condvar)>);

impl Cancel {
    /// Ends it.
    pub fn set(&self) {
        *self.held() = true;
        self.0.1.notify_all();
    }

    /// Whether it is to end.
    pub fn is_set(&self) -> bool {
        *self.held()
    }

    /// Waits so long, or until it is to end.
    pub fn wait(&self, time: Duration) {
        let held = self.held();
        let waited = self.0.1.wait_timeout_while(held, time, |set| !*set);
        drop(waited);
    }

    fn held(&self) -> MutexGuard<'_, bool> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way to a sign-in that goes on elsewhere; clones lead to the same one.
#[derive(Clone, Default)]
pub struct Handle {
    /// Ends it.
    pub cancel: Cancel,
    pasted: Arc<Mutex<Option<SensitiveBytes>>>,
    keeping: Arc<(Mutex<Keeping>, Condvar)>,
}

/// What becomes of what a sign-in brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// It is kept there.
    At(Place),
    /// It is kept wherever it can be: nobody is there to be asked any more.
    Anywhere,
    /// It is thrown away.
    Nowhere,
}

/// How far the keeping is.
#[derive(Default)]
struct Keeping {
    /// Somebody holds what came.
    held: bool,
    /// What was said last of it.
    answer: Option<Where>,
    /// Nobody is there to say more.
    left: bool,
}

impl Handle {
    /// Hands over an address that was pasted.
    pub fn paste(&self, address: SensitiveBytes) {
        *self.pasted.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
    }

    /// The address that was handed over last, once.
    pub fn take_pasted(&self) -> Option<SensitiveBytes> {
        self.pasted.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Something came, or comes; until the end of what is given back, [`Handle::settle`] waits.
    pub fn hold(&self) -> Held {
        self.keeping().held = true;
        Held(self.clone())
    }

    /// What becomes of it, once that is said.
    pub fn decision(&self) -> Where {
        let undecided = |keeping: &mut Keeping| keeping.answer.is_none() && !keeping.left;
        let decided = self.keeping.1.wait_while(self.keeping(), undecided);
        let mut keeping = decided.unwrap_or_else(PoisonError::into_inner);
        keeping.answer.take().unwrap_or(Where::Anywhere)
    }

    /// Says what becomes of what came.
    pub fn decide(&self, answer: Where) {
        self.keeping().answer = Some(answer);
        self.keeping.1.notify_all();
    }

    /// Nobody will say more: what came is kept anywhere unless something else was said. Tells whether
    /// something is still to be kept.
    pub fn leave(&self) -> bool {
        let mut keeping = self.keeping();
        keeping.left = true;
        self.keeping.1.notify_all();
        keeping.held
    }

    /// Waits until nothing is to be kept any more, but not forever.
    pub fn settle(&self) {
        let held = |keeping: &mut Keeping| keeping.held;
        drop(self.keeping.1.wait_timeout_while(self.keeping(), PATIENCE, held));
    }

    /// Whether nobody waits for it any more.
    pub fn is_left(&self) -> bool {
        self.cancel.is_set() || self.keeping().left
    }

    fn keeping(&self) -> MutexGuard<'_, Keeping> {
        self.keeping.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that came and is not kept yet.
pub struct Held(Handle);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.keeping().held = false;
        self.0.keeping.1.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is decided in another thread while `act` is done here.
    fn decided(act: impl FnOnce(&Handle)) -> Where {
        let handle = Handle::default();
        let held = handle.hold();
        let there = handle.clone();
        let thread = std::thread::spawn(move || {
            let decided = there.decision();
            drop(held);
            decided
        });
        act(&handle);
        thread.join().unwrap_or(Where::Nowhere)
    }

    #[test]
    fn what_is_said_is_done_and_can_be_waited_for() {
        assert_eq!(decided(|handle| handle.decide(Where::Nowhere)), Where::Nowhere);
        let left = decided(|handle| {
            handle.leave();
            handle.settle();
            assert!(!handle.keeping().held);
        });
        assert_eq!(left, Where::Anywhere);
        let both = decided(|handle| {
            handle.decide(Where::Nowhere);
            handle.leave();
        });
        assert_eq!(both, Where::Nowhere);
    }

    #[test]
    fn nobody_waits_for_nothing() {
        let handle = Handle::default();
        handle.settle();
        assert!(!handle.leave());
        assert_eq!(handle.decision(), Where::Anywhere, "nor for somebody who left");
    }
}
