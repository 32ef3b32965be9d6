//! Addresses of a provider: parsed once, then trusted to be such that requests may go there.

use std::fmt;
use std::str::FromStr;

use oauth2::url::Url;
use serde::{Deserialize, Serialize};

use super::error::OauthError;
use crate::service::http::is_loopback_host;
use crate::text::visible;

/// The longest address in bytes.
const MAX: usize = 2048;

/// https, or http to this machine; no user info, no query, no fragment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Endpoint(Url);

impl Endpoint {
    /// The address.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The address as it was normalised.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whom it belongs to: scheme, host and port. What fails together.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether it leads to this machine by its name.
    pub(super) fn is_here(&self) -> bool {
        self.0.host_str().is_some_and(is_loopback_host)
    }

    /// The address with that path behind it.
    pub(super) fn below(&self, path: &str) -> Result<Self, OauthError> {
        format!("{}/{path}", self.as_str().trim_end_matches('/')).parse()
    }
}

impl FromStr for Endpoint {
    type Err = OauthError;

    fn from_str(text: &str) -> Result<Self, OauthError> {
        let refuse = |why| {
            let shown: String = text.chars().take(100).collect();
            Err(OauthError::Endpoint { what: visible(&shown).into_owned(), why })
        };
        if text.len() > MAX {
            return refuse("it is longer than 2,048 bytes");
        }
        let Ok(url) = Url::parse(text) else { return refuse("it is no URL") };
        let Some(host) = url.host_str() else { return refuse("it names no host") };
        match url.scheme() {
            "https" => {}
            "http" if is_loopback_host(host) => {}
            "http" => return refuse("http is for this machine alone"),
            _ => return refuse("it is not https"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("it names a user");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("it has a query or fragment");
        }
        Ok(Self(url))
    }
}

impl TryFrom<String> for Endpoint {
    type Error = OauthError;

    fn try_from(text: String) -> Result<Self, OauthError> {
        text.parse()
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> Self {
        endpoint.0.into()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_requests_may_go() {
        let good = [
            "https://github.com/login/oauth/access_token",
            "http://127.0.0.1:8080/token",
            "http://[::1]:1/t",
            "http://localhost/t",
            "https://localhost/t",
            "https://10.0.0.1/t",
        ];
        for text in good {
            assert!(text.parse::<Endpoint>().is_ok(), "{text}");
        }
        let bad = [
            "http://github.com/token",
            "ftp://github.com/",
            "https://",
            "github.com",
            "https://user@github.com/",
            "https://user:pass@github.com/",
            "https://github.com/?a=b",
            "https://github.com/#f",
            "http://localhost.evil.example/",
            "javascript:alert(1)",
            "http://127.0.0.1.nip.io/",
            "file:///etc/passwd",
            "",
        ];
        for text in bad {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_of_other_forms_are_the_address_they_stand_for() {
        // WHATWG: all of these are 127.0.0.1 and may be reached by http; none leads around the guard.
        for text in ["http://0x7f.1/", "http://2130706433/", "http://127.1/"] {
            let endpoint = text.parse::<Endpoint>();
            assert_eq!(
                endpoint.ok().map(|e| e.as_str().to_owned()).as_deref(),
                Some("http://127.0.0.1/")
            );
        }
    }

    #[test]
    fn a_path_below_has_one_slash() -> Result<(), OauthError> {
        for issuer in ["https://a.example", "https://a.example/", "https://a.example/realm"] {
            let issuer: Endpoint = issuer.parse()?;
            let below = issuer.below(".well-known/x")?;
            assert!(!below.as_str().trim_start_matches("https://").contains("//"), "{below}");
        }
        Ok(())
    }
}
