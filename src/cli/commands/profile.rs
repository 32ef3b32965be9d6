//! `tresor profile`: OAuth profiles and plain keys of providers, made, looked at, kept fresh and taken
//! back. `token` hands out what they hold.

mod add;
mod person;
mod record;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::environment as env;
use crate::cli::error::CliError;
use crate::cli::listing::{ListArgs, counted};
use crate::cli::session::{DONE, Opened, Outcome, Session, paths};
use crate::config::settings::Proxy;
use crate::service::http::{Client, Http, Reach};
use crate::service::oauth::{
    self, Fresh, Kept, OauthError, Profile, Refresher, Registry, Revoker, Wish,
};
use crate::vault::{SecretKey, SystemClock, VaultError};
use record::{row, survey_row};

/// Make, list, refresh and revoke OAuth profiles and keys of providers
#[derive(Args)]
pub struct ProfileCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Sign in at a provider, or keep a key of it, under an id
    ///
    /// The way to sign in follows from where this runs: a browser on this machine, a code for any device
    /// over SSH, an address pasted from another machine. With --json each step is one object a line.
    Add(Box<add::Add>),
    /// List the profiles in their order
    List(ListArgs),
    /// Show a profile; never its tokens
    Show {
        /// The profile
        #[arg(value_name = "PROFILE")]
        id: SecretKey,
    },
    /// Get new tokens now
    Refresh {
        /// The profile
        #[arg(value_name = "PROFILE")]
        id: SecretKey,
        /// Also if the provider failed lately and is left alone for a while
        #[arg(long)]
        now: bool,
    },
    /// Say how profiles are and what to do about it
    Health {
        /// Only this one
        #[arg(value_name = "PROFILE")]
        id: Option<SecretKey>,
    },
    /// Have the provider take the tokens back, and put them into the trash; the profile stays
    Revoke {
        /// The profile
        #[arg(value_name = "PROFILE")]
        id: SecretKey,
    },
    /// Have the provider take the tokens back, put them into the trash, and remove the profile
    Remove {
        /// The profile
        #[arg(value_name = "PROFILE")]
        id: SecretKey,
        /// Leave the tokens alone at the provider
        #[arg(long)]
        no_revoke: bool,
    },
    /// Put profiles first, in this order
    Order {
        /// The profiles
        #[arg(value_name = "PROFILE", required = true)]
        ids: Vec<SecretKey>,
    },
    /// List the providers that are known
    Providers,
}

impl ProfileCommand {
    pub fn run(&self, session: &Session) -> Outcome {
        match &self.what {
            What::Add(add) => add.run(session),
            What::List(form) => list(session, *form),
            What::Show { id } => show(session, id),
            What::Refresh { id, now } => refresh(session, id, *now),
            What::Health { id } => health(session, id.as_ref()),
            What::Revoke { id } => revoke(session, id),
            What::Remove { id, no_revoke } => remove(session, id, *no_revoke),
            What::Order { ids } => order(session, ids),
            What::Providers => providers(session),
        }
    }
}

fn list(session: &Session, form: ListArgs) -> Outcome {
    let (opened, now) = (session.open()?, session.now());
    let all = Registry::new(&opened.view).survey(now)?;
    let object = |kept: &Kept| record::json(kept, now);
    form.print(session, &all, object, counted("profiles"), || {
        if all.is_empty() {
            session.out.note("no profiles found; 'tresor profile add' makes one");
        }
        let rows: Vec<Vec<String>> = all.iter().map(|kept| row(kept, now)).collect();
        session.out.table(&["ID", "PROVIDER", "OWNER", "HEALTH", "LEFT"], &rows)
    })
}

fn show(session: &Session, id: &SecretKey) -> Outcome {
    let (opened, now) = (session.open()?, session.now());
    let registry = Registry::new(&opened.view);
    let profile = registry.get(id)?;
    let health = registry.health(&profile, now)?;
    let kept = Kept { profile, health };
    match session.out.json {
        true => session.out.json(&record::json(&kept, now))?,
        false => session.out.text(&record::lines(&kept, now))?,
    }
    DONE
}

fn health(session: &Session, id: Option<&SecretKey>) -> Outcome {
    let (opened, now) = (session.open()?, session.now());
    let registry = Registry::new(&opened.view);
    let all = match id {
        None => registry.survey(now)?,
        Some(id) => {
            let profile = registry.get(id)?;
            let health = registry.health(&profile, now)?;
            vec![Kept { profile, health }]
        }
    };
    if session.out.json {
        let profiles: Vec<_> = all.iter().map(record::health).collect();
        session.out.json(&json!({"count": profiles.len(), "profiles": profiles}))?;
        return DONE;
    }
    let rows: Vec<Vec<String>> = all.iter().map(|kept| survey_row(kept, now)).collect();
    session.out.table(&["ID", "HEALTH", "LEFT", "NEXT"], &rows)?;
    DONE
}

fn refresh(session: &Session, id: &SecretKey, now: bool) -> Outcome {
    let opened = session.open()?;
    let wish = if now { Wish::Anyway } else { Wish::Now };
    let fresh = token(session, &opened, id, wish)?;
    told(session, &opened, &format!("Renewed '{id}'"), fresh.profile)
}

