//! Standard output and standard error: plain lines, tables, JSON, and values byte for byte.
//! Decides nothing about what is shown.

use std::io::{self, IsTerminal, Write};

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::error::CliError;
use crate::service::stdio;
use crate::text::visible;
use crate::vault::SensitiveBytes;

/// How a command speaks.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Machine-readable output.
    pub json: bool,
    /// No remarks on standard error.
    pub quiet: bool,
}

impl Output {
    /// Writes text that is already safe to show.
    pub fn text(self, text: &str) -> Result<(), CliError> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }

    /// Writes one line of text that is already safe to show.
    pub fn line(self, line: &str) -> Result<(), CliError> {
        self.text(&format!("{line}\n"))
    }

    /// Writes one JSON document as one line.
    pub fn json(self, value: &Value) -> Result<(), CliError> {
        self.line(&super::json::text(value))
    }

    /// Says what was done: JSON when asked for, else a line unless quiet.
    pub fn done(self, line: &str, value: &Value) -> Result<(), CliError> {
        match (self.json, self.quiet) {
            (true, _) => self.json(value),
            (false, true) => Ok(()),
            (false, false) => self.line(line),
        }
    }

    /// A remark on standard error, silenced by `--quiet`, and by `--json`: what reads that is no person.
    pub fn note(self, text: &str) {
        if !self.quiet && !self.json {
            self.warn("note", text);
        }
    }

    /// A line on standard error about what is going on, silenced like a remark.
    pub fn progress(self, line: &str) {
        if !self.quiet && !self.json {
            // A bar may be there, which is drawn anew below. Nobody is left to tell when it is gone.
            let clear = if io::stderr().is_terminal() { "\r\x1b[2K" } else { "" };
            let _ = writeln!(io::stderr(), "{clear}{line}");
        }
    }

    /// Says what a call to a store of the system waits for.
    pub fn waiting_for_the_desktop(self) {
        self.progress("tresor: waiting for your desktop's unlock prompt");
    }

    /// A warning on standard error that `--quiet` does not silence.
    pub fn warning(self, text: &str) {
        self.warn("warning", text);
    }

    fn warn(self, word: &str, text: &str) {
        // Nobody is left to tell when standard error is gone.
        let _ = writeln!(io::stderr(), "tresor: {word}: {text}");
    }

    /// Writes rows: aligned under a header on a terminal, else separated by tabs.
    ///
    /// Every cell passes `visible()`, so that no cell holds a tab or newline of its own.
    pub fn table(self, header: &[&str], rows: &[Vec<String>]) -> Result<(), CliError> {
        let shown: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|cell| visible(cell).into_owned()).collect())
            .collect();
        if !io::stdout().is_terminal() {
            let lines: String = shown.iter().map(|row| row.join("\t") + "\n").collect();
            return self.text(&lines);
        }
        if shown.is_empty() {
            return Ok(());
        }
        let header: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
        let widths: Vec<usize> = (0..header.len())
            .map(|column| {
                let cells = std::iter::once(&header).chain(&shown);
                cells.filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
            })
            .collect();
        let lines: String =
            std::iter::once(&header).chain(&shown).map(|row| aligned(row, &widths)).collect();
        self.text(&lines)
    }
}

/// One line of a table, without white space at its end.
fn aligned(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}

/// Writes a value to standard output, past the buffers of the standard library: these are not wiped.
pub fn write_value(value: &SensitiveBytes) -> Result<(), CliError> {
    Ok(value.with(|bytes| stdio::Output.write_all(bytes))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_by_width_on_the_screen() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(aligned(&row(["日本", "x"]), &[6, 1]), "日本    x\n");
        assert_eq!(aligned(&row(["a", ""]), &[6, 1]), "a\n");
    }
}
