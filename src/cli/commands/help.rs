//! `tresor help`: the help of a command, as `--help` gives it. Knows no topics of its own.

use std::ffi::OsString;

use clap::CommandFactory;

use crate::cli::args::Cli;
use crate::cli::session::{DONE, Outcome, Session};

/// Prints the help of the command that `words` name, or of tresor itself.
pub fn run(session: &Session, words: &[OsString]) -> Outcome {
    let mut all = Cli::command();
    all.build();
    let found = match words.first().filter(|word| *word != "help") {
        None => Some(&mut all),
        Some(word) => all.find_subcommand_mut(word),
    };
    let Some(command) = found else {
        return Err(super::unknown(words));
    };
    session.out.text(&command.render_long_help().to_string())?;
    DONE
}
