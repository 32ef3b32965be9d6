//! `tresor git-credential`: git's credential helper (gitcredentials(7), git-credential(1)). Which secret is
//! meant is decided elsewhere.

#[path = "git_credential/wire.rs"]
mod wire;

use clap::Args;

use super::logins::{Logins, NewLogin, ScopeArgs};
use crate::cli::environment as env;
use crate::cli::error::CliError;
use crate::cli::output::write_value;
use crate::cli::session::{DONE, Outcome, Session};
use crate::fault::FaultKind;
use crate::service::logins::{Address, Wanted};
use crate::vault::{Purpose, SecretRef, SecretSummary, Timestamp};
use wire::{Answer, Request};

/// Answer git: a credential helper for HTTP, and for all else git asks
///
/// git config --global credential.helper '!tresor git-credential'
///
/// A login is a secret whose --url is the address and whose --username is the account. What git learns is
/// kept in global as HOST-ACCOUNT, or in the scope that --scope names. Rejected passwords go to the trash.
#[derive(Args)]
pub struct GitCredential {
    #[command(flatten)]
    scope: ScopeArgs,
    /// get, store or erase; git says which, and says the rest on standard input
    #[arg(value_name = "OPERATION")]
    operation: String,
}

impl GitCredential {
    pub fn run(&self, session: &Session) -> Outcome {
        let work = match self.operation.as_str() {
            "get" => get,
            "store" => store,
            "erase" => erase,
            // "It should silently ignore the request": there may be more one day.
            _ => return DONE,
        };
        let request = wire::read()?;
        let Some(address) = request.address() else { return DONE };
        // git says so to its helpers too.
        let may_ask = env::get(env::GIT_TERMINAL_PROMPT).is_none_or(|value| value != "0");
        let mut logins = self.scope.open(session, may_ask)?;
        work(session, &mut logins, &address, &request)?;
        DONE
    }
}

/// What a request is looked for with.
fn wanted<'a>(address: &'a Address, request: &'a Request) -> Wanted<'a> {
    let with_path = request.path.is_some();
    Wanted { address, with_path, username: request.username.as_deref() }
}

/// Docker's logins are none of git's, even where both are on one host.
fn of_git(logins: &Logins<'_>) -> Vec<SecretSummary> {
    let is_ours = |secret: &&SecretSummary| !super::docker_credential::is_of_docker(secret);
    logins.secrets.iter().filter(is_ours).cloned().collect()
}

/// Prints the login that fits best; nothing when there is none, so that git asks others.
fn get(
    session: &Session,
    logins: &mut Logins<'_>,
    address: &Address,
    request: &Request,
) -> Result<(), CliError> {
    let now = session.now();
    let (secrets, wanted) = (of_git(logins), wanted(address, request));
    let found = wanted.find(&secrets);
    let Some(best) = found.iter().find(|found| !has_ended(found, now)).or(found.first()) else {
        return Ok(());
    };
    let refresh = logins.refresh_of(&best.name);
    let ended = has_ended(best, now);
    if ended {
        session.out.note(&format!("{} has expired, and is not given to git", best.name));
    }
    let names: Vec<SecretRef> =
        (!ended).then(|| best.name.clone()).into_iter().chain(refresh).collect();
    if names.is_empty() {
        return Ok(());
    }
    let mut read = logins.read(&names, Purpose::Read)?.into_iter();
    let password = if ended { None } else { read.next() };
    let answer = Answer {
        username: best.username.as_deref().or(request.username.as_deref()),
        password: password.as_ref().map(|secret| &secret.value),
        expires_at: best.expires_at.filter(|_| !ended),
        refresh: read.next().map(|secret| secret.value),
    };
    match answer.text() {
        Some(text) => write_value(&text),
        None => Err(CliError::new(
            FaultKind::Invalid,
            format!("{} cannot be given to git: it holds a line break or a zero byte", best.name),
            "write it again without one: 'tresor set --chomp' drops a newline at its end",
        )),
    }
}

fn has_ended(secret: &SecretSummary, now: Timestamp) -> bool {
    secret.expires_at.is_some_and(|end| end.has_come(now))
}

/// Keeps a login that worked, unless that is known already.
fn store(
    _: &Session,
    logins: &mut Logins<'_>,
    address: &Address,
    request: &Request,
) -> Result<(), CliError> {
    let (Some(username), Some(password)) = (&request.username, &request.password) else {
        return Ok(());
    };
    if request.ephemeral || given(logins, address, request)? {
        return Ok(());
    }
    let new = NewLogin {
        prefix: "",
        address,
        url: address.url(),
        username,
        password,
        expires_at: request.expires_at,
        refresh: request.refresh.as_ref(),
        tags: &[],
    };
    let exactly = Wanted { address, with_path: true, username: Some(username) };
    logins.save(&new, |secrets| {
        let same = |secret: &&SecretSummary| exactly.is_exactly(secret);
        let ours = |secret: &&SecretSummary| !super::docker_credential::is_of_docker(secret);
        exactly.find(secrets).into_iter().filter(ours).find(same)
    })
}

/// Whether this login is just what `get` gives, from wherever in the vault.
fn given(logins: &Logins<'_>, address: &Address, request: &Request) -> Result<bool, CliError> {
    let secrets = of_git(logins);
    let Some(best) = wanted(address, request).find(&secrets).into_iter().next() else {
        return Ok(false);
    };
    match &request.password {
        // To compare it the passphrase would be asked once more after each use; what is rejected is erased.
        Some(_) if best.protected => Ok(true),
        Some(password) if request.expires_at.is_none() && request.refresh.is_none() => {
            logins.has_value(&best.name, password)
        }
        _ => Ok(false),
    }
}

/// Removes the logins that fit: with a password those that have it, else those for exactly this.
fn erase(
    _: &Session,
    logins: &mut Logins<'_>,
    address: &Address,
    request: &Request,
) -> Result<(), CliError> {
    let (secrets, wanted) = (of_git(logins), wanted(address, request));
    let mut names = Vec::new();
    for secret in wanted.find(&secrets) {
        let goes = match &request.password {
            Some(password) => logins.has_value(&secret.name, password)?,
            None => wanted.is_exactly(secret),
        };
        if goes {
            names.push(secret.name.clone());
        }
    }
    logins.remove(&names)
}
