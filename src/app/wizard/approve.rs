//! The waiting for a person to allow it: what is shown meanwhile, and what can be done.

use std::time::{Duration, Instant};

use super::form::WizardForm;
use super::{Keep, Stage, Wizard};
use crate::app::App;
use crate::app::asks::CopySource;
use crate::app::bindings::Action;
use crate::app::effect::Effect;
use crate::app::event::Ticket;
use crate::app::field::SecretField;
use crate::service::oauth::{Granted, Handle, Place, Step, Where};
use crate::service::qr::Squares;

/// The longest address that can be pasted, in bytes.
const MAX_ADDRESS: usize = 8 * 1024;

/// A sign-in under way. It ends when this is dropped.
pub struct Approve {
    /// What was typed, to go back to.
    form: Option<WizardForm>,
    /// Where what comes is to go.
    place: Place,
    handle: Option<Handle>,
    /// Names it.
    pub ticket: Ticket,
    /// What the person has to do; `None` while the provider is asked for it.
    pub step: Option<Step>,
    /// The page as squares.
    pub squares: Option<Squares>,
    /// When the code ends, and how long it lived at first.
    pub until: Option<(Instant, Duration)>,
    /// How often the provider was asked.
    pub asked: u32,
    /// Whether an address is being pasted.
    pub pasting: bool,
    /// The address.
    pub address: SecretField,
    /// What was wrong with the last one.
    pub problem: Option<String>,
    /// Whether an address was handed over and nothing came of it yet.
    pub handed: bool,
}

impl Approve {
    pub(super) fn new(form: WizardForm, handle: Handle, ticket: Ticket, place: Place) -> Self {
        Self {
            form: Some(form),
            place,
            handle: Some(handle),
            ticket,
            step: None,
            squares: None,
            until: None,
            asked: 0,
            pasting: false,
            address: SecretField::line(MAX_ADDRESS),
            problem: None,
            handed: false,
        }
    }

    pub(super) fn into_form(mut self) -> Option<WizardForm> {
        self.form.take()
    }

    /// It came: what is asked now is where it is kept.
    fn into_keep(mut self, granted: Granted) -> Option<Keep> {
        let handle = self.handle.take()?;
        let place = WizardForm::for_place(&self.place);
        Some(Keep::new(self.form.take(), handle, self.ticket, granted, place))
    }

    /// Ends it; what may have come meanwhile is thrown away.
    fn end(&self) {
        if let Some(handle) = &self.handle {
            handle.cancel.set();
            handle.decide(Where::Nowhere);
        }
    }

    /// The page to open.
    pub fn page(&self) -> Option<&str> {
        match self.step.as_ref()? {
            Step::Device { verification_uri, verification_uri_complete, .. } => {
                Some(verification_uri_complete.as_ref().unwrap_or(verification_uri))
            }
            Step::Browser { url, .. } => Some(url),
            _ => None,
        }
    }

    /// Whether an address can be pasted.
    pub fn takes_paste(&self) -> bool {
        matches!(self.step, Some(Step::Browser { .. }))
    }

    fn show(&mut self, step: Step, now: Instant) {
        match step {
            Step::Asked(count) => self.asked = count,
            Step::NotThat(why) => {
                self.problem = Some(why);
                (self.pasting, self.handed) = (true, false);
            }
            step => {
                if let Step::Device { lives, .. } = &step {
                    let lives = Duration::from_secs(*lives);
                    self.until = now.checked_add(lives).map(|until| (until, lives));
                }
                self.step = Some(step);
                self.squares = self.page().and_then(Squares::of);
            }
        }
    }
}

impl Drop for Approve {
    fn drop(&mut self) {
        self.end();
    }
}

impl Wizard {
    /// When the code that is shown ends.
    pub(in crate::app) fn code_ends(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Approve(approve) => approve.until.map(|(until, _)| until),
            _ => None,
        }
    }

    fn approve(&mut self) -> Option<&mut Approve> {
        match &mut self.stage {
            Stage::Approve(approve) => Some(approve),
            _ => None,
        }
    }

    /// A paste opens the field that it is for, if there is one.
    pub(in crate::app) fn before_paste(&mut self) {
        if let Some(approve) = self.approve().filter(|approve| approve.takes_paste()) {
            approve.pasting = true;
        }
    }

    /// Ends the waiting, and goes back to what was typed.
    pub(super) fn back_to_form(&mut self) {
        let stage = std::mem::replace(&mut self.stage, Stage::Provider);
        self.stage = match stage {
            Stage::Approve(approve) => approve.into_form().map_or(Stage::Provider, Stage::Form),
            Stage::Keep(mut keep) => keep.form.take().map_or(Stage::Provider, Stage::Form),
            stage => stage,
        };
    }
}

