//! The thread that owns the clipboard: copying may take seconds, and the screen does not wait for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{io, thread};

use super::{Message, failure, panic};
use crate::app::{Event, Osc52, Outcome, Ticket};
use crate::service::clipboard::{Clipboard, Osc52Consent};
use crate::vault::{SensitiveBytes, memory};

/// How often the clipboard's fate is asked for while something of ours is on it.
const POLL: Duration = Duration::from_millis(250);
/// How long the program waits at its end for the clipboard to be cleared. The holder clears it at its
/// time in any case.
const LAST_CLEAR: Duration = Duration::from_millis(1500);

/// Held while a frame or a clipboard sequence is written to the terminal: one never cuts the other.
pub static TERMINAL: Mutex<()> = Mutex::new(());

/// What the clipboard's thread is asked.
pub enum CopyJob {
    /// Put `value` there.
    Copy {
        /// Names the answer.
        ticket: Ticket,
        /// The value.
        value: SensitiveBytes,
        /// Whether the user agreed to OSC 52 for this copy.
        allow_osc52: bool,
    },
    /// Take off what is ours.
    Clear(Ticket),
    /// The same, at the end of the program; the sender hears when it is done.
    Finish(Sender<()>),
}

/// The way to the clipboard's thread. Cheap to clone.
#[derive(Clone)]
pub struct Copier(Sender<CopyJob>);

impl Copier {
    /// Starts the thread with `clipboard`.
    pub fn start(
        clipboard: Box<dyn Clipboard>,
        clear_after: Duration,
        osc52: Osc52,
        answers: Sender<Message>,
    ) -> io::Result<Self> {
        let (to, from) = channel();
        let state = State { clipboard, clear_after, osc52, answers, holds: false };
        thread::Builder::new().name("clipboard".into()).spawn(move || state.serve(&from))?;
        Ok(Self(to))
    }

    /// Asks for `job`.
    pub fn send(&self, job: CopyJob) {
        // The thread ends only with the program.
        let _ = self.0.send(job);
    }

    /// Clears the clipboard if it is ours, and waits for that a moment.
    pub fn finish(&self) {
        let (done, wait) = channel();
        self.send(CopyJob::Finish(done));
        let _ = wait.recv_timeout(LAST_CLEAR);
    }
}

struct State {
    clipboard: Box<dyn Clipboard>,
    clear_after: Duration,
    osc52: Osc52,
    answers: Sender<Message>,
    /// Whether something of ours may be on the clipboard.
    holds: bool,
}

