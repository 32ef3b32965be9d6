//! Says on the screen, while there is one, that a call to a store of the system waits for a person, and
//! takes it back when that call has ended. Waits for nothing itself.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Message;
use crate::app::Event;
use crate::vault::deadline::Said;

/// Where it is said: made before a vault is opened, which keeps it, and used as soon as a screen is there.
#[derive(Clone, Default)]
pub struct StoreWaits(Arc<Mutex<Option<Sender<Message>>>>);

impl StoreWaits {
    /// Says it until what is given is dropped; `None` while there is no screen to say it on.
    pub fn say(&self) -> Option<Said> {
        self.screen().as_ref().map(|to| -> Said { Box::new(Words::say(to)) })
    }

    /// Says it on that screen from now on, until what is given is dropped.
    pub(super) fn attach(&self, to: Sender<Message>) -> Attached {
        *self.screen() = Some(to);
        Attached(self.clone())
    }

    fn screen(&self) -> MutexGuard<'_, Option<Sender<Message>>> {
        // Nothing here can be half changed by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As long as the screen is there.
pub struct Attached(StoreWaits);

impl Drop for Attached {
    fn drop(&mut self) {
        drop(self.0.screen().take());
    }
}

/// The words on the screen.
pub struct Words(Sender<Message>);

impl Words {
    /// Says it on that screen.
    pub fn say(to: &Sender<Message>) -> Self {
        let _ = to.send(Message::Event(Event::StoreWaits(true)));
        Self(to.clone())
    }
}

impl Drop for Words {
    fn drop(&mut self) {
        let _ = self.0.send(Message::Event(Event::StoreWaits(false)));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    fn said(from: &Receiver<Message>) -> Vec<bool> {
        let waits = |message| match message {
            Message::Event(Event::StoreWaits(waits)) => Some(waits),
            _ => None,
        };
        from.try_iter().filter_map(waits).collect()
    }

    #[test]
    fn it_is_said_where_a_screen_is_and_taken_back_at_the_end_of_the_call() {
        let waits = StoreWaits::default();
        let kept_by_a_vault = waits.clone();
        assert!(kept_by_a_vault.say().is_none());
        let (to, from) = channel();
        let screen = waits.attach(to);
        let first = kept_by_a_vault.say().unwrap();
        let second = kept_by_a_vault.say();
        drop(first);
        assert_eq!(said(&from), [true, true, false]);
        drop(second);
        assert_eq!(said(&from), [false]);
        drop(screen);
        assert!(kept_by_a_vault.say().is_none());
        assert!(said(&from).is_empty());
    }
}
