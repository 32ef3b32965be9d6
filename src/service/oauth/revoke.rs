//! Taking tokens back at the provider (RFC 7009).

use oauth2::{AccessToken, RefreshToken, StandardRevocableToken};

use super::error::OauthError;
use super::profile::{Endpoints, Profile};
use super::registry::Registry;
use super::sign_in::SignIn;
use super::wire::{self, Asker, Tokens, Unanswered};
use crate::service::http::{Http, HttpRequest};
use crate::vault::{ProtectionKey, SecretRef, SensitiveBytes, VaultError, View};

/// Revokes the refresh token and then the access token of a profile, as far as they are there; how many.
///
/// # Errors
///
/// `Incomplete` where the provider has no address for it, and what the provider says.
pub fn revoke(
    view: &View,
    protection: Option<&ProtectionKey>,
    http: &dyn Http,
    profile: &Profile,
) -> Result<usize, OauthError> {
    let oauth = profile.oauth("revoked")?;
    let read = |name: &SecretRef| match view.read_with(name, None, protection) {
        Ok(secret) => Ok(Some(secret.value)),
        Err(VaultError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    };
    let secret = oauth.client.secret.as_ref().map(read).transpose()?.flatten();
    let refresh = oauth.refresh.as_ref().map(read).transpose()?.flatten();
    let access = read(&oauth.access)?;
    let asker = Asker {
        client_id: &oauth.client.id,
        client_secret: secret.as_ref(),
        auth: oauth.client.auth,
    };
    both(http, &oauth.endpoints, &asker, refresh.as_ref(), access.as_ref())
}

/// Has the provider take the tokens of a profile back where it can, and removes it; how many it took, `None`
/// where it was not asked.
///
/// # Errors
///
/// What the provider or the vault says; the profile stays then.
pub fn revoke_and_remove(
    view: &View,
    protection: Option<&ProtectionKey>,
    connect: &dyn Fn(&[String]) -> Box<dyn Http>,
    profile: &Profile,
) -> Result<Option<usize>, OauthError> {
    let endpoints = profile.oauth("revoked").ok().map(|oauth| &oauth.endpoints);
    let revocable = endpoints.filter(|endpoints| endpoints.revocation.is_some());
    let revoked = revocable.map(|endpoints| {
        let http = connect(&endpoints.private_hosts);
        revoke(view, protection, &*http, profile)
    });
    let revoked = revoked.transpose()?;
    Registry::new(view).remove(profile)?;
    Ok(revoked)
}

/// Takes back what came and is kept nowhere, where the provider can.
pub(super) fn take_back(
    http: &dyn Http,
    asked: &SignIn<'_>,
    tokens: &Tokens,
) -> Result<(), OauthError> {
    if asked.endpoints.revocation.is_none() {
        return Ok(());
    }
    let (refresh, access) = (tokens.refresh.as_ref(), Some(&tokens.access));
    both(http, asked.endpoints, &asked.asker, refresh, access).map(drop)
}

/// Revokes the refresh token and then the access token; how many there were.
fn both(
    http: &dyn Http,
    endpoints: &Endpoints,
    asker: &Asker<'_>,
    refresh: Option<&SensitiveBytes>,
    access: Option<&SensitiveBytes>,
) -> Result<usize, OauthError> {
    let mut count = 0;
    if let Some(token) = refresh {
        let token = RefreshToken::new(wire::lent(token)?);
        one(http, endpoints, asker, StandardRevocableToken::RefreshToken(token))?;
        count += 1;
    }
    if let Some(token) = access {
        let token = AccessToken::new(wire::lent(token)?);
        one(http, endpoints, asker, StandardRevocableToken::AccessToken(token))?;
        count += 1;
    }
    Ok(count)
}

fn one(
    http: &dyn Http,
    endpoints: &Endpoints,
    asker: &Asker<'_>,
    token: StandardRevocableToken,
) -> Result<(), OauthError> {
    let Some(at) = &endpoints.revocation else { return Err(nowhere()) };
    let client = asker.client(endpoints, None)?;
    let request = client.revoke_token(token).map_err(|_| nowhere())?;
    let send = |mut request: HttpRequest| {
        *request.uri_mut() = at.as_str().parse().map_err(|_| Unanswered::Address)?;
        wire::exchange(http, request)
    };
    match request.request(&send).map_err(wire::failed) {
        // By RFC 7009, section 2.2, a token that is none any more is no failure; at Google it is one, and
        // there the access token goes with the refresh token.
        Err(OauthError::Rejected { code, .. }) if code == "invalid_token" => Ok(()),
        done => done,
    }
}

fn nowhere() -> OauthError {
    OauthError::Incomplete {
        what: "the provider has no address to revoke tokens at",
        help: "revoke it on the provider's pages".into(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
