//! Replacing the vault key from the screen: the question, the progress, and the end of it, also after
//! a lock in its middle. Not the rotation, which is the vault's own.

use super::App;
use super::Screen;
use super::asks::Ask;
use super::confirm::{Purpose, no, yes};
use super::effect::{Effect, Opener};
use super::event::{Failure, RotationDone, Ticket};
use super::layer::Layer;
use super::recovery::CodeFor;
use super::slots::kind_words;
use super::toast::Tone;
use crate::fault::FaultKind;
use crate::text::counted;
use crate::vault::{RecoveryCode, SlotInfo};

/// Said on the unlock screen when the vault is locked in the middle.
pub(super) const GOES_ON: &str = "The vault key is still being replaced.";

impl App {
    /// Whether the vault key is being replaced.
    pub fn is_rotating(&self) -> bool {
        self.asks.any(|ask| *ask == Ask::Rotate)
    }

    /// Asks once more, and says what it is good for, what it is not, and what it costs.
    pub(super) fn ask_rotate(&mut self, dropped: &[SlotInfo]) {
        let mut lines = vec![
            "Replace the vault key?".to_owned(),
            "It ends what a key that got out could open from now on. It does not help against one \
             who already copied values, or who keeps an old copy of the vault."
                .to_owned(),
        ];
        if self.has_code() {
            lines.push("A new recovery code takes the place of the old one.".to_owned());
        }
        if !dropped.is_empty() {
            let words: Vec<String> = dropped.iter().map(kind_words).collect();
            lines.push(format!("Dropped, their secret is not at hand: {}.", words.join(", ")));
        }
        let choices = vec![no("Keep the key"), yes('y', "Replace it", true)];
        self.ask(Purpose::Rotate, "Rotation", lines, choices);
    }

    /// The user agreed: first the new code, where there was one.
    pub(super) fn rotate_agreed(&mut self) {
        match self.has_code() {
            true => self.open_recovery(CodeFor::Rotation),
            false => self.rotate(None),
        }
    }

    pub(super) fn rotate(&mut self, code: Option<RecoveryCode>) {
        let Some(slots) = self.slots() else { return };
        slots.rotating = Some((0, 0));
        let opener = slots.proof.take().map_or(Opener::KeyFile, Opener::Typed);
        let ticket = self.asks.put(Ask::Rotate, self.now);
        self.out.push(Effect::Rotate { ticket, opener, code });
    }

    pub(super) fn on_progress(&mut self, ticket: Ticket, done: usize, total: usize) {
        let ours = self.asks.ticket_of(&Ask::Rotate) == Some(ticket);
        if let Some(slots) = self.slots().filter(|_| ours) {
            slots.rotating = Some((done, total));
        }
    }

    /// The new key is in its place.
    pub(super) fn rotated(&mut self, done: RotationDone) {
        self.rotation_ended();
        if let Screen::Unlock(unlock) = &mut self.screen {
            unlock.has_recovery = done.now.facts.has_recovery;
            let code = if unlock.has_recovery { " The new recovery code is the one." } else { "" };
            unlock.notice = Some(format!("The vault key was replaced.{code}"));
            return;
        }
        self.slots_listed(done.now);
        let envelopes = counted(done.envelopes, "envelope");
        let text = format!("Replaced the vault key; {envelopes} wrapped anew");
        let help = "What was already copied, and old copies of the vault, open as before";
        self.toast(Tone::Done, text, help.into());
        for warning in done.warnings {
            self.toast(Tone::Warning, warning, String::new());
        }
        self.request_load();
    }

    /// The old key holds, or nobody knows which.
    pub(super) fn rotation_failed(&mut self, failure: Failure) {
        self.rotation_ended();
        let help = match failure.kind {
            FaultKind::Uncertain => {
                "Keep the old and the new recovery code until one has opened it"
            }
            _ => "The vault key is as it was, and so is the old recovery code",
        };
        if let Screen::Unlock(unlock) = &mut self.screen {
            unlock.notice = Some(format!("The vault key was not replaced. {help}."));
            return;
        }
        let locked = failure.kind == FaultKind::Locked;
        let message = failure.message.clone();
        self.fail(Failure { help: help.to_owned(), ..failure });
        if locked {
            self.lock_for(message);
        } else if self.slots().is_some() {
            self.load_slots();
        }
    }

    /// Takes away what was on the screen only while it went on.
    fn rotation_ended(&mut self) {
        if let Some(slots) = self.slots() {
            slots.rotating = None;
        }
        let asks = |layer: &Layer| match layer {
            Layer::Confirm(confirm) => matches!(confirm.purpose, Purpose::Quit),
            _ => false,
        };
        self.layers.retain(|layer| !asks(layer));
    }

    /// Asks before the program ends in the middle of a rotation; false when there is nothing to ask.
    pub(super) fn ask_quit(&mut self) -> bool {
        let asked = |layer: &Layer| match layer {
            Layer::Confirm(confirm) => matches!(confirm.purpose, Purpose::Quit),
            _ => false,
        };
        if !self.is_rotating() || self.layers.iter().any(asked) {
            return false;
        }
        let lines = vec![
            "The vault key is being replaced.".to_owned(),
            "Quitting now breaks it off: until its end the old key and the old recovery code hold, \
             and the vault is whole either way."
                .to_owned(),
        ];
        let choices = vec![no("Wait for it"), yes('y', "Quit all the same", true)];
        self.ask(Purpose::Quit, "Quit in the middle?", lines, choices);
        true
    }
}
