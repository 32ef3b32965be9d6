//! The keys as they are bound now: the table's defaults under the config file's. Not the table.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::bindings::{Action, Binding, Context, binding, table};
use crate::config::{Chord, KeyCode};
use crate::text::visible;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    actions: HashMap<(Context, Vec<Chord>), Action>,
    keys: HashMap<(Context, Action), Vec<Vec<Chord>>>,
}

impl Default for Keymap {
    /// The table's own keys.
    fn default() -> Self {
        let mut map = Self { actions: HashMap::new(), keys: HashMap::new() };
        for row in table() {
            let keys: Vec<Vec<Chord>> = row.keys.iter().filter_map(|keys| sequence(keys)).collect();
            map.bind(row.context, row.action, keys);
        }
        map
    }
}

/// The row of the config file's words.
fn find(context: &str, action: &str) -> Result<&'static Binding, String> {
    let known = Context::ALL.iter().find(|(_, word, _)| *word == context);
    let Some((context, ..)) = known else {
        let words: Vec<&str> = Context::ALL.iter().map(|(_, word, _)| *word).collect();
        return Err(format!("no keys.{}; there are {}", visible(context), words.join(", ")));
    };
    let rows = || table().iter().filter(|row| row.context == *context);
    rows().find(|row| row.word == action).ok_or_else(|| {
        let words: Vec<&str> = rows().map(|row| row.word).collect();
        format!(
            "no '{}' in keys.{}; there are {}",
            visible(action),
            context.word(),
            words.join(", ")
        )
    })
}

/// Reads `g g`.
fn sequence(text: &str) -> Option<Vec<Chord>> {
    text.split(' ').map(|chord| chord.parse().ok()).collect()
}

impl Keymap {
    /// The defaults with the config file's keys in place of those of the same action.
    ///
    /// # Errors
    /// An unknown context or action, and a key that means two things in one context.
    pub fn with_overrides(overrides: &KeyOverrides) -> Result<Self, KeymapError> {
        let mut map = Self::default();
        let mut chosen = Vec::new();
        for (word, actions) in overrides {
            for (action, (chords, line)) in actions {
                let row =
                    find(word, action).map_err(|message| KeymapError { line: *line, message })?;
                map.unbind(row.context, row.action);
                chosen.push((row, chords, *line));
            }
        }
        for (row, chords, line) in chosen {
            for chord in chords {
                map.check_free(row, *chord).map_err(|message| KeymapError { line, message })?;
            }
            map.bind(row.context, row.action, chords.iter().map(|chord| vec![*chord]).collect());
        }
        Ok(map)
    }

    /// Refuses a chord that already does something else in that context, begins a sequence there, or is
    /// typed as text there.
    fn check_free(&self, row: &Binding, chord: Chord) -> Result<(), String> {
        let by_default = || row.keys.iter().any(|keys| sequence(keys) == Some(vec![chord]));
        let typed = matches!(chord, Chord { code: KeyCode::Char(_), ctrl: false, alt: false });
        if typed && row.context.takes_text() && !by_default() {
            let place = row.context.word();
            return Err(format!("{chord} in keys.{place} is text; take one with ctrl- or alt-"));
        }
        let taken = self.actions.iter().find(|((context, keys), action)| {
            *context == row.context && keys.first() == Some(&chord) && **action != row.action
        });
        let Some(((context, _), action)) = taken else { return Ok(()) };
        let other = binding(*context, *action).map_or("", |row| row.word);
        Err(format!("{chord} in keys.{} is both {} and {other}", context.word(), row.word))
    }

    fn unbind(&mut self, context: Context, action: Action) {
        for keys in self.keys.remove(&(context, action)).unwrap_or_default() {
            self.actions.remove(&(context, keys));
        }
    }

