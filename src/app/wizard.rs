//! Signing in at a provider, step by step: which one, in which way, with what, and the waiting for it.
//! Each step goes back. It asks no provider itself.

mod approve;
mod form;
mod keep;
mod needs;

use super::App;
use super::bindings::{Action, Context};
use super::event::{Failure, Ticket};
use super::layer::Layer;
use super::list_move::moved;
use super::prompt::Retry;
use super::toast::Tone;
use crate::fault::FaultKind;
use crate::service::oauth::{
    Credential, Endpoints, Flow, Kept, Oauth, Place, Profile, Provider, Tried, choose, possible,
};
use crate::service::surroundings::Surroundings;
use crate::text::visible;
pub use approve::Approve;
pub use form::{FieldKind, WizardField, WizardForm};
pub use keep::Keep;

/// Where the wizard is.
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Stage {
    /// Which provider.
    Provider,
    /// In which way.
    Flow,
    /// With which client, and for what; or which key.
    Form(WizardForm),
    /// The person allows it.
    Approve(Approve),
    /// Where it is kept.
    Keep(Keep),
    /// It is kept, and what came of trying it.
    Done(Box<Kept>, Tried),
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
    /// The profile that is signed in again.
    pub former: Option<Former>,
    /// What was typed for a provider and a way, kept while somebody looks at the steps before.
    draft: Option<(usize, Flow, WizardForm)>,
}

/// A profile that is signed in again: what comes is kept where it is.
pub struct Former(Profile);

impl Former {
    /// Where it is.
    pub fn place(&self) -> Place {
        Place { id: self.0.id.clone(), owner: self.0.owner.clone() }
    }

    /// How its tokens were got, if it has such.
    pub fn oauth(&self) -> Option<&Oauth> {
        match &self.0.body.credential {
            Credential::Oauth(oauth) => Some(oauth),
            Credential::ApiKey { .. } => None,
        }
    }
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

