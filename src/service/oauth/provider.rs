//! Providers as data: what is known of each, from its documentation. Speaks to nobody.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::endpoint::Endpoint;
use super::error::OauthError;
use super::profile::{ClientAuth, Endpoints, Flow};
use crate::text::{visible, visible_path};
use crate::vault::SecretKey;

/// The providers that come with the program, by id.
const BUILT_IN: [(&str, &str); 12] = [
    ("github", include_str!("../../../assets/providers/github.toml")),
    ("gitlab", include_str!("../../../assets/providers/gitlab.toml")),
    ("google", include_str!("../../../assets/providers/google.toml")),
    ("microsoft", include_str!("../../../assets/providers/microsoft.toml")),
    ("slack", include_str!("../../../assets/providers/slack.toml")),
    ("discord", include_str!("../../../assets/providers/discord.toml")),
    ("openai", include_str!("../../../assets/providers/openai.toml")),
    ("anthropic", include_str!("../../../assets/providers/anthropic.toml")),
    ("telegram", include_str!("../../../assets/providers/telegram.toml")),
    ("webhook", include_str!("../../../assets/providers/webhook.toml")),
    ("oidc", include_str!("../../../assets/providers/oidc.toml")),
    ("custom", include_str!("../../../assets/providers/custom.toml")),
];
/// The longest file of a user's own provider, in bytes.
const MAX_FILE: u64 = 64 * 1024;

/// What is known of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What it is called by.
    #[serde(skip)]
    pub id: String,
    /// Its name, as people write it.
    pub name: String,
    /// What one gets from it.
    pub about: String,
    /// The pages this was read from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// The day it was read.
    pub checked: Option<String>,
    /// A plain key.
    pub api_key: Option<ApiKey>,
    /// Tokens.
    pub oauth: Option<OauthSide>,
}

/// A plain key of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// Where one is made.
    pub make: Option<String>,
    /// Advice.
    pub hint: Option<String>,
    /// How one is tried.
    pub check: Option<Check>,
}

/// One request that succeeds for a key that works.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Where to; `{key}` stands for the key where it belongs into the path.
    pub url: String,
    /// The header that carries the key.
    pub header: Option<String>,
    /// What stands before it there.
    #[serde(default)]
    pub prefix: String,
    /// Other headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// Tokens of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OauthSide {
    /// Who is discovered.
    pub issuer: Option<Endpoint>,
    /// RFC 8628.
    pub device_authorization: Option<Endpoint>,
    /// RFC 6749.
    pub authorization: Option<Endpoint>,
    /// RFC 6749.
    pub token: Option<Endpoint>,
    /// RFC 7009.
    pub revocation: Option<Endpoint>,
    /// The flows that work there, the best one first.
    pub flows: Vec<Flow>,
    /// Whose client id it takes: `own` is the user's.
    #[serde(default)]
    pub client: Client,
    /// Where a client is registered.
    pub register: Option<String>,
    /// What to choose there.
    pub register_hint: Option<String>,
    /// Whether the client has a secret.
    #[serde(default)]
    pub secret: Need,
    /// How the client's id and secret are sent.
    #[serde(default)]
    pub auth: ClientAuth,
    /// Whether PKCE is known there.
    #[serde(default = "yes")]
    pub pkce: bool,
    /// How this machine is called in redirects.
    #[serde(default = "loopback")]
    pub redirect_host: String,
    /// The port there, for a provider that takes no other one than was registered.
    pub redirect_port: Option<NonZeroU16>,
    /// What stands between scopes.
    #[serde(default = "space")]
    pub scope_separator: String,
    /// What succeeds for an access token that works.
    pub check: Option<Endpoint>,
    /// Further parameters of the authorization request.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// What can be asked for.
    #[serde(default)]
    pub scopes: Vec<ScopeInfo>,
}

/// Whose client is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Client {
    /// The user's own.
    #[default]
    Own,
}

/// Whether something has to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// There is none.
    Never,
    /// It may be given.
    #[default]
    Optional,
    /// It must be given.
    Required,
}

/// Something that can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeInfo {
    /// Its name.
    pub name: String,
    /// What it allows.
    pub about: String,
    /// Whether it is asked for unless somebody says otherwise.
    #[serde(default)]
    pub default: bool,
}

fn yes() -> bool {
    true
}

fn loopback() -> String {
    "127.0.0.1".to_owned()
}

fn space() -> String {
    " ".to_owned()
}

