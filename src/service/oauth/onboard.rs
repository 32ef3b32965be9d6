//! A sign-in from its first request to the profile that is kept, for whoever asks: the command line and
//! the screen.

use super::error::OauthError;
use super::probe::{try_key, try_token};
use super::profile::{ClientAuth, Endpoints, Flow, Profile};
use super::provider::Provider;
use super::refresh::TURN;
use super::registry::{New, NewOauth, Registry};
use super::revoke::take_back;
use super::sign_in::{Cancel, Granted, Person, SignIn, Tried, sign_in};
use super::wire::{Asker, Tokens};
use crate::service::http::Http;
use crate::vault::{Clock, ProtectionKey, Random, SensitiveBytes, VaultError, View};

/// How often it is kept over a profile that somebody else changes all the time.
const TRIES: u32 = 3;

/// What a sign-in needs of the world.
pub struct World<'a> {
    /// Through which the vault is seen.
    pub view: &'a View,
    /// Lets protected secrets be written over.
    pub protection: Option<&'a ProtectionKey>,
    /// The provider's way.
    pub http: &'a dyn Http,
    /// Where states and verifiers come from.
    pub random: &'a dyn Random,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Ends it from elsewhere.
    pub cancel: &'a Cancel,
}

/// What is signed in for.
pub struct Onboard<'a> {
    /// What it will be called, and whose it is, unless the person says otherwise in the end.
    pub new: New<'a>,
    /// The provider.
    pub provider: &'a Provider,
    /// The way.
    pub flow: Flow,
    /// The provider's addresses, all that are needed.
    pub endpoints: &'a Endpoints,
    /// The client's id.
    pub client_id: &'a str,
    /// Its secret.
    pub client_secret: Option<&'a SensitiveBytes>,
    /// What is asked for.
    pub scopes: &'a [String],
    /// Whether the token is tried before it is kept.
    pub check: bool,
}

/// A profile that was kept.
pub struct Onboarded {
    /// The profile.
    pub profile: Profile,
    /// What came of trying its token or key.
    pub tried: Tried,
}

/// Signs in and keeps what comes.
///
/// # Errors
///
/// What the provider, the person or the vault says; nothing is kept then.
pub fn onboard(
    world: &World<'_>,
    asked: &Onboard<'_>,
    person: &mut dyn Person,
) -> Result<Onboarded, OauthError> {
    let side = asked.provider.oauth.as_ref().ok_or(OauthError::Incomplete {
        what: "the provider has keys only",
        help: "use the flow api_key".into(),
    })?;
    let former = asked.new.former.and_then(|former| former.oauth("signed in").ok());
    let auth: ClientAuth = former.map_or(side.auth, |oauth| oauth.client.auth);
    let request = SignIn {
        flow: asked.flow,
        endpoints: asked.endpoints,
        asker: Asker { client_id: asked.client_id, client_secret: asked.client_secret, auth },
        scopes: asked.scopes,
        separator: &side.scope_separator,
        parameters: &side.parameters,
        pkce: side.pkce,
        redirect_host: &side.redirect_host,
    };
    let tokens = sign_in(world.http, world.random, &request, world.cancel, person)?;
    person.came();
    let kept = keep_tokens(world, asked, auth, &tokens, person);
    if !matches!(kept, Err(OauthError::Cancelled)) {
        return kept;
    }
    // What somebody throws away is not to live on at the provider. Where it would take the place of other
    // tokens it stays: a provider may end all tokens of one person and client together.
    let taken = match asked.new.former {
        None => take_back(world.http, &request, &tokens),
        Some(_) => Ok(()),
    };
    Err(match taken {
        Ok(()) => OauthError::Cancelled,
        Err(error) => OauthError::NotTakenBack(Box::new(error)),
    })
}

