//! One question with its choices; the safe one is focused. Not a form.
use super::App;
use super::asks::{CopySource, DescribeFor};
use super::bindings::Action;
use super::event::Failure;
use super::layer::Layer;
use super::one_time::CodeUse;
use super::recovery::CodeFor;
use super::saving::SaveJob;
use crate::config::{Chord, KeyCode};
use crate::vault::{SecretKey, SecretRef, SlotId, SlotKind, TrashEntry, TrashId};

/// What the question is about.
pub enum Purpose {
    /// Move a secret to the trash.
    Delete(SecretRef, u64),
    /// Remove a deleted secret for good.
    Purge(TrashId),
    /// The edited value meets a newer revision: overwrite, reload, or go on editing.
    Conflict,
    /// Leave an editor or form with unsaved changes.
    Discard,
    /// Use up the next code of a counter.
    NextCode(SecretRef, CodeUse),
    /// Copy by OSC 52, or let tmux hand it on by that: it cannot be cleared.
    Osc52(CopySource),
    /// Accept a vault that is not the one seen before.
    Accept,
    /// Make a recovery code along with the vault, or have the keyring open it.
    OfferCode,
    /// Add a way in.
    AddWay,
    /// Remove a way in.
    RemoveSlot(SlotId, SlotKind),
    /// Remove a profile.
    RemoveProfile {
        /// Which.
        id: SecretKey,
        /// Whether its provider is asked to take the tokens back.
        revoke: bool,
    },
    /// Throw away what a sign-in brought, and go one step back or leave.
    ThrowAway {
        /// Whether to go back.
        back: bool,
    },
    /// Replace the vault key.
    Rotate,
    /// Quit while it is being replaced.
    Quit,
}

/// What a choice does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Nothing; the safe one.
    Cancel,
    /// What was asked.
    Yes,
    /// Go on without it.
    Decline,
    /// That way in.
    Way(SlotKind),
    /// Throw away the edit and take what is there (a conflict).
    Reload,
}

/// One button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The key that takes it at once.
    pub key: char,
    /// The verb on the button.
    pub label: &'static str,
    /// What it does.
    pub answer: Answer,
    /// Whether it destroys something.
    pub danger: bool,
}

/// The state of the question.
pub struct Confirm {
    /// What it is about.
    pub purpose: Purpose,
    /// The title of the box.
    pub title: String,
    /// The question and what follows from it, already visible, one entry a line.
    pub lines: Vec<String>,
    /// The buttons, left to right.
    pub choices: Vec<Choice>,
    /// The focused button.
    pub selected: usize,
}

/// The safe answer, in words.
pub(super) const fn no(label: &'static str) -> Choice {
    Choice { key: 'n', label, answer: Answer::Cancel, danger: false }
}

/// The other answer.
pub(super) const fn yes(key: char, label: &'static str, danger: bool) -> Choice {
    Choice { key, label, answer: Answer::Yes, danger }
}

impl App {
    pub(super) fn ask(
        &mut self,
        purpose: Purpose,
        title: &str,
        lines: Vec<String>,
        choices: Vec<Choice>,
    ) {
        let title = title.to_owned();
        self.layers.push(Layer::Confirm(Confirm { purpose, title, lines, choices, selected: 0 }));
    }

    pub(super) fn ask_delete(&mut self) {
        let Some((name, revision)) = self.selected_revision() else { return };
        self.hide_values();
        let lines = vec![
            format!("Move {name} to the trash?"),
            "It stays there for 30 days and can be restored.".to_owned(),
        ];
        let choices = vec![no("Keep"), yes('y', "Move to trash", true)];
        self.ask(Purpose::Delete(name, revision), "Delete", lines, choices);
    }

    pub(super) fn ask_purge(&mut self, entry: &TrashEntry) {
        let lines = vec![
            format!("Remove {} for good?", entry.summary.name),
            "Its value and its history cannot be brought back.".to_owned(),
        ];
        let choices = vec![no("Keep"), yes('y', "Remove for good", true)];
        self.ask(Purpose::Purge(entry.id), "Remove for good", lines, choices);
    }

    pub(super) fn ask_discard(&mut self) {
        let lines = vec!["What you typed is not saved yet.".to_owned()];
        let choices = vec![no("Go on editing"), yes('y', "Throw it away", true)];
        self.ask(Purpose::Discard, "Leave without saving?", lines, choices);
    }

    pub(super) fn ask_osc52(&mut self, source: CopySource) {
        let lines = vec![
            "Only the terminal's own clipboard (OSC 52) is left here.".to_owned(),
            "It cannot be cleared from here: copy something else over it afterwards.".to_owned(),
        ];
        let choices = vec![no("Do not copy"), yes('y', "Copy anyway", false)];
        self.ask(Purpose::Osc52(source), "Copy through the terminal?", lines, choices);
    }

