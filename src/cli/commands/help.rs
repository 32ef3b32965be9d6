//! `tresor help`: the help of a command, as `--help` gives it. Knows no topics of its own.

use std::ffi::OsString;

use clap::CommandFactory;

use crate::cli::args::Cli;
use crate::cli::error::CliError;
use crate::cli::session::{DONE, Outcome, Session};
use crate::text::visible;

/// Prints the help of the command that `words` name, or of tresor itself.
pub fn run(session: &Session, words: &[OsString]) -> Outcome {
    let mut all = Cli::command();
    all.build();
    let word = words.first().map(|word| word.to_string_lossy());
    let found = match &word {
        None => Some(&mut all),
        Some(word) => all.find_subcommand_mut(word.as_ref()),
    };
    let Some(command) = found else {
        let word = word.unwrap_or_default();
        return Err(CliError::invalid(
            format!("there is no command '{}'", visible(&word)),
            "'tresor --help' lists the commands",
        ));
    };
    session.out.text(&command.render_long_help().to_string())?;
    DONE
}
