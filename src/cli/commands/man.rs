//! `tresor man`: the manual pages from the description of the arguments.

use std::path::Path;

use clap::{Args, CommandFactory};

use crate::cli::args::Cli;
use crate::cli::error::CliError;
use crate::cli::session::{DONE, Outcome, Session};
use crate::text::visible;

/// Print a manual page, or write all of them into a directory
#[derive(Args)]
pub struct Man {
    /// A command, or a directory that is there
    #[arg(value_name = "COMMAND|DIR")]
    target: Option<String>,
}

impl Man {
    pub fn run(&self, session: &Session) -> Outcome {
        let mut command = Cli::command();
        command.build();
        let Some(target) = &self.target else {
            return page(session, command);
        };
        if let Some(found) = command.find_subcommand(target) {
            return page(session, found.clone());
        }
        let directory = Path::new(target);
        if !directory.is_dir() {
            return Err(CliError::invalid(
                format!("'{}' is neither a command nor a directory", visible(target)),
                "make the directory first, or see 'tresor --help' for the commands",
            ));
        }
        clap_mangen::generate_to(command, directory)
            .map_err(|error| CliError::file("write to", directory, &error))?;
        session.out.done(
            &format!("Wrote the manual pages to {}", visible(target)),
            &serde_json::json!({"directory": target}),
        )?;
        DONE
    }
}

fn page(session: &Session, command: clap::Command) -> Outcome {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text)?;
    session.out.text(&String::from_utf8_lossy(&text))?;
    DONE
}
