//! A sign-in from its first request to the profile that is kept, for whoever asks: the command line and
//! the screen.

use super::error::OauthError;
use super::probe::{try_key, try_token};
use super::profile::{ClientAuth, Endpoints, Flow, Profile};
use super::provider::Provider;
use super::registry::{New, NewOauth, Registry};
use super::sign_in::{Cancel, Person, SignIn, sign_in};
use super::wire::Asker;
use crate::service::http::Http;
use crate::vault::{Clock, Random, SensitiveBytes, View};

/// What a sign-in needs of the world.
pub struct World<'a> {
    /// Through which the vault is seen.
    pub view: &'a View,
    /// The provider's way.
    pub http: &'a dyn Http,
    /// Where states and verifiers come from.
    pub random: &'a dyn Random,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// What is signed in for.
pub struct Onboard<'a> {
    /// What it will be called, and whose it is.
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
    /// Whether its token or key was tried and works.
    pub tried: bool,
}

/// Signs in and keeps what comes.
///
/// # Errors
///
/// What the provider, the person or the vault says; nothing is kept then.
pub fn onboard(
    world: &World<'_>,
    asked: &Onboard<'_>,
    cancel: &Cancel,
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
    let tokens = sign_in(world.http, world.random, &request, cancel, person)?;
    let tried = asked.check && try_token(world.http, asked.provider, &tokens.access)?;
    let oauth = NewOauth {
        flow: asked.flow,
        endpoints: asked.endpoints,
        client_id: asked.client_id,
        client_secret: asked.client_secret,
        auth,
        scopes: asked.scopes,
        tokens: &tokens,
    };
    let profile = Registry::new(world.view).keep_tokens(&asked.new, &oauth, world.clock.now())?;
    Ok(Onboarded { profile, tried })
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
) -> Result<Onboarded, OauthError> {
    let tried = check && try_key(world.http, provider, key)?;
    let profile = Registry::new(world.view).keep_key(new, key, world.clock.now())?;
    Ok(Onboarded { profile, tried })
}
