//! Another state of the vault lies here than was seen before: the question whether to accept it.
//! Not the accepting, which is the vault's own.

use super::App;
use super::Screen;
use super::asks::Ask;
use super::confirm::{Purpose, no, yes};
use super::effect::{Effect, Opener};
use super::event::{Failure, Ticket, VaultFacts};
use super::layer::Layer;
use super::prompt::Retry;
use super::toast::Tone;
use crate::vault::VaultError;

/// How what lies here differs from what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Altered {
    /// An older state of the same vault.
    Older,
    /// The same generation with other contents.
    Replaced,
    /// Another vault.
    Different,
    /// `root.json` is gone or broken; the copy of it may be used.
    NoRoot,
}

impl Altered {
    /// Which of them that error is.
    pub(super) fn of(error: &VaultError) -> Option<Self> {
        match error {
            VaultError::RolledBack { .. } => Some(Self::Older),
            VaultError::Replaced { .. } => Some(Self::Replaced),
            VaultError::DifferentVault { .. } => Some(Self::Different),
            VaultError::Damaged { what, .. } if what == "root.json" => Some(Self::NoRoot),
            _ => None,
        }
    }

    /// What lies here, how that can be, and what accepting means.
    fn lines(self) -> [&'static str; 3] {
        let set_aside = "Accepting keeps what is in this copy. Secrets changed since then are lost; \
                         files it does not know are set aside in lost/.";
        let either = "Either you restored a backup, or someone put it there.";
        match self {
            Self::Older => {
                ["An older copy of the vault lies here than was seen before.", either, set_aside]
            }
            Self::Replaced => [
                "Another copy of the vault lies here than was seen before.",
                either,
                "It is as old as the one that was seen, but holds something else. Accepting keeps \
                 what is in this copy; files it does not know are set aside in lost/.",
            ],
            Self::Different => [
                "A different vault lies here than was seen before.",
                "Either you put it there, or someone else did.",
                "Accepting takes this vault from now on, with its own passphrase. The secrets of \
                 the other one are not in it.",
            ],
            Self::NoRoot => [
                "The vault's root.json is missing or damaged.",
                "Accepting puts the copy made at the last commit, root.prev.json, in its place.",
                "Secrets changed after that copy are lost; files it does not know are set aside in \
                 lost/.",
            ],
        }
    }
}

impl App {
    /// Asks whether to accept what lies here; false when it cannot be, or is asked already.
    pub(super) fn ask_accept(&mut self, failure: &Failure) -> bool {
        let Some(altered) = failure.altered.filter(|_| !self.only_edits) else { return false };
        let asked = |layer: &Layer| match layer {
            Layer::Confirm(confirm) => matches!(confirm.purpose, Purpose::Accept),
            Layer::Prompt(prompt) => prompt.retry == Retry::Accept,
            _ => false,
        };
        if self.layers.iter().any(asked) {
            return true;
        }
        self.hide_values();
        let lines = altered.lines().map(str::to_owned).into();
        let choices = vec![no("Leave it as it is"), yes('y', "Accept this copy", true)];
        self.ask(Purpose::Accept, "Not what was seen before", lines, choices);
        true
    }

    /// The user accepts: with what the unlock screen has, with the key file, else after one more prompt.
    pub(super) fn accept(&mut self) {
        let opener = self.opener();
        if let Screen::Unlock(unlock) = &mut self.screen {
            unlock.accepting = true;
            (unlock.failure, unlock.notice) = (None, None);
        }
        let Some(opener) = opener else {
            return match &mut self.screen {
                Screen::Unlock(unlock) => {
                    unlock.notice = Some("The passphrase of this copy accepts it.".to_owned());
                }
                _ => self.ask_passphrase(Retry::Accept),
            };
        };
        let ticket = self.accept_with(opener);
        if let Screen::Unlock(unlock) = &mut self.screen {
            unlock.working = Some(ticket);
        }
    }

    /// Accepts with that.
    pub(super) fn accept_with(&mut self, opener: Opener) -> Ticket {
        let by_file = matches!(opener, Opener::KeyFile);
        let ticket = self.asks.put(Ask::Accept { by_file }, self.now);
        self.out.push(Effect::AcceptRestore(ticket, opener));
        ticket
    }

    /// It was accepted and is open. What is being typed stays.
    pub(super) fn accepted(&mut self, facts: VaultFacts) {
        if self.is_browsing() {
            self.facts = Some(facts);
            self.undo.clear();
            self.hide_values();
            self.request_load();
        } else {
            self.unlocked(facts);
        }
        let help = "What it does not refer to lies in lost/ inside the vault".to_owned();
        self.toast(Tone::Done, "This copy of the vault is accepted".into(), help);
    }

    /// It could not be accepted: said where the passphrase is typed. A key file that does not fit this
    /// copy leaves the passphrase to be tried.
    pub(super) fn accept_failed(&mut self, failure: Failure, by_file: bool) {
        match self.screen {
            Screen::Unlock(_) => self.refuse_unlock(failure),
            _ if by_file => {
                self.ask_passphrase(Retry::Accept);
                if let Some(prompt) = self.prompt() {
                    prompt.failure = Some(failure);
                }
            }
            _ => self.say(failure),
        }
    }
}
