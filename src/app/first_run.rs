//! The first run: where the vault goes and where it keeps secrets, its passphrase, and for whoever wants
//! them a recovery code and a key in the desktop's keyring.
//! Not the making of it.

use super::asks::Ask;
use super::backends::{Backends, BackendsNow};
use super::bindings::Action;
use super::confirm::{Answer, Choice, Purpose, yes};
use super::effect::Effect;
use super::event::{Failure, Ticket};
use super::field::SecretField;
use super::new_passphrase::{NewFocus, NewPassphrase};
use super::{App, Screen};
use crate::vault::{RecoveryCode, SensitiveBytes, SlotKind};

/// The state of the first run.
pub struct FirstRun {
    /// Where the vault will be made, already visible.
    pub path: String,
    /// Its passphrase.
    pub new: NewPassphrase,
    /// Where its secrets may be kept.
    pub backends: Backends,
    /// Whether that has the cursor instead of the passphrase.
    pub choosing: bool,
    /// Whether a recovery code was offered and answered, so that a second try does not ask again.
    pub(super) offered: bool,
    /// The code that was typed back, as it is written down.
    pub(super) code: Option<SensitiveBytes>,
    /// Whether the desktop's keyring will hold a key to it.
    pub(super) keyring: bool,
    /// The vault is being made, or will be as soon as it is known where.
    pub working: Option<Ticket>,
    /// Why making it failed.
    pub failure: Option<Failure>,
}

impl FirstRun {
    /// Nothing typed yet.
    pub fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            new: NewPassphrase::default(),
            backends: Backends::default(),
            choosing: false,
            offered: false,
            code: None,
            keyring: false,
            working: None,
            failure: None,
        }
    }

    /// The field with the cursor; none while the backends have it, or the vault is being made.
    pub(super) fn field(&mut self) -> Option<&mut SecretField> {
        (self.working.is_none() && !self.choosing).then(|| self.new.field())
    }

    /// To what comes next, or before: both fields, and the backends once they are tried.
    fn step(&mut self, forward: bool) {
        let can_choose = self.backends.suggested.is_some();
        match (self.choosing, self.new.focus, forward) {
            (true, ..) => {
                self.choosing = false;
                self.new.focus = if forward { NewFocus::Passphrase } else { NewFocus::Again };
            }
            (false, NewFocus::Again, true) | (false, NewFocus::Passphrase, false) if can_choose => {
                self.choosing = true;
            }
            (false, ..) => self.new.step(),
        }
    }

    /// Whether a hinted action can do something now.
    pub(super) fn applies(&self, action: Action) -> bool {
        match action {
            // Among the fields Tab does as much.
            Action::Down | Action::Up => self.choosing,
            Action::ShowTyped => !self.choosing,
            _ => true,
        }
    }

    /// The arrows choose among the backends, and leave them upwards.
    fn arrow(&mut self, down: bool) {
        match (self.choosing, down) {
            (true, true) => drop(self.backends.down()),
            (true, false) if self.backends.up() => {}
            (_, down) => self.step(down),
        }
    }

    /// Whether all of it can be taken; else the cursor goes to what is missing.
    fn is_ready(&mut self) -> bool {
        let ready = self.new.is_ready();
        self.choosing &= ready;
        ready
    }

    /// A click on one of the backends.
    pub(super) fn choose(&mut self, at: usize) {
        if self.working.is_none() && self.backends.suggested.is_some() {
            self.choosing = true;
            self.backends.choose(at);
        }
    }
}

impl App {
    fn first_run(&mut self) -> Option<&mut FirstRun> {
        match &mut self.screen {
            Screen::FirstRun(first_run) => Some(first_run),
            _ => None,
        }
    }

    /// Has the backends tried, where a vault is about to be made.
    pub(super) fn try_backends(&mut self) {
        if self.first_run().is_some() {
            let ticket = self.asks.put(Ask::TryBackends, self.now);
            self.out.push(Effect::TryBackends(ticket));
        }
    }

    pub(super) fn backends_tried(&mut self, now: BackendsNow) {
        self.know_backends(|backends| backends.found(now));
    }

    pub(super) fn backends_untried(&mut self, why: &str) {
        self.know_backends(|backends| backends.untried(why));
    }

    /// What is known now lets the vault be made, if that waits for it.
    fn know_backends(&mut self, learn: impl FnOnce(&mut Backends)) {
        let Some(first_run) = self.first_run() else { return };
        learn(&mut first_run.backends);
        if first_run.working.take().is_some() {
            self.create();
        }
    }

    pub(super) fn first_run_typed(&mut self) {
        if let Some(first_run) = self.first_run() {
            first_run.new.typed();
        }
    }

    pub(super) fn first_run_act(&mut self, action: Action) {
        let Some(first_run) = self.first_run() else { return };
        match action {
            Action::ShowTyped => first_run.new.show(),
            _ if first_run.working.is_some() => {}
            Action::Next => first_run.step(true),
            Action::Previous => first_run.step(false),
            Action::Down => first_run.arrow(true),
            Action::Up => first_run.arrow(false),
            Action::Accept if first_run.is_ready() => match first_run.offered {
                true => self.create(),
                false => self.offer_code(),
            },
            _ => {}
        }
    }

    /// Offers other ways in; Enter goes on without one.
    fn offer_code(&mut self) {
        let taken = self.first_run().is_some_and(|first_run| first_run.keyring);
        let code = "A recovery code on paper opens the vault when the passphrase is forgotten.";
        let keyring = match taken {
            true => "The desktop's keyring will open it without asking in your session.",
            false => "A key in the desktop's keyring opens it without asking in your session.",
        };
        let without = Choice { key: 'n', label: "Not now", answer: Answer::Decline, danger: false };
        let mut choices = vec![without, yes('y', "Make a code", false)];
        if !taken {
            let answer = Answer::Way(SlotKind::Keyring);
            choices.push(Choice { key: 'k', label: "Use the keyring", answer, danger: false });
        }
        let lines = vec![code.to_owned(), keyring.to_owned()];
        self.ask(Purpose::OfferCode, "Another way in as well?", lines, choices);
    }

    /// The keyring was taken; the code is still to be answered.
    pub(super) fn take_keyring(&mut self) {
        if let Some(first_run) = self.first_run() {
            first_run.keyring = true;
            self.offer_code();
        }
    }

    /// Makes the vault, with the code that was typed back or without one.
    pub(super) fn create_with(&mut self, code: Option<SensitiveBytes>) {
        if let Some(first_run) = self.first_run() {
            (first_run.offered, first_run.code) = (true, code);
            self.create();
        }
    }

    fn create(&mut self) {
        let (now, trying) = (self.now, self.asks.ticket_of(&Ask::TryBackends));
        let Screen::FirstRun(first_run) = &mut self.screen else { return };
        let Some(backend) = first_run.backends.chosen() else {
            // Made as soon as it is known what works here.
            (first_run.working, first_run.failure) = (trying, None);
            return;
        };
        let ticket = self.asks.put(Ask::Create, now);
        (first_run.working, first_run.failure) = (Some(ticket), None);
        // It was parsed when it was typed back.
        let code = first_run.code.as_ref().and_then(|code| RecoveryCode::parse(code).ok());
        let (passphrase, keyring) = (first_run.new.passphrase.to_sensitive(), first_run.keyring);
        self.out.push(Effect::Create { ticket, backend, passphrase, code, keyring });
    }

    pub(super) fn create_failed(&mut self, failure: Failure) {
        let Some(first_run) = self.first_run() else { return };
        first_run.working = None;
        first_run.failure = Some(failure);
    }
}
