//! The keys as they are bound now: the table's defaults under the config file's. Not the table.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::bindings::{Action, Context, table};
use crate::config::Chord;

/// `[keys.<context>]` of the config file: context → action → its chords and the line they stand on.
pub type KeyOverrides = BTreeMap<String, BTreeMap<String, (Vec<Chord>, usize)>>;

/// Why the config file's keys cannot be used; names the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeymapError {
    /// The line of the config file.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for KeymapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for KeymapError {}

/// What a sequence of chords means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// It does that.
    Action(Action),
    /// More chords may follow.
    Prefix,
    /// Nothing.
    None,
}

/// The keys as they are bound now.
#[derive(Debug, Clone)]
pub struct Keymap {
    pub(super) actions: HashMap<(Context, Vec<Chord>), Action>,
    pub(super) keys: HashMap<(Context, Action), Vec<Vec<Chord>>>,
}

impl Default for Keymap {
    fn default() -> Self {
        let mut map = Self { actions: HashMap::new(), keys: HashMap::new() };
        for row in table() {
            let keys: Vec<Vec<Chord>> = row.keys.iter().filter_map(|keys| sequence(keys)).collect();
            map.bind(row.context, row.action, keys);
        }
        map
    }
}

/// Reads `g g`.
fn sequence(text: &str) -> Option<Vec<Chord>> {
    text.split(' ').map(|chord| chord.parse().ok()).collect()
}

impl Keymap {
    fn bind(&mut self, context: Context, action: Action, keys: Vec<Vec<Chord>>) {
        for key in &keys {
            self.actions.insert((context, key.clone()), action);
        }
        self.keys.insert((context, action), keys);
    }

    /// The keys of `action` in `context` itself, not in its chain.
    pub fn keys(&self, context: Context, action: Action) -> &[Vec<Chord>] {
        self.keys.get(&(context, action)).map_or(&[], Vec::as_slice)
    }

    /// The first key of `action` in `context`, as people write it, or nothing.
    pub fn first_key(&self, context: Context, action: Action) -> Option<String> {
        self.keys(context, action).first().map(|keys| show(keys))
    }
}

/// A sequence as people read it: `gg`, `Ctrl-R`, `Enter`.
pub fn show(keys: &[Chord]) -> String {
    keys.iter().map(show_chord).collect()
}

/// A chord as people read it.
pub fn show_chord(chord: &Chord) -> String {
    let text = chord.to_string();
    if text.chars().count() == 1 {
        return text;
    }
    let parts: Vec<String> = text.split('-').map(capital).collect();
    parts.join("-")
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
