//! Where what came is kept: asked once it is there. Whatever becomes of the screen, it is not lost unless
//! somebody says so.

use super::form::{FieldKind, WizardForm};
use super::{Stage, Wizard};
use crate::app::App;
use crate::app::bindings::Action;
use crate::app::confirm::{Purpose, no, yes};
use crate::app::event::Ticket;
use crate::service::oauth::{Flow, Granted, Handle, Place, Where};
use crate::vault::{Actor, Scope};

/// Something that came and waits for a place. It is kept where it was to go when this is dropped.
pub struct Keep {
    /// What was typed before, to go back to.
    pub(super) form: Option<WizardForm>,
    handle: Handle,
    /// Names the sign-in.
    pub ticket: Ticket,
    /// What came.
    pub granted: Granted,
    /// What the profile is called, and whose it is.
    pub place: WizardForm,
    /// It is being written.
    pub working: bool,
}

impl Keep {
    pub(super) fn new(
        form: Option<WizardForm>,
        handle: Handle,
        ticket: Ticket,
        granted: Granted,
        place: WizardForm,
    ) -> Self {
        Self { form, handle, ticket, granted, place, working: false }
    }

    /// It cannot be kept where it was to go.
    pub(super) fn refused(&mut self, why: String) {
        self.working = false;
        self.place.blame((FieldKind::Id, why));
    }
}

impl Drop for Keep {
    fn drop(&mut self) {
        self.handle.leave();
    }
}

impl Wizard {
    pub(super) fn keep(&mut self) -> Option<&mut Keep> {
        match &mut self.stage {
            Stage::Keep(keep) => Some(keep),
            _ => None,
        }
    }
}

impl App {
    /// Where a profile goes: where the one is that it takes the place of, or under a name that is free.
    pub(super) fn place_at_hand(&mut self) -> Option<Place> {
        if let Some(former) = self.wizard().and_then(|wizard| wizard.former.as_ref()) {
            return Some(former.place());
        }
        let actor = self.seen_by();
        let owner = match (self.scope_at_hand(), &actor) {
            (Some(scope), actor) if actor.may_write(&scope) => scope,
            (_, Actor::Scoped(own)) => own.clone(),
            (_, Actor::Owner) => Scope::global(),
        };
        Some(Place { id: self.free_id().parse().ok()?, owner })
    }

    /// The provider's name, with a number behind it where there is such a profile already.
    fn free_id(&mut self) -> String {
        let provider = self.wizard().and_then(|wizard| wizard.chosen());
        let provider = provider.map(|provider| provider.id.clone()).unwrap_or_default();
        let taken = self.profiles().map_or(&[][..], |profiles| profiles.kept());
        let is_free = |id: &String| taken.iter().all(|kept| kept.profile.id.as_str() != id);
        let numbered = (2..).map(|number: u32| format!("{provider}-{number}"));
        std::iter::once(provider.clone()).chain(numbered).find(is_free).unwrap_or_default()
    }

    pub(in crate::app) fn keep_act(&mut self, action: Action) {
        let Some(keep) = self.wizard().and_then(Wizard::keep) else { return };
        match action {
            Action::Close if keep.working => self.pop_layer(),
            _ if keep.working => {}
            Action::Close => self.ask_throw_away(false),
            Action::Back => self.ask_throw_away(true),
            Action::Accept => self.submit_place(),
            Action::Next | Action::Down => keep.place.step(true),
            Action::Previous | Action::Up => keep.place.step(false),
            _ => {}
        }
    }

    fn submit_place(&mut self) {
        let actor = self.seen_by();
        let Some(keep) = self.wizard().and_then(Wizard::keep) else { return };
        match keep.place.place() {
            Ok(place) if actor.may_write(&place.owner) => {
                keep.working = true;
                keep.handle.decide(Where::At(place));
            }
            Ok(place) => {
                let owner = &place.owner;
                let why =
                    format!("{actor} may not write to {owner}: choose a scope it may write to");
                keep.place.blame((FieldKind::Owner, why));
            }
            Err(wrong) => keep.place.blame(wrong),
        }
    }

    /// Tokens that came are thrown away only when somebody says so; a key is where it came from.
    fn ask_throw_away(&mut self, back: bool) {
        let Some(wizard) = self.wizard() else { return };
        if wizard.way() == Flow::ApiKey {
            return self.throw_away(back);
        }
        let name = wizard.chosen().map_or_else(String::new, |provider| provider.name.clone());
        let name = crate::text::visible(&name).into_owned();
        let lines = vec![
            "What was signed in for is not kept yet.".to_owned(),
            format!("Its tokens are thrown away, and {name} is asked to take them back."),
        ];
        let choices = vec![no("Keep them"), yes('y', "Throw away", true)];
        self.ask(Purpose::ThrowAway { back }, "Throw the tokens away?", lines, choices);
    }

    /// Throws away what came, and goes one step back or leaves.
    pub(in crate::app) fn throw_away(&mut self, back: bool) {
        let Some(keep) = self.wizard().and_then(Wizard::keep) else { return };
        keep.handle.decide(Where::Nowhere);
        let form = keep.form.take();
        match (form, self.wizard()) {
            (Some(form), Some(wizard)) if back => wizard.stage = Stage::Form(form),
            _ => self.pop_layer(),
        }
    }
}
