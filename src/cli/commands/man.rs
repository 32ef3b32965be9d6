//! `tresor man`: prints a manual page, or writes all of them. What they say lies with the manual.

use std::path::PathBuf;

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::manual;
use crate::cli::session::{DONE, Outcome, Session};
use crate::text::visible;

/// Print a manual page, or write all of them
#[derive(Args)]
pub struct Man {
    /// The command, also one below another; tresor itself when left out
    #[arg(value_name = "COMMAND")]
    words: Vec<String>,
    /// Write the pages of all commands into this directory, which is there
    #[arg(long, value_name = "DIR", conflicts_with = "words")]
    out: Option<PathBuf>,
}

impl Man {
    pub fn run(&self, session: &Session) -> Outcome {
        let Some(directory) = &self.out else {
            let page = manual::page(&super::help::named(&self.words)?)?;
            session.out.text(&page.text)?;
            return DONE;
        };
        let pages = manual::pages(&manual::commands())?;
        for page in &pages {
            let file = directory.join(&page.file);
            std::fs::write(&file, &page.text)
                .map_err(|error| CliError::file("write", &file, &error))?;
        }
        let shown = directory.to_string_lossy();
        session.out.done(
            &format!("Wrote {} manual pages to {}", pages.len(), visible(&shown)),
            &serde_json::json!({"directory": shown, "count": pages.len()}),
        )?;
        DONE
    }
}
