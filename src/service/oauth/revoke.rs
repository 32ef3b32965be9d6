//! Taking tokens back at the provider (RFC 7009).

use oauth2::{AccessToken, RefreshToken, StandardRevocableToken};

use super::error::OauthError;
use super::profile::{Oauth, Profile};
use super::wire::{self, Asker, Unanswered};
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
    let mut count = 0;
    if let Some(token) = refresh {
        let token = RefreshToken::new(wire::lent(&token)?);
        one(http, oauth, secret.as_ref(), StandardRevocableToken::RefreshToken(token))?;
        count += 1;
    }
    if let Some(token) = access {
        let token = AccessToken::new(wire::lent(&token)?);
        one(http, oauth, secret.as_ref(), StandardRevocableToken::AccessToken(token))?;
        count += 1;
    }
    Ok(count)
}

fn one(
    http: &dyn Http,
    oauth: &Oauth,
    secret: Option<&SensitiveBytes>,
    token: StandardRevocableToken,
) -> Result<(), OauthError> {
    let asker =
        Asker { client_id: &oauth.client.id, client_secret: secret, auth: oauth.client.auth };
    let Some(at) = &oauth.endpoints.revocation else { return Err(nowhere()) };
    let client = asker.client(&oauth.endpoints, None)?;
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
