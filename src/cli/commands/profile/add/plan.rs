//! What is known before anybody signs in: from the arguments, the provider and a former profile. Asks
//! nobody.

use super::Add;
use crate::cli::error::CliError;
use crate::cli::session::{Opened, paths};
use crate::service::http::Http;
use crate::service::oauth::{
    self, Cancel, Endpoint, Endpoints, New, Oauth, OauthError, OauthSide, Profile, Provider,
    Registry, World,
};
use crate::text::visible;
use crate::vault::{Scope, SecretKey, SecretRef, SystemClock, SystemRandom, VaultError};

/// What is to be signed in for, put together from the arguments, the provider and a former profile.
pub(super) struct Plan {
    pub(super) provider: Provider,
    pub(super) side: Option<OauthSide>,
    pub(super) endpoints: Endpoints,
    pub(super) owner: Scope,
    pub(super) former: Option<Profile>,
    /// Where the client's secret lies, if the kept one is to be used.
    pub(super) kept_secret: Option<SecretRef>,
}

impl Add {
    /// Puts together what is known, and refuses what could not be kept.
    pub(super) fn plan(&self, opened: &Opened<'_>) -> Result<Plan, CliError> {
        let registry = Registry::new(&opened.view);
        let former = self.again.then(|| registry.get(&self.id)).transpose()?;
        if let Some(former) = &former {
            self.check_same(former)?;
        }
        let owner = match &former {
            Some(former) => former.owner.clone(),
            None => self.owner.parse()?,
        };
        opened.check_writable(&owner)?;
        match &former {
            None => registry.check_new(&self.id, &owner)?,
            // Asked for before anybody signs in: tokens that came must not wait for a passphrase.
            Some(former) => {
                if let Some(name) = registry.protected(former)? {
                    opened.protection_key(VaultError::Protected { name })?;
                }
            }
        }
        let named = match (&former, &self.provider, &self.issuer) {
            (Some(former), _, _) => former.body.provider.clone(),
            (None, Some(name), _) => name.clone(),
            (None, None, Some(_)) => "oidc".to_owned(),
            (None, None, None) => {
                let help = "name one of 'tresor profile providers', or an --issuer";
                return Err(CliError::invalid("which provider?", help));
            }
        };
        let provider = oauth::find(&named, Some(&paths()?.providers()))?;
        let known = provider.endpoints();
        if former.is_none() && self.issuer.is_some() && known.issuer.or(known.token).is_some() {
            let message = format!("the addresses of '{}' are known", visible(&named));
            return Err(CliError::invalid(message, "name a --provider or an --issuer"));
        }
        let kept = former.as_ref().and_then(|former| former.oauth("signed in").ok());
        let mut known = kept.map_or_else(|| provider.endpoints(), |oauth| oauth.endpoints.clone());
        // A profile may be older than what is known of its provider's port.
        known.redirect_port = known.redirect_port.or(provider.endpoints().redirect_port);
        let endpoints = self.endpoints(known)?;
        let kept_secret = kept.map(|kept| self.kept_secret(kept, &endpoints)).transpose()?;
        let kept_secret = kept_secret.flatten();
        let side = provider.oauth.clone();
        Ok(Plan { provider, side, endpoints, owner, former, kept_secret })
    }

    /// Refuses another party than the profile's own: what is kept of one is not for another.
    fn check_same(&self, former: &Profile) -> Result<(), CliError> {
        let (id, own) = (&self.id, &former.body.provider);
        let refuse = |why: String| {
            let help = format!(
                "leave it out, or remove the profile ('tresor profile remove {id}') and sign in anew"
            );
            Err(CliError::invalid(format!("'{id}' {why}"), help))
        };
        if self.provider.as_ref().is_some_and(|named| named != own) {
            return refuse(format!("is of the provider '{}'", visible(own)));
        }
        let Some(issuer) = &self.issuer else { return Ok(()) };
        let issuer: Endpoint = issuer.parse()?;
        let own = former.oauth("signed in").ok();
        match own.and_then(|oauth| oauth.endpoints.issuer.as_ref()) {
            Some(own) if *own == issuer => Ok(()),
            Some(own) => refuse(format!("is of the issuer {}", visible(own.as_str()))),
            None => refuse("is of no issuer".to_owned()),
        }
    }

    /// The client's secret that is kept, if it is still this client's. It goes to no host that it did not go
    /// to before: whoever means that gives it anew.
    fn kept_secret(&self, kept: &Oauth, now: &Endpoints) -> Result<Option<SecretRef>, CliError> {
        let client_id = self.client_id.as_ref().unwrap_or(&kept.client.id);
        let Some(secret) = kept.secret_of(client_id).filter(|_| !self.client_secret_stdin) else {
            return Ok(None);
        };
        let origins = |at: &Endpoints| -> Vec<String> {
            let gets_it = [&at.token, &at.device_authorization, &at.revocation];
            gets_it.into_iter().flatten().map(Endpoint::origin).collect()
        };
        let before = origins(&kept.endpoints);
        if origins(now).iter().any(|at| !before.contains(at)) {
            return Err(CliError::invalid(
                "the kept secret of the client is not sent to another host",
                "give it again (--client-secret-stdin) if that is meant, or remove the profile and sign in anew",
            ));
        }
        Ok(Some(secret.clone()))
    }

    /// The provider's addresses, with those that were named in their place.
    fn endpoints(&self, known: Endpoints) -> Result<Endpoints, OauthError> {
        let named = |text: &Option<String>, known: Option<Endpoint>| match text {
            Some(text) => text.parse().map(Some),
            None => Ok(known),
        };
        let mut private_hosts = known.private_hosts;
        private_hosts.extend(self.private_hosts.iter().cloned());
        private_hosts.dedup();
        Ok(Endpoints {
            issuer: named(&self.issuer, known.issuer)?,
            device_authorization: named(&self.device_url, known.device_authorization)?,
            authorization: named(&self.authorization_url, known.authorization)?,
            token: named(&self.token_url, known.token)?,
            revocation: named(&self.revocation_url, known.revocation)?,
            redirect_port: self.redirect_port.or(known.redirect_port),
            private_hosts,
            ..known
        })
    }
}

impl Plan {
    pub(super) fn world<'a>(
        &self,
        opened: &'a Opened<'_>,
        http: &'a dyn Http,
        cancel: &'a Cancel,
    ) -> World<'a> {
        World {
            view: &opened.view,
            protection: opened.known_protection(),
            http,
            random: &SystemRandom,
            clock: &SystemClock,
            cancel,
        }
    }

    pub(super) fn kept_as<'a>(&'a self, id: &SecretKey) -> New<'a> {
        New {
            id: id.clone(),
            owner: self.owner.clone(),
            provider: &self.provider.id,
            name: &self.provider.name,
            former: self.former.as_ref(),
        }
    }

    /// Where the user makes a client of their own.
    pub(super) fn lacks_client(&self) -> OauthError {
        let side = self.side.as_ref();
        let page = side.and_then(|side| side.register.as_deref()).unwrap_or("the provider");
        let hint = side.and_then(|side| side.register_hint.as_deref()).unwrap_or_default();
        let help = format!("make one at {page} and name it with --client-id. {hint}");
        let help = visible(help.trim_end()).into_owned();
        OauthError::Incomplete { what: "a client id of your own is needed", help }
    }
}
