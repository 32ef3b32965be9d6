//! `tresor unlock`: keeps the vault unlocked for a while. How it is unlocked lies elsewhere.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::keys::MAY_NOT;
use crate::cli::error::CliError;
use crate::cli::session::{DONE, Outcome, Session};
use crate::cli::when;
use crate::service::unlock_cache::{self, LONGEST, SHORTEST};
use crate::text::visible;

/// Keep the vault unlocked for a while
///
/// Until then commands and the terminal UI open it without asking, for every program of this user.
/// Protected secrets ask all the same, and so does what changes the ways in. The vault's key lies in
/// the kernel's memory meanwhile, never on disk, and is forgotten by itself; 'tresor lock', and a lock
/// in the UI, end it at once.
#[derive(Args)]
pub struct Unlock {
    /// For how long, at most a day: 90s, 15m, 8h
    #[arg(long = "for", value_name = "TIME", default_value = "15m")]
    time: String,
}

impl Unlock {
    pub fn run(&self, session: &Session) -> Outcome {
        let time = self.time()?;
        // Before anybody is asked for anything.
        unlock_cache::check()?;
        session.only_the_owner(MAY_NOT)?;
        let opened = session.open_anew()?;
        unlock_cache::keep(&opened.vault, time)?;
        let seconds = time.as_secs();
        let until = session.now().plus(i64::try_from(seconds).unwrap_or(i64::MAX));
        let line = format!("Unlocked until {until}; 'tresor lock' ends it");
        let until = until.to_string();
        session.out.done(&line, &json!({"seconds": seconds, "until": until}))?;
        DONE
    }

    fn time(&self) -> Result<Duration, CliError> {
        let time = when::span(&self.time)?;
        match (SHORTEST..=LONGEST).contains(&time) {
            true => Ok(time),
            false => Err(CliError::invalid(
                format!("{} is too short or too long", visible(&self.time)),
                "a vault can be kept unlocked for 1s to 24h",
            )),
        }
    }
}
