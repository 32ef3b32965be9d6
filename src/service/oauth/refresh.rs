//! Keeping access tokens fresh: one refresh at a time for all processes, and no storm of tries at a
//! provider that is out of order.

use std::collections::BTreeMap;
use std::time::Duration;

use oauth2::RefreshToken;

use super::error::OauthError;
use super::health::{can_refresh, is_due};
use super::profile::{Credential, Flow, Oauth, Profile};
use super::registry::{Names, Registry, last_revision, put, save};
use super::sign_in::{SignIn, by_itself, lacks};
use super::wire::{self, Asker, Tokens};
use crate::service::http::Http;
use crate::vault::{
    Clock, ProtectionKey, SecretKey, SecretRef, SensitiveBytes, Timestamp, VaultError, View,
};

/// How long the turn is waited for: three requests that all run into their time-out.
pub(super) const TURN: Duration = Duration::from_secs(60);
/// The first pause after a failure, in seconds; each further one is twice as long.
const FIRST_PAUSE: i64 = 15;
/// The longest pause, in seconds.
const LONGEST_PAUSE: i64 = 15 * 60;

/// How eagerly new tokens are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// When it is time.
    WhenDue,
    /// Now, unless the provider is left alone.
    Now,
    /// Now, also if the provider failed lately.
    Anyway,
}

/// A token that is good to use.
pub struct Fresh {
    /// The access token or key.
    pub token: SensitiveBytes,
    /// Its profile as it is now.
    pub profile: Profile,
    /// Whether the provider gave it just now.
    pub refreshed: bool,
    /// Why it could not be renewed, though it is time; it is good for some minutes yet.
    pub warning: Option<OauthError>,
}

/// Hands out tokens and renews them.
pub struct Refresher<'a> {
    /// Through which the vault is seen.
    pub view: &'a View,
    /// Opens the protected among them.
    pub protection: Option<&'a ProtectionKey>,
    /// Makes a client that may reach these hosts also where they are private.
    pub connect: &'a dyn Fn(&[String]) -> Box<dyn Http>,
    /// The time.
    pub clock: &'a dyn Clock,
}

