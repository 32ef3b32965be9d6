//! Taking tokens back at the provider (RFC 7009).

use oauth2::{AccessToken, RefreshToken, StandardRevocableToken};

use super::error::OauthError;
use super::profile::{Endpoints, Profile};
use super::refresh::TURN;
use super::registry::Registry;
use super::sign_in::SignIn;
use super::wire::{self, Asker, Tokens, Unanswered};
use crate::service::http::{Http, HttpRequest};
use crate::vault::{ProtectionKey, SecretKey, SecretRef, SensitiveBytes, Turn, VaultError, View};

/// Has tokens taken back, while nobody renews them.
pub struct Revoker<'a> {
    /// Through which the vault is seen.
    pub view: &'a View,
    /// Opens the protected among them.
    pub protection: Option<&'a ProtectionKey>,
    /// Makes a client that may reach these hosts also where they are private.
    pub connect: &'a dyn Fn(&[String]) -> Box<dyn Http>,
}

impl Revoker<'_> {
    /// Has the provider take the tokens of a profile back, and puts them into the trash; the profile stays.
    /// How many it took.
    ///
    /// # Errors
    ///
    /// What the provider or the vault says; nothing is put away then.
    pub fn revoke(&self, id: &SecretKey) -> Result<usize, OauthError> {
        let (_turn, profile) = self.in_turn(id)?;
        let count = self.taken_back(&profile)?;
        self.registry().drop_tokens(&profile)?;
        Ok(count)
    }

    /// Removes a profile; before that the provider takes its tokens back, if it `asks` for that and the
    /// provider can. How many it took, `None` where it was not asked.
    ///
    /// # Errors
    ///
    /// What the provider or the vault says; the profile stays then.
    pub fn remove(&self, id: &SecretKey, asks: bool) -> Result<Option<usize>, OauthError> {
        let (_turn, profile) = self.in_turn(id)?;
        let can = |profile: &Profile| {
            profile.oauth("revoked").is_ok_and(|oauth| oauth.endpoints.revocation.is_some())
        };
        let revoked = (asks && can(&profile)).then(|| self.taken_back(&profile)).transpose()?;
        self.registry().remove(&profile)?;
        Ok(revoked)
    }

    /// The profile, which nobody renews meanwhile, if it may be changed at all.
    fn in_turn(&self, id: &SecretKey) -> Result<(Turn<'_>, Profile), OauthError> {
        let turn = self.view.turn(id, TURN)?;
        let profile = self.registry().get(id)?;
        self.view.check_writes(&profile.owner)?;
        Ok((turn, profile))
    }

    fn taken_back(&self, profile: &Profile) -> Result<usize, OauthError> {
        let http = (self.connect)(&profile.oauth("revoked")?.endpoints.private_hosts);
        revoke(self.view, self.protection, &*http, profile)
    }

    fn registry(&self) -> Registry<'_> {
        Registry::new(self.view)
    }
}

/// Revokes the refresh token and then the access token of a profile, as far as they are there; how many.
fn revoke(
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
