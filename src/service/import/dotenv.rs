//! `.env` files as a source of an import. The grammar is `service::dotenv`'s.

use super::{Bad, Entry, Found, ImportError, Outcome, Place};
use crate::service::dotenv::{self, DotenvEntry, DotenvError};
use crate::vault::{MetadataPatch, SensitiveBytes};

/// Reads a file.
///
/// # Errors
///
/// Too large a file; what is wrong with single lines is in what was found.
pub fn read(file: &SensitiveBytes) -> Outcome {
    let (entries, bad) = dotenv::parse_all(file)
        .map_err(|error| ImportError::malformed(error.to_string(), error.advice()))?;
    let mut found = Found { bad: bad.iter().map(told).collect(), ..Found::default() };
    let entries = entries.into_iter().map(entry);
    found.entries = entries.filter_map(|entry| found.unless_reference(entry)).collect();
    Ok(found)
}

fn entry(read: DotenvEntry) -> Entry {
    let DotenvEntry { key, value, line, replaces } = read;
    let patch = MetadataPatch::default();
    let place = Place::Line(line);
    Entry { scope: None, key, value, patch, place, replaces, is_attachment: false }
}

fn told(error: &DotenvError) -> Bad {
    let said = error.to_string();
    let (place, why) = match error {
        DotenvError::Line(bad) => (Place::Line(bad.line), bad.why.to_owned()),
        DotenvError::Collision { first, second, .. } => {
            let why = said.split_once(": ").map_or(said.as_str(), |(_, why)| why);
            (Place::Lines(*first, *second), why.to_owned())
        }
        DotenvError::TooLarge { .. } => (Place::Line(1), said),
    };
    Bad { place, why, help: error.advice() }
}
