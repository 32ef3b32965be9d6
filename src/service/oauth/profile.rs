//! What a profile is: which provider, whose, and by what names its tokens lie in the vault. It holds no
//! token itself. Its body is JSON in a record of the vault.

use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

use super::endpoint::Endpoint;
use super::error::OauthError;
use crate::vault::{Record, Scope, SecretKey, SecretRef, Timestamp};

/// The longest id: room for the longest ending of a key.
pub const MAX_ID: usize = 100;

/// A profile as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// What it is called by; unique in a vault.
    pub id: SecretKey,
    /// Who sees it, and where its tokens lie.
    pub owner: Scope,
    /// Its revision, counted from 1; 0 for one that is not kept yet.
    pub revision: u64,
    /// All else.
    pub body: Body,
}

/// What is kept of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The provider's id.
    pub provider: String,
    /// The provider's name, as people write it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it hands out.
    pub credential: Credential,
}

/// What a profile hands out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Credential {
    /// A key that stays as it is.
    ApiKey {
        /// Where it lies.
        key: SecretRef,
    },
    /// Tokens that are renewed.
    Oauth(Box<Oauth>),
}

/// What is known of tokens beside themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oauth {
    /// How it was signed in.
    pub flow: Flow,
    /// Where the access token lies.
    pub access: SecretRef,
    /// Where the refresh token lies, if there is one.
    pub refresh: Option<SecretRef>,
    /// Where the id token lies, if there is one.
    pub id_token: Option<SecretRef>,
    /// Who we are to the provider.
    pub client: ClientDetails,
    /// Where the provider is asked.
    pub endpoints: Endpoints,
    /// What may be done with the access token.
    pub scopes: Vec<String>,
    /// When the access token ends; `None` for one that does not say.
    pub expires_at: Option<Timestamp>,
    /// How refreshing goes.
    #[serde(default)]
    pub state: RefreshState,
}

/// Who we are to a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientDetails {
    /// The client's id.
    pub id: String,
    /// Where its secret lies, if it has one.
    pub secret: Option<SecretRef>,
    /// How both are sent.
    pub auth: ClientAuth,
}

/// How the client's id and secret are sent (RFC 6749, section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// In the body of the request.
    #[default]
    Body,
    /// In the header `Authorization`.
    Basic,
}

/// The addresses of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Endpoints {
    /// Who signs and is discovered.
    pub issuer: Option<Endpoint>,
    /// Where a device asks for its code.
    pub device_authorization: Option<Endpoint>,
    /// Where a browser is sent.
    pub authorization: Option<Endpoint>,
    /// Where tokens come from.
    pub token: Option<Endpoint>,
    /// Where tokens are revoked.
    pub revocation: Option<Endpoint>,
    /// Whether whatever a browser brings back names the issuer (RFC 9207, section 3).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub names_issuer: bool,
    /// The port of this machine that a browser comes back to, where the provider has to know it beforehand;
    /// else it is any that is free (RFC 8252, section 7.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_port: Option<NonZeroU16>,
    /// Where an access token says whose it is, found anew at each discovery (OpenID Connect Core, section 5.3).
    #[serde(skip)]
    pub userinfo: Option<Endpoint>,
    /// Hosts that may lie inside a network, by name.
    #[serde(default)]
    pub private_hosts: Vec<String>,
}

/// The ways to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// A code to enter on any device (RFC 8628).
    Device,
    /// The browser of this machine (RFC 8252).
    Browser,
    /// A browser elsewhere, whose last address is pasted here.
    Paste,
    /// No person at all (RFC 6749, section 4.4).
    ClientCredentials,
    /// A plain key.
    ApiKey,
}

impl Flow {
    /// All, with their words.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Device, "device"),
        (Self::Browser, "browser"),
        (Self::Paste, "paste"),
        (Self::ClientCredentials, "client_credentials"),
        (Self::ApiKey, "api_key"),
    ];

    /// Its stable word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(flow, _)| *flow == self).map_or("", |(_, word)| word)
    }
}

