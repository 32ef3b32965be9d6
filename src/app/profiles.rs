//! The profiles screen: what is signed in where, how it is, and what to do about it. Not the signing in.

use std::time::Duration;

use super::App;
use super::Screen;
use super::asks::{Ask, CopySource};
use super::bindings::Action;
use super::confirm::{Purpose, no, yes};
use super::effect::Effect;
use super::event::{Failure, ProfilesNow, Ticket};
use super::layer::Layer;
use super::list_move::moved;
use super::prompt::Retry;
use super::toast::Tone;
use crate::fault::FaultKind;
use crate::service::oauth::{Credential, Health, Kept, can_refresh};
use crate::vault::{Actor, SecretKey, SensitiveBytes, Timestamp};

/// Said while tokens are renewed.
const RENEWING: &str = "Asking the provider for new tokens";
/// Said while a profile is removed.
const REMOVING: &str = "Asking the provider to take the tokens back";

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

/// How a profile is by now: what was there when it was listed may have ended since.
pub fn health_at(kept: &Kept, now: Timestamp) -> Health {
    Health::of(&kept.profile, kept.health != Health::Missing, now)
}

/// What to do about a profile; empty when there is nothing to do.
pub fn what_next(kept: &Kept, now: Timestamp) -> String {
    let health = health_at(kept, now);
    match (health, &kept.profile.body.credential) {
        (Health::Expiring | Health::Expired, Credential::Oauth(oauth)) if can_refresh(oauth) => {
            "It renews itself when it is used; r renews it now".to_owned()
        }
        (Health::Expiring | Health::Expired | Health::Missing, Credential::Oauth(_)) => {
            "s signs in again; the old tokens stay in the history".to_owned()
        }
        _ => health.next_step(&kept.profile).map(capital).unwrap_or_default(),
    }
}

fn capital(text: String) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The seconds after which the time that is left reads otherwise.
fn reads_so_for(left: i64) -> i64 {
    match left {
        ..=120 => 1,
        121..7_200 => left % 60 + 1,
        7_200..172_800 => left % 3_600 + 1,
        _ => left % 86_400 + 1,
    }
}

