//! Signing in at a provider, step by step: which one, in which way, with what, and the waiting for it.
//! Each step goes back. It asks no provider itself.

mod approve;
mod form;

use super::App;
use super::bindings::{Action, Context};
use super::event::{Failure, Ticket};
use super::layer::Layer;
use super::list_move::moved;
use crate::fault::FaultKind;
use crate::service::browser::Surroundings;
use crate::service::oauth::{Endpoints, Flow, Kept, Provider, choose, possible};
pub use approve::Approve;
pub use form::{FieldKind, WizardField, WizardForm};

/// Where the wizard is.
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Stage {
    /// Which provider.
    Provider,
    /// In which way.
    Flow,
    /// With which client, for what, and where the tokens lie.
    Form(WizardForm),
    /// The person allows it.
    Approve(Approve),
    /// It is kept.
    Done(Box<Kept>),
}

/// The state of the wizard.
pub struct Wizard {
    /// What there is to sign in at.
    pub providers: Vec<Provider>,
    /// Where this runs.
    pub here: Surroundings,
    /// The chosen provider.
    pub provider: usize,
    /// The ways that work there.
    pub flows: Vec<Flow>,
    /// The chosen way.
    pub flow: usize,
    /// The way that fits this place.
    pub fits: usize,
    /// Why that one fits.
    pub why: &'static str,
    /// Where it is.
    pub stage: Stage,
    /// The first row on screen.
    pub offset: usize,
    /// What went wrong.
    pub failure: Option<Failure>,
    /// A key is being kept.
    pub working: Option<Ticket>,
    /// What was typed for a provider and a way, kept while somebody looks at the steps before.
    draft: Option<(usize, Flow, WizardForm)>,
}

impl Wizard {
    /// The chosen provider.
    pub fn chosen(&self) -> Option<&Provider> {
        self.providers.get(self.provider)
    }

    /// The chosen way.
    pub fn way(&self) -> Flow {
        self.flows.get(self.flow).copied().unwrap_or(Flow::ApiKey)
    }

    /// Why the chosen way is taken.
    pub fn reason(&self) -> &'static str {
        if self.flow == self.fits { self.why } else { "because you chose it" }
    }

    /// What it waits for.
    fn ticket(&self) -> Option<Ticket> {
        match &self.stage {
            Stage::Approve(approve) => Some(approve.ticket),
            _ => self.working,
        }
    }

    /// The number of the step, from 1, of five.
    pub fn step(&self) -> (usize, &'static str) {
        match self.stage {
            Stage::Provider => (1, "provider"),
            Stage::Flow => (2, "way"),
            Stage::Form(_) => (3, "client"),
            Stage::Approve(_) => (4, "approve"),
            Stage::Done(_) => (5, "done"),
        }
    }

    /// Where its keys are looked up.
    pub fn context(&self) -> Context {
        match &self.stage {
            Stage::Form(_) => Context::WizardForm,
            Stage::Approve(approve) if approve.pasting => Context::WizardForm,
            Stage::Approve(_) => Context::Approve,
            Stage::Provider | Stage::Flow | Stage::Done(_) => Context::Wizard,
        }
    }

    /// The rows of its list, and which is selected.
    pub fn rows(&mut self) -> Option<(&mut usize, &mut usize, usize)> {
        match &mut self.stage {
            Stage::Provider => Some((&mut self.offset, &mut self.provider, self.providers.len())),
            Stage::Flow => Some((&mut self.offset, &mut self.flow, self.flows.len())),
            Stage::Form(form) if !form.scopes.is_empty() => {
                Some((&mut form.offset, &mut form.scope, form.scopes.len()))
            }
            _ => None,
        }
    }

    /// Whether a hinted action can do something now.
    pub(super) fn applies(&self, action: Action) -> bool {
        match (&self.stage, action) {
            (Stage::Provider | Stage::Done(_), Action::Previous) => false,
            // It is kept already: there is nothing left to cancel.
            (Stage::Done(_), Action::Close) => false,
            (Stage::Form(form), Action::Toggle) => form.in_scopes(),
            (Stage::Form(form), Action::ShowTyped) => {
                form.fields.get(form.focus).is_some_and(|field| field.kind.is_secret())
            }
            (Stage::Approve(_), Action::Next | Action::Toggle | Action::ShowTyped) => false,
            (Stage::Approve(approve), Action::PasteAddress) => approve.takes_paste(),
            (Stage::Approve(approve), Action::Copy | Action::OpenPage) => approve.page().is_some(),
            _ => true,
        }
    }

    /// Takes the ways of the chosen provider, the one that fits this place first.
    fn find_ways(&mut self) {
        let Some(provider) = self.chosen() else { return };
        let mut at = provider.endpoints();
        if let Some(side) = provider.oauth.as_ref().filter(|_| at.token.is_none()) {
            // Its addresses come later, from the issuer or from the user.
            at = assumed(side.flows.as_slice());
        }
        self.flows = possible(provider, &at);
        let fits = choose(&self.flows, None, &self.here).ok();
        (self.fits, self.why) = fits.map_or((0, ""), |(flow, why)| {
            (self.flows.iter().position(|known| *known == flow).unwrap_or(0), why)
        });
        self.flow = self.fits;
    }
}

