//! Where a new vault's secrets may be kept: what was found of each backend, and which one is chosen.
//! Tries none of them.

use std::time::Duration;

use crate::vault::BackendKind;
use crate::vault::backend::Choice;

/// What is known of one backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// It is being tried.
    Trying,
    /// It works; a write takes so long.
    Works(Duration),
    /// It does not work, or is not tried here: why, as the end of a sentence.
    Not(String),
}

/// One backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendRow {
    /// Which.
    pub kind: BackendKind,
    /// What is known of it.
    pub tried: Tried,
}

/// What came of trying them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendsNow {
    /// Those of this system.
    pub rows: Vec<BackendRow>,
    /// The one that is suggested, and why.
    pub choice: Choice,
}

/// The table of the first run.
pub struct Backends {
    /// Those of this system first, then the others.
    pub rows: Vec<BackendRow>,
    /// What is suggested; `None` until all are tried.
    pub suggested: Option<Choice>,
    /// The one that is chosen, once there is a suggestion.
    pub selected: usize,
}

impl Default for Backends {
    /// Nothing tried yet.
    fn default() -> Self {
        let mut rows = BackendKind::LASTING.map(|kind| BackendRow {
            kind,
            tried: match kind.is_of_this_system() {
                true => Tried::Trying,
                false => Tried::Not("not on this system".into()),
            },
        });
        rows.sort_by_key(|row| !row.kind.is_of_this_system());
        Self { rows: rows.into(), suggested: None, selected: 0 }
    }
}

impl Backends {
    /// How many of the rows are of this system; they are the first.
    pub fn own(&self) -> usize {
        self.rows.iter().filter(|row| row.kind.is_of_this_system()).count()
    }

    /// The one that is chosen; `None` until there is a suggestion.
    pub fn chosen(&self) -> Option<BackendKind> {
        let row = self.suggested.as_ref().and_then(|_| self.rows.get(self.selected))?;
        Some(row.kind)
    }

    /// Takes what was found, and chooses what is suggested.
    pub(super) fn found(&mut self, now: BackendsNow) {
        for row in &mut self.rows {
            if let Some(found) = now.rows.iter().find(|found| found.kind == row.kind) {
                row.tried = found.tried.clone();
            }
        }
        let suggested = self.rows.iter().position(|row| row.kind == now.choice.kind);
        self.selected = suggested.unwrap_or(0);
        self.suggested = Some(now.choice);
    }

    /// Goes on with encrypted files, which need no store: what could not be tried is said.
    pub(super) fn untried(&mut self, why: &str) {
        let mut rows: Vec<BackendRow> =
            self.rows.iter().filter(|row| row.kind.is_of_this_system()).cloned().collect();
        for row in &mut rows {
            row.tried = Tried::Not(why.to_owned());
        }
        let choice = Choice { kind: BackendKind::EncryptedFile, why: why.to_owned() };
        self.found(BackendsNow { rows, choice });
    }

    /// Chooses that row if it works.
    pub(super) fn choose(&mut self, at: usize) {
        if self.suggested.is_some() && self.works(at) {
            self.selected = at;
        }
    }

    /// Chooses the next one that works; false at the end.
    pub(super) fn down(&mut self) -> bool {
        self.move_to((self.selected + 1..self.rows.len()).find(|at| self.works(*at)))
    }

    /// Chooses the one before that works; false at the beginning.
    pub(super) fn up(&mut self) -> bool {
        self.move_to((0..self.selected).rev().find(|at| self.works(*at)))
    }

    fn move_to(&mut self, found: Option<usize>) -> bool {
        self.selected = found.unwrap_or(self.selected);
        found.is_some()
    }

    fn works(&self, at: usize) -> bool {
        matches!(self.rows.get(at), Some(BackendRow { tried: Tried::Works(_), .. }))
    }
}
