//! The ways to get first tokens: by a code on any device, by a browser, by a pasted address, by the
//! client alone. Knows no vault and no terminal: what a person has to see or give goes through a trait.

pub(super) mod device;
mod handle;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth2::url::Url;
use oauth2::{AuthorizationCode, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope};

use super::callback::Callback;
use super::error::OauthError;
use super::loopback::{self, Loopback};
use super::profile::{Endpoints, Flow};
use super::registry::Place;
use super::wire::{self, Asker, Client, Tokens};
use crate::service::http::{Http, is_loopback_host};
use crate::vault::{Random, SensitiveBytes, Timestamp, VaultError};
pub use handle::{Cancel, Handle, Held, Where};

/// How long a browser may take to come back.
pub(super) const BROWSER_TIME: Duration = Duration::from_secs(10 * 60);
/// How often it is looked for what was pasted.
const TICK: Duration = Duration::from_millis(50);

/// Something a person has to see, or that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A code to enter on that page.
    Device {
        /// The code, as the provider writes it; safe to show.
        user_code: String,
        /// The page.
        verification_uri: String,
        /// The page with the code in it, if there is one.
        verification_uri_complete: Option<String>,
        /// How long the code lives, in seconds.
        lives: u64,
    },
    /// A page to open; with `listening` this machine waits for the browser itself.
    Browser {
        /// The page.
        url: String,
        /// Whether the browser of this machine will do.
        listening: bool,
    },
    /// The provider was asked so many times.
    Asked(u32),
    /// What was pasted was not it; it can be pasted again.
    NotThat(String),
    /// The provider gave it; it waits for a place.
    Granted(Granted),
    /// It cannot be kept there, and why.
    NotThere(String),
}

/// What the provider gave, without the tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// How long the access token lives, in seconds, if that is known.
    pub lives: Option<i64>,
    /// Whether it can be renewed.
    pub renews: bool,
    /// What came of trying it.
    pub tried: Tried,
}

/// What came of trying a key or token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// It works.
    Works,
    /// Nobody asked for it, or nobody knows how.
    Not,
    /// It does not, or that could not be found out, and why; safe to show.
    Failed(String),
}

/// Who signs in.
pub trait Person {
    /// Shows a step.
    fn show(&mut self, step: Step);

    /// The address that was pasted, if one was; may wait for it.
    ///
    /// # Errors
    ///
    /// What ends the sign-in.
    fn pasted(&mut self) -> Result<Option<SensitiveBytes>, OauthError>;

    /// Whether there may be another try after a paste that was wrong.
    fn tries_again(&self) -> bool {
        false
    }

    /// What was asked for came; from now on it is not to be lost.
    fn came(&mut self) {}

    /// Where what came is kept; `None` where it was asked for. Is asked again after a place that would not
    /// do, with the reason.
    ///
    /// # Errors
    ///
    /// The reason, from whoever knows no other place; `Cancelled`, which throws away what came.
    fn place(
        &mut self,
        _granted: &Granted,
        refused: Option<OauthError>,
    ) -> Result<Option<Place>, OauthError> {
        refused.map_or(Ok(None), Err)
    }
}

/// What is asked for, and how.
pub struct SignIn<'a> {
    /// The way.
    pub flow: Flow,
    /// The provider's addresses.
    pub endpoints: &'a Endpoints,
    /// Who asks.
    pub asker: Asker<'a>,
    /// What is asked for.
    pub scopes: &'a [String],
    /// What stands between scopes at this provider.
    pub separator: &'a str,
    /// Further parameters of the authorization request.
    pub parameters: &'a BTreeMap<String, String>,
    /// Whether PKCE is used.
    pub pkce: bool,
    /// What this machine is called in redirects.
    pub redirect_host: &'a str,
}

/// Gets first tokens.
///
/// # Errors
///
/// What the provider or the person says, and `Cancelled`.
pub fn sign_in(
    http: &dyn Http,
    random: &dyn Random,
    asked: &SignIn<'_>,
    cancel: &Cancel,
    person: &mut dyn Person,
) -> Result<Tokens, OauthError> {
    match asked.flow {
        Flow::Device => device::sign_in(http, asked, cancel, person),
        Flow::Browser | Flow::Paste => by_browser(http, random, asked, cancel, person),
        Flow::ClientCredentials => by_itself(http, asked),
        Flow::ApiKey => Err(OauthError::Incomplete {
            what: "a plain key is given, not signed in for",
            help: String::new(),
        }),
    }
}

/// The client alone (RFC 6749, section 4.4).
pub(super) fn by_itself(http: &dyn Http, asked: &SignIn<'_>) -> Result<Tokens, OauthError> {
    let client = asked.asker.client(asked.endpoints, None)?;
    let request = client.exchange_client_credentials().map_err(|_| lacks("token"))?;
    let request = match asked.joined() {
        Some(scopes) => request.add_extra_param("scope", scopes),
        None => request,
    };
    let answer = request.request(&|request| wire::exchange(http, request));
    wire::tokens(answer.map_err(wire::failed)?)
}

