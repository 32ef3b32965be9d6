//! The palette: every action by its name. Not search in secrets.
use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::App;
use super::bindings::{Action, Binding, offered};
use super::field::SecretField;
use super::layer::Layer;
use super::list_move::moved;

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

/// The longest query in bytes.
const MAX_QUERY: usize = 64;
/// Counts for more than any fuzzy match: the word itself, or its beginning.
const WORD: i64 = 10_000;

impl App {
    /// Opens the palette with every action that is valid where it is called from.
    pub(super) fn open_palette(&mut self) {
        if matches!(self.layers.last(), Some(Layer::Palette(_) | Layer::Prompt(_))) {
            return;
        }
        self.hide_values();
        let query = SecretField::line(MAX_QUERY);
        let rows = self.palette_rows("");
        self.layers.push(Layer::Palette(Palette { query, rows, selected: 0, offset: 0 }));
    }

    /// The context below the palette.
    fn context_below(&self) -> super::Context {
        match self.layers.iter().rev().find(|layer| !matches!(layer, Layer::Palette(_))) {
            Some(layer) => layer.context(),
            None if self.is_browsing() => super::Context::Browse,
            None => self.context_of_screen(),
        }
    }

    fn palette_rows(&self, query: &str) -> Vec<PaletteRow> {
        let matcher = SkimMatcherV2::default();
        let mut rows: Vec<(i64, PaletteRow)> = Vec::new();
        for row in
            self.context_below().chain().iter().flat_map(|c| offered().filter(|r| r.context == *c))
        {
            let known = rows.iter().any(|(_, other)| other.action == row.action);
            if known || row.action == Action::OpenPalette {
                continue;
            }
            if let Some((score, positions)) = score(&matcher, row, query) {
                let (action, word) = (row.action, row.word);
                let keys = self.keys_of(row);
                let description = row.description;
                rows.push((score, PaletteRow { action, word, description, keys, positions }));
            }
        }
        rows.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    pub(super) fn palette_typed(&mut self) {
        let Some(palette) = self.palette() else { return };
        let query = palette.query.with_str(str::to_owned);
        let rows = self.palette_rows(query.trim().trim_start_matches(':'));
        if let Some(palette) = self.palette() {
            (palette.rows, palette.selected, palette.offset) = (rows, 0, 0);
        }
    }

    pub(super) fn palette_act(&mut self, action: Action) {
        let page = self.list_page();
        let Some(palette) = self.palette() else { return };
        match action {
            Action::Close => self.pop_layer(),
            Action::Accept => {
                let chosen = palette.rows.get(palette.selected).map(|row| row.action);
                if let Some(action) = chosen {
                    self.pop_layer();
                    self.stop_typing();
                    self.act(action);
                }
            }
            action => {
                if let Some(to) = moved(palette.selected, palette.rows.len(), page, action) {
                    palette.selected = to;
                }
            }
        }
    }
}

/// How well a row fits, and which characters of its description matched.
fn score(matcher: &SkimMatcherV2, row: &Binding, query: &str) -> Option<(i64, Vec<usize>)> {
    if query.is_empty() {
        return Some((0, Vec::new()));
    }
    let spoken = row.word.replace('_', " ");
    let word = if spoken == query || row.word == query {
        2 * WORD
    } else if spoken.starts_with(query) {
        WORD - i64::try_from(spoken.len()).unwrap_or(0)
    } else {
        matcher.fuzzy_match(&spoken, query).unwrap_or(0)
    };
    let described = matcher.fuzzy_indices(row.description, query);
    match (word, described) {
        (0, None) => None,
        (word, None) => Some((word, Vec::new())),
        (word, Some((score, positions))) => Some((word.max(score), positions)),
    }
}
