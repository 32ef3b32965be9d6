//! A new recovery code: shown once, copied on paper, typed back from there. Not the slot it becomes.

use super::App;
use super::bindings::Action;
use super::effect::{Effect, NewWay, SlotChange};
use super::event::{Failure, Ticket};
use super::field::SecretField;
use super::layer::Layer;
use super::slots::SlotWork;
use crate::vault::{RecoveryCode, SensitiveBytes, SlotKind};

/// What the code is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFor {
    /// The vault that the first run makes.
    FirstRun,
    /// One more way into this vault.
    Slot,
    /// The vault under its new key.
    Rotation,
}

/// The state of the code's box.
pub struct Recovery {
    /// What it is made for.
    pub purpose: CodeFor,
    /// The code as it is written down.
    pub code: SensitiveBytes,
    /// Whether it is on the screen.
    pub shown: bool,
    /// Whether it is being typed back; before that it is copied.
    pub typing: bool,
    /// What is typed back.
    pub typed: SecretField,
    /// What is wrong with that.
    pub problem: Option<String>,
    /// It is being made a way in.
    pub working: Option<Ticket>,
}

/// The longest text that can be typed back, in bytes: generous for separators.
const MAX_TYPED: usize = 180;

impl Recovery {
    /// A code that is about to be shown.
    pub fn new(purpose: CodeFor, code: SensitiveBytes) -> Self {
        Self {
            purpose,
            code,
            shown: true,
            typing: false,
            typed: SecretField::line(MAX_TYPED),
            problem: None,
            working: None,
        }
    }

    /// Whether what was typed is the code; says what is wrong.
    fn check(&mut self) -> bool {
        let typed = RecoveryCode::parse(&self.typed.to_sensitive());
        self.problem = match (typed, RecoveryCode::parse(&self.code)) {
            (Ok(typed), Ok(code)) if typed.same_as(&code) => None,
            (Ok(_), _) => Some("That is another code.".to_owned()),
            (Err(error), _) => Some(error.to_string()),
        };
        self.problem.is_none()
    }

    /// Takes the code, and what shows it, from the screen; whether it was there.
    pub(super) fn hide(&mut self) -> bool {
        let typed = !self.typed.is_empty() && std::mem::replace(&mut self.typed.shown, false);
        std::mem::replace(&mut self.shown, false) || typed
    }
}

impl App {
    /// Draws a new code and shows it.
    pub(super) fn open_recovery(&mut self, purpose: CodeFor) {
        let code = RecoveryCode::generate(&*self.settings.random).and_then(|code| code.shown());
        match code {
            Ok(code) => self.layers.push(Layer::Recovery(Recovery::new(purpose, code))),
            Err(error) => self.say(Failure::from(&error)),
        }
    }

    pub(super) fn recovery_typed(&mut self) {
        if let Some(recovery) = self.recovery() {
            (recovery.problem, recovery.typed.shown) = (None, true);
        }
    }

    pub(super) fn recovery_act(&mut self, action: Action) {
        let Some(recovery) = self.recovery().filter(|recovery| recovery.working.is_none()) else {
            return;
        };
        match action {
            Action::Close => self.close_top(),
            Action::ShowTyped => {
                (recovery.shown, recovery.typing) = (!recovery.shown, false);
                self.out.push(Effect::Redraw);
            }
            Action::Accept if recovery.typing && recovery.check() => self.typed_back(),
            Action::Accept if recovery.typing => {}
            Action::Accept if recovery.shown => {
                (recovery.shown, recovery.typing) = (false, true);
                self.out.push(Effect::Redraw);
            }
            // It was hidden by a lost focus before it was copied.
            Action::Accept => recovery.shown = true,
            _ => {}
        }
    }

    fn add_code(&mut self, code: &SensitiveBytes) {
        // It was parsed when it was typed back.
        let Ok(code) = RecoveryCode::parse(code) else { return };
        let proof = self.slots().and_then(|slots| Some(slots.proof.as_ref()?.duplicate()));
        let change = SlotChange::Add(NewWay::Recovery(code), proof);
        let ticket = self.send_change(SlotWork::Add(SlotKind::Recovery), change);
        if let Some(recovery) = self.recovery() {
            recovery.working = Some(ticket);
        }
    }

    /// The code is on paper: it becomes what it was made for.
    fn typed_back(&mut self) {
        let Some(recovery) = self.recovery() else { return };
        let code = recovery.code.duplicate();
        match recovery.purpose {
            CodeFor::FirstRun => {
                self.pop_layer();
                self.create_with(Some(code));
            }
            CodeFor::Slot => self.add_code(&code),
            CodeFor::Rotation => {
                self.pop_layer();
                self.rotate(RecoveryCode::parse(&code).ok());
            }
        }
    }
}