impl State {
    fn serve(mut self, from: &Receiver<CopyJob>) {
        loop {
            let job = match self.holds {
                false => from.recv().map_err(|_| RecvTimeoutError::Disconnected),
                true => from.recv_timeout(POLL),
            };
            match job {
                Ok(CopyJob::Copy { ticket, value, allow_osc52 }) => {
                    let copied =
                        catch_unwind(AssertUnwindSafe(|| self.copy(ticket, &value, allow_osc52)));
                    drop(value);
                    memory::wipe_stack();
                    self.tell(copied.unwrap_or_else(|_| Event::Failed(ticket, panic::failure())));
                }
                Ok(CopyJob::Clear(ticket)) => {
                    self.clear();
                    self.tell(Event::Done(ticket, Outcome::ClipboardCleared));
                }
                Ok(CopyJob::Finish(done)) => {
                    self.clear();
                    let _ = done.send(());
                }
                Err(RecvTimeoutError::Timeout) => self.poll(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn tell(&self, event: Event) {
        let _ = self.answers.send(Message::Event(event));
    }

    fn copy(&mut self, ticket: Ticket, value: &SensitiveBytes, allow_osc52: bool) -> Event {
        let consent = match (self.osc52, allow_osc52) {
            (Osc52::Never, _) => Osc52Consent::Never,
            (Osc52::Always, _) | (Osc52::Ask, true) => Osc52Consent::Given,
            (Osc52::Ask, false) => Osc52Consent::Ask,
        };
        // Only with consent is anything written to the terminal.
        let writes = consent == Osc52Consent::Given;
        let held = writes.then(|| TERMINAL.lock().unwrap_or_else(PoisonError::into_inner));
        let copied = self.clipboard.copy(value, self.clear_after, consent);
        drop(held);
        match copied {
            Ok(report) => {
                self.holds = report.clear_after.is_some();
                Event::Done(ticket, Outcome::Copied(report))
            }
            Err(error) => Event::Failed(ticket, failure::of_clipboard(&error)),
        }
    }

    fn clear(&mut self) {
        let receipt = catch_unwind(AssertUnwindSafe(|| self.clipboard.clear_now())).ok().flatten();
        self.holds = false;
        if let Some(receipt) = receipt {
            self.tell(Event::Clipboard(receipt));
        }
    }

    fn poll(&mut self) {
        if let Some(receipt) = self.clipboard.poll() {
            self.holds = false;
            self.tell(Event::Clipboard(receipt));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fault::FaultKind;
    use crate::service::clipboard::{ClipboardError, ClipboardReceipt, CopyReport, Route};

    /// A clipboard that notes what it was asked and is cleared by the second poll.
    #[derive(Default)]
    struct Fake {
        asked: Arc<Mutex<Vec<Osc52Consent>>>,
        polls: u32,
        holds: bool,
    }

    impl Clipboard for Fake {
        fn copy(
            &mut self,
            _: &SensitiveBytes,
            clear_after: Duration,
            consent: Osc52Consent,
        ) -> Result<CopyReport, ClipboardError> {
            self.asked.lock().unwrap().push(consent);
            if consent == Osc52Consent::Ask {
                return Err(ClipboardError::ConsentNeeded);
            }
            self.holds = true;
            let clear_after = Some(clear_after.as_secs());
            Ok(CopyReport {
                route: Route::X11,
                clear_after,
                to_terminal: false,
                paste: String::new(),
                limits: String::new(),
            })
        }
        fn poll(&mut self) -> Option<ClipboardReceipt> {
            self.polls += 1;
            (self.polls == 2).then_some(ClipboardReceipt::Cleared)
        }
        fn clear_now(&mut self) -> Option<ClipboardReceipt> {
            std::mem::take(&mut self.holds).then_some(ClipboardReceipt::Cleared)
        }
        fn wait(&mut self) -> ClipboardReceipt {
            ClipboardReceipt::Cleared
        }
        fn route(&self) -> Option<Route> {
            None
        }
    }

    fn start(osc52: Osc52) -> (Copier, Receiver<Message>, Arc<Mutex<Vec<Osc52Consent>>>) {
        let (answers, events) = channel();
        let fake = Fake::default();
        let asked = Arc::clone(&fake.asked);
        let copier =
            Copier::start(Box::new(fake), Duration::from_secs(30), osc52, answers).unwrap();
        (copier, events, asked)
    }

    fn next(events: &Receiver<Message>) -> Event {
        match events.recv_timeout(Duration::from_secs(10)).expect("an event") {
            Message::Event(event) => event,
            _ => panic!("not an event"),
        }
    }

    fn copy(copier: &Copier, allow_osc52: bool) {
        let value = SensitiveBytes::copy_of(b"canary");
        copier.send(CopyJob::Copy { ticket: Ticket(7), value, allow_osc52 });
    }

    #[test]
    fn consent_comes_from_the_settings_or_from_the_user() {
        for (osc52, allowed, expected) in [
            (Osc52::Ask, false, Osc52Consent::Ask),
            (Osc52::Ask, true, Osc52Consent::Given),
            (Osc52::Always, false, Osc52Consent::Given),
            (Osc52::Never, true, Osc52Consent::Never),
        ] {
            let (copier, events, asked) = start(osc52);
            copy(&copier, allowed);
            next(&events);
            assert_eq!(*asked.lock().unwrap(), [expected]);
        }
    }

    #[test]
    fn a_copy_is_answered_and_its_fate_follows() {
        let (copier, events, _) = start(Osc52::Always);
        copy(&copier, false);
        assert!(matches!(next(&events), Event::Done(Ticket(7), Outcome::Copied(_))));
        assert!(matches!(next(&events), Event::Clipboard(ClipboardReceipt::Cleared)));
    }

    #[test]
    fn a_missing_consent_is_a_refusal() {
        let (copier, events, _) = start(Osc52::Ask);
        copy(&copier, false);
        let Event::Failed(Ticket(7), failure) = next(&events) else { panic!("not a failure") };
        assert!(failure.needs_consent && failure.kind == FaultKind::Refused);
    }

    #[test]
    fn at_the_end_the_clipboard_is_cleared_before_the_wait_is_over() {
        let (copier, events, _) = start(Osc52::Always);
        copy(&copier, false);
        next(&events);
        copier.finish();
        assert!(matches!(next(&events), Event::Clipboard(ClipboardReceipt::Cleared)));
    }
}
