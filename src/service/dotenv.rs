//! Reads `.env` files bit for bit, and writes such lines. Expands no variables and runs nothing.
//!
//! ```text
//! # a comment                          export is allowed and ignored
//! export NAME=plain value # comment    the value is trimmed; " #" begins a comment
//! NAME='literal, also over lines'      nothing is special but the closing quote
//! NAME="line\nline \"quoted\" \$HOME"  \n \r \t \" \\ \$ \` and a backslash at the end of a line
//! ```

mod cursor;
mod place;
mod write;

use std::collections::HashMap;

use thiserror::Error;

use crate::fault::{Fault, FaultKind};
use crate::text::visible;
use crate::vault::{SecretKey, SensitiveBytes};
use place::Statements;

pub use place::{Assignment, assignments, readable_assignments};

pub use write::write;

/// The largest file that is read, in bytes.
pub const MAX_FILE: usize = 32 * 1024 * 1024;
/// The most names in one file; one import is one commit.
pub const MAX_ENTRIES: usize = 10_000;

/// One assignment.
pub struct DotenvEntry {
    /// The name in lower case: `STRIPE_KEY` is `stripe_key` in the vault, and `run` turns it back.
    pub key: SecretKey,
    /// The value, bit for bit. It may be empty, which the vault takes no value for: an import
    /// leaves such a name out and says so.
    pub value: SensitiveBytes,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The line of an earlier assignment to the same name, which this one replaces.
    pub replaces: Option<usize>,
}

/// What is wrong with a file: the line, and never a value.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DotenvError {
    /// Too many bytes or names.
    #[error("the file is too large: {why}")]
    TooLarge {
        /// The limit.
        why: &'static str,
    },
    /// A line that is no assignment.
    #[error(transparent)]
    Line(#[from] BadLine),
    /// Two names that differ only in case.
    #[error("lines {first} and {second}: '{}' stands there in two spellings", visible(.key))]
    Collision {
        /// The line of the first.
        first: usize,
        /// The line of the second.
        second: usize,
        /// The name in lower case.
        key: String,
    },
}

/// A line that is no assignment. Never with anything of what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("line {line}: {why}")]
pub struct BadLine {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: &'static str,
}

impl BadLine {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        "every line is NAME=VALUE, a comment or empty"
    }
}

impl DotenvError {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "split the file",
            Self::Line(bad) => bad.advice(),
            Self::Collision { .. } => "names are stored in lower case; rename one of the two",
        }
    }
}

impl Fault for DotenvError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn help(&self) -> String {
        self.advice().to_owned()
    }
}

impl Fault for BadLine {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn help(&self) -> String {
        self.advice().to_owned()
    }
}

/// Reads a whole file, in its order; of two assignments to one name the later wins, as in other
/// readers of such files, and says which it replaces.
///
/// # Errors
/// The first line that cannot be read, names that differ only in case, or too large a file.
pub fn parse(file: &SensitiveBytes) -> Result<Vec<DotenvEntry>, DotenvError> {
    let (entries, bad) = parse_all(file)?;
    bad.into_iter().next().map_or(Ok(entries), Err)
}

/// The same, but goes on behind lines that cannot be read: all that can, and what is wrong with the rest.
///
/// # Errors
/// Too large a file.
pub fn parse_all(
    file: &SensitiveBytes,
) -> Result<(Vec<DotenvEntry>, Vec<DotenvError>), DotenvError> {
    file.with(|bytes| {
        let (mut found, mut bad) = (Found::default(), Vec::new());
        for statement in Statements::of(bytes)? {
            match statement.map_err(DotenvError::from).and_then(|it| found.add(it)) {
                Err(error @ DotenvError::TooLarge { .. }) => return Err(error),
                other => bad.extend(other.err()),
            }
        }
        Ok((found.entries, bad))
    })
}

/// What was read so far.
#[derive(Default)]
struct Found {
    entries: Vec<DotenvEntry>,
    /// By lower-case name: the spelling and the place in `entries`.
    names: HashMap<String, (String, usize)>,
}

impl Found {
    fn add(&mut self, assignment: Assignment) -> Result<(), DotenvError> {
        let Assignment { name, value, line, .. } = assignment;
        let lower = name.to_ascii_lowercase();
        let Some((spelling, place)) = self.names.get(&lower) else {
            let why = "the name is longer than 128 bytes";
            let key = lower.parse().map_err(|_| BadLine { line, why })?;
            if self.entries.len() == MAX_ENTRIES {
                return Err(DotenvError::TooLarge { why: "more than 10,000 names" });
            }
            self.names.insert(lower, (name, self.entries.len()));
            self.entries.push(DotenvEntry { key, value, line, replaces: None });
            return Ok(());
        };
        let entry = &mut self.entries[*place];
        if *spelling != name {
            return Err(DotenvError::Collision { first: entry.line, second: line, key: lower });
        }
        entry.replaces = Some(entry.line);
        entry.line = line;
        entry.value = value;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