impl Provider {
    /// Reads one.
    ///
    /// # Errors
    ///
    /// `Provider` with the line.
    pub fn parse(id: &str, text: &str) -> Result<Self, OauthError> {
        let wrong = |why: String| OauthError::Provider {
            what: visible(id).into_owned(),
            why: visible(why.trim()).into_owned(),
        };
        id.parse::<SecretKey>().map_err(|error| wrong(error.to_string()))?;
        let mut provider: Self = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        provider.id = id.to_owned();
        provider.check().map_err(|why| wrong(why.to_owned()))?;
        Ok(provider)
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.api_key.is_none() && self.oauth.is_none() {
            return Err("it offers neither keys nor tokens");
        }
        if let Some(check) = self.api_key.as_ref().and_then(|key| key.check.as_ref()) {
            let in_path = check.url.contains("{key}");
            if in_path == check.header.is_some() {
                return Err("a check carries the key either in the path or in a header");
            }
            let with = |key: &str| check.url.replace("{key}", key).parse::<Endpoint>();
            let (Ok(one), Ok(other)) = (with("one"), with("other")) else {
                return Err("the address of its check is none that requests may go to");
            };
            if one.origin() != other.origin() {
                return Err("a check carries the key in the path, not in the name of the host");
            }
        }
        let Some(oauth) = &self.oauth else { return Ok(()) };
        let of_others = |flow: &Flow| matches!(flow, Flow::ApiKey | Flow::Paste);
        if oauth.flows.is_empty() || oauth.flows.iter().any(of_others) {
            return Err("its flows are device, browser or client_credentials");
        }
        match oauth.redirect_host.as_str() {
            "127.0.0.1" | "localhost" => Ok(()),
            _ => Err("redirect_host is 127.0.0.1 or localhost"),
        }
    }

    /// The addresses that are known beforehand.
    pub fn endpoints(&self) -> Endpoints {
        let Some(oauth) = &self.oauth else { return Endpoints::default() };
        Endpoints {
            issuer: oauth.issuer.clone(),
            device_authorization: oauth.device_authorization.clone(),
            authorization: oauth.authorization.clone(),
            token: oauth.token.clone(),
            revocation: oauth.revocation.clone(),
            redirect_port: oauth.redirect_port,
            ..Endpoints::default()
        }
    }

    /// The scopes that are asked for unless somebody says otherwise.
    pub fn default_scopes(&self) -> Vec<String> {
        let scopes = self.oauth.iter().flat_map(|oauth| &oauth.scopes);
        scopes.filter(|scope| scope.default).map(|scope| scope.name.clone()).collect()
    }
}

/// All providers: those that come with the program, and the user's own from a directory, which win.
///
/// # Errors
///
/// The first file that is not understood. A directory that is not there holds none.
pub fn all(own: Option<&Path>) -> Result<Vec<Provider>, OauthError> {
    let mut found: BTreeMap<String, Provider> = BTreeMap::new();
    for (id, text) in BUILT_IN {
        found.insert(id.to_owned(), Provider::parse(id, text)?);
    }
    for (id, path) in own.map(files).transpose()?.unwrap_or_default() {
        found.insert(id.clone(), Provider::parse(&id, &text_of(&path)?)?);
    }
    Ok(found.into_values().collect())
}

/// One of them.
///
/// # Errors
///
/// `NoProvider`, and what is wrong with its file; with that of others nothing is.
pub fn find(id: &str, own: Option<&Path>) -> Result<Provider, OauthError> {
    let own = own.map(files).transpose()?.unwrap_or_default();
    if let Some((id, path)) = own.into_iter().find(|(name, _)| name == id) {
        return Provider::parse(&id, &text_of(&path)?);
    }
    let built_in = BUILT_IN.iter().find(|(name, _)| *name == id);
    let (id, text) = built_in.ok_or_else(|| OauthError::NoProvider(id.to_owned()))?;
    Provider::parse(id, text)
}

/// The files of a directory that end in `.toml`, by what stands before that.
fn files(directory: &Path) -> Result<Vec<(String, PathBuf)>, OauthError> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(wrong(directory, error.to_string())),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| wrong(directory, error.to_string()))?.path();
        let id = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
        let Some(id) = id.filter(|_| path.extension().is_some_and(|end| end == "toml")) else {
            continue;
        };
        found.push((id, path));
    }
    Ok(found)
}

/// What a file says.
fn text_of(path: &Path) -> Result<String, OauthError> {
    let mut text = String::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE + 1).read_to_string(&mut text));
    match read {
        Ok(length) if length as u64 <= MAX_FILE => Ok(text),
        Ok(_) => Err(wrong(path, "it is longer than 64 KiB".to_owned())),
        Err(error) => Err(wrong(path, error.to_string())),
    }
}

fn wrong(path: &Path, why: String) -> OauthError {
    OauthError::Provider { what: visible_path(path), why }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
