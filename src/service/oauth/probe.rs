//! Trying a key or token at its provider: one request that succeeds for one that works.

use oauth2::http::{HeaderName, HeaderValue, Request, StatusCode};

use super::endpoint::Endpoint;
use super::error::OauthError;
use super::provider::{Check, Provider};
use crate::service::http::Http;
use crate::vault::SensitiveBytes;

/// Tries a plain key; `false` where nobody knows how.
///
/// # Errors
///
/// `Rejected` for one that does not work, and why there is no answer.
pub fn try_key(
    http: &dyn Http,
    provider: &Provider,
    key: &SensitiveBytes,
) -> Result<bool, OauthError> {
    match provider.api_key.as_ref().and_then(|side| side.check.as_ref()) {
        Some(check) => attempt(http, check, key).map(|()| true),
        None => Ok(false),
    }
}

/// Tries an access token at the provider's page for that, or at the one for whose token it is; `false` where
/// nobody knows how.
///
/// # Errors
///
/// The same.
pub fn try_token(
    http: &dyn Http,
    provider: &Provider,
    userinfo: Option<&Endpoint>,
    token: &SensitiveBytes,
) -> Result<bool, OauthError> {
    let check = provider.oauth.as_ref().and_then(|side| side.check.as_ref());
    let Some(at) = check.or(userinfo) else { return Ok(false) };
    let check = Check {
        url: at.as_str().to_owned(),
        header: Some("authorization".to_owned()),
        prefix: "Bearer ".to_owned(),
        headers: Default::default(),
    };
    attempt(http, &check, token).map(|()| true)
}

fn attempt(http: &dyn Http, check: &Check, key: &SensitiveBytes) -> Result<(), OauthError> {
    const NO_KEY: OauthError = OauthError::Malformed("the key cannot stand in a request");
    let url = key.with_str(|key| check.url.replace("{key}", key)).ok_or(NO_KEY)?;
    // A key may not lead to another place than its check.
    let at: Endpoint = url.parse().map_err(|_| NO_KEY)?;
    let mut request = Request::get(at.as_str()).header("accept", "application/json");
    for (name, value) in &check.headers {
        request = request.header(name.as_str(), value.as_str());
    }
    if let Some(name) = &check.header {
        let name = HeaderName::try_from(name.as_str()).map_err(|_| NO_KEY)?;
        let value = key.with(|key| [check.prefix.as_bytes(), key].concat());
        let mut value = HeaderValue::try_from(value).map_err(|_| NO_KEY)?;
        value.set_sensitive(true);
        request = request.header(name, value);
    }
    let answer = http.send(request.body(Vec::new()).map_err(|_| NO_KEY)?)?;
    match answer.status() {
        status if status.is_success() => Ok(()),
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::BAD_REQUEST
        | StatusCode::NOT_FOUND => Err(OauthError::KeyRefused { status: answer.status().as_u16() }),
        status => Err(OauthError::Failing { status: status.as_u16(), retry_after: None }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
