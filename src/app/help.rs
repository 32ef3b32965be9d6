//! The help: every binding, from the one table. Holds no text of its own.

use super::bindings::{Action, Context};

/// One line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpRow {
    /// A heading.
    Heading(&'static str),
    /// One action: its keys joined, and what it does.
    Binding {
        /// The action.
        action: Action,
        /// Its keys, as `y, ctrl-c`.
        keys: String,
        /// What it does.
        description: &'static str,
    },
    /// An empty line.
    Gap,
}

/// The state of the help.
pub struct Help {
    /// Where it was called from; those rows come first.
    pub context: Context,
    /// All lines.
    pub rows: Vec<HelpRow>,
    /// The first line on screen.
    pub offset: usize,
}