/// How refreshing went.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RefreshState {
    /// When tokens last came.
    pub refreshed_at: Option<Timestamp>,
    /// How often in a row it failed, and the refresh token may still be good.
    #[serde(default)]
    pub failures: u32,
    /// Before then the provider is left alone.
    pub not_before: Option<Timestamp>,
    /// The provider works and refused this profile: others ask it all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// The provider does not take the refresh token any more.
    #[serde(default)]
    pub rejected: bool,
    /// The tokens were taken back: one that is restored is no good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
}

impl Oauth {
    /// Where the secret of that client lies: a kept one is that of the client it was given for.
    pub fn secret_of(&self, client_id: &str) -> Option<&SecretRef> {
        self.client.secret.as_ref().filter(|_| self.client.id == client_id)
    }
}

/// The names of what a profile keeps: its id with an ending.
pub fn name_of(owner: &Scope, id: &SecretKey, ending: &str) -> Result<SecretRef, OauthError> {
    if id.as_str().len() > MAX_ID {
        let what = "the id of a profile has at most 100 letters";
        return Err(OauthError::Incomplete { what, help: "choose a shorter one".into() });
    }
    let key: SecretKey = format!("{id}.{ending}").parse()?;
    Ok(SecretRef { scope: owner.clone(), key })
}

impl Profile {
    /// Reads a record.
    ///
    /// # Errors
    ///
    /// `Unreadable` for one of a later version.
    pub fn read(record: Record) -> Result<Self, OauthError> {
        let Record { id, owner, revision, body } = record;
        match serde_json::from_slice(&body) {
            Ok(body) => Ok(Self { id, owner, revision, body }),
            Err(_) => Err(OauthError::Unreadable { id }),
        }
    }

    /// Its tokens' side, or why it has none.
    pub fn oauth(&self, what: &'static str) -> Result<&Oauth, OauthError> {
        match &self.body.credential {
            Credential::Oauth(oauth) => Ok(oauth),
            Credential::ApiKey { .. } => Err(OauthError::Static { id: self.id.clone(), what }),
        }
    }

    /// What it hands out: the access token, or the key.
    pub fn handed_out(&self) -> &SecretRef {
        match &self.body.credential {
            Credential::ApiKey { key } => key,
            Credential::Oauth(oauth) => &oauth.access,
        }
    }

    /// All secrets it names.
    pub fn secrets(&self) -> Vec<&SecretRef> {
        match &self.body.credential {
            Credential::ApiKey { key } => vec![key],
            Credential::Oauth(oauth) => {
                let others = [&oauth.refresh, &oauth.id_token, &oauth.client.secret];
                std::iter::once(&oauth.access)
                    .chain(others.into_iter().filter_map(Option::as_ref))
                    .collect()
            }
        }
    }

    /// The way it was signed in.
    pub fn flow(&self) -> Flow {
        match &self.body.credential {
            Credential::ApiKey { .. } => Flow::ApiKey,
            Credential::Oauth(oauth) => oauth.flow,
        }
    }

    /// When what it hands out ends.
    pub fn expires_at(&self) -> Option<Timestamp> {
        match &self.body.credential {
            Credential::ApiKey { .. } => None,
            Credential::Oauth(oauth) => oauth.expires_at,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_kept_before_read_and_write_as_they_did() {
        let text = r#"{"issuer":"https://op.example/","device_authorization":null,"authorization":null,"token":"https://op.example/t","revocation":null,"private_hosts":[]}"#;
        let kept: Endpoints = serde_json::from_str(text).unwrap();
        assert!(!kept.names_issuer && kept.redirect_port.is_none());
        assert_eq!(serde_json::to_string(&kept).unwrap(), text);
        let more = Endpoints { names_issuer: true, redirect_port: NonZeroU16::new(28917), ..kept };
        let text = serde_json::to_string(&more).unwrap();
        assert_eq!(serde_json::from_str::<Endpoints>(&text).unwrap(), more);
    }
}
