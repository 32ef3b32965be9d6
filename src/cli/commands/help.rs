//! `tresor help`: the help of a command, as `--help` gives it. Knows no topics of its own.

use std::ffi::OsString;

use clap::Command;

use crate::cli::error::CliError;
use crate::cli::manual;
use crate::cli::session::{DONE, Outcome, Session};
use crate::text::visible;

/// Prints the help of the command that `words` name, or of tresor itself.
pub fn run(session: &Session, words: &[OsString]) -> Outcome {
    let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let words = match words.as_slice() {
        [word, rest @ ..] if word == "help" => rest,
        words => words,
    };
    let mut command = named(words)?;
    session.out.text(&command.render_long_help().to_string())?;
    DONE
}

/// The command that the words name, one below another; without words tresor itself.
pub fn named(words: &[String]) -> Result<Command, CliError> {
    let mut found = manual::commands();
    for (number, word) in words.iter().enumerate() {
        let below = found.find_subcommand(word).filter(|command| !command.is_hide_set()).cloned();
        found = match below {
            Some(below) => below,
            None if number == 0 => return Err(super::unknown(&[OsString::from(word)])),
            None => return Err(nothing_below(&found, word)),
        };
    }
    Ok(found)
}

fn nothing_below(command: &Command, word: &str) -> CliError {
    let name = command.get_bin_name().unwrap_or("tresor");
    let below: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    let help = match below.is_empty() {
        true => format!("'{name}' has no commands below it"),
        false => format!("there are {}", below.join(", ")),
    };
    CliError::invalid(format!("'{name}' has no command '{}'", visible(word)), help)
}
