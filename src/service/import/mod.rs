//! Reads what other programs keep secrets in: one file a format, bytes to entries. Decides nothing about
//! what is written, writes nothing, and leaves the source as it is.

pub mod bitwarden;
mod collect;
pub mod csv;
pub mod dotenv;
mod error;
mod item;
pub mod json;
pub mod kdbx;
mod lines;
mod names;
pub mod palyra;
pub mod pass;
mod record;

use std::fmt;

use crate::service::reference::is_reference;
use crate::text::visible;
use crate::vault::{MetadataPatch, Scope, SecretKey, SensitiveBytes};

pub use error::ImportError;

/// The largest file that is read, in bytes.
pub const MAX_FILE: usize = 32 * 1024 * 1024;
/// The most secrets of one source; one import is one commit.
pub const MAX_ENTRIES: usize = 10_000;

/// One secret of a source.
pub struct Entry {
    /// Where the source itself puts it; `None` where it knows no scopes.
    pub scope: Option<Scope>,
    /// Its name.
    pub key: SecretKey,
    /// The value, bit for bit. It may be empty, which the vault takes no value for: an import leaves
    /// such a name out and says so.
    pub value: SensitiveBytes,
    /// What the source says about it.
    pub patch: MetadataPatch,
    /// Where it stands.
    pub place: Place,
    /// The line of an earlier assignment to the same name, which this one replaces.
    pub replaces: Option<usize>,
    /// Whether it is a file that went along: left out where it is too large, and no error then.
    pub is_attachment: bool,
}

/// Where something stands in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A line, from 1.
    Line(usize),
    /// Two lines that do not go together.
    Lines(usize, usize),
    /// A file of a folder, or an entry of a database; shown with what a terminal obeys made visible.
    Path(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Lines(first, second) => write!(f, "lines {first} and {second}"),
            Self::Path(path) => f.write_str(&visible(path)),
        }
    }
}

/// A place that cannot be read, and why; never with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// Where.
    pub place: Place,
    /// What is wrong there; safe to show.
    pub why: String,
    /// What to do about it; may be empty.
    pub help: &'static str,
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.why)
    }
}

/// All that was found in a source.
#[derive(Default)]
pub struct Found {
    /// The secrets, in the source's order, no name twice within a scope.
    pub entries: Vec<Entry>,
    /// What cannot be read. Whether the rest is taken is the reader's choice.
    pub bad: Vec<Bad>,
    /// What has no place in the vault and was left out on purpose, one sentence each; safe to show.
    pub left_out: Vec<String>,
    /// What was taken, but does less than in the source, one sentence each; safe to show.
    pub remarks: Vec<String>,
}

impl Found {
    /// Gives a secret back, unless it is a reference: that is left out, for the secret is kept where it leads.
    fn unless_reference(&mut self, entry: Entry) -> Option<Entry> {
        let Entry { place, key, .. } = &entry;
        if entry.value.with(is_reference) {
            self.left_out.push(format!("{place}: {key} is a reference already"));
            return None;
        }
        Some(entry)
    }
}

/// What a reader returns.
pub type Outcome = Result<Found, ImportError>;

#[cfg(test)]
mod tests;
