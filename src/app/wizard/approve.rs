//! The waiting for a person to allow it: what is shown meanwhile, and what can be done.

use std::time::{Duration, Instant};

use super::form::WizardForm;
use super::{Stage, Wizard};
use crate::app::App;
use crate::app::asks::CopySource;
use crate::app::bindings::Action;
use crate::app::effect::Effect;
use crate::app::event::Ticket;
use crate::app::field::SecretField;
use crate::service::oauth::{Handle, Step};
use crate::service::qr::Squares;

/// The longest address that can be pasted, in bytes.
const MAX_ADDRESS: usize = 8 * 1024;

/// A sign-in under way. It ends when this is dropped.
pub struct Approve {
    /// What was typed, to go back to.
    form: Option<WizardForm>,
    handle: Handle,
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
    pub(super) fn new(form: WizardForm, handle: Handle, ticket: Ticket) -> Self {
        Self {
            form: Some(form),
            handle,
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

    pub(super) fn into_form(mut self) -> WizardForm {
        let empty = || WizardForm {
            fields: Vec::new(),
            scopes: Vec::new(),
            focus: 0,
            scope: 0,
            offset: 0,
            problem: None,
        };
        self.form.take().unwrap_or_else(empty)
    }

    /// The scope its tokens go to.
    pub fn owner(&self) -> Option<String> {
        let fields = &self.form.as_ref()?.fields;
        let owner = fields.iter().find(|field| field.kind == super::FieldKind::Owner)?;
        Some(owner.text.with_str(|text| text.trim().to_owned()))
    }

    /// The page to open.
    pub fn page(&self) -> Option<&str> {
        match self.step.as_ref()? {
            Step::Device { verification_uri, verification_uri_complete, .. } => {
                Some(verification_uri_complete.as_ref().unwrap_or(verification_uri))
            }
            Step::Browser { url, .. } => Some(url),
            Step::Asked(_) | Step::NotThat(_) => None,
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
        self.handle.cancel.set();
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
            Stage::Approve(approve) => Stage::Form(approve.into_form()),
            stage => stage,
        };
    }
}

impl App {
    /// Something to show of a sign-in; of one that was left nothing is.
    pub(in crate::app) fn sign_in_step(&mut self, ticket: Ticket, step: Step) {
        let now = self.now;
        let opens = self.settings.opens_browser;
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
        approve.handle.cancel.set();
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
        self.handle.paste(address);
    }

    fn stop_pasting(&mut self) {
        self.address.clear();
        (self.problem, self.pasting) = (None, false);
    }
}
