//! `tresor demo`: the UI on a throw-away sample vault in memory; without a terminal its listing.

use std::io::IsTerminal;

use clap::Args;

use super::list;
use crate::cli::listing::ListArgs;
use crate::cli::screen;
use crate::cli::session::{DONE, Outcome, Session};
use crate::service::demo;
use crate::tui::{self, StartAt};
use crate::vault::SecretSummary;

/// Look around in a sample vault
#[derive(Args)]
pub struct Demo {}

impl Demo {
    pub fn run(&self, session: &Session) -> Outcome {
        let vault = demo::vault()?;
        let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        if terminal && !session.out.json {
            tui::run(StartAt::Demo(vault), screen::options(session)?)?;
            return DONE;
        }
        let secrets = vault.view(session.actor()?).list()?.secrets;
        let all: Vec<&SecretSummary> = secrets.iter().collect();
        list::print(session, &vault, &all, ListArgs::default())
    }
}
