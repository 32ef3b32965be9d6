//! Requests for tokens and their answers, over the `oauth2` crate and our own HTTP. Knows no vault.

use std::fmt;
use std::time::Duration;

use oauth2::basic::{
    BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
};
use oauth2::http::StatusCode;
use oauth2::{
    AccessToken, AuthType, AuthUrl, ClientId, ClientSecret, DeviceAuthorizationUrl,
    EndpointMaybeSet, EndpointNotSet, ErrorResponse, ErrorResponseType, RedirectUrl, RefreshToken,
    RequestTokenError, RevocationUrl, Scope, StandardErrorResponse, StandardRevocableToken,
    TokenResponse, TokenType, TokenUrl,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::endpoint::Endpoint;
use super::error::OauthError;
use super::profile::{ClientAuth, Endpoints};
use crate::service::http::{Http, HttpError, HttpRequest, HttpResponse};
use crate::vault::SensitiveBytes;

/// The longest life that is believed, in seconds: a hundred years.
const LONGEST: u64 = 100 * 366 * 24 * 3600;

/// The longest list of scopes that is kept, in bytes: half of what a record holds.
const MAX_SCOPES: usize = 4096;

/// Tokens as they came.
pub struct Tokens {
    /// The access token.
    pub access: SensitiveBytes,
    /// The refresh token, if there is one.
    pub refresh: Option<SensitiveBytes>,
    /// The id token, if there is one.
    pub id_token: Option<SensitiveBytes>,
    /// How long the access token lives, in seconds.
    pub lives: Option<i64>,
    /// What was granted, if the answer says so.
    pub scopes: Option<Vec<String>>,
}

/// An answer with tokens (RFC 6749, section 5.1). Read generously: whatever form the rest of it has, it must
/// not cost a refresh token that cannot be had again.
#[derive(Serialize, Deserialize)]
pub(super) struct Answer {
    access_token: AccessToken,
    #[serde(skip)]
    token_type: Kind,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    refresh_token: Option<RefreshToken>,
    #[serde(default, deserialize_with = "scopes")]
    scope: Option<Vec<Scope>>,
    id_token: Option<String>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer")
    }
}

impl TokenResponse for Answer {
    type TokenType = Kind;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &Kind {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.scope.as_ref()
    }
}

/// Whatever the type of a token is: all are sent as bearers.
#[derive(Clone, Default, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kind;

impl TokenType for Kind {}

/// Seconds, also in quotes; a life that is negative is over. Anything else says nothing.
fn seconds<'de, D: Deserializer<'de>>(told: D) -> Result<Option<u64>, D::Error> {
    let number = match Value::deserialize(told)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    // Rounds down, and ends at what a u64 can hold.
    Ok(number.map(|seconds| seconds as u64))
}

/// Scopes with spaces or commas between them, or as a list. More than could be kept, or letters that no scope
/// has (RFC 6749, section 3.3), say nothing.
fn scopes<'de, D: Deserializer<'de>>(told: D) -> Result<Option<Vec<Scope>>, D::Error> {
    let texts = match Value::deserialize(told)? {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => return Ok(None),
    };
    let all: Vec<&str> = texts.iter().flat_map(|text| text.split([' ', ','])).collect();
    let letter = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    let sound = all.iter().all(|scope| scope.bytes().all(letter));
    let length: usize = all.iter().map(|scope| scope.len() + 3).sum();
    let all = all.into_iter().filter(|scope| !scope.is_empty());
    Ok((sound && length <= MAX_SCOPES)
        .then(|| all.map(|scope| Scope::new(scope.to_owned())).collect()))
}

type Failure = StandardErrorResponse<BasicErrorResponseType>;

/// The crate's client; each address is looked for when it is needed.
pub(super) type Client<D = EndpointNotSet> = oauth2::Client<
    Failure,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointMaybeSet,
    D,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Who asks.
pub struct Asker<'a> {
    /// The client's id.
    pub client_id: &'a str,
    /// Its secret.
    pub client_secret: Option<&'a SensitiveBytes>,
    /// How both are sent.
    pub auth: ClientAuth,
}

impl Asker<'_> {
    /// A client for these addresses, which come back to `redirect`.
    pub(super) fn client(
        &self,
        at: &Endpoints,
        redirect: Option<&str>,
    ) -> Result<Client, OauthError> {
        let text = |endpoint: &Option<Endpoint>| endpoint.as_ref().map(|e| e.as_str().to_owned());
        // Endpoints are URLs already.
        let wrong = |_| OauthError::Malformed("an address of the provider is no URL");
        let authorization = text(&at.authorization).map(AuthUrl::new).transpose().map_err(wrong)?;
        let token = text(&at.token).map(TokenUrl::new).transpose().map_err(wrong)?;
        let revocation = at.revocation.as_ref().map(|at| {
            // The crate revokes by https alone, also on this machine: whoever sends puts the address right.
            let mut url = at.url().clone();
            let _ = url.set_scheme("https");
            RevocationUrl::from_url(url)
        });
        let auth = match self.auth {
            ClientAuth::Body => AuthType::RequestBody,
            ClientAuth::Basic => AuthType::BasicAuth,
        };
        let client = oauth2::Client::new(ClientId::new(self.client_id.to_owned()))
            .set_auth_uri_option(authorization)
            .set_token_uri_option(token)
            .set_revocation_url_option(revocation)
            .set_auth_type(auth);
        let secret = self.client_secret.and_then(|secret| secret.with_str(str::to_owned));
        let client = match secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret)),
            None => client,
        };
        Ok(match redirect {
            Some(redirect) => {
                client.set_redirect_uri(RedirectUrl::new(redirect.to_owned()).map_err(wrong)?)
            }
            None => client,
        })
    }
}

