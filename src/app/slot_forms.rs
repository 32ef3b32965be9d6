//! The forms of the keys screen: another passphrase, and a key file. Not the list of ways in.

use std::path::PathBuf;

use super::App;
use super::bindings::Action;
use super::effect::{NewWay, SlotChange};
use super::event::{Failure, Ticket};
use super::field::SecretField;
use super::import::MAX_PATH;
use super::layer::Layer;
use super::new_passphrase::NewPassphrase;
use super::slots::SlotWork;
use crate::fault::FaultKind;
use crate::vault::{SlotId, SlotKind};

/// The form for another passphrase.
pub struct PassphraseForm {
    /// The passphrase it takes the place of; none when it is one more.
    pub old: Option<SlotId>,
    /// Both fields.
    pub new: NewPassphrase,
    /// The slot is being made.
    pub working: Option<Ticket>,
    /// Why making it failed.
    pub failure: Option<Failure>,
}

/// The form for a key file.
pub struct KeyFileForm {
    /// Where it is, or will be.
    pub path: SecretField,
    /// The slot is being made.
    pub working: Option<Ticket>,
    /// Why making it failed.
    pub failure: Option<Failure>,
}

impl App {
    pub(super) fn open_passphrase_form(&mut self, old: Option<SlotId>) {
        let (new, working, failure) = (NewPassphrase::default(), None, None);
        self.layers.push(Layer::PassphraseForm(PassphraseForm { old, new, working, failure }));
    }

    pub(super) fn passphrase_form_typed(&mut self) {
        if let Some(form) = self.passphrase_form() {
            form.failure = None;
            form.new.typed();
        }
    }

    pub(super) fn passphrase_form_act(&mut self, action: Action) {
        let Some(form) = self.passphrase_form().filter(|form| form.working.is_none()) else {
            return;
        };
        match action {
            Action::Close => self.close_top(),
            Action::Next | Action::Previous => form.new.step(),
            Action::ShowTyped => form.new.show(),
            Action::Accept if form.new.is_ready() => self.send_passphrase(),
            _ => {}
        }
    }

    fn send_passphrase(&mut self) {
        let proof = self.slots().and_then(|slots| Some(slots.proof.as_ref()?.duplicate()));
        let Some(form) = self.passphrase_form() else { return };
        form.failure = None;
        let new = form.new.passphrase.to_sensitive();
        let (work, change) = match (form.old, proof) {
            (Some(old), Some(proof)) => (SlotWork::Change, SlotChange::Replace { old, new, proof }),
            (_, proof) => (
                SlotWork::Add(SlotKind::Passphrase),
                SlotChange::Add(NewWay::Passphrase(new), proof),
            ),
        };
        let ticket = self.send_change(work, change);
        if let Some(form) = self.passphrase_form() {
            form.working = Some(ticket);
        }
    }

    pub(super) fn open_key_file_form(&mut self) {
        let mut path = SecretField::line(MAX_PATH);
        path.set("~/.config/tresor/key");
        self.layers.push(Layer::KeyFileForm(KeyFileForm { path, working: None, failure: None }));
    }

    pub(super) fn key_file_form_act(&mut self, action: Action) {
        let Some(form) = self.key_file_form().filter(|form| form.working.is_none()) else {
            return;
        };
        match action {
            Action::Close => self.close_top(),
            Action::Accept => {
                let path = form.path.with_str(|text| PathBuf::from(text.trim()));
                if path.as_os_str().is_empty() {
                    let failure = Failure::plain(FaultKind::Invalid, "name the file first", "");
                    form.failure = Some(failure);
                    return;
                }
                form.failure = None;
                let change = SlotChange::Add(NewWay::KeyFile(path), None);
                let ticket = self.send_change(SlotWork::Add(SlotKind::KeyFile), change);
                if let Some(form) = self.key_file_form() {
                    form.working = Some(ticket);
                }
            }
            _ => {}
        }
    }
}
