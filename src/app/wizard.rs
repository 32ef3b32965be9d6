//! Signing in at a provider, step by step: which one, in which way, with what, and the waiting for it.
//! Each step goes back. It asks no provider itself.

mod approve;
mod form;

use super::App;
use super::bindings::{Action, Context};
use super::event::{Failure, Ticket};
use super::layer::Layer;
use super::list_move::moved;
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
    /// Why the way that was chosen at first fits.
    pub why: &'static str,
    /// Where it is.
    pub stage: Stage,
    /// The first row on screen.
    pub offset: usize,
    /// What went wrong.
    pub failure: Option<Failure>,
    /// A key is being kept.
    pub working: Option<Ticket>,
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
            _ => None,
        }
    }

    /// Whether a hinted action can do something now.
    pub(super) fn applies(&self, action: Action) -> bool {
        match (&self.stage, action) {
            (Stage::Provider | Stage::Done(_), Action::Previous) => false,
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
        (self.flow, self.why) = fits.map_or((0, ""), |(flow, why)| {
            (self.flows.iter().position(|known| *known == flow).unwrap_or(0), why)
        });
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
            why: "",
            stage: Stage::Provider,
            offset: 0,
            failure: None,
            working: None,
        }));
    }

    pub(super) fn wizard_act(&mut self, action: Action) {
        let page = self.list_page();
        let Some(wizard) = self.wizard() else { return };
        match (&wizard.stage, action) {
            (Stage::Approve(_), action) => self.approve_act(action),
            (Stage::Form(_), action) => self.wizard_form_act(action),
            (_, Action::Close) => self.close_top(),
            (Stage::Done(_), Action::Accept | Action::Previous) => self.close_top(),
            (Stage::Done(_), _) => {}
            (Stage::Provider, Action::Accept) => {
                wizard.find_ways();
                (wizard.stage, wizard.offset) = (Stage::Flow, 0);
            }
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

    /// It was kept: the last step says what there is now.
    pub(super) fn signed_in(&mut self, kept: Kept) {
        if let Some(profiles) = self.profiles() {
            profiles.select = Some(kept.profile.id.clone());
        }
        self.load_profiles();
        self.request_load();
        let Some(wizard) = self.wizard() else { return };
        (wizard.working, wizard.failure) = (None, None);
        wizard.stage = Stage::Done(Box::new(kept));
    }

    /// It was not: back to what was typed, with the reason.
    pub(super) fn sign_in_failed(&mut self, failure: Failure) {
        let Some(wizard) = self.wizard() else { return };
        wizard.working = None;
        let ended = failure.kind == crate::fault::FaultKind::Interrupted;
        wizard.failure = (!ended).then_some(failure);
        let stage = std::mem::replace(&mut wizard.stage, Stage::Provider);
        wizard.stage = match stage {
            Stage::Approve(approve) => Stage::Form(approve.into_form()),
            stage => stage,
        };
    }
}
