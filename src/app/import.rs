//! Importing an environment file: which file, where to, what would happen. Not the parsing.

use super::event::{ImportPreview, Ticket};
use super::field::SecretField;

/// The parts in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportField {
    /// The file's path.
    Path,
    /// The scope to import into.
    Scope,
    /// The preview's rows.
    Rows,
}

/// The state of the import.
pub struct Import {
    /// The file's path.
    pub path: SecretField,
    /// The scope.
    pub scope: SecretField,
    /// Scopes that complete what is typed, at most 5.
    pub completions: Vec<String>,
    /// Whether different values are replaced.
    pub overwrite: bool,
    /// Which part has the focus.
    pub focus: ImportField,
    /// What would happen; `None` before the file was read.
    pub preview: Option<ImportPreview>,
    /// The first row of the preview on screen.
    pub offset: usize,
    /// What is wrong.
    pub problem: Option<String>,
    /// What is awaited.
    pub working: Option<Ticket>,
}
