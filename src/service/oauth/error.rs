//! What can go wrong with a profile, its provider and its tokens. Never with a token in it.

use thiserror::Error as ThisError;

use crate::fault::{Fault, FaultKind};
use crate::service::http::HttpError;
use crate::text::visible;
use crate::vault::{SecretKey, SecretRef, Timestamp, VaultError};

/// The longest text of a provider that is shown, in characters.
const MAX_FOREIGN: usize = 200;

/// Why there is no token, or no profile.
#[derive(Debug, ThisError)]
pub enum OauthError {
    /// An address that requests must not go to.
    #[error("'{what}' is no address for a provider: {why}")]
    Endpoint {
        /// What was given; safe to show.
        what: String,
        /// The rule it breaks.
        why: &'static str,
    },
    /// What is known of a provider does not make sense.
    #[error("provider {what}: {why}")]
    Provider {
        /// The file or name; safe to show.
        what: String,
        /// What is wrong; safe to show.
        why: String,
    },
    /// No provider of that name.
    #[error("there is no provider '{}'", visible(.0))]
    NoProvider(String),
    /// What was asked for lacks something.
    #[error("{what}")]
    Incomplete {
        /// What is missing.
        what: &'static str,
        /// How to give it.
        help: String,
    },
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The person, or the provider for them, said no.
    #[error("the provider says that access was denied")]
    Denied,
    /// The code was not entered in time.
    #[error("the code was not confirmed in time")]
    CodeExpired,
    /// The provider refuses, in its own words.
    #[error("the provider refuses: {code}{}", described(.description))]
    Rejected {
        /// The error's code (RFC 6749, section 5.2); safe to show.
        code: String,
        /// Its description; safe to show.
        description: String,
    },
    /// A key or token that was tried does not work.
    #[error("the provider does not take it: it answers with status {status}")]
    KeyRefused {
        /// The status of HTTP.
        status: u16,
    },
    /// The provider is out of order for now.
    #[error("the provider is out of order: it answers with status {status}")]
    Failing {
        /// The status of HTTP.
        status: u16,
        /// In how many seconds it wants to be asked again (RFC 9110, section 10.2.3).
        retry_after: Option<u32>,
    },
    /// The answer is not what the standard says.
    #[error("the provider's answer makes no sense: {0}")]
    Malformed(&'static str),
    /// The answer belongs to another question.
    #[error("the answer does not belong to this sign-in: {0}")]
    Foreign(&'static str),
    /// This machine cannot listen for the browser's answer.
    #[error("cannot listen for the browser on this machine: {0}")]
    Listen(String),
    /// Somebody else listens where the browser is to come back to.
    #[error("port {port} of this machine, which the browser comes back to, is taken")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The refresh token is not taken any more.
    #[error("the provider does not take the refresh token of '{id}' any more")]
    SignInAgain {
        /// The profile.
        id: SecretKey,
    },
    /// The tokens were taken back from here.
    #[error("the tokens of '{id}' were revoked")]
    Revoked {
        /// The profile.
        id: SecretKey,
    },
    /// The access token has expired and there is no other one to be had with it.
    #[error("the access token of '{id}' has expired, and the provider gave no refresh token")]
    NoRefreshToken {
        /// The profile.
        id: SecretKey,
    },
    /// A token or key that the profile names is gone.
    #[error("'{id}' has no {name} any more")]
    Missing {
        /// The profile.
        id: SecretKey,
        /// The secret that is gone.
        name: SecretRef,
    },
    /// The provider failed lately and is left alone for a while.
    #[error("the provider of '{id}' failed lately and is asked again after {until}")]
    CoolingDown {
        /// The profile.
        id: SecretKey,
        /// From when on it is asked again.
        until: Timestamp,
    },
    /// A profile that has no such thing.
    #[error("'{id}' is a plain key, which is not {what}")]
    Static {
        /// The profile.
        id: SecretKey,
        /// What was asked of it.
        what: &'static str,
    },
    /// New tokens came and could not be saved.
    #[error("the provider gave new tokens, but they could not be saved: {0}")]
    Unsaved(VaultError),
    /// What came was thrown away, and the provider did not take it back.
    #[error("nothing was kept, but the provider did not take its tokens back: {0}")]
    NotTakenBack(Box<OauthError>),
    /// A record that is no profile.
    #[error("the profile '{id}' is not understood by this version")]
    Unreadable {
        /// The profile.
        id: SecretKey,
    },
    /// Given up by whoever asked.
    #[error("cancelled")]
    Cancelled,
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl OauthError {
    /// Words of a provider, made safe and short.
    pub(super) fn rejected(code: &str, description: Option<&str>) -> Self {
        Self::Rejected {
            code: foreign(code),
            description: foreign(description.unwrap_or_default()),
        }
    }

    /// In how many seconds the provider wants to be asked again, if it says so.
    pub(super) fn retry_after(&self) -> Option<i64> {
        match self {
            Self::Failing { retry_after, .. } => retry_after.map(i64::from),
            _ => None,
        }
    }

    /// Whether another try may end better: the network or the provider's machines.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Failing { .. } | Self::Malformed(_) => true,
            Self::Http(error) => !matches!(error, HttpError::Private { .. } | HttpError::Cancelled),
            Self::Rejected { code, .. } => {
                matches!(code.as_str(), "temporarily_unavailable" | "server_error" | "slow_down")
            }
            _ => false,
        }
    }

    /// Whether the provider said no to this request: to its client, or to what it asks for.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Rejected { .. } | Self::Denied | Self::CodeExpired)
            && !self.is_passing()
    }
}