impl App {
    /// Something to show of a sign-in; of one that was left nothing is.
    pub(in crate::app) fn sign_in_step(&mut self, ticket: Ticket, step: Step) {
        // Whoever was asked for a passphrase gave the right one.
        self.prompt_answered(ticket);
        let now = self.now;
        let opens = self.settings.opens_browser;
        let step = match step {
            Step::Granted(granted) => return self.granted(ticket, granted),
            Step::NotThere(why) => return self.not_there(ticket, why),
            step => step,
        };
        let Some(approve) = self.wizard().and_then(Wizard::approve) else { return };
        if approve.ticket != ticket {
            return;
        }
        let listening = matches!(step, Step::Browser { listening: true, .. });
        approve.show(step, now);
        if listening && opens {
            self.open_page();
        }
    }

    /// What was typed for a passphrase was wrong, or nothing was: nobody was asked anything.
    pub(in crate::app) fn unsubmit_wizard(&mut self, ticket: Ticket) {
        let wizard = self.wizard().filter(|wizard| wizard.ticket() == Some(ticket));
        if let Some(wizard) = wizard {
            wizard.back_to_form();
        }
    }

    /// What came waits for a place.
    fn granted(&mut self, ticket: Ticket, granted: Granted) {
        let Some(wizard) = self.wizard().filter(|wizard| wizard.ticket() == Some(ticket)) else {
            return;
        };
        let stage = std::mem::replace(&mut wizard.stage, Stage::Provider);
        wizard.stage = match stage {
            Stage::Approve(approve) => {
                approve.into_keep(granted).map_or(Stage::Provider, Stage::Keep)
            }
            stage => stage,
        };
        self.out.push(Effect::Redraw);
    }

    fn not_there(&mut self, ticket: Ticket, why: String) {
        let keep = self.wizard().and_then(Wizard::keep);
        if let Some(keep) = keep.filter(|keep| keep.ticket == ticket) {
            keep.refused(why);
        }
    }

    pub(in crate::app) fn approve_act(&mut self, action: Action) {
        let Some(approve) = self.wizard().and_then(Wizard::approve) else { return };
        match action {
            Action::Close if approve.pasting => approve.stop_pasting(),
            Action::Close => self.leave_wizard(),
            Action::Back => self.leave_approve(),
            Action::Previous if !approve.pasting => self.leave_approve(),
            Action::Accept if approve.pasting => approve.hand_over(),
            Action::Copy => self.copy_code(),
            Action::OpenPage => self.open_page(),
            Action::PasteAddress if approve.takes_paste() => approve.pasting = true,
            _ => {}
        }
    }

    /// Ends the sign-in, and goes back to what was typed.
    fn leave_approve(&mut self) {
        self.end_sign_in();
        if let Some(wizard) = self.wizard() {
            wizard.back_to_form();
        }
    }

    /// Ends what waits for a person; its answer is not waited for.
    pub(super) fn end_sign_in(&mut self) {
        let Some(approve) = self.wizard().and_then(Wizard::approve) else { return };
        approve.end();
        let ticket = approve.ticket;
        self.asks.take(ticket);
    }

    fn copy_code(&mut self) {
        let Some(approve) = self.wizard().and_then(Wizard::approve) else { return };
        let (label, text) = match &approve.step {
            Some(Step::Device { user_code, .. }) => ("code", user_code.clone()),
            Some(Step::Browser { url, .. }) => ("address", url.clone()),
            _ => return,
        };
        self.copy(CopySource::Text { label: label.to_owned(), text });
    }

    fn open_page(&mut self) {
        let page = self.wizard().and_then(Wizard::approve).and_then(|approve| approve.page());
        if let Some(page) = page.map(str::to_owned) {
            self.out.push(Effect::OpenPage(page));
        }
    }
}

impl Approve {
    /// Hands over the address that was pasted, once; it does not stay here.
    fn hand_over(&mut self) {
        if self.address.is_empty() {
            self.problem = Some("Paste the address that the browser ended at first".to_owned());
            return;
        }
        let address = self.address.to_sensitive();
        self.address.clear();
        (self.problem, self.handed) = (None, true);
        if let Some(handle) = &self.handle {
            handle.paste(address);
        }
    }

    fn stop_pasting(&mut self) {
        self.address.clear();
        (self.problem, self.pasting) = (None, false);
    }
}