fn revoke(session: &Session, id: &SecretKey) -> Outcome {
    let opened = session.open()?;
    let registry = Registry::new(&opened.view);
    let profile = registry.get(id)?;
    opened.check_writable(&profile.owner)?;
    profile.oauth("revoked")?;
    session.confirm(&format!("Revoke the tokens of '{id}' at {}?", profile.body.name))?;
    let count = revoking(session, &opened, |revoker| revoker.revoke(id))?;
    let done = match count {
        0 => format!("There was nothing to revoke of '{id}'"),
        _ => format!("Revoked the tokens of '{id}'; they are in the trash"),
    };
    session.out.done(&done, &json!({"id": id.as_str(), "revoked": count}))?;
    DONE
}

fn remove(session: &Session, id: &SecretKey, no_revoke: bool) -> Outcome {
    let opened = session.open()?;
    let registry = Registry::new(&opened.view);
    let profile = registry.get(id)?;
    opened.check_writable(&profile.owner)?;
    session.confirm(&format!("Remove '{id}' and put what it keeps into the trash?"))?;
    let revoked = revoking(session, &opened, |revoker| revoker.remove(id, !no_revoke))?;
    let done = match revoked {
        None => format!(
            "Removed '{id}'; what it kept is in the trash, and still good at {}",
            profile.body.name
        ),
        Some(0) => format!("Removed '{id}'; it had no tokens to revoke"),
        Some(_) => format!("Removed '{id}' and revoked its tokens; they are in the trash"),
    };
    let count = revoked.unwrap_or(0);
    let done = crate::text::visible(&done).into_owned();
    session.out.done(&done, &json!({"id": id.as_str(), "removed": true, "revoked": count}))?;
    DONE
}

/// Does `work` with what takes tokens back, and with the passphrase asked for if one is protected.
fn revoking<R>(
    session: &Session,
    opened: &Opened<'_>,
    work: impl Fn(&Revoker<'_>) -> Result<R, OauthError>,
) -> Result<R, CliError> {
    let proxy = uses_proxy(session)?;
    let connect = |private: &[String]| client(proxy, private);
    with_protection(opened, |protection| {
        work(&Revoker { view: &opened.view, protection, connect: &connect })
    })
}

fn order(session: &Session, ids: &[SecretKey]) -> Outcome {
    let opened = session.open()?;
    let registry = Registry::new(&opened.view);
    registry.order(ids.to_vec())?;
    let ids: Vec<String> =
        registry.all()?.into_iter().map(|profile| profile.id.to_string()).collect();
    session.out.done(&format!("The order is {}", ids.join(", ")), &json!({"order": ids}))?;
    DONE
}

fn providers(session: &Session) -> Outcome {
    let all = oauth::all(Some(&paths()?.providers()))?;
    if session.out.json {
        let providers: Vec<_> = all.iter().map(record::provider).collect();
        session.out.json(&json!({"count": providers.len(), "providers": providers}))?;
        return DONE;
    }
    let rows: Vec<Vec<String>> = all.iter().map(record::provider_row).collect();
    session.out.table(&["ID", "NAME", "WAYS", "ABOUT"], &rows)?;
    DONE
}

/// Says what was done to a profile, and how it is now.
fn told(session: &Session, opened: &Opened<'_>, line: &str, profile: Profile) -> Outcome {
    let now = session.now();
    let health = Registry::new(&opened.view).health(&profile, now)?;
    let kept = Kept { profile, health };
    let line = format!("{line}; {}", record::state(&kept, now));
    session.out.done(&line, &record::json(&kept, now))?;
    DONE
}

/// The token of a profile, with the passphrase asked for if it is protected.
pub fn token(
    session: &Session,
    opened: &Opened<'_>,
    id: &SecretKey,
    wish: Wish,
) -> Result<Fresh, CliError> {
    let proxy = uses_proxy(session)?;
    let connect = |private: &[String]| -> Box<dyn Http> { client(proxy, private) };
    with_protection(opened, |protection| {
        let (view, clock) = (&opened.view, &SystemClock);
        Refresher { view, protection, connect: &connect, clock }.token(id, wish)
    })
}

/// Does `work`, and once more with the protection key if that is what it lacks.
fn with_protection<R>(
    opened: &Opened<'_>,
    work: impl Fn(Option<&crate::vault::ProtectionKey>) -> Result<R, OauthError>,
) -> Result<R, CliError> {
    match work(None) {
        Err(OauthError::Vault(refused @ VaultError::Protected { .. })) => {
            Ok(work(Some(opened.protection_key(refused)?))?)
        }
        other => Ok(other?),
    }
}

/// A client that may reach these hosts also where they are private.
fn connect(session: &Session, private_hosts: &[String]) -> Result<Box<dyn Http>, CliError> {
    Ok(client(uses_proxy(session)?, private_hosts))
}

fn client(proxy: bool, private_hosts: &[String]) -> Box<dyn Http> {
    Box::new(Client::new(Reach { private_hosts: private_hosts.to_vec(), proxy }))
}

fn uses_proxy(session: &Session) -> Result<bool, CliError> {
    Ok(session.settings()?.proxy == Proxy::Environment)
}

/// Where this runs.
fn surroundings() -> crate::service::surroundings::Surroundings {
    crate::service::surroundings::Surroundings::of(env::get)
}
