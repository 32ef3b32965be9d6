//! References to secrets in files of other programs: in the vault, the environment, a file, or what a
//! command prints. Finds none in a text (see `template`), and opens no vault.

mod command;
mod file;
mod template;

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::text::{visible, visible_path};
use crate::vault::{Locator, SensitiveBytes};

pub use command::TIME_LIMIT;
pub use template::{Malformed, Spot, Template, is_reference};

/// The longest value a file or a command may give, in bytes.
pub const MAX_VALUE: usize = 1024 * 1024;

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `tresor://SCOPE/KEY[?field=NAME]`: the vault.
    Vault(Locator),
    /// `env:NAME`: a variable of our environment.
    Env(String),
    /// `file:PATH`: a file in a trusted directory, without its last newline.
    File(PathBuf),
    /// `exec:PROGRAM WORD…`: what an allowed program prints, without its last newline. Words as in a
    /// shell, but no shell.
    Exec(Vec<String>),
}

/// How looking up a reference ended. The words are those of the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It leads to a value.
    Resolved,
    /// There is nothing at its end.
    Missing,
    /// Permissions or policy forbid to look.
    Blocked,
    /// It could not be looked up, or is malformed.
    Failed,
}

impl State {
    /// The stable word, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::Missing => "missing",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
        }
    }
}

/// Why a reference leads to no value. Never with any of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// One of the three states that are not `Resolved`.
    pub state: State,
    /// What is wrong, in a few words; safe to show.
    pub why: String,
}

impl Unresolved {
    /// There is nothing.
    pub fn missing(why: impl Into<String>) -> Self {
        Self { state: State::Missing, why: why.into() }
    }

    /// It is forbidden.
    pub fn blocked(why: impl Into<String>) -> Self {
        Self { state: State::Blocked, why: why.into() }
    }

    /// It did not work.
    pub fn failed(why: impl Into<String>) -> Self {
        Self { state: State::Failed, why: why.into() }
    }
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.state.word(), self.why)
    }
}

impl FromStr for Reference {
    type Err = Malformed;

    /// Reads a reference with its scheme, or a plain `SCOPE/KEY`.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let wrong = |why: &str| Malformed::new(why, text.as_bytes());
        if let Some(name) = text.strip_prefix("env:") {
            return match is_variable(name) {
                true => Ok(Self::Env(name.to_owned())),
                false => Err(wrong("env: takes the name of a variable")),
            };
        }
        if let Some(path) = text.strip_prefix("file:") {
            let path = PathBuf::from(path);
            return match path.is_absolute() {
                true => Ok(Self::File(path)),
                false => Err(wrong("file: takes a path from the root")),
            };
        }
        if let Some(line) = text.strip_prefix("exec:") {
            return match shell_words::split(line) {
                Ok(words) if !words.is_empty() => Ok(Self::Exec(words)),
                _ => Err(wrong("exec: takes a program and its words")),
            };
        }
        let locator = text.parse::<Locator>();
        locator.map(Self::Vault).map_err(|error| wrong(&error.to_string()))
    }
}

/// Whether a text may name a variable.
pub fn is_variable(name: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let starts = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    starts && name.bytes().all(letters)
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vault(locator) => {
                f.write_str(&locator.name.uri())?;
                locator
                    .field
                    .as_ref()
                    .map_or(Ok(()), |field| write!(f, "?field={}", visible(field)))
            }
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", visible_path(path)),
            Self::Exec(words) => write!(f, "exec:{}", visible(&shell_words::join(words))),
        }
    }
}

/// What references outside the vault may reach. Nothing, unless it was said.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Files below these directories may be read.
    pub files: Vec<PathBuf>,
    /// These commands may be run, word by word; a last word `*` stands for any that follow.
    pub commands: Vec<Vec<String>>,
}

impl Policy {
    /// Looks up what does not lie in the vault.
    ///
    /// # Errors
    ///
    /// The state and why. A reference into the vault is `Failed` here: whoever has it open looks there.
    pub fn resolve(&self, reference: &Reference) -> Result<SensitiveBytes, Unresolved> {
        match reference {
            Reference::Vault(_) => Err(Unresolved::failed("it leads into the vault")),
            Reference::Env(name) => variable(name),
            Reference::File(path) => file::read(path, &self.files),
            Reference::Exec(words) => command::output(words, &self.commands, TIME_LIMIT),
        }
    }
}

impl Policy {
    /// Whether a reference outside the vault leads to something. No program is run for that: whoever only
    /// looks at a file of somebody else's wants nothing done.
    ///
    /// # Errors
    ///
    /// Those of [`Self::resolve`], as far as they can be told.
    pub fn look(&self, reference: &Reference) -> Result<(), Unresolved> {
        match reference {
            Reference::Exec(words) => command::check(words, &self.commands),
            other => self.resolve(other).map(drop),
        }
    }
}

/// Reads what a value may have, and one byte more where there is more.
fn read_value(from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // Room for all of it: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_VALUE + 1));
    from.take(MAX_VALUE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn variable(name: &str) -> Result<SensitiveBytes, Unresolved> {
    match std::env::var_os(name) {
        None => Err(Unresolved::missing(format!("there is no variable {name}"))),
        Some(value) if value.is_empty() => Err(Unresolved::missing(format!("{name} is empty"))),
        Some(value) => Ok(SensitiveBytes::new(value.into_encoded_bytes())),
    }
}

#[cfg(test)]
mod tests;