    /// What `typed` means where keys go to `context`.
    pub fn lookup(&self, context: Context, typed: &[Chord]) -> Lookup {
        for context in context.chain() {
            if let Some(action) = self.actions.get(&(*context, typed.to_vec())) {
                return Lookup::Action(*action);
            }
            let begins = |keys: &Vec<Chord>| keys.len() > typed.len() && keys.starts_with(typed);
            if self.actions.keys().any(|(of, keys)| of == context && begins(keys)) {
                return Lookup::Prefix;
            }
        }
        Lookup::None
    }

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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn chords(text: &str) -> Vec<Chord> {
        text.split(' ').map(|chord| chord.parse().expect("a chord")).collect()
    }

    fn overrides(context: &str, action: &str, keys: &str) -> KeyOverrides {
        let actions = BTreeMap::from([(action.to_owned(), (chords(keys), 7))]);
        BTreeMap::from([(context.to_owned(), actions)])
    }

    #[test]
    fn every_key_of_the_table_is_a_key_and_means_one_thing() {
        let mut seen = HashMap::new();
        for row in table() {
            for keys in row.keys {
                let parsed = sequence(keys).unwrap_or_else(|| panic!("{keys:?} is no key"));
                if let Some(other) = seen.insert((row.context, parsed), row.word) {
                    panic!("{keys} in {} is both {} and {other}", row.context.word(), row.word);
                }
            }
        }
    }

    #[test]
    fn words_are_unique_within_a_context() {
        for row in table() {
            let same = |other: &&Binding| other.context == row.context && other.word == row.word;
            assert_eq!(table().iter().filter(same).count(), 1, "{}", row.word);
        }
    }

    #[test]
    fn the_config_file_replaces_the_keys_of_one_action() {
        let map = Keymap::with_overrides(&overrides("browse", "copy", "c ctrl-c")).expect("fine");
        assert_eq!(map.lookup(Context::Browse, &chords("c")), Lookup::Action(Action::Copy));
        assert_eq!(map.lookup(Context::Browse, &chords("ctrl-c")), Lookup::Action(Action::Copy));
        assert_eq!(map.lookup(Context::Browse, &chords("y")), Lookup::None);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_line() {
        for (context, action, keys, says) in [
            ("browsing", "copy", "y", "no keys.browsing"),
            ("browse", "cpy", "y", "no 'cpy' in keys.browse"),
            ("browse", "copy", "e", "both copy and edit"),
            ("browse", "copy", "g", "both copy and"),
            ("editor", "save", "x", "x in keys.editor is text"),
            ("unlock", "accept", "space", "space in keys.unlock is text"),
        ] {
            let error = Keymap::with_overrides(&overrides(context, action, keys)).expect_err(says);
            assert!(error.to_string().starts_with("line 7: "), "{error}");
            assert!(error.message.contains(says), "{error}");
        }
    }

    #[test]
    fn two_actions_may_swap_their_keys() {
        let mut both = overrides("browse", "copy", "e");
        both.get_mut("browse").unwrap().insert("edit".into(), (chords("y"), 8));
        let map = Keymap::with_overrides(&both).expect("fine");
        assert_eq!(map.lookup(Context::Browse, &chords("e")), Lookup::Action(Action::Copy));
    }

    #[test]
    fn sequences_wait_for_their_end() {
        let map = Keymap::default();
        assert_eq!(map.lookup(Context::Browse, &chords("g")), Lookup::Prefix);
        assert_eq!(map.lookup(Context::Browse, &chords("g g")), Lookup::Action(Action::Top));
        assert_eq!(map.lookup(Context::Browse, &chords("g x")), Lookup::None);
    }

    #[test]
    fn keys_are_shown_as_people_write_them() {
        let shown = |text: &str| show(&chords(text));
        assert_eq!(shown("g g"), "gg");
        assert_eq!(shown("ctrl-r"), "Ctrl-R");
        assert_eq!(shown("shift-tab"), "Shift-Tab");
        assert_eq!(shown("enter"), "Enter");
        assert_eq!(shown("/"), "/");
    }
}
