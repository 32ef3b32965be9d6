//! The profiles screen: what is signed in where, how it is, and what to do about it. Not the signing in.

use super::App;
use super::Screen;
use super::asks::{Ask, CopySource};
use super::bindings::Action;
use super::confirm::{Purpose, no, yes};
use super::effect::Effect;
use super::event::{Failure, ProfilesNow};
use super::layer::Layer;
use super::list_move::moved;
use super::toast::Tone;
use crate::service::oauth::{Credential, Health, Kept};
use crate::vault::{Actor, SecretKey};

/// The state of the profiles screen.
#[derive(Default)]
pub struct Profiles {
    /// What there is; `None` while it is asked for.
    pub now: Option<ProfilesNow>,
    /// The selected row.
    pub selected: usize,
    /// The first row on screen.
    pub offset: usize,
    /// What is to be selected when it is listed next.
    pub(super) select: Option<SecretKey>,
    /// What a provider is being asked, in words.
    pub working: Option<&'static str>,
}

impl Profiles {
    /// The profiles, in their order.
    pub fn kept(&self) -> &[Kept] {
        self.now.as_ref().map_or(&[], |now| &now.kept)
    }

    /// The selected one.
    pub fn chosen(&self) -> Option<&Kept> {
        self.kept().get(self.selected)
    }
}

impl App {
    pub(super) fn open_profiles(&mut self) {
        if self.refuses_to_show() {
            return;
        }
        self.hide_values();
        self.layers.push(Layer::Profiles(Profiles::default()));
        self.load_profiles();
    }

    pub(super) fn load_profiles(&mut self) {
        self.asks.forget(|ask| *ask == Ask::Profiles);
        let ticket = self.asks.put(Ask::Profiles, self.now);
        self.out.push(Effect::LoadProfiles(ticket));
    }

    pub(super) fn profiles_listed(&mut self, now: ProfilesNow) {
        let Some(profiles) = self.profiles() else { return };
        let wanted = profiles.select.take();
        let at = now.kept.iter().position(|kept| Some(&kept.profile.id) == wanted.as_ref());
        let last = now.kept.len().saturating_sub(1);
        profiles.selected = at.unwrap_or(profiles.selected).min(last);
        profiles.now = Some(now);
    }

    pub(super) fn profiles_act(&mut self, action: Action) {
        let page = self.list_page();
        let Some(profiles) = self.profiles() else { return };
        let to = moved(profiles.selected, profiles.kept().len(), page, action);
        let chosen = profiles.chosen().map(|kept| kept.profile.id.clone());
        match (action, chosen) {
            (Action::Close, _) => self.close_top(),
            (Action::Add, _) => self.open_wizard(),
            (Action::Copy, Some(_)) => self.copy_token(),
            (Action::Again, Some(id)) => self.renew_profile(id),
            (Action::Delete, Some(id)) => self.ask_remove_profile(id),
            _ => profiles.selected = to.unwrap_or(profiles.selected),
        }
    }

    /// Copies what a profile hands out, as it lies in the vault.
    fn copy_token(&mut self) {
        let Some(kept) = self.profiles().and_then(|profiles| profiles.chosen()) else { return };
        let name = kept.profile.handed_out().clone();
        match kept.health {
            Health::Ok | Health::Expiring | Health::Static => self.copy(CopySource::Value(name)),
            Health::Expired => self.toast(
                Tone::Note,
                "That token has ended".into(),
                "r asks for another one".into(),
            ),
            Health::Missing => {
                self.toast(
                    Tone::Note,
                    "Its token is not there any more".into(),
                    "a signs in".into(),
                );
            }
        }
    }

    fn renew_profile(&mut self, id: SecretKey) {
        if self.is_asking_provider() {
            return;
        }
        let Some(profiles) = self.profiles() else { return };
        let plain = profiles
            .chosen()
            .is_some_and(|kept| matches!(kept.profile.body.credential, Credential::ApiKey { .. }));
        if plain {
            let why = "A plain key is used as it is; nothing renews it";
            return self.toast(Tone::Note, why.into(), String::new());
        }
        profiles.working = Some("Asking the provider for new tokens");
        let ticket = self.asks.put(Ask::Renew, self.now);
        self.out.push(Effect::RenewProfile(ticket, id));
    }

    /// One question to a provider at a time.
    fn is_asking_provider(&mut self) -> bool {
        let asking = self.profiles().is_some_and(|profiles| profiles.working.is_some());
        if asking {
            let why = "The provider is being asked; one thing after the other";
            self.toast(Tone::Note, why.into(), String::new());
        }
        asking
    }

    fn ask_remove_profile(&mut self, id: SecretKey) {
        if self.is_asking_provider() {
            return;
        }
        let lines = vec![
            format!("Remove the profile {id}?"),
            "The provider takes its tokens back where it can, and they go to the trash.".to_owned(),
        ];
        let choices = vec![no("Keep"), yes('y', "Remove", true)];
        self.ask(Purpose::RemoveProfile(id), "Remove a profile", lines, choices);
    }

    pub(super) fn remove_profile(&mut self, id: SecretKey) {
        let Some(profiles) = self.profiles() else { return };
        profiles.working = Some("Asking the provider to take the tokens back");
        let ticket = self.asks.put(Ask::RemoveProfile, self.now);
        self.out.push(Effect::RemoveProfile(ticket, id));
    }

    /// A provider was asked, and this came of it.
    pub(super) fn profile_changed(&mut self, text: &str, help: &str) {
        if let Some(profiles) = self.profiles() {
            profiles.working = None;
        }
        self.toast(Tone::Done, text.to_owned(), help.to_owned());
        self.load_profiles();
        self.request_load();
    }

    pub(super) fn profile_failed(&mut self, failure: Failure) {
        if let Some(profiles) = self.profiles() {
            profiles.working = None;
            self.load_profiles();
        }
        self.fail(failure);
    }

    /// Through whose eyes the vault is seen.
    pub(super) fn seen_by(&self) -> Actor {
        match &self.screen {
            Screen::Browse(browse) => browse.actor.clone(),
            _ => Actor::Owner,
        }
    }
}
