//! The command line: one file a command, the exit codes and the output. Keeps no secrets and no rules
//! of its own; those are the vault's.

mod args;
mod backend;
mod bad_places;
mod capped;
mod commands;
mod complete;
mod environment;
mod error;
mod exit;
mod exported;
mod input;
mod json;
mod listing;
mod manual;
mod names;
mod new_slot;
mod opening;
mod output;
mod progress;
mod prompt;
mod record;
mod referring;
mod resolve;
mod screen;
mod sealing;
mod session;
mod streams;
mod unlock;
mod usage;
mod when;
mod words;

use std::process::ExitCode;

use clap::Parser;

use args::Cli;
use session::Session;

/// Runs the command that the arguments name and returns the process's exit code.
pub fn main() -> ExitCode {
    let arguments = args::as_called(std::env::args_os());
    let parsed = match Cli::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(error) => return usage::answer(&error, &arguments),
    };
    let session = Session::new(parsed.globals);
    match commands::run(&session, parsed.command) {
        Ok(code) => code,
        Err(error) => {
            // What follows a word that is no command was never looked at.
            error.report(session.out.json || usage::asks_for_json(&arguments));
            ExitCode::from(error.code())
        }
    }
}
