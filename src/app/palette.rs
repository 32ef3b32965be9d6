//! The palette: every action by its name. Not search in secrets.

use super::bindings::Action;
use super::field::SecretField;

/// One entry of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaletteRow {
    /// What it does.
    pub action: Action,
    /// Its word, as in the config file.
    pub word: &'static str,
    /// What it does, in words.
    pub description: &'static str,
    /// Its keys.
    pub keys: String,
    /// Character positions in `description` that matched.
    pub positions: Vec<usize>,
}

/// The state of the palette.
pub struct Palette {
    /// What is typed.
    pub query: SecretField,
    /// What fits, best first.
    pub rows: Vec<PaletteRow>,
    /// The selected one.
    pub selected: usize,
    /// The first row on screen.
    pub offset: usize,
}
