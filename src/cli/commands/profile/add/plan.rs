//! What is known before anybody signs in: from the arguments, the provider and a former profile. Asks
//! nobody.

use super::Add;
use crate::cli::error::CliError;
use crate::cli::session::{Opened, paths};
use crate::service::http::Http;
use crate::service::oauth::{
    self, Cancel, Credential, Endpoint, Endpoints, New, OauthError, OauthSide, Profile, Provider,
    Registry, World,
};
use crate::vault::{Scope, SecretKey, SystemClock, SystemRandom, VaultError};

/// What is to be signed in for, put together from the arguments, the provider and a former profile.
pub(super) struct Plan {
    pub(super) provider: Provider,
    pub(super) side: Option<OauthSide>,
    pub(super) endpoints: Endpoints,
    pub(super) owner: Scope,
    pub(super) former: Option<Profile>,
}

impl Add {
    /// Puts together what is known, and refuses what could not be kept.
    pub(super) fn plan(&self, opened: &Opened<'_>) -> Result<Plan, CliError> {
        let registry = Registry::new(&opened.view);
        let former = self.again.then(|| registry.get(&self.id)).transpose()?;
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
        let named = match (&self.provider, &self.issuer, &former) {
            (Some(name), _, _) => name.clone(),
            (None, Some(_), _) => "oidc".to_owned(),
            (None, None, Some(former)) => former.body.provider.clone(),
            (None, None, None) => {
                let help = "name one of 'tresor profile providers', or an --issuer";
                return Err(CliError::invalid("which provider?", help));
            }
        };
        let provider = oauth::find(&named, Some(&paths()?.providers()))?;
        let known = match former.as_ref().map(|former| &former.body.credential) {
            // Another issuer has other addresses.
            Some(Credential::Oauth(oauth)) if self.issuer.is_none() => oauth.endpoints.clone(),
            _ => provider.endpoints(),
        };
        let endpoints = self.endpoints(known)?;
        let side = provider.oauth.clone();
        Ok(Plan { provider, side, endpoints, owner, former })
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
        let help = crate::text::visible(help.trim_end()).into_owned();
        OauthError::Incomplete { what: "a client id of your own is needed", help }
    }
}
