//! Requests for tokens and their answers, over the `oauth2` crate and our own HTTP. Knows no vault.

use std::fmt;

use oauth2::basic::{
    BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
};
use oauth2::http::StatusCode;
use oauth2::{
    AuthType, AuthUrl, ClientId, ClientSecret, DeviceAuthorizationUrl, EndpointMaybeSet,
    EndpointNotSet, ErrorResponse, ErrorResponseType, ExtraTokenFields, RedirectUrl,
    RequestTokenError, RevocationUrl, StandardErrorResponse, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenType, TokenUrl,
};
use serde::{Deserialize, Serialize};

use super::endpoint::Endpoint;
use super::error::OauthError;
use super::profile::{ClientAuth, Endpoints};
use crate::service::http::{Http, HttpError, HttpRequest, HttpResponse};
use crate::vault::SensitiveBytes;

/// The longest life that is believed, in seconds: a hundred years.
const LONGEST: u64 = 100 * 366 * 24 * 3600;

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

/// What answers hold beside what RFC 6749 names.
#[derive(Serialize, Deserialize)]
pub(super) struct Extra {
    id_token: Option<String>,
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Extra")
    }
}

impl ExtraTokenFields for Extra {}

/// Any word for the type of a token: all are sent as bearers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Kind(String);

impl TokenType for Kind {}

type Failure = StandardErrorResponse<BasicErrorResponseType>;
pub(super) type Answer = StandardTokenResponse<Extra, Kind>;

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
    let access = answer.access_token().secret();
    if !is_token(access) {
        return Err(OauthError::Malformed("its access token is no token"));
    }
    let lives = answer.expires_in().map(|time| time.as_secs().min(LONGEST));
    Ok(Tokens {
        access: taken(access),
        refresh: answer
            .refresh_token()
            .map(|token| taken(token.secret()))
            .filter(|t| !t.is_empty()),
        id_token: answer.extra_fields().id_token.as_ref().map(taken).filter(|t| !t.is_empty()),
        lives: lives.and_then(|seconds| i64::try_from(seconds).ok()),
        scopes: answer.scopes().map(|all| all.iter().flat_map(|scope| split(scope)).collect()),
    })
}

/// Scopes, whatever stands between them.
fn split(scopes: &str) -> Vec<String> {
    scopes.split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// Whether it can stand in a header: visible ASCII without spaces (RFC 6750, section 2.1, and generous).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// An access token in the form of the crate.
pub(super) fn lent(token: &SensitiveBytes) -> Result<String, OauthError> {
    token.with_str(str::to_owned).ok_or(OauthError::Malformed("the token in the vault is no text"))
}
