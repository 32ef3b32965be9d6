//! Where the assignments of a `.env` file stand, to change one and leave the rest alone.

use std::ops::Range;

use super::cursor::Cursor;
use super::{DotenvError, MAX_FILE};
use crate::vault::SensitiveBytes;

/// One assignment and its place.
pub struct Assignment {
    /// The name as it is spelled.
    pub name: String,
    /// The value, bit for bit.
    pub value: SensitiveBytes,
    /// The line it begins on, from 1.
    pub line: usize,
    /// The bytes of the value with its quotes.
    pub at: Range<usize>,
}

/// All assignments in their order, also those that a later one replaces.
///
/// # Errors
///
/// The first line that cannot be read, or too large a file.
pub fn assignments(file: &[u8]) -> Result<Vec<Assignment>, DotenvError> {
    if file.len() > MAX_FILE {
        return Err(DotenvError::TooLarge { why: "more than 32 MiB" });
    }
    let mut found = Vec::new();
    let mut cursor = Cursor::new(file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file));
    while let Some(line) = cursor.next_statement() {
        let error = |why| DotenvError::Line { line, why };
        let name = String::from_utf8_lossy(cursor.name().map_err(error)?).into_owned();
        let start = file.len() - cursor.left();
        let value = cursor.value().map_err(error)?;
        let end = file.len() - cursor.behind_value();
        found.push(Assignment { name, value, line, at: start..end });
    }
    Ok(found)
}
