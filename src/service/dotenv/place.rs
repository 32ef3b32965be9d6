//! Where the assignments of a `.env` file stand, to change one and leave the rest alone.

use std::ops::Range;

use super::cursor::Cursor;
use super::{BadLine, DotenvError, MAX_FILE};
use crate::text::{is_utf16, without_byte_order_mark};
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
    Ok(Statements::of(file)?.collect::<Result<_, BadLine>>()?)
}

/// The same, but goes on behind lines that cannot be read: all that can, and what is wrong with the rest.
///
/// # Errors
///
/// Too large a file.
pub fn readable_assignments(file: &[u8]) -> Result<(Vec<Assignment>, Vec<BadLine>), DotenvError> {
    let (mut found, mut bad) = (Vec::new(), Vec::new());
    for statement in Statements::of(file)? {
        match statement {
            Ok(assignment) => found.push(assignment),
            Err(line) => bad.push(line),
        }
    }
    Ok((found, bad))
}

/// What stands in a file, one after the other: assignments, and lines that are none.
pub(super) struct Statements<'a> {
    cursor: Cursor<'a>,
    length: usize,
}

impl<'a> Statements<'a> {
    /// Those of a file that is not too large.
    pub(super) fn of(file: &'a [u8]) -> Result<Self, DotenvError> {
        if file.len() > MAX_FILE {
            return Err(DotenvError::TooLarge { why: "more than 32 MiB" });
        }
        if is_utf16(file) {
            return Err(BadLine { line: 1, why: "it is in UTF-16; save it as UTF-8" }.into());
        }
        let cursor = Cursor::new(without_byte_order_mark(file));
        Ok(Self { cursor, length: file.len() })
    }

    fn assignment(&mut self, line: usize) -> Result<Assignment, &'static str> {
        let name = String::from_utf8_lossy(self.cursor.name()?).into_owned();
        let start = self.length - self.cursor.left();
        let value = self.cursor.value()?;
        let end = self.length - self.cursor.behind_value();
        Ok(Assignment { name, value, line, at: start..end })
    }
}

impl Iterator for Statements<'_> {
    type Item = Result<Assignment, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.cursor.next_statement()?;
        let start = self.cursor;
        Some(self.assignment(line).map_err(|why| {
            // A quote that is closed on a later line hides what stands between: only this line is bad.
            self.cursor = start;
            self.cursor.skip_line();
            BadLine { line, why }
        }))
    }
}
