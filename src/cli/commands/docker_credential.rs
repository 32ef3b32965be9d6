//! `tresor docker-credential`: a credential helper of Docker (docker-credential-helpers' protocol): errors on
//! standard output, and exit code 1 for each. Which secret is meant is decided elsewhere.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::logins::{Logins, NewLogin, ScopeArgs};
use crate::cli::error::CliError;
use crate::cli::output::write_value;
use crate::cli::session::{DONE, Outcome, Session};
use crate::cli::{input, json};
use crate::fault::FaultKind;
use crate::service::logins::{Address, Wanted};
use crate::service::wiped_json;
use crate::vault::{Purpose, SecretSummary, SensitiveBytes};

/// What marks a login as one of Docker's.
const TAG: &str = "docker";
/// What clients look for, word for word (docker-credential-helpers, credentials/error.go).
const NOT_FOUND: &str = "credentials not found in native keychain";
const NO_SERVER: &str = "no credentials server URL";
const NO_USERNAME: &str = "no credentials username";
/// The longest request in bytes: the longest value a vault may hold, escaped, and the rest.
const LONGEST: usize = 6 * 1024 * 1024 + 64 * 1024;

/// Answer docker: a credential helper for registries
///
/// Put a link named docker-credential-tresor to tresor into the search path, and "credsStore": "tresor" into
/// ~/.docker/config.json. What docker stores has the tag docker and lies in global, or in the scope that
/// --scope names; what it removes goes to the trash.
#[derive(Args)]
pub struct DockerCredential {
    #[command(flatten)]
    scope: ScopeArgs,
    /// get, store, erase, list or version; docker says which, and the rest on standard input
    #[arg(value_name = "OPERATION")]
    operation: String,
}

/// A login on the wire.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown<'a> {
    #[serde(rename = "ServerURL")]
    server: &'a str,
    username: &'a str,
    secret: &'a str,
}

/// A login from the wire; the secret is wiped.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    #[serde(rename = "ServerURL", default)]
    server: String,
    #[serde(default)]
    username: String,
    #[serde(default = "nothing", deserialize_with = "wiped_json::text")]
    secret: SensitiveBytes,
}

fn nothing() -> SensitiveBytes {
    SensitiveBytes::new(Vec::new())
}

/// Whether a login is one of Docker's.
pub fn is_of_docker(secret: &SecretSummary) -> bool {
    secret.tags.iter().any(|tag| **tag == *TAG)
}

impl DockerCredential {
    pub fn run(&self, session: &Session) -> Outcome {
        match self.answer(session) {
            Err(error @ CliError::BrokenPipe) => Err(error),
            Err(error) => {
                session.out.line(&error.to_string())?;
                // What clients know by its words needs none of ours.
                if ![NOT_FOUND, NO_SERVER, NO_USERNAME].contains(&&*error.to_string()) {
                    error.report(session.out.json);
                }
                Ok(ExitCode::from(1))
            }
            done => done,
        }
    }

    fn answer(&self, session: &Session) -> Outcome {
        let operation = self.operation.as_str();
        match operation {
            "get" | "erase" => {
                let server = server()?;
                let mut logins = self.scope.open(session, true)?;
                match operation {
                    "get" => get(&logins, &server)?,
                    _ => erase(&mut logins, &server)?,
                }
            }
            "store" => store(&mut || self.scope.open(session, true))?,
            "list" => list(session, &self.scope.open(session, true)?)?,
            "version" => session
                .out
                .line(concat!("docker-credential-tresor (tresor) v", env!("CARGO_PKG_VERSION")))?,
            _ => {
                let message = format!("unknown action: {}", crate::text::visible(operation));
                return Err(CliError::invalid(message, "docker knows get, store, erase and list"));
            }
        }
        DONE
    }
}