impl App {
    /// When a time on the profiles screen reads otherwise than now.
    pub(super) fn profiles_change_in(&self) -> Option<Duration> {
        let Some(Layer::Profiles(profiles)) = self.layers.last() else { return None };
        let ends = profiles.kept().iter().filter_map(|kept| kept.profile.expires_at());
        let left = ends.map(|end| end.since(self.wall)).filter(|left| *left > 0);
        let seconds = left.map(reads_so_for).min()?;
        Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(1)))
    }

    pub(super) fn open_profiles(&mut self) {
        if self.refuses_to_show() {
            return;
        }
        self.hide_values();
        let working = match (self.is_renewing(), self.is_removing()) {
            (true, _) => Some(RENEWING),
            (_, true) => Some(REMOVING),
            _ => None,
        };
        self.layers.push(Layer::Profiles(Profiles { working, ..Profiles::default() }));
        // What is typed ahead is for what is listed then.
        self.opening = Some(self.load_profiles());
    }

    fn is_removing(&self) -> bool {
        self.asks.any(|ask| matches!(ask, Ask::RemoveProfile(..)))
    }

    fn is_renewing(&self) -> bool {
        self.asks.any(|ask| matches!(ask, Ask::Renew(_)))
    }

    /// Lists them anew where they are on the screen.
    pub(super) fn reload_profiles(&mut self) {
        if self.profiles().is_some() {
            self.load_profiles();
        }
    }

    fn load_profiles(&mut self) -> Ticket {
        self.asks.forget(|ask| *ask == Ask::Profiles);
        let ticket = self.asks.put(Ask::Profiles, self.now);
        self.out.push(Effect::LoadProfiles(ticket));
        ticket
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
            (Action::SignIn, Some(_)) => self.sign_in_again(),
            (Action::Again, Some(id)) => self.ask_renewal(id),
            (Action::Delete, Some(id)) => self.ask_remove_profile(id),
            _ => profiles.selected = to.unwrap_or(profiles.selected),
        }
    }

    /// Copies what a profile hands out, as it lies in the vault.
    fn copy_token(&mut self) {
        let now = self.wall;
        let Some(kept) = self.profiles().and_then(|profiles| profiles.chosen()) else { return };
        let name = kept.profile.handed_out().clone();
        let why = match health_at(kept, now) {
            Health::Ok | Health::Expiring | Health::Static => {
                return self.copy(CopySource::Value(name));
            }
            Health::Expired => "That token has ended",
            Health::Missing => "Its token is not there any more",
        };
        let help = what_next(kept, now);
        self.toast(Tone::Note, why.into(), help);
    }

    fn sign_in_again(&mut self) {
        let chosen = self.profiles().and_then(|profiles| profiles.chosen());
        if let Some(profile) = chosen.map(|kept| kept.profile.clone()) {
            self.open_wizard_again(profile);
        }
    }

    fn ask_renewal(&mut self, id: SecretKey) {
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
        self.renew_profile(id, None);
    }

    /// Asks for new tokens, with the passphrase if that was asked for.
    pub(super) fn renew_profile(
        &mut self,
        id: SecretKey,
        passphrase: Option<SensitiveBytes>,
    ) -> Option<Ticket> {
        self.profiles()?.working = Some(RENEWING);
        let ticket = self.asks.put(Ask::Renew(id.clone()), self.now);
        self.out.push(Effect::RenewProfile(ticket, id, passphrase));
        Some(ticket)
    }

    /// One question to a provider at a time.
    fn is_asking_provider(&mut self) -> bool {
        let asking = self.is_removing() || self.is_renewing();
        if asking {
            let why = "A provider is being asked already; wait for its answer";
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
        let purpose = Purpose::RemoveProfile { id, revoke: true };
        self.ask(purpose, "Remove a profile", lines, choices);
    }

    /// Removes it, with the passphrase if that was asked for.
    pub(super) fn remove_profile(
        &mut self,
        id: SecretKey,
        revoke: bool,
        passphrase: Option<SensitiveBytes>,
    ) -> Option<Ticket> {
        self.profiles()?.working = Some(REMOVING);
        let ticket = self.asks.put(Ask::RemoveProfile(id.clone(), revoke), self.now);
        self.out.push(Effect::RemoveProfile { ticket, id, revoke, passphrase });
        Some(ticket)
    }

    /// A provider that does not answer, or not any more, must not keep a profile here.
    pub(super) fn removal_failed(&mut self, id: SecretKey, revoke: bool, failure: Failure) {
        let of_provider = failure.kind == FaultKind::Unreachable && revoke;
        if !of_provider || self.profiles().is_none() {
            return self.profile_failed(Retry::RemoveProfile(id, revoke), failure);
        }
        if let Some(profiles) = self.profiles() {
            profiles.working = None;
        }
        let lines = vec![
            format!("The tokens were not taken back: {}.", failure.message),
            format!("Remove {id} all the same? Its tokens stay good at the provider."),
        ];
        let choices = vec![no("Keep"), yes('y', "Remove", true)];
        let purpose = Purpose::RemoveProfile { id, revoke: false };
        self.ask(purpose, "Remove without revoking?", lines, choices);
    }

    /// A provider was asked, and this came of it.
    pub(super) fn profile_changed(&mut self, what: &str, id: &SecretKey, help: &str) {
        if let Some(profiles) = self.profiles() {
            profiles.working = None;
        }
        self.tell_of_profile(what, id, help);
        self.reload_profiles();
        self.request_load();
    }

    /// Says what became of a profile, without its name where others look on.
    pub(super) fn tell_of_profile(&mut self, what: &str, id: &SecretKey, help: &str) {
        let name = if self.presenting { "a profile" } else { id.as_str() };
        self.toast(Tone::Done, format!("{what}{name}"), help.to_owned());
    }

    /// A provider was asked in vain; `retry` goes on once the passphrase is there.
    pub(super) fn profile_failed(&mut self, retry: Retry, failure: Failure) {
        if let Some(profiles) = self.profiles() {
            profiles.working = None;
        }
        if failure.needs_protection {
            return self.ask_passphrase(retry);
        }
        self.reload_profiles();
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