/// Addresses that stand for those that are not known yet.
fn assumed(flows: &[Flow]) -> Endpoints {
    let later = "https://later.invalid/".parse().ok();
    Endpoints {
        token: later.clone(),
        device_authorization: later.clone().filter(|_| flows.contains(&Flow::Device)),
        authorization: later.filter(|_| flows.contains(&Flow::Browser)),
        ..Endpoints::default()
    }
}

impl App {
    pub(super) fn open_wizard(&mut self) {
        let Some(now) = self.profiles().and_then(|profiles| profiles.now.as_ref()) else { return };
        let (providers, here) = (now.providers.clone(), now.here.clone());
        self.layers.push(Layer::Wizard(Wizard {
            providers,
            here,
            provider: 0,
            flows: Vec::new(),
            flow: 0,
            fits: 0,
            why: "",
            stage: Stage::Provider,
            offset: 0,
            failure: None,
            working: None,
            draft: None,
        }));
    }

    pub(super) fn wizard_act(&mut self, action: Action) {
        let page = self.list_page();
        let Some(wizard) = self.wizard() else { return };
        match (&wizard.stage, action) {
            (Stage::Approve(_), action) => self.approve_act(action),
            (Stage::Form(_), action) => self.wizard_form_act(action),
            (_, Action::Close) => self.leave_wizard(),
            (Stage::Done(_), Action::Accept | Action::Previous) => self.leave_wizard(),
            (Stage::Done(_), _) => {}
            (Stage::Provider, Action::Accept) => {
                wizard.find_ways();
                (wizard.stage, wizard.offset) = (Stage::Flow, 0);
            }
            (Stage::Flow, Action::Accept) if wizard.flows.is_empty() => {}
            (Stage::Flow, Action::Accept) => self.open_wizard_form(),
            (Stage::Flow, Action::Previous) => {
                (wizard.stage, wizard.offset) = (Stage::Provider, 0);
            }
            (_, action) => {
                if let Some((_, selected, len)) = wizard.rows()
                    && let Some(to) = moved(*selected, len, page, action)
                {
                    *selected = to;
                }
            }
        }
    }

    /// A click on a row of its list: selects, ticks a scope; a second one goes on.
    pub(super) fn click_wizard(&mut self, at: usize) {
        let Some(wizard) = self.wizard().filter(|wizard| wizard.working.is_none()) else { return };
        let Some((offset, selected, len)) = wizard.rows() else { return };
        let at = *offset + at;
        if at >= len {
            return;
        }
        let again = std::mem::replace(selected, at) == at;
        match &mut wizard.stage {
            Stage::Form(form) => form.tick(at),
            _ if again => self.act(Action::Accept),
            _ => {}
        }
    }

    /// Leaves the wizard. A sign-in that waits for a person ends with it; the trying of a key goes on, and
    /// what comes of it is told wherever the user is then.
    pub(super) fn leave_wizard(&mut self) {
        self.end_sign_in();
        self.pop_layer();
    }

    /// It was kept: the last step says what there is now.
    pub(super) fn signed_in(&mut self, ticket: Ticket, kept: Kept) {
        let id = kept.profile.id.clone();
        if let Some(profiles) = self.profiles() {
            profiles.select = Some(id.clone());
        }
        self.reload_profiles();
        self.request_load();
        match self.wizard().filter(|wizard| wizard.ticket() == Some(ticket)) {
            Some(wizard) => {
                (wizard.working, wizard.failure, wizard.draft) = (None, None, None);
                wizard.stage = Stage::Done(Box::new(kept));
            }
            None => self.tell_of_profile("Signed in: ", &id, ""),
        }
    }

    /// It was not: back to what was typed, with the reason.
    pub(super) fn sign_in_failed(&mut self, ticket: Ticket, failure: Failure) {
        let ended = failure.kind == FaultKind::Interrupted;
        let Some(wizard) = self.wizard().filter(|wizard| wizard.ticket() == Some(ticket)) else {
            if !ended {
                self.fail(failure);
            }
            return;
        };
        wizard.working = None;
        wizard.failure = (!ended).then_some(failure);
        wizard.back_to_form();
    }
}
