//! What a command can fail with, and how that is told on standard error. Exit codes lie elsewhere.

use std::fmt;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::fault::{Fault, FaultKind, disk_help};
use crate::text::visible_path;

/// A failed command.
#[derive(Debug)]
pub enum CliError {
    /// Something below failed and knows what to say.
    Fault(Box<dyn Fault>),
    /// The command itself refuses or failed.
    Said {
        /// The kind, from which the exit code derives.
        kind: FaultKind,
        /// What, on what; safe to show.
        message: String,
        /// What to do; empty when the message says it.
        help: String,
    },
    /// `run` could not start its command; the code is its own.
    Run {
        /// 125, 126 or 127.
        code: u8,
        /// What was wrong.
        cause: Box<CliError>,
    },
    /// Whoever read our output went away. Not a failure.
    BrokenPipe,
}

impl CliError {
    /// An error of the command itself.
    pub fn new(kind: FaultKind, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Said { kind, message: message.into(), help: help.into() }
    }

    /// The input is not what the documents allow.
    pub fn invalid(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(FaultKind::Invalid, message, help)
    }

    /// The user said no, or pressed Ctrl-C.
    pub fn interrupted() -> Self {
        Self::new(FaultKind::Interrupted, "interrupted", "nothing was changed")
    }

    /// A file could not be used; `verb` is `read`, `write` or `make`.
    pub fn file(verb: &str, path: &std::path::Path, source: &io::Error) -> Self {
        let message = format!("cannot {verb} {}: {source}", visible_path(path));
        let help = disk_help(source).unwrap_or("check the path and its permissions");
        Self::new(FaultKind::of_named_file(source), message, help)
    }

    /// The kind of failure.
    pub fn kind(&self) -> FaultKind {
        match self {
            Self::Fault(fault) => fault.kind(),
            Self::Said { kind, .. } => *kind,
            Self::Run { cause, .. } => cause.kind(),
            Self::BrokenPipe => FaultKind::Internal,
        }
    }

    /// The process's exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Run { code, .. } => *code,
            Self::BrokenPipe => 0,
            _ => super::exit::code(self.kind()),
        }
    }

    /// What to do about it; empty when the message says it.
    pub fn help(&self) -> String {
        match self {
            Self::Fault(fault) => fault.help(),
            Self::Said { help, .. } => help.clone(),
            Self::Run { cause, .. } => cause.help(),
            Self::BrokenPipe => String::new(),
        }
    }

    /// The error for programs, wherever it is told.
    pub fn json(&self) -> Value {
        json!({"kind": self.kind().word(), "message": self.to_string(), "help": self.help()})
    }

    /// Writes the error to standard error: two lines, or one JSON object.
    pub fn report(&self, as_json: bool) {
        if matches!(self, Self::BrokenPipe) {
            return;
        }
        let (message, help) = (self.to_string(), self.help());
        let text = match as_json {
            true => format!("{}\n", super::json::text(&json!({"error": self.json()}))),
            false if help.is_empty() => format!("tresor: {message}\n"),
            false => format!("tresor: {message}\n  help: {help}\n"),
        };
        // Nobody is left to tell when standard error is gone.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::Said { message, .. } => f.write_str(message),
            Self::Run { cause, .. } => cause.fmt(f),
            Self::BrokenPipe => f.write_str("the reader of the output went away"),
        }
    }
}

impl std::error::Error for CliError {}

impl<F: Fault + 'static> From<F> for CliError {
    fn from(fault: F) -> Self {
        Self::Fault(Box::new(fault))
    }
}

impl From<io::Error> for CliError {
    /// Failures of standard output and the terminal; files use [`CliError::file`].
    fn from(error: io::Error) -> Self {
        // ERROR_PIPE_NOT_CONNECTED, which the library has no kind for.
        let unconnected = cfg!(windows) && error.raw_os_error() == Some(233);
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ if unconnected => Self::BrokenPipe,
            _ => Self::new(FaultKind::Internal, format!("cannot write the output: {error}"), ""),
        }
    }
}
