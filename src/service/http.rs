//! Requests to the providers of profiles: one try, a time-out for all of it, small answers, no
//! redirects, and no addresses inside a network but those allowed. Says nothing of what they mean.

mod address;

use std::fmt;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use oauth2::http::{Request, Response, Uri};
use rustls::crypto::{CryptoProvider, KeyProvider};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use thiserror::Error as ThisError;
use ureq::config::Config;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error, Proxy};

use crate::fault::{Fault, FaultKind};
use crate::text::visible;
pub use address::{is_loopback_host, is_public};

/// How long all of a request may take.
pub const TOTAL: Duration = Duration::from_secs(20);
/// The longest answer in bytes: tokens of a vault's longest value, and room around them.
const MAX_BODY: u64 = 256 * 1024;

/// A request with its whole body.
pub type HttpRequest = Request<Vec<u8>>;
/// An answer with its whole body.
pub type HttpResponse = Response<Vec<u8>>;

/// Why there is no answer. Never with anything that was sent.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum HttpError {
    /// Nothing came in time.
    #[error("{host} did not answer in {} seconds", TOTAL.as_secs())]
    Timeout {
        /// Who was asked.
        host: String,
    },
    /// The name leads into a network, where a provider has no business.
    #[error("{host} is an address inside a network")]
    Private {
        /// Who was to be asked.
        host: String,
    },
    /// The answer is too long to be one.
    #[error("{host} answered with more than {} KiB", MAX_BODY / 1024)]
    TooLong {
        /// Who was asked.
        host: String,
    },
    /// The answer sends somewhere else.
    #[error("{host} sends elsewhere, which is not followed")]
    Redirect {
        /// Who was asked.
        host: String,
    },
    /// No connection, or one that broke.
    #[error("{host} cannot be reached: {why}")]
    Unreachable {
        /// Who was asked.
        host: String,
        /// What the system or the library says; safe to show.
        why: String,
    },
    /// Whoever asked does not want the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl Fault for HttpError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Private { .. } => FaultKind::Refused,
            Self::Cancelled => FaultKind::Interrupted,
            _ => FaultKind::Unreachable,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Timeout { .. } => "try again later".into(),
            Self::Private { host } => {
                format!("if it is meant, allow it by name: --private-host {host}")
            }
            Self::TooLong { .. } | Self::Redirect { .. } => {
                "check the address of the provider".into()
            }
            Self::Unreachable { .. } => "check the network and the provider's address".into(),
            Self::Cancelled => "nothing was changed".into(),
        }
    }
}

/// Sends one request and gives its answer, whatever its status.
pub trait Http: Send + Sync {
    /// Sends it.
    ///
    /// # Errors
    ///
    /// Why there is no answer; one that redirects is none.
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError>;
}

/// What a client may reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Hosts that may lie inside a network.
    pub private_hosts: Vec<String>,
    /// Whether the proxy of the environment is used; what goes through it, it looks up itself.
    pub proxy: bool,
}

/// Nobody shows a certificate of their own here: no private key is ever loaded, nor the code to sign with it.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(
        &self,
        _key: PrivateKeyDer<'static>,
    ) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("client certificates are not used".into()))
    }
}

/// The client over TCP and TLS.
pub struct Client {
    agent: Agent,
}

impl Client {
    /// A client that reaches this.
    pub fn new(reach: Reach) -> Self {
        let proxy = if reach.proxy { Proxy::try_from_env() } else { None };
        Self::through(proxy, reach.private_hosts)
    }

    fn through(proxy: Option<Proxy>, private_hosts: Vec<String>) -> Self {
        let ring = rustls::crypto::ring::default_provider();
        let ring = Arc::new(CryptoProvider { key_provider: &NoKeys, ..ring });
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(ring)
            .build();
        let config = Config::builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(TOTAL))
            .proxy(proxy.clone())
            .user_agent(concat!("tresor/", env!("CARGO_PKG_VERSION")))
            .max_idle_connections(0)
            .build();
        let resolver = Guarded { system: DefaultResolver::default(), proxy, private_hosts };
        Self { agent: Agent::with_parts(config, DefaultConnector::default(), resolver) }
    }
}

impl Http for Client {
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let host = request.uri().host().map(|host| visible(host).into_owned()).unwrap_or_default();
        let failed = |error| told(error, &host);
        let answer = self.agent.run(request).map_err(failed)?;
        if answer.status().is_redirection() {
            return Err(HttpError::Redirect { host });
        }
        let (parts, mut body) = answer.into_parts();
        let bytes = body.with_config().limit(MAX_BODY).read_to_vec().map_err(failed)?;
        Ok(Response::from_parts(parts, bytes))
    }
}

/// What a failed call means.
fn told(error: Error, host: &str) -> HttpError {
    let host = host.to_owned();
    match error {
        Error::Timeout(_) => HttpError::Timeout { host },
        Error::BodyExceedsLimit(_) => HttpError::TooLong { host },
        Error::Io(source)
            if source.kind() == ErrorKind::PermissionDenied && is_refusal(&source) =>
        {
            HttpError::Private { host }
        }
        Error::Io(source) if source.kind() == ErrorKind::TimedOut => HttpError::Timeout { host },
        Error::HostNotFound => HttpError::Unreachable { host, why: "there is no such host".into() },
        other => {
            let why = visible(&other.to_string()).into_owned();
            HttpError::Unreachable { host, why }
        }
    }
}

/// What the resolver says of an address that may not be reached.
#[derive(Debug)]
struct Refusal;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an address inside a network")
    }
}

impl std::error::Error for Refusal {}

fn is_refusal(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Refusal>())
}

/// The system's resolver, whose answers are looked at before anybody connects to them: a name outside
/// that leads inside would turn us against the network we are in.
#[derive(Debug)]
struct Guarded {
    system: DefaultResolver,
    /// What the environment really names: it may name none.
    proxy: Option<Proxy>,
    private_hosts: Vec<String>,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.system.resolve(uri, config, timeout)?;
        let host = uri.host().unwrap_or_default();
        let allowed = self.private_hosts.iter().any(|name| name.eq_ignore_ascii_case(host));
        // The proxy itself is where the environment says, also inside. Anything else that is looked up here
        // is connected to without it: what goes through the proxy never comes here.
        let is_proxy = self.proxy.as_ref().is_some_and(|proxy| proxy.uri() == uri);
        if is_proxy || allowed {
            return Ok(found);
        }
        let may = |ip: std::net::IpAddr| match is_loopback_host(host) {
            true => ip.is_loopback(),
            false => is_public(ip),
        };
        match found.iter().all(|found| may(found.ip())) {
            true => Ok(found),
            false => Err(Error::Io(std::io::Error::new(ErrorKind::PermissionDenied, Refusal))),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