impl Refresher<'_> {
    /// The token of a profile, renewed as wished.
    ///
    /// # Errors
    ///
    /// What stands in the way of a token that can be used; nothing that is kept is lost.
    pub fn token(&self, id: &SecretKey, wish: Wish) -> Result<Fresh, OauthError> {
        let profile = Registry::new(self.view).get(id)?;
        let oauth = match &profile.body.credential {
            Credential::ApiKey { .. } if wish == Wish::WhenDue => {
                return self.as_it_is(profile, None);
            }
            Credential::ApiKey { .. } => profile.oauth("renewed")?,
            Credential::Oauth(oauth) => oauth,
        };
        match wish == Wish::WhenDue && !is_due(oauth, self.now()) {
            true => self.as_it_is(profile, None),
            false => self.in_turn(profile, wish),
        }
    }

    /// Renews when it is this process's turn, unless another one did so meanwhile.
    fn in_turn(&self, seen: Profile, wish: Wish) -> Result<Fresh, OauthError> {
        let _turn = match self.view.turn(&seen.id, TURN) {
            Ok(turn) => turn,
            Err(error) => return self.what_is_left(&seen.id, wish, error.into()),
        };
        let profile = Registry::new(self.view).get(&seen.id)?;
        let oauth = profile.oauth("renewed")?;
        let state = &oauth.state;
        let renewed = profile.revision != seen.revision && state.failures == 0 && !state.rejected;
        // Also where tokens live so shortly that it is due already: one for all who waited is enough.
        if renewed && oauth.expires_at.is_none_or(|end| end.since(self.now()) > 0) {
            return self.as_it_is(profile, None);
        }
        match self.renew(&profile, wish) {
            Ok(fresh) => Ok(fresh),
            Err(error) => self.what_is_left(&seen.id, wish, error),
        }
    }

    /// A token that could not be renewed may be good for some minutes yet.
    fn what_is_left(
        &self,
        id: &SecretKey,
        wish: Wish,
        error: OauthError,
    ) -> Result<Fresh, OauthError> {
        if wish != Wish::WhenDue || matches!(error, OauthError::Unsaved(_)) {
            return Err(error);
        }
        let Ok(profile) = Registry::new(self.view).get(id) else { return Err(error) };
        match profile.expires_at().is_none_or(|end| end.since(self.now()) > 0) {
            true => self.as_it_is(profile, Some(error)),
            false => Err(error),
        }
    }

    fn renew(&self, profile: &Profile, wish: Wish) -> Result<Fresh, OauthError> {
        let oauth = profile.oauth("renewed")?;
        let id = || profile.id.clone();
        if !can_refresh(oauth) {
            return Err(match (oauth.state.revoked, oauth.state.rejected) {
                (true, _) => OauthError::Revoked { id: id() },
                (_, true) => OauthError::SignInAgain { id: id() },
                _ => OauthError::NoRefreshToken { id: id() },
            });
        }
        if let Some(until) = self.cooling_down(profile, oauth)?.filter(|_| wish != Wish::Anyway) {
            return Err(OauthError::CoolingDown { id: id(), until });
        }
        self.check_keepable(profile, oauth)?;
        let (error, noted) = match self.ask(profile, oauth) {
            Ok(tokens) => return self.keep(profile, tokens),
            Err(OauthError::Rejected { code, .. }) if code == "invalid_grant" => {
                let noted = self.note(profile, |oauth, _| oauth.state.rejected = true)?;
                (OauthError::SignInAgain { id: id() }, noted)
            }
            Err(error) if error.is_passing() => {
                let wait = error.retry_after();
                (error, self.note(profile, |oauth, now| fail(oauth, now, wait))?)
            }
            // Nothing is better until somebody puts it right; who asks in a loop shall not ask the provider.
            Err(error) if error.is_refusal() => {
                let refused = |oauth: &mut Oauth, now| {
                    fail(oauth, now, None);
                    oauth.state.refused = true;
                };
                (error, self.note(profile, refused)?)
            }
            Err(error) => return Err(error),
        };
        match noted {
            true => Err(error),
            false => self.theirs(profile),
        }
    }

    /// Refuses to ask for what could not be kept: a refresh token that was used may be worth nothing any more.
    fn check_keepable(&self, profile: &Profile, oauth: &Oauth) -> Result<(), OauthError> {
        let (actor, scope) = (self.view.actor(), profile.owner.clone());
        if !actor.may_write(&scope) {
            let actor = actor.to_string();
            return Err(VaultError::NotAllowed { actor, verb: "change", scope }.into());
        }
        let others = [&oauth.refresh, &oauth.id_token].into_iter().flatten();
        for name in std::iter::once(&oauth.access).chain(others) {
            match self.view.describe(name) {
                Ok(secret) if secret.metadata.protected && self.protection.is_none() => {
                    return Err(VaultError::Protected { name: name.clone() }.into());
                }
                Ok(_) | Err(VaultError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Until when the provider is left alone, if it is: it failed for this profile or another one, or
    /// refused this one. What it says of one client says nothing of the others.
    fn cooling_down(
        &self,
        profile: &Profile,
        oauth: &Oauth,
    ) -> Result<Option<Timestamp>, OauthError> {
        let origin = |oauth: &Oauth| oauth.endpoints.token.as_ref().map(|at| at.origin());
        let here = origin(oauth);
        // No pause is longer: what says so was written while the clock was ahead.
        let lasts = |until: &Timestamp| (1..=LONGEST_PAUSE).contains(&until.since(self.now()));
        let mut ends = oauth.state.not_before.filter(lasts);
        for record in self.view.records()? {
            // One that is not understood has no say.
            let Ok(other) = Profile::read(record) else { continue };
            if other.id == profile.id {
                continue;
            }
            if let Credential::Oauth(other) = &other.body.credential
                && origin(other) == here
                && !other.state.refused
            {
                ends = ends.max(other.state.not_before.filter(lasts));
            }
        }
        Ok(ends)
    }

    /// Asks the provider for new tokens.
    fn ask(&self, profile: &Profile, oauth: &Oauth) -> Result<Tokens, OauthError> {
        let secret =
            oauth.client.secret.as_ref().map(|name| self.read(profile, name)).transpose()?;
        let asker = Asker {
            client_id: &oauth.client.id,
            client_secret: secret.as_ref(),
            auth: oauth.client.auth,
        };
        let http = (self.connect)(&oauth.endpoints.private_hosts);
        if oauth.flow == Flow::ClientCredentials {
            return by_itself(
                &*http,
                &SignIn {
                    flow: oauth.flow,
                    endpoints: &oauth.endpoints,
                    asker,
                    scopes: &oauth.scopes,
                    separator: " ",
                    parameters: &BTreeMap::new(),
                    pkce: false,
                    redirect_host: "127.0.0.1",
                },
            );
        }
        let name = oauth.refresh.as_ref().ok_or_else(|| lacks("token"))?;
        let token = RefreshToken::new(wire::lent(&self.read(profile, name)?)?);
        let client = asker.client(&oauth.endpoints, None)?;
        let request = client.exchange_refresh_token(&token).map_err(|_| lacks("token"))?;
        let answer = request.request(&|request| wire::exchange(&*http, request));
        wire::tokens(answer.map_err(wire::failed)?)
    }

    /// Keeps new tokens: the refresh token first, all in one commit.
    fn keep(&self, profile: &Profile, tokens: Tokens) -> Result<Fresh, OauthError> {
        let now = self.now();
        let mut renewed = profile.clone();
        let Credential::Oauth(oauth) = &mut renewed.body.credential else {
            return Err(VaultError::Internal { what: "a profile without tokens" }.into());
        };
        // RFC 6749, section 5.1: an answer need not say how long the token lives.
        let lives = tokens.lives.or_else(|| last_known_life(oauth));
        oauth.expires_at = lives.map(|lives| now.plus(lives));
        oauth.state = Default::default();
        oauth.state.refreshed_at = Some(now);
        if let Some(scopes) = &tokens.scopes {
            oauth.scopes.clone_from(scopes);
        }
        let named = |ending| super::profile::name_of(&profile.owner, &profile.id, ending);
        // A provider may give one only now.
        if tokens.refresh.is_some() && oauth.refresh.is_none() {
            oauth.refresh = Some(named("refresh_token")?);
        }
        if tokens.id_token.is_some() && oauth.id_token.is_none() {
            oauth.id_token = Some(named("id_token")?);
        }
        let names = Names {
            access: oauth.access.clone(),
            refresh: oauth.refresh.clone(),
            id_token: oauth.id_token.clone(),
        };
        let expires_at = oauth.expires_at;
        let saved = save(self.view, self.protection, || {
            let mut changes = names.writes(&tokens, expires_at);
            changes.push(put(&renewed)?);
            Ok(changes)
        });
        match saved {
            Ok(receipt) => {
                let profile = Profile { revision: last_revision(&receipt), ..renewed };
                Ok(Fresh { token: tokens.access, profile, refreshed: true, warning: None })
            }
            Err(VaultError::RecordChanged { .. }) => self.theirs(profile),
            Err(error) => Err(OauthError::Unsaved(error)),
        }
    }

    /// Somebody signed in again meanwhile: theirs are the tokens, and they stay.
    fn theirs(&self, profile: &Profile) -> Result<Fresh, OauthError> {
        self.as_it_is(Registry::new(self.view).get(&profile.id)?, None)
    }

    /// Keeps what is to be remembered of a failure; `false` where somebody else changed the profile meanwhile,
    /// which is what counts.
    fn note(
        &self,
        profile: &Profile,
        change: impl Fn(&mut Oauth, Timestamp),
    ) -> Result<bool, OauthError> {
        let mut noted = profile.clone();
        if let Credential::Oauth(oauth) = &mut noted.body.credential {
            change(oauth, self.now());
        }
        match self.view.apply(vec![put(&noted)?], None) {
            Ok(_) => Ok(true),
            Err(VaultError::RecordChanged { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn as_it_is(&self, profile: Profile, warning: Option<OauthError>) -> Result<Fresh, OauthError> {
        let oauth = match &profile.body.credential {
            Credential::Oauth(oauth) => Some(oauth),
            Credential::ApiKey { .. } => None,
        };
        let ended = |end: Timestamp| end.has_come(self.now());
        if oauth.is_some_and(|oauth| oauth.state.revoked) {
            return Err(OauthError::Revoked { id: profile.id });
        }
        if oauth.and_then(|oauth| oauth.expires_at).is_some_and(ended) {
            return Err(OauthError::SignInAgain { id: profile.id });
        }
        let token = self.read(&profile, profile.handed_out())?;
        Ok(Fresh { token, profile, refreshed: false, warning })
    }

    /// The value of a secret that a profile names.
    fn read(&self, profile: &Profile, name: &SecretRef) -> Result<SensitiveBytes, OauthError> {
        match self.view.read_with(name, None, self.protection) {
            Ok(secret) => Ok(secret.value),
            Err(VaultError::NotFound { name }) => {
                Err(OauthError::Missing { id: profile.id.clone(), name })
            }
            Err(error) => Err(error.into()),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// How long the tokens that are kept live, in seconds, as far as it was ever said.
fn last_known_life(oauth: &Oauth) -> Option<i64> {
    // Both are written at the same moment, at a sign-in and here.
    Some(oauth.expires_at?.since(oauth.state.refreshed_at?))
}

/// One failure more: the pause doubles, or is what the provider asks for.
fn fail(oauth: &mut Oauth, now: Timestamp, wait: Option<i64>) {
    let doubled = FIRST_PAUSE.saturating_mul(1_i64 << oauth.state.failures.min(10));
    let pause = wait.unwrap_or(doubled).clamp(1, LONGEST_PAUSE);
    oauth.state.failures = oauth.state.failures.saturating_add(1);
    oauth.state.not_before = Some(now.plus(pause));
    oauth.state.refused = false;
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