/// Text of somebody else: its beginning, as it may be shown.
fn foreign(text: &str) -> String {
    let cut: String = text.chars().take(MAX_FOREIGN).collect();
    visible(&cut).into_owned()
}

fn described(description: &str) -> String {
    if description.is_empty() { String::new() } else { format!(" ({description})") }
}

impl Fault for OauthError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Endpoint { .. } | Self::Provider { .. } | Self::Incomplete { .. } => {
                FaultKind::Invalid
            }
            Self::NoProvider(_) | Self::Missing { .. } => FaultKind::NotFound,
            Self::Http(error) => error.kind(),
            Self::Denied | Self::Foreign(_) | Self::KeyRefused { .. } => FaultKind::Refused,
            Self::Rejected { .. } | Self::Failing { .. } | Self::Malformed(_) => {
                FaultKind::Unreachable
            }
            Self::CoolingDown { .. } | Self::Listen(_) | Self::PortTaken { .. } => {
                FaultKind::Unreachable
            }
            Self::CodeExpired
            | Self::SignInAgain { .. }
            | Self::Revoked { .. }
            | Self::NoRefreshToken { .. }
            | Self::Static { .. } => FaultKind::Precondition,
            Self::Unsaved(error) | Self::Vault(error) => error.kind(),
            Self::NotTakenBack(error) => error.kind(),
            Self::Unreadable { .. } => FaultKind::Damaged,
            Self::Cancelled => FaultKind::Interrupted,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Endpoint { .. } => {
                "https, or http to this machine; without user, query and fragment".into()
            }
            Self::Provider { .. } => String::new(),
            Self::NoProvider(_) => "'tresor profile providers' lists them".into(),
            Self::Incomplete { help, .. } => help.clone(),
            Self::Http(error) => error.help(),
            Self::Denied => "begin again, and allow it in the browser".into(),
            Self::KeyRefused { .. } => {
                "check that it is whole, and what it may do".into()
            }
            Self::CodeExpired => "begin again; the code lives for some minutes".into(),
            Self::Rejected { .. } => {
                "check the client id, its settings at the provider and the scopes".into()
            }
            Self::Failing { .. } | Self::Malformed(_) => "try again later".into(),
            Self::Foreign(_) => "begin again, and use the link of this sign-in only".into(),
            Self::Listen(_) => "sign in by a code or by pasting: --flow device, --flow paste".into(),
            Self::PortTaken { .. } => {
                "end what listens there, or use --flow paste, which needs no port; another one is registered at the provider and named with --redirect-port"
                    .into()
            }
            Self::SignInAgain { id } | Self::NoRefreshToken { id } => {
                format!(
                    "sign in again: 'tresor profile add {id} --again'; the old tokens are kept in the history"
                )
            }
            Self::Revoked { id } => format!("sign in again: 'tresor profile add {id} --again'"),
            Self::Missing { id, name } => {
                format!(
                    "bring it back with 'tresor restore {name}', or sign in again: 'tresor profile add {id} --again'"
                )
            }
            Self::CoolingDown { id, .. } => {
                format!("'tresor profile refresh {id} --now' does not wait")
            }
            Self::Static { .. } => "it is used as it is".into(),
            Self::Unsaved(error) => {
                let first =
                    "if the next refresh fails, sign in again with 'tresor profile add ID --again'";
                format!("{first}. {}", error.help()).trim_end_matches(". ").to_owned()
            }
            Self::NotTakenBack(_) => "revoke them on the provider's pages".into(),
            Self::Unreadable { .. } => "use a newer tresor".into(),
            Self::Cancelled => "nothing was changed".into(),
            Self::Vault(error) => error.help(),
        }
    }
}
