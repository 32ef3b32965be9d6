//! The addresses of a provider from its issuer (OpenID Connect Discovery 1.0, section 4; RFC 8414).

use oauth2::http::{Request, StatusCode};
use serde::Deserialize;

use super::endpoint::Endpoint;
use super::error::OauthError;
use super::profile::Endpoints;
use crate::service::http::Http;

/// What is read of the document.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Option<Endpoint>,
    token_endpoint: Option<Endpoint>,
    device_authorization_endpoint: Option<Endpoint>,
    revocation_endpoint: Option<Endpoint>,
    userinfo_endpoint: Option<Endpoint>,
    authorization_response_iss_parameter_supported: Option<bool>,
}

/// The addresses that the issuer names; of what is `known` already nothing changes.
///
/// # Errors
///
/// No answer, one that makes no sense or leads to this machine, or `Foreign` for the document of another
/// issuer.
pub fn discover(http: &dyn Http, known: Endpoints) -> Result<Endpoints, OauthError> {
    let Some(issuer) = &known.issuer else { return Ok(known) };
    let document = document(http, issuer)?;
    // Section 4.3: exactly the issuer that was asked. A slash at the end is all that our URLs add.
    if document.issuer.trim_end_matches('/') != issuer.as_str().trim_end_matches('/') {
        return Err(OauthError::Foreign("the provider says it is another issuer"));
    }
    let named = [
        &document.authorization_endpoint,
        &document.token_endpoint,
        &document.device_authorization_endpoint,
        &document.revocation_endpoint,
        &document.userinfo_endpoint,
    ];
    // Somebody elsewhere shall not turn us against what listens here.
    if !issuer.is_here() && named.into_iter().flatten().any(Endpoint::is_here) {
        return Err(OauthError::Malformed("it names addresses of this machine"));
    }
    Ok(Endpoints {
        authorization: known.authorization.or(document.authorization_endpoint),
        token: known.token.or(document.token_endpoint),
        device_authorization: known.device_authorization.or(document.device_authorization_endpoint),
        revocation: known.revocation.or(document.revocation_endpoint),
        userinfo: document.userinfo_endpoint,
        names_issuer: document.authorization_response_iss_parameter_supported.unwrap_or_default(),
        ..known
    })
}

fn document(http: &dyn Http, issuer: &Endpoint) -> Result<Document, OauthError> {
    let at = issuer.below(".well-known/openid-configuration")?;
    let request = Request::get(at.as_str()).header("accept", "application/json").body(Vec::new());
    let request = request.map_err(|_| OauthError::Malformed("its address cannot be asked"))?;
    let answer = http.send(request)?;
    match answer.status() {
        StatusCode::OK => serde_json::from_slice(answer.body())
            .map_err(|_| OauthError::Malformed("it is no discovery document")),
        status => Err(OauthError::Failing { status: status.as_u16(), retry_after: None }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
