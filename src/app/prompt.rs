//! Asks the passphrase for one action on a protected secret. Not the unlock screen.

use super::App;
use super::asks::{CopySource, ReadFor};
use super::bindings::Action;
use super::effect::Opener;
use super::event::{Failure, Ticket};
use super::field::SecretField;
use super::layer::Layer;
use super::new_passphrase::MAX_PASSPHRASE;
use super::one_time::CodeUse;
use super::saving::SaveJob;
use super::slots::SlotJob;
use crate::vault::{SecretKey, SecretRef};

/// What goes on once the passphrase is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retry {
    /// Read the value (or a revision) for that use.
    Read(SecretRef, Option<u64>, ReadFor),
    /// Make a one-time code.
    Code(SecretRef, CodeUse),
    /// Copy.
    Copy(CopySource),
    /// Save; the changes are made anew from the layer below.
    Save(SaveJob),
    /// Import; the worker holds the values.
    Import,
    /// Look at protected secrets as well.
    Audit,
    /// Accept a vault that is not the one seen before.
    Accept,
    /// Change the ways in.
    Slots(SlotJob),
    /// Get new tokens for a profile.
    Renew(SecretKey),
    /// Remove a profile.
    RemoveProfile(SecretKey, bool),
    /// Sign in again; what was typed is in the layer below.
    SignIn,
}

/// The state of the prompt.
pub struct Prompt {
    /// What it is for, e.g. `Reveal project:shop:prod/db_password`.
    pub title: String,
    /// What is typed: the passphrase, or the recovery code.
    pub passphrase: SecretField,
    /// What goes on then.
    pub retry: Retry,
    /// Wrong passphrases so far.
    pub tries: u32,
    /// Why the last try failed.
    pub failure: Option<Failure>,
    /// The key derivation is running.
    pub working: Option<Ticket>,
}

impl App {
    /// Puts the question for the passphrase above everything.
    pub(super) fn ask_passphrase(&mut self, retry: Retry) {
        let title = match &retry {
            Retry::Read(name, _, ReadFor::Edit | ReadFor::Reload) => {
                format!("Edit {}", self.say_name(name))
            }
            Retry::Read(name, ..) => format!("Reveal {}", self.say_name(name)),
            Retry::Code(name, CodeUse::Copy) => format!("Copy the code of {}", self.say_name(name)),
            Retry::Code(name, _) => format!("Reveal the code of {}", self.say_name(name)),
            Retry::Copy(CopySource::Value(name)) => format!("Copy {}", self.say_name(name)),
            Retry::Copy(_) => "Copy".to_owned(),
            Retry::Audit => "Look at protected secrets too".to_owned(),
            Retry::Accept => "Accept this copy of the vault".to_owned(),
            Retry::Slots(job) => job.title().to_owned(),
            Retry::Save(_) => "Save a protected secret".to_owned(),
            Retry::Import => "Import over a protected secret".to_owned(),
            Retry::Renew(_) | Retry::SignIn => "Write over a protected token".to_owned(),
            Retry::RemoveProfile(..) => "Revoke a protected token".to_owned(),
        };
        self.layers.push(Layer::Prompt(Prompt {
            title,
            passphrase: SecretField::hidden(MAX_PASSPHRASE),
            retry,
            tries: 0,
            failure: None,
            working: None,
        }));
    }

    pub(super) fn prompt_act(&mut self, action: Action) {
        let Some(prompt) = self.prompt() else { return };
        match action {
            Action::ShowTyped => prompt.passphrase.shown = !prompt.passphrase.shown,
            Action::Close => {
                // What is being accepted will be, and is then shown.
                let working = prompt.working.filter(|_| prompt.retry != Retry::Accept);
                self.layers.pop();
                if let Some(slots) = self.slots() {
                    slots.proof = None;
                }
                if let Some(ticket) = working {
                    self.unsubmit_wizard(ticket);
                    self.give_up(ticket);
                }
            }
            Action::Accept if prompt.working.is_none() && !prompt.passphrase.is_empty() => {
                let passphrase = prompt.passphrase.to_sensitive();
                prompt.failure = None;
                let ticket = match prompt.retry.clone() {
                    Retry::Read(name, revision, purpose) => {
                        self.read(name, revision, purpose, Some(passphrase))
                    }
                    Retry::Code(name, to) => self.make_code(name, to, false, Some(passphrase)),
                    Retry::Copy(source) => self.copy_with(source, Some(passphrase)),
                    Retry::Audit => Some(self.audit(Some(passphrase))),
                    Retry::Accept => Some(self.accept_with(Opener::Typed(passphrase))),
                    Retry::Slots(job) => Some(self.prove(job, Opener::Typed(passphrase))),
                    Retry::Save(job) => self.save_with(job, Some(passphrase)),
                    Retry::Import => self.import_with(Some(passphrase)),
                    Retry::Renew(id) => self.renew_profile(id, Some(passphrase)),
                    Retry::RemoveProfile(id, revoke) => {
                        self.remove_profile(id, revoke, Some(passphrase))
                    }
                    Retry::SignIn => self.submit_wizard(Some(passphrase)),
                };
                if let Some(prompt) = self.prompt() {
                    prompt.working = ticket;
                }
            }
            _ => {}
        }
    }

    /// Takes the prompt away when its question was answered.
    pub(super) fn prompt_answered(&mut self, ticket: Ticket) {
        let answered =
            |layer: &Layer| matches!(layer, Layer::Prompt(p) if p.working == Some(ticket));
        self.layers.retain(|layer| !answered(layer));
    }

    /// Says that what was typed was wrong; false when no prompt asked it.
    pub(super) fn prompt_refused(&mut self, ticket: Ticket, failure: &Failure) -> bool {
        let Some(prompt) = self.prompt().filter(|prompt| prompt.working == Some(ticket)) else {
            return false;
        };
        prompt.working = None;
        // A code with a wrong letter stays to be mended: nobody types all of it again.
        if failure.wrong_passphrase {
            prompt.tries += 1;
            prompt.passphrase.clear();
        }
        prompt.failure = Some(failure.clone());
        true
    }
}
