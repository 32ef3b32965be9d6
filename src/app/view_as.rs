//! The permission lens: choose an actor and see what it sees and why. Not an authentication.

use crate::vault::{Actor, Scope};

/// What one scope is to the actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LensRow {
    /// The scope.
    pub scope: Scope,
    /// Secrets in it.
    pub count: usize,
    /// Whether the actor sees it.
    pub sees: bool,
    /// Whether it may write there.
    pub writes: bool,
    /// Why, in plain words.
    pub reason: &'static str,
}

/// The state of the lens.
pub struct ViewAs {
    /// The actors there are: the owner first, then one per scope but global.
    pub actors: Vec<Actor>,
    /// The one looked at.
    pub selected: usize,
    /// What it sees, one row a scope.
    pub rows: Vec<LensRow>,
    /// The selected row.
    pub row: usize,
    /// The first row on screen.
    pub offset: usize,
    /// How many secrets it sees, and how many there are.
    pub seen: (usize, usize),
}
