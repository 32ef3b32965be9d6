//! Changes one value in a config file of another program and leaves the rest as it is: order, comments,
//! white space. Reads and writes no file itself.

mod dotenv_file;
mod toml_file;

use std::path::Path;

use thiserror::Error;

use crate::fault::{Fault, FaultKind};
use crate::service::dotenv::DotenvError;
use crate::text::visible;
use crate::vault::SensitiveBytes;

pub use dotenv_file::with_values as dotenv_with_values;

/// A form that is understood well enough to change one value in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A file that ends in `.toml`.
    Toml,
    /// `.env`, `.env.local`, `prod.env` …
    Dotenv,
}

impl Form {
    /// By the name of the file; `None` for a form that is not understood.
    pub fn of(path: &Path) -> Option<Self> {
        // What tells the form is ASCII, whatever the rest of the name is.
        let name = path.file_name()?.to_string_lossy();
        let is_env = name == ".env" || name.starts_with(".env.") || name.ends_with(".env");
        match name.ends_with(".toml") {
            true => Some(Self::Toml),
            false => is_env.then_some(Self::Dotenv),
        }
    }
}

/// A text with another value in it.
pub struct Changed {
    /// All of it.
    pub text: SensitiveBytes,
    /// How many assignments say the value: several where a `.env` file assigns a name more than once.
    pub places: usize,
}

/// Why a file is left as it is. Never with anything of it.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ConfigError {
    /// It cannot be read as what its name says.
    #[error("line {line}: {why}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong there; safe to show.
        why: String,
    },
    /// The same of a `.env` file.
    #[error(transparent)]
    Dotenv(#[from] DotenvError),
    /// There is something else than one value at that place.
    #[error("{} is no single value", visible(.at))]
    NoValue {
        /// The place.
        at: String,
    },
    /// That is no name of a place.
    #[error("{} is no place in such a file", visible(.at))]
    NoPlace {
        /// What was named.
        at: String,
    },
}

impl Fault for ConfigError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn help(&self) -> String {
        match self {
            Self::Line { .. } | Self::Dotenv(_) => "the file was left as it is; mend it first",
            Self::NoValue { .. } => "the file was left as it is; name a place inside",
            Self::NoPlace { .. } => "write TABLE.KEY for TOML, NAME for a .env file",
        }
        .to_owned()
    }
}

/// The text with `value` at the place `at`, which is made where it is not there: `TABLE.KEY` in TOML, the
/// name of a variable in a `.env` file, every assignment of it: an earlier one would keep the secret in clear.
///
/// # Errors
///
/// What keeps it from being changed; then it should be left as it is.
pub fn with_value(
    form: Form,
    text: &SensitiveBytes,
    at: &str,
    value: &str,
) -> Result<Changed, ConfigError> {
    text.with(|text| match form {
        Form::Toml => {
            toml_file::with_value(text, at, value).map(|text| Changed { text, places: 1 })
        }
        Form::Dotenv => dotenv_file::with_value(text, at, value),
    })
}

/// Whether a text ends all of its lines with CR LF, as on Windows.
fn ends_lines_with_crlf(text: &[u8]) -> bool {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let mut ended = lines.filter(|line| line.ends_with(b"\n")).peekable();
    ended.peek().is_some() && ended.all(|line| line.ends_with(b"\r\n"))
}

#[cfg(test)]
mod tests;
