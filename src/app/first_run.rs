//! The first run: where the vault goes and its passphrase, twice. Not the making of it.

use super::asks::Ask;
use super::bindings::Action;
use super::effect::Effect;
use super::event::{Failure, Ticket};
use super::field::SecretField;
use super::strength::StrengthView;
use super::{App, Screen};
use crate::service::strength::estimate;

/// Which field has the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstRunFocus {
    /// The passphrase.
    Passphrase,
    /// The passphrase again.
    Again,
}

/// The state of the first run.
pub struct FirstRun {
    /// Where the vault will be made, already visible.
    pub path: String,
    /// The passphrase.
    pub passphrase: SecretField,
    /// The passphrase again.
    pub again: SecretField,
    /// Which of both has the cursor.
    pub focus: FirstRunFocus,
    /// How hard the passphrase is to guess; `None` while it is empty.
    pub strength: Option<StrengthView>,
    /// Why it cannot go on yet: they differ, it is empty, too weak and Enter confirms.
    pub problem: Option<String>,
    /// Whether a weak passphrase was warned about, so that the next Enter takes it.
    pub weak_accepted: bool,
    /// The vault is being made.
    pub working: Option<Ticket>,
    /// Why making it failed.
    pub failure: Option<Failure>,
}

/// The longest passphrase that can be typed, in bytes.
pub const MAX_PASSPHRASE: usize = 1024;

impl FirstRun {
    /// Nothing typed yet.
    pub fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            passphrase: SecretField::hidden(MAX_PASSPHRASE),
            again: SecretField::hidden(MAX_PASSPHRASE),
            focus: FirstRunFocus::Passphrase,
            strength: None,
            problem: None,
            weak_accepted: false,
            working: None,
            failure: None,
        }
    }
}

/// A passphrase below this score is warned about once (zxcvbn's "fair").
const FAIR: u8 = 2;

impl FirstRun {
    /// The field with the cursor.
    pub(super) fn field(&mut self) -> &mut SecretField {
        match self.focus {
            FirstRunFocus::Passphrase => &mut self.passphrase,
            FirstRunFocus::Again => &mut self.again,
        }
    }

    /// Whether both fields hold the same.
    pub fn matches(&self) -> bool {
        self.passphrase.with_str(|one| self.again.with_str(|other| one == other))
    }

    /// What keeps the vault from being made; moves the cursor there.
    fn check(&mut self) -> Result<(), String> {
        if self.passphrase.is_empty() {
            self.focus = FirstRunFocus::Passphrase;
            return Err("Type a passphrase first.".to_owned());
        }
        let weak = self.strength.as_ref().is_some_and(|strength| strength.score < FAIR);
        if weak && !self.weak_accepted {
            self.weak_accepted = true;
            self.focus = FirstRunFocus::Passphrase;
            return Err("That is easy to guess. Make it longer, or press Enter to keep it.".into());
        }
        if self.again.is_empty() {
            self.focus = FirstRunFocus::Again;
            return Err(String::new());
        }
        if !self.matches() {
            self.again.clear();
            self.focus = FirstRunFocus::Again;
            return Err("The two differ. Type it again.".to_owned());
        }
        Ok(())
    }
}

impl App {
    fn first_run(&mut self) -> Option<&mut FirstRun> {
        match &mut self.screen {
            Screen::FirstRun(first_run) => Some(first_run),
            _ => None,
        }
    }

    pub(super) fn first_run_typed(&mut self) {
        let Some(first_run) = self.first_run() else { return };
        first_run.problem = None;
        if first_run.focus == FirstRunFocus::Passphrase {
            first_run.weak_accepted = false;
            let typed = first_run.passphrase.to_sensitive();
            first_run.strength = (!typed.is_empty()).then(|| StrengthView::of(&estimate(&typed)));
        }
    }

    pub(super) fn first_run_act(&mut self, action: Action) {
        let Some(first_run) = self.first_run() else { return };
        match action {
            Action::Next | Action::Previous => {
                first_run.focus = match first_run.focus {
                    FirstRunFocus::Passphrase => FirstRunFocus::Again,
                    FirstRunFocus::Again => FirstRunFocus::Passphrase,
                };
            }
            Action::ShowTyped => {
                let shown = !first_run.passphrase.shown;
                (first_run.passphrase.shown, first_run.again.shown) = (shown, shown);
            }
            Action::Accept if first_run.working.is_none() => self.create(),
            _ => {}
        }
    }

    fn create(&mut self) {
        let now = self.now;
        let Screen::FirstRun(first_run) = &mut self.screen else { return };
        if let Err(problem) = first_run.check() {
            first_run.problem = (!problem.is_empty()).then_some(problem);
            return;
        }
        let ticket = self.asks.put(Ask::Create, now);
        (first_run.working, first_run.failure) = (Some(ticket), None);
        self.out.push(Effect::Create(ticket, first_run.passphrase.to_sensitive()));
    }

    pub(super) fn create_failed(&mut self, failure: Failure) {
        let Some(first_run) = self.first_run() else { return };
        first_run.working = None;
        first_run.failure = Some(failure);
    }
}
