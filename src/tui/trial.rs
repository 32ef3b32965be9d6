//! Tries where a new vault may be kept, on a thread of its own: a store may wait for a person. Chooses by
//! the rule of the vault.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;
use std::thread;

use super::{Message, panic};
use crate::app::{BackendRow, BackendsNow, Event, Failure, Outcome, Ticket, Tried};
use crate::fault::FaultKind;
use crate::service::surroundings::Surroundings;
use crate::vault::backend::{Probed, choose};
use crate::vault::{BackendKind, Place};

/// Begins to try, and answers when it is known.
pub fn begin(
    (place, here): (Place, Surroundings),
    ticket: Ticket,
    answers: Sender<Message>,
) -> Result<(), Failure> {
    let work = move || {
        let tried =
            catch_unwind(AssertUnwindSafe(|| tried(here.desktop(), |kind| place.probe(kind))));
        let event = match tried {
            Ok(now) => Event::Done(ticket, Outcome::Backends(now)),
            Err(_) => Event::Failed(ticket, panic::failure()),
        };
        let _ = answers.send(Message::Event(event));
    };
    let begun = thread::Builder::new().name("trial".into()).spawn(work);
    begun.map(drop).map_err(|error| {
        Failure::plain(FaultKind::Internal, format!("nothing could be tried: {error}"), "")
    })
}

/// Tries those of this system; away from a desktop no store that may ask a person for something.
fn tried(desktop: Result<(), &str>, probe: impl Fn(BackendKind) -> Probed) -> BackendsNow {
    let own = BackendKind::LASTING.into_iter().filter(|kind| kind.is_of_this_system());
    let rows: Vec<BackendRow> = own
        .map(|kind| match (desktop, BackendKind::OF_THE_SYSTEM == Some(kind)) {
            (Err(why), true) => BackendRow { kind, tried: Tried::Not(why.to_owned()) },
            _ => row(&probe(kind)),
        })
        .collect();
    let verdict = |kind| match rows.iter().find(|row| row.kind == kind).map(|row| &row.tried) {
        Some(Tried::Not(why)) => Err(why.clone()),
        _ => Ok(()),
    };
    BackendsNow { choice: choose(desktop, verdict), rows }
}

fn row(probed: &Probed) -> BackendRow {
    let tried = match (&probed.write, probed.verdict()) {
        (_, Err(why)) => Tried::Not(why),
        (Ok(took), Ok(())) => Tried::Works(*took),
        (Err(error), Ok(())) => Tried::Not(error.to_string()),
    };
    BackendRow { kind: probed.kind, tried }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use super::*;

    fn works(kind: BackendKind) -> Probed {
        Probed { kind, write: Ok(Duration::from_millis(2)) }
    }

    #[test]
    fn away_from_a_desktop_no_store_is_asked_and_its_row_says_why() {
        let asked = RefCell::new(Vec::new());
        let probe = |kind| {
            asked.borrow_mut().push(kind);
            works(kind)
        };
        let now = tried(Err("this is a login from another machine"), probe);
        assert_eq!(*asked.borrow(), [BackendKind::EncryptedFile]);
        let store = now.rows.iter().find(|row| Some(row.kind) == BackendKind::OF_THE_SYSTEM);
        let why = Tried::Not("this is a login from another machine".into());
        assert_eq!(store.map(|row| &row.tried), BackendKind::OF_THE_SYSTEM.map(|_| &why));
        assert_eq!(now.choice.kind, BackendKind::EncryptedFile);
    }

    #[test]
    fn on_a_desktop_the_store_that_works_is_suggested() {
        let now = tried(Ok(()), works);
        assert_eq!(Some(now.choice.kind), BackendKind::OF_THE_SYSTEM);
        assert!(now.rows.iter().all(|row| matches!(row.tried, Tried::Works(_))));
        assert!(now.rows.iter().all(|row| row.kind.is_of_this_system()));
    }

    #[test]
    fn what_is_tried_on_a_disk_is_answered_with_its_ticket_and_makes_no_vault() {
        let home = tempfile::tempdir().unwrap();
        let place = Place::on_disk(&home.path().join("vault"), &home.path().join("state"));
        let (to, answers) = std::sync::mpsc::channel();
        begin((place, Surroundings::default()), Ticket(4), to).unwrap();
        let Ok(Message::Event(Event::Done(Ticket(4), Outcome::Backends(now)))) =
            answers.recv_timeout(Duration::from_secs(60))
        else {
            panic!("no answer");
        };
        assert!(matches!(now.rows[0].tried, Tried::Works(_)));
        assert_eq!(now.choice.kind, BackendKind::EncryptedFile);
        assert!(!home.path().join("vault").exists());
    }
}