/// A browser here or elsewhere (RFC 6749, section 4.1, with RFC 7636 and RFC 8252).
fn by_browser(
    http: &dyn Http,
    random: &dyn Random,
    asked: &SignIn<'_>,
    cancel: &Cancel,
    person: &mut dyn Person,
) -> Result<Tokens, OauthError> {
    let (host, port) = (asked.redirect_host, asked.endpoints.redirect_port);
    // For a browser elsewhere nobody listens here: the address it ends at is pasted.
    let listens = asked.flow == Flow::Browser;
    let (loopback, redirect) = match port.filter(|_| !listens) {
        Some(port) => (None, loopback::redirect(&format!("{host}:{port}"))),
        None => {
            let loopback = Loopback::open(host, port)?;
            let redirect = loopback.redirect();
            (listens.then_some(loopback), redirect)
        }
    };
    let client = asked.asker.client(asked.endpoints, Some(&redirect))?;
    let (state, verifier) = (unguessable(random)?, unguessable(random)?);
    let url = asked.page(&client, &state, &verifier)?;
    person.show(Step::Browser { url: url.into(), listening: listens });
    let issuer = asked.endpoints.issuer.as_ref();
    let issuer = issuer.map(|issuer| issuer.as_str().trim_end_matches('/').to_owned());
    let (state, names_issuer) = (SensitiveBytes::from_string(state), asked.endpoints.names_issuer);
    let callback = Callback { state, issuer, names_issuer };
    let code = match loopback {
        Some(loopback) => {
            let until = Instant::now() + BROWSER_TIME;
            loopback.answer(&callback, until, cancel, person)?
        }
        None => pasted(&callback, cancel, person)?,
    };
    let code = AuthorizationCode::new(wire::lent(&code)?);
    let request = client.exchange_code(code).map_err(|_| lacks("token"))?;
    let request = match asked.pkce {
        true => request.set_pkce_verifier(PkceCodeVerifier::new(verifier)),
        false => request,
    };
    let answer = request.request(&|request| wire::exchange(http, request));
    wire::tokens(answer.map_err(wire::failed)?)
}

/// The code in the address that a person pastes.
fn pasted(
    callback: &Callback,
    cancel: &Cancel,
    person: &mut dyn Person,
) -> Result<SensitiveBytes, OauthError> {
    let until = Instant::now() + BROWSER_TIME;
    loop {
        if let Some(code) = look_for_paste(callback, person)? {
            return Ok(code);
        }
        if cancel.is_set() {
            return Err(OauthError::Cancelled);
        }
        if Instant::now() >= until {
            return Err(OauthError::CodeExpired);
        }
        cancel.wait(TICK);
    }
}

/// The code in what was pasted, if something was and it is right, or the last try.
pub(super) fn look_for_paste(
    callback: &Callback,
    person: &mut dyn Person,
) -> Result<Option<SensitiveBytes>, OauthError> {
    let Some(address) = person.pasted()? else { return Ok(None) };
    let code = address.with_str(|text| callback.code(text));
    match code.unwrap_or(Err(OauthError::Foreign("it is no text"))) {
        Ok(code) => Ok(Some(code)),
        Err(error @ OauthError::Foreign(_)) if person.tries_again() => {
            person.show(Step::NotThat(error.to_string()));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

impl SignIn<'_> {
    /// What is asked for, in one text.
    fn joined(&self) -> Option<String> {
        (!self.scopes.is_empty()).then(|| self.scopes.join(self.separator))
    }

    /// The scopes in the form of the crate.
    fn scopes(&self) -> impl Iterator<Item = Scope> + '_ {
        self.scopes.iter().map(|scope| Scope::new(scope.clone()))
    }

    /// The page a person allows it on.
    fn page(&self, client: &Client, state: &str, verifier: &str) -> Result<Url, OauthError> {
        let state = state.to_owned();
        let request = client.authorize_url(|| CsrfToken::new(state));
        let mut request = request.map_err(|_| lacks("authorization"))?;
        for (name, value) in self.parameters {
            request = request.add_extra_param(name.as_str(), value.as_str());
        }
        if let Some(scopes) = self.joined() {
            request = request.add_extra_param("scope", scopes);
        }
        // OpenID Connect Core, section 11: access while nobody is there has to be agreed to each time.
        let offline = self.scopes.iter().any(|scope| scope == "offline_access");
        if offline && self.endpoints.issuer.is_some() && !self.parameters.contains_key("prompt") {
            request = request.add_extra_param("prompt", "consent");
        }
        if self.pkce {
            request = request.set_pkce_challenge(challenge(verifier));
        }
        Ok(request.url().0)
    }
}

/// The challenge of a verifier (RFC 7636, section 4.2, S256).
fn challenge(verifier: &str) -> PkceCodeChallenge {
    PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.to_owned()))
}

/// 32 random bytes as 43 letters: a state, or a verifier (RFC 7636, section 4.1).
fn unguessable(random: &dyn Random) -> Result<String, OauthError> {
    let mut bytes = zeroize::Zeroizing::new([0; 32]);
    random.fill(&mut *bytes).map_err(|_| VaultError::NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(*bytes))
}

/// The provider has no such address.
pub(super) fn lacks(what: &'static str) -> OauthError {
    let what = match what {
        "token" => "the provider has no address for tokens",
        "authorization" => "the provider has no page to sign in on",
        _ => "the provider has no device flow",
    };
    let help = "name it, or an --issuer that does; 'tresor profile add --help'".into();
    OauthError::Incomplete { what, help }
}

/// A page that a person may be sent to: of the web, or of this machine. What is shown and opened is the
/// address that was looked at, not a text that somebody else may read in another way.
fn page(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let may = match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => true,
        ("http", Some(host)) => is_loopback_host(host),
        _ => false,
    };
    may.then(|| url.into())
}

/// A code as it can be read aloud: `W D J B - M J H T`.
pub fn spaced(code: &str) -> String {
    let letters = code.chars().filter(|letter| !letter.is_whitespace()).map(String::from);
    letters.collect::<Vec<_>>().join(" ")
}

/// When something that lives so long ends.
pub fn ends(now: Timestamp, lives: u64) -> Timestamp {
    now.plus(i64::try_from(lives).unwrap_or(i64::MAX))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
