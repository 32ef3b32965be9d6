//! The rows of a CSV file (RFC 4180), one at a time in a wiped buffer. Knows no columns.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use zeroize::Zeroizing;

use crate::service::import::lines::Lines;

/// The most columns that are told apart; no file has so many.
const MOST_CELLS: usize = 4096;

/// A file, row by row.
pub(super) struct Rows<'a> {
    rest: &'a [u8],
    lines: Lines<'a>,
    reader: Reader,
    delimiter: u8,
    /// As large as the file: a row that grows is never moved, and leaves no copies.
    cells: Zeroizing<Vec<u8>>,
    ends: Vec<usize>,
}

/// One row.
pub(super) struct Row<'a> {
    /// Where it begins, from 1.
    pub line: usize,
    /// What is in it.
    pub cells: Vec<&'a str>,
    /// Whether the file ends within a quote of this row.
    pub is_open: bool,
}

impl<'a> Rows<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let delimiter = delimiter(bytes);
        Self {
            rest: bytes,
            lines: Lines::new(bytes),
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            cells: Zeroizing::new(vec![0; bytes.len() + 1]),
            ends: vec![0; MOST_CELLS],
        }
    }

    /// The next row that is not blank.
    pub(super) fn next(&mut self) -> Option<Row<'_>> {
        let blank = self.rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        self.rest = self.rest.get(blank..).unwrap_or_default();
        let begin = self.rest;
        if begin.is_empty() {
            return None;
        }
        let line = self.lines.of(begin);
        let (mut length, mut count) = (0, 0);
        loop {
            let cells = self.cells.get_mut(length..)?;
            let ends = self.ends.get_mut(count..)?;
            let (result, read, written, ended) = self.reader.read_record(self.rest, cells, ends);
            self.rest = self.rest.get(read..).unwrap_or_default();
            length += written;
            count += ended;
            match result {
                // The file may end without a newline: once more with nothing says so.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => break,
                ReadRecordResult::End if count > 0 => break,
                ReadRecordResult::End => return None,
                // More cells than any header has: the row is refused for their number.
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    self.rest = &[];
                    break;
                }
            }
        }
        let is_open = self.rest.is_empty() && ends_in_a_quote(begin, self.delimiter);
        let ends = self.ends.get(..count)?;
        let starts = std::iter::once(&0).chain(ends);
        let cells = starts.zip(ends).map(|(start, end)| {
            let cell = self.cells.get(*start..*end).unwrap_or_default();
            std::str::from_utf8(cell).unwrap_or_default()
        });
        Some(Row { line, cells: cells.collect(), is_open })
    }
}

/// What stands between the cells: a comma, unless the first line has none, but another one that is used.
fn delimiter(bytes: &[u8]) -> u8 {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let found = [b',', b';', b'\t'].into_iter().find(|delimiter| line.contains(delimiter));
    found.unwrap_or(b',')
}

/// Whether a quote that opens a cell is never closed: the reader takes the end of the file for one.
fn ends_in_a_quote(bytes: &[u8], delimiter: u8) -> bool {
    let (mut begins, mut inside) = (true, false);
    let mut bytes = bytes.iter().peekable();
    while let Some(byte) = bytes.next() {
        if inside {
            if *byte == b'"' && bytes.next_if(|next| **next == b'"').is_none() {
                inside = false;
            }
            continue;
        }
        inside = begins && *byte == b'"';
        begins = *byte == delimiter || matches!(byte, b'\n' | b'\r');
    }
    inside
}
