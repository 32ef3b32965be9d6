//! Tells what was wrong with the arguments in tresor's own form. Never repeats a stray value.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};

use super::error::CliError;
use super::exit;
use crate::text::visible;

/// Answers what the argument parser did not take: help, the version, or an error.
pub fn answer(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if !error.use_stderr() {
        return match error.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => ExitCode::from(CliError::from(error).code()),
        };
    }
    let command = command_word(arguments);
    let cause = invalid(error, command.as_deref());
    let cause = match command.as_deref() {
        Some("run") => CliError::Run { code: exit::RUN_FAILED, cause: Box::new(cause) },
        _ => cause,
    };
    cause.report(asks_for_json(arguments));
    ExitCode::from(cause.code())
}

/// Whether `--json` stands among the arguments, though they may not be understood.
pub fn asks_for_json(arguments: &[OsString]) -> bool {
    arguments.iter().take_while(|word| *word != "--").any(|word| word == "--json")
}

/// The error as one line and what to do.
fn invalid(error: &clap::Error, command: Option<&str>) -> CliError {
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n");
    let first = paragraphs.next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    let message = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "a word is missing".to_owned(),
        // A word too many may be a secret that does not belong here.
        ErrorKind::TooManyValues => "there is a word too many".to_owned(),
        ErrorKind::UnknownArgument if !is_flag(error) => "there is a word too many".to_owned(),
        _ => first.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    let tip = paragraphs
        .filter_map(|paragraph| paragraph.trim().strip_prefix("tip: "))
        .find(|tip| tip.starts_with("a similar"))
        .map(|tip| format!("{}; ", visible(tip)));
    let page = match command {
        Some("run") if error.kind() == ErrorKind::UnknownArgument && !is_flag(error) => {
            "the command to run stands behind --: tresor run --scope SCOPE -- CMD".to_owned()
        }
        Some(command) => format!("see 'tresor {command} --help'"),
        None => "see 'tresor --help'".to_owned(),
    };
    CliError::invalid(visible(&message), format!("{}{page}", tip.unwrap_or_default()))
}

/// Whether the argument that is not known looks like an option.
fn is_flag(error: &clap::Error) -> bool {
    let context = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    context.is_some_and(|argument| argument.starts_with('-'))
}

/// The first word that is neither an option nor the value of one: the command, if it is known.
fn command_word(arguments: &[OsString]) -> Option<String> {
    const TAKE_A_VALUE: [&str; 5] =
        ["--vault", "--config", "--as", "--key-file", "--passphrase-file"];
    let mut words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        if TAKE_A_VALUE.contains(&word) {
            words.next();
        } else if !word.starts_with('-') {
            return super::commands::is_known(word).then(|| word.to_owned());
        }
    }
    None
}