/// The same client with the address where devices ask.
pub(super) fn for_devices(
    client: Client,
    at: &Endpoint,
) -> Result<Client<oauth2::EndpointSet>, OauthError> {
    let url = DeviceAuthorizationUrl::new(at.as_str().to_owned());
    let url = url.map_err(|_| OauthError::Malformed("an address of the provider is no URL"))?;
    Ok(client.set_device_authorization_url(url))
}

/// Sends a request and evens out what providers do beside the standard. Statuses that pass are failures,
/// so that whoever polls asks again.
pub(super) fn exchange(http: &dyn Http, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
    let mut answer = http.send(request).map_err(Unanswered::Http)?;
    let status = answer.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        let retry_after = answer.headers().get("retry-after").and_then(|text| text.to_str().ok());
        let retry_after = retry_after.and_then(|seconds| seconds.parse().ok());
        return Err(Unanswered::Status { status: status.as_u16(), retry_after });
    }
    // GitHub and Slack tell failures under status 200, others in 4xx that are not 400.
    if status.is_success() && fails(answer.body()) {
        *answer.status_mut() = StatusCode::BAD_REQUEST;
    } else if status.is_success() {
        *answer.status_mut() = StatusCode::OK;
    }
    Ok(answer)
}

/// Whether an answer tells a failure: it names an error and no token.
fn fails(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Told {
        error: Option<serde::de::IgnoredAny>,
        access_token: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_slice::<Told>(body)
        .is_ok_and(|told| told.error.is_some() && told.access_token.is_none())
}

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unanswered {
    #[error("{0}")]
    Http(HttpError),
    #[error("the address of the provider cannot be asked")]
    Address,
    #[error("status {status}")]
    Status { status: u16, retry_after: Option<u32> },
}

impl From<Unanswered> for OauthError {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Http(HttpError::Cancelled) => Self::Cancelled,
            Unanswered::Http(error) => Self::Http(error),
            Unanswered::Address => Self::Malformed("an address of the provider is no URL"),
            Unanswered::Status { status, retry_after } => Self::Failing { status, retry_after },
        }
    }
}

/// What a request for tokens failed with.
pub(super) fn failed<T>(
    error: RequestTokenError<Unanswered, StandardErrorResponse<T>>,
) -> OauthError
where
    T: ErrorResponseType + fmt::Display,
    StandardErrorResponse<T>: ErrorResponse,
{
    match error {
        RequestTokenError::ServerResponse(told) => {
            let code = told.error().to_string();
            match code.as_str() {
                // The latter is Microsoft's word.
                "access_denied" | "authorization_declined" => OauthError::Denied,
                "expired_token" => OauthError::CodeExpired,
                _ => OauthError::rejected(&code, told.error_description().map(String::as_str)),
            }
        }
        RequestTokenError::Request(unanswered) => unanswered.into(),
        RequestTokenError::Parse(..) => OauthError::Malformed("it is not the JSON of RFC 6749"),
        RequestTokenError::Other(_) => OauthError::Malformed("it is empty or no JSON"),
    }
}

/// Takes the tokens out of an answer.
pub(super) fn tokens(answer: Answer) -> Result<Tokens, OauthError> {
    let taken = |text: &String| SensitiveBytes::copy_of(text.as_bytes());
    let access = answer.access_token.secret();
    if !is_token(access) {
        return Err(OauthError::Malformed("its access token is no token"));
    }
    let lives = answer.expires_in.map(|seconds| seconds.min(LONGEST));
    Ok(Tokens {
        access: taken(access),
        refresh: answer
            .refresh_token
            .as_ref()
            .map(|token| taken(token.secret()))
            .filter(|t| !t.is_empty()),
        id_token: answer.id_token.as_ref().map(taken).filter(|t| !t.is_empty()),
        lives: lives.and_then(|seconds| i64::try_from(seconds).ok()),
        scopes: answer.scope.map(|all| all.iter().map(|scope| scope.to_string()).collect()),
    })
}

/// Whether it can stand in a header: visible ASCII without spaces (RFC 6750, section 2.1, and generous).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// An access token in the form of the crate.
pub(super) fn lent(token: &SensitiveBytes) -> Result<String, OauthError> {
    token.with_str(str::to_owned).ok_or(OauthError::Malformed("the token in the vault is no text"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