    /// Where what is asked for comes from.
    pub fn advice(&self) -> String {
        let Some(provider) = self.chosen() else { return String::new() };
        let (page, hint) = match (self.way(), &provider.api_key, &provider.oauth) {
            (Flow::ApiKey, Some(key), _) => (&key.make, &key.hint),
            (_, _, Some(side)) => (&side.register, &side.register_hint),
            _ => (&None, &None),
        };
        let lines = [page, hint].into_iter().flatten().map(|line| visible(line));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What it waits for.
    fn ticket(&self) -> Option<Ticket> {
        match &self.stage {
            Stage::Approve(approve) => Some(approve.ticket),
            Stage::Keep(keep) => Some(keep.ticket),
            _ => None,
        }
    }

    /// The number of the step, from 1, of six.
    pub fn step(&self) -> (usize, &'static str) {
        let is_key = self.way() == Flow::ApiKey;
        match self.stage {
            Stage::Provider => (1, "provider"),
            Stage::Flow => (2, "way"),
            Stage::Form(_) => (3, if is_key { "key" } else { "client" }),
            Stage::Approve(_) => (4, if is_key { "test" } else { "approve" }),
            Stage::Keep(_) => (5, "keep"),
            Stage::Done(..) => (6, "done"),
        }
    }

    /// Where its keys are looked up.
    pub fn context(&self) -> Context {
        match &self.stage {
            Stage::Form(_) | Stage::Keep(_) => Context::WizardForm,
            Stage::Approve(approve) if approve.pasting => Context::WizardForm,
            Stage::Approve(_) => Context::Approve,
            Stage::Provider | Stage::Flow | Stage::Done(..) => Context::Wizard,
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
            (Stage::Provider | Stage::Done(..), Action::Previous) => false,
            // It is kept already: there is nothing left to cancel.
            (Stage::Done(..), Action::Close) => false,
            (Stage::Keep(keep), Action::Accept | Action::Next | Action::Back | Action::Close) => {
                !keep.working
            }
            (Stage::Keep(_), Action::Toggle | Action::ShowTyped) => false,
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
        let former = self.former.as_ref().and_then(Former::oauth);
        let mut at = former.map_or_else(|| provider.endpoints(), |oauth| oauth.endpoints.clone());
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
        if let Some(wizard) = self.new_wizard() {
            self.layers.push(Layer::Wizard(wizard));
        }
    }

    /// Signs in again at the provider of a profile, as it was done the last time.
    pub(super) fn open_wizard_again(&mut self, profile: Profile) {
        let Some(mut wizard) = self.new_wizard() else { return };
        let provider = &profile.body.provider;
        let Some(at) = wizard.providers.iter().position(|known| known.id == *provider) else {
            let what = format!("There is no provider {} any more", visible(provider));
            let help = "Bring its file back, or remove the profile and sign in anew".to_owned();
            return self.toast(Tone::Note, what, help);
        };
        let flow = profile.flow();
        (wizard.provider, wizard.former) = (at, Some(Former(profile)));
        wizard.find_ways();
        let before = wizard.flows.iter().position(|way| *way == flow);
        wizard.flow = before.unwrap_or(wizard.flow);
        wizard.stage = Stage::Flow;
        self.layers.push(Layer::Wizard(wizard));
        if before.is_some() {
            self.open_wizard_form();
        }
    }

    fn new_wizard(&mut self) -> Option<Wizard> {
        let now = self.profiles()?.now.as_ref()?;
        Some(Wizard {
            providers: now.providers.clone(),
            here: now.here.clone(),
            provider: 0,
            flows: Vec::new(),
            flow: 0,
            fits: 0,
            why: "",
            stage: Stage::Provider,
            offset: 0,
            failure: None,
            former: None,
            draft: None,
        })
    }

    /// What was wrong is said no longer.
    pub(super) fn wizard_typed(&mut self) {
        let Some(wizard) = self.wizard() else { return };
        wizard.failure = None;
        match &mut wizard.stage {
            Stage::Form(form) => form.problem = None,
            Stage::Approve(approve) => (approve.problem, approve.handed) = (None, false),
            Stage::Keep(keep) => keep.place.problem = None,
            _ => {}
        }
    }

    pub(super) fn wizard_act(&mut self, action: Action) {
        let page = self.list_page();
        let Some(wizard) = self.wizard() else { return };
        match (&wizard.stage, action) {
            (Stage::Approve(_), action) => self.approve_act(action),
            (Stage::Form(_), action) => self.wizard_form_act(action),
            (Stage::Keep(_), action) => self.keep_act(action),
            (_, Action::Close) => self.leave_wizard(),
            (Stage::Done(..), Action::Accept | Action::Previous) => self.leave_wizard(),
            (Stage::Done(..), _) => {}
            (Stage::Provider, Action::Accept) => {
                wizard.find_ways();
                (wizard.stage, wizard.offset) = (Stage::Flow, 0);
            }
            (Stage::Flow, Action::Accept) if wizard.flows.is_empty() => {}
            (Stage::Flow, Action::Accept) => self.open_wizard_form(),
            // Whoever signs in again does so at the same provider.
            (Stage::Flow, Action::Previous) if wizard.former.is_some() => self.leave_wizard(),
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
        let Some(wizard) = self.wizard() else { return };
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

    /// Leaves the wizard. What waits for a person or a provider ends with it; of what came it is asked first.
    pub(super) fn leave_wizard(&mut self) {
        if self.wizard().is_some_and(|wizard| matches!(wizard.stage, Stage::Keep(_))) {
            return self.keep_act(Action::Close);
        }
        self.end_sign_in();
        self.pop_layer();
    }

    /// It was kept: the last step says what there is now.
    pub(super) fn signed_in(&mut self, ticket: Ticket, kept: Kept, tried: Tried) {
        let id = kept.profile.id.clone();
        if let Some(profiles) = self.profiles() {
            profiles.select = Some(id.clone());
        }
        self.reload_profiles();
        self.request_load();
        match self.wizard().filter(|wizard| wizard.ticket() == Some(ticket)) {
            Some(wizard) => {
                (wizard.failure, wizard.draft) = (None, None);
                wizard.stage = Stage::Done(Box::new(kept), tried);
            }
            None => self.tell_of_profile("Signed in: ", &id, ""),
        }
    }

    /// It was not: back to what was typed, with the reason.
    pub(super) fn sign_in_failed(&mut self, ticket: Ticket, failure: Failure) {
        let ended = failure.kind == FaultKind::Interrupted;
        let protected = failure.needs_protection;
        let Some(wizard) = self.wizard().filter(|wizard| wizard.ticket() == Some(ticket)) else {
            if !ended {
                self.fail(failure);
            }
            return;
        };
        wizard.failure = (!ended && !protected).then_some(failure);
        wizard.back_to_form();
        if protected {
            self.ask_passphrase(Retry::SignIn);
        }
    }
}
