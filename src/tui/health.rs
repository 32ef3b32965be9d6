//! Looks at every secret on a thread of its own, so that the screen and other questions go on. What wants
//! attention, the service knows.

use std::sync::mpsc::Sender;

use super::Message;
use super::values::{Desk, aside};
use super::worker::fail;
use crate::app::{Event, Failure, Outcome, Ticket};
use crate::service::audit::{Report, Rules, audit};
use crate::vault::SensitiveBytes;

/// Begins, and tells how far it is whenever another hundredth is done. A lock ends it with the next value.
pub fn begin(
    desk: Desk,
    ticket: Ticket,
    (rules, passphrase): (Rules, Option<SensitiveBytes>),
    answers: &Sender<Message>,
) -> Result<(), Failure> {
    let progress = answers.clone();
    let mut told = None;
    let at = move |done: usize, total: usize| {
        let percent = done.saturating_mul(100) / total.max(1);
        if told.replace(percent) != Some(percent) {
            let _ = progress.send(Message::Event(Event::Progress(ticket, done, total)));
        }
    };
    aside(ticket, answers.clone(), move || {
        look(&desk, &rules, passphrase, at).map(|report| Some(Outcome::Audited(report)))
    })
}

fn look(
    desk: &Desk,
    rules: &Rules,
    passphrase: Option<SensitiveBytes>,
    mut at: impl FnMut(usize, usize),
) -> Result<Report, Failure> {
    let key = desk.protection(passphrase)?;
    let view = desk.vault.view(desk.actor.clone());
    audit(&view, rules, key.as_ref(), &mut at).map_err(fail)
}
