//! Hands over to the terminal UI. Draws nothing itself.

use std::io::IsTerminal;

use super::environment as env;
use super::error::CliError;
use super::session::{DONE, Outcome, Session, paths};
use super::unlock;
use crate::fault::FaultKind;
use crate::service::surroundings::Surroundings;
use crate::service::ways_in;
use crate::tui::{self, Options, StartAt};
use crate::vault::{ClosedVault, VaultError};

/// Opens the UI on the vault: unlocked, if what unlocks it was named or it is kept unlocked.
pub fn open(session: &Session) -> Outcome {
    check_terminal()?;
    let options = options(session)?;
    let place = session.place()?;
    let start = match ClosedVault::open(&place) {
        Ok(closed) => match unlock::explicit(&session.globals)? {
            Some(material) => {
                let vault = ways_in::unlock(&closed, &material.lend())
                    .map_err(|error| unlock::named(error, &session.globals))?;
                StartAt::Open(place, vault)
            }
            None => match unlock::from_cache(&closed, &session.globals)? {
                Some(vault) => StartAt::Open(place, vault),
                None => StartAt::Vault(place),
            },
        },
        // The screen makes a new one, or asks whether to accept what lies there.
        Err(
            VaultError::NoVault { .. }
            | VaultError::RolledBack { .. }
            | VaultError::Replaced { .. }
            | VaultError::DifferentVault { .. }
            | VaultError::Damaged { .. },
        ) => StartAt::Vault(place),
        Err(error) => return Err(error.into()),
    };
    tui::run(start, options)?;
    DONE
}

/// Refuses to open a screen where there is none.
pub fn check_terminal() -> Result<(), CliError> {
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        return Ok(());
    }
    Err(CliError::new(
        FaultKind::Unsupported,
        "there is no terminal to draw on",
        "use the commands 'tresor --help' lists, or start it in a terminal",
    ))
}

/// What the UI is told by the command line and the settings.
pub fn options(session: &Session) -> Result<Options, CliError> {
    let paths = paths()?;
    Ok(Options {
        settings: session.settings()?,
        settings_file: session.settings_file()?,
        themes: paths.themes(),
        providers: paths.providers(),
        here: Surroundings::of(env::get),
        actor: session.quiet_actor()?,
        key_file: unlock::key_file(&session.globals),
        calibration: session.calibration()?,
        waits: session.waits.clone(),
        no_color: env::get(env::NO_COLOR).is_some(),
        term: env::get(env::TERM),
    })
}