/// Tries the access token if that is asked for, and keeps all of them.
fn keep_tokens(
    world: &World<'_>,
    asked: &Onboard<'_>,
    auth: ClientAuth,
    tokens: &Tokens,
    person: &mut dyn Person,
) -> Result<Onboarded, OauthError> {
    // A page that does not answer, or wants a scope that was not asked for, costs no tokens.
    let userinfo = asked.endpoints.userinfo.as_ref().filter(|_| {
        // OpenID Connect Core, section 5.3: it takes tokens that were asked for with this scope.
        asked.scopes.iter().any(|scope| scope == "openid")
    });
    let trying = || try_token(world.http, asked.provider, userinfo, &tokens.access);
    let tried = match asked.check.then(trying) {
        Some(Ok(true)) => Tried::Works,
        Some(Ok(false)) | None => Tried::Not,
        Some(Err(error)) => Tried::Failed(error.to_string()),
    };
    let granted = Granted { lives: tokens.lives, renews: tokens.refresh.is_some(), tried };
    let oauth = NewOauth {
        flow: asked.flow,
        endpoints: asked.endpoints,
        client_id: asked.client_id,
        client_secret: asked.client_secret,
        auth,
        scopes: asked.scopes,
        tokens,
    };
    let now = world.clock.now();
    let keep = |new: &New<'_>| world.registry().keep_tokens(new, &oauth, now);
    let profile = keep_where_asked(world, &asked.new, &granted, person, &keep)?;
    Ok(Onboarded { profile, tried: granted.tried })
}

/// Keeps a plain key.
///
/// # Errors
///
/// What the provider says of it, if it is tried, and what the vault says.
pub fn onboard_key(
    world: &World<'_>,
    new: &New<'_>,
    provider: &Provider,
    key: &SensitiveBytes,
    check: bool,
    person: &mut dyn Person,
) -> Result<Onboarded, OauthError> {
    let works = check && try_key(world.http, provider, key)?;
    let tried = if works { Tried::Works } else { Tried::Not };
    person.came();
    let granted = Granted { lives: None, renews: false, tried };
    let keep = |new: &New<'_>| world.registry().keep_key(new, key, world.clock.now());
    let profile = keep_where_asked(world, new, &granted, person, &keep)?;
    Ok(Onboarded { profile, tried: granted.tried })
}

/// Keeps it where the person says; what takes the place of another profile goes where that one was.
fn keep_where_asked(
    world: &World<'_>,
    new: &New<'_>,
    granted: &Granted,
    person: &mut dyn Person,
    keep: &dyn Fn(&New<'_>) -> Result<Profile, OauthError>,
) -> Result<Profile, OauthError> {
    if new.former.is_some() {
        return keep_again(world, new, keep);
    }
    let mut refused = None;
    loop {
        let mut new = new.clone();
        if let Some(place) = person.place(granted, refused.take())? {
            (new.id, new.owner) = (place.id, place.owner);
        }
        let free = world.registry().check_new(&new.id, &new.owner);
        match free.and_then(|()| keep(&new)) {
            Ok(profile) => return Ok(profile),
            Err(error) => refused = Some(error),
        }
    }
}

/// Keeps it over the profile as it is by now: its tokens may have been renewed while the person signed in.
fn keep_again(
    world: &World<'_>,
    new: &New<'_>,
    keep: &dyn Fn(&New<'_>) -> Result<Profile, OauthError>,
) -> Result<Profile, OauthError> {
    // Without the turn, whoever changes the profile meanwhile is noticed by its revision.
    let _turn = world.view.turn(&new.id, TURN);
    let mut tries = 1;
    loop {
        if world.cancel.is_set() {
            return Err(OauthError::Cancelled);
        }
        let former = match world.registry().get(&new.id) {
            Ok(former) => Some(former),
            Err(OauthError::Vault(VaultError::NoRecord { .. })) => None,
            Err(error) => return Err(error),
        };
        match keep(&New { former: former.as_ref(), ..new.clone() }) {
            Err(OauthError::Vault(VaultError::RecordChanged { .. })) if tries < TRIES => tries += 1,
            done => return done,
        }
    }
}

impl<'a> World<'a> {
    fn registry(&self) -> Registry<'a> {
        Registry::new(self.view).with_protection(self.protection)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