    /// Offers, once a session, what tmux does only with consent; the value is in its buffer already.
    pub(super) fn offer_terminal(&mut self, source: CopySource, paste: &str) {
        if std::mem::replace(&mut self.terminal_offered, true) {
            return;
        }
        let lines = vec![
            format!("It is in a tmux buffer: paste with {paste}."),
            "tmux can hand it on to the terminal's own clipboard (OSC 52) as well. There it cannot \
             be cleared from here: copy something else over it afterwards."
                .to_owned(),
        ];
        // Not `y`: a second one, meant for copying, must not answer.
        let choices = vec![no("Only in tmux"), yes('t', "To the terminal too", false)];
        self.ask(Purpose::Osc52(source), "Copy to the terminal as well?", lines, choices);
    }

    /// What saving met, told by the vault itself.
    pub(super) fn ask_conflict(&mut self, failure: &Failure) {
        self.conflict_with(failure.message.clone());
    }

    /// What a reload has shown before saving.
    pub(super) fn conflict(&mut self, name: &SecretRef) {
        self.conflict_with(format!("{name} was changed since you began."));
    }

    fn conflict_with(&mut self, what: String) {
        let lines = vec![
            what,
            "Overwriting makes yours the newest revision; the other one stays in the history."
                .to_owned(),
        ];
        let reload =
            Choice { key: 'r', label: "Take theirs", answer: Answer::Reload, danger: true };
        let choices = vec![no("Go on editing"), yes('o', "Overwrite", true), reload];
        self.ask(Purpose::Conflict, "Changed meanwhile", lines, choices);
    }

    pub(super) fn confirm_act(&mut self, action: Action) {
        let Some(confirm) = self.confirm() else { return };
        let count = confirm.choices.len().max(1);
        match action {
            Action::Next => confirm.selected = (confirm.selected + 1) % count,
            Action::Previous => confirm.selected = (confirm.selected + count - 1) % count,
            Action::Close => self.pop_layer(),
            Action::Accept => {
                let answer = confirm.choices.get(confirm.selected).map(|choice| choice.answer);
                self.answer(answer.unwrap_or(Answer::Cancel));
            }
            _ => {}
        }
    }

    /// Takes a choice by its own key, in a question or in the copy menu.
    pub(super) fn choose_key(&mut self, chord: Chord) -> bool {
        let KeyCode::Char(typed) = chord.code else { return false };
        match self.layers.last_mut() {
            Some(Layer::Confirm(confirm)) => {
                let found = confirm.choices.iter().position(|choice| choice.key == typed);
                let Some(found) = found else { return false };
                confirm.selected = found;
                self.act(Action::Accept);
            }
            Some(Layer::CopyMenu(menu)) => {
                let found = menu.rows.iter().position(|row| row.key == typed);
                let Some(found) = found else { return false };
                menu.selected = found;
                self.act(Action::Accept);
            }
            _ => return false,
        }
        true
    }

    fn answer(&mut self, answer: Answer) {
        let Some(Layer::Confirm(confirm)) = self.layers.pop() else { return };
        self.out.push(super::Effect::Redraw);
        match (confirm.purpose, answer) {
            (_, Answer::Cancel) => {}
            (Purpose::Delete(name, revision), _) => self.save(SaveJob::Delete(name, revision)),
            (Purpose::Purge(id), _) => self.save(SaveJob::Purge(id)),
            (Purpose::Discard, _) => self.pop_layer(),
            (Purpose::NextCode(name, to), _) => {
                self.make_code(name, to, true, None);
            }
            (Purpose::Osc52(source), _) => {
                self.osc52_agreed = true;
                self.copy(source);
            }
            (Purpose::Accept, _) => self.accept(),
            (Purpose::OfferCode, Answer::Yes) => self.open_recovery(CodeFor::FirstRun),
            (Purpose::OfferCode, Answer::Way(_)) => self.take_keyring(),
            (Purpose::OfferCode, _) => self.create_with(None),
            (Purpose::AddWay, Answer::Way(kind)) => self.add_way(kind),
            (Purpose::AddWay, _) => {}
            (Purpose::RemoveProfile { id, revoke }, _) => {
                self.remove_profile(id, revoke, None);
            }
            (Purpose::ThrowAway { back }, _) => self.throw_away(back),
            (Purpose::RemoveSlot(id, kind), _) => self.remove_slot(id, kind),
            (Purpose::Rotate, _) => self.rotate_agreed(),
            (Purpose::Quit, _) => self.quit_now(),
            (Purpose::Conflict, answer) => self.resolve(answer == Answer::Reload),
        }
    }

    /// Ends a conflict of the form or editor on top.
    fn resolve(&mut self, reload: bool) {
        match (self.layers.last(), reload) {
            (Some(Layer::Editor(_)), true) => self.reload_edited(),
            (Some(Layer::Editor(_)), false) => self.save(SaveJob::Editor { any: true }),
            (Some(Layer::MetaForm(form)), true) => {
                let name = form.name.clone();
                self.describe(name, DescribeFor::Metadata);
            }
            (Some(Layer::MetaForm(_)), false) => self.save(SaveJob::Metadata { any: true }),
            _ => {}
        }
    }
}