/// The server on standard input.
fn server() -> Result<String, CliError> {
    let text = input::read_stdin(LONGEST)?;
    let text = text.with_str(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    text.ok_or_else(|| CliError::invalid(NO_SERVER, ""))
}

fn address(server: &str) -> Result<Address, CliError> {
    Address::parse(server).ok_or_else(not_found)
}

fn not_found() -> CliError {
    CliError::new(FaultKind::NotFound, NOT_FOUND, "")
}

/// Docker's own login for a server; there is one for each.
fn own<'s>(address: &Address, secrets: &'s [SecretSummary]) -> Option<&'s SecretSummary> {
    let wanted = Wanted { address, with_path: true, username: None };
    let mut found = wanted.find(secrets).into_iter().filter(|secret| is_of_docker(secret));
    found.find(|secret| wanted.is_exactly(secret))
}

/// Prints Docker's login for a server, or else one that holds good there.
fn get(logins: &Logins<'_>, server: &str) -> Result<(), CliError> {
    let address = address(server)?;
    let others = || {
        let wanted = Wanted { address: &address, with_path: true, username: None };
        let mut found = wanted.find(&logins.secrets).into_iter();
        found.find(|secret| secret.username.is_some())
    };
    let best = own(&address, &logins.secrets).or_else(others).ok_or_else(not_found)?;
    let read = logins.read(std::slice::from_ref(&best.name), Purpose::Read)?;
    let secret = read.into_iter().next().ok_or_else(not_found)?;
    let username = best.username.as_deref().unwrap_or_default();
    let text = secret.value.with_str(|secret| {
        // JSON escapes make six bytes of one at most; nothing may be moved to a larger buffer unwiped.
        let room = 64 + 6 * (server.len() + username.len() + secret.len());
        let mut line = Vec::with_capacity(room);
        json::write(&mut line, &Shown { server, username, secret })?;
        line.push(b'\n');
        Ok::<_, CliError>(SensitiveBytes::new(line))
    });
    let not_text = || {
        let message = format!("{} cannot be given to docker: it is not UTF-8 text", best.name);
        CliError::invalid(message, "write it again as text")
    };
    write_value(&text.ok_or_else(not_text)??)
}

/// Keeps a login: a new one for the server, or in the place of the former.
fn store<'a>(open: &mut dyn FnMut() -> Result<Logins<'a>, CliError>) -> Result<(), CliError> {
    let text = input::read_stdin(LONGEST)?;
    let given: Given = text.with(|text| serde_json::from_slice(text)).map_err(|_| {
        // Its own words could repeat what it read.
        CliError::invalid("that is no login of docker", "docker login calls it by itself")
    })?;
    let Given { server, username, secret: password } = given;
    for (text, missing) in [(&server, NO_SERVER), (&username, NO_USERNAME)] {
        if text.is_empty() {
            return Err(CliError::invalid(missing, ""));
        }
    }
    let address = Address::parse(&server).ok_or_else(|| CliError::invalid(NO_SERVER, ""))?;
    let new = NewLogin {
        prefix: TAG,
        address: &address,
        url: server,
        username: &username,
        password: &password,
        expires_at: None,
        refresh: None,
        tags: &[TAG],
    };
    open()?.save(&new, |secrets| own(&address, secrets))
}

/// Removes Docker's own login for a server; nothing of others'.
fn erase(logins: &mut Logins<'_>, server: &str) -> Result<(), CliError> {
    let address = address(server)?;
    let own = own(&address, &logins.secrets).map(|secret| secret.name.clone());
    logins.remove(own.as_slice())
}

/// Prints Docker's own logins: for a build it sends all of them along, so that others' do not belong here.
fn list(session: &Session, logins: &Logins<'_>) -> Result<(), CliError> {
    let ours = logins.secrets.iter().filter(|secret| is_of_docker(secret));
    let all: BTreeMap<&str, &str> = ours
        .filter_map(|secret| {
            Some((secret.url.as_deref()?, secret.username.as_deref().unwrap_or_default()))
        })
        .collect();
    session.out.json(&serde_json::json!(all))
}
