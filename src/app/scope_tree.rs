//! The scope tree of the browse screen: rows, counts, what is folded. Not the list of keys.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::vault::{Scope, ScopeKind};

/// What a row of the tree stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeRowKind {
    /// Every secret.
    All,
    /// A heading of a kind of scope; cannot be selected.
    Heading(ScopeKind),
    /// One scope; a project may have environments below.
    Scope(Scope),
    /// The trash.
    Trash,
    /// An empty line; cannot be selected.
    Gap,
}

/// One row of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeRow {
    /// What it stands for.
    pub kind: ScopeRowKind,
    /// Levels of indentation: 0 for All, global, headings and Trash, 1 below a heading, 2 for environments.
    pub depth: u8,
    /// The text to show: `global`, `ops`, `shop`, `prod`; already visible.
    pub label: String,
    /// Secrets behind it (a folded project counts its environments too); 0 for headings and gaps.
    pub count: usize,
    /// For a project with environments: whether they are shown.
    pub expanded: Option<bool>,
    /// Index ranges of the listing that this row stands for.
    pub ranges: Vec<Range<u32>>,
}

/// The tree and what is selected in it.
#[derive(Debug, Default)]
pub struct ScopeTree {
    /// All rows that are not folded away.
    pub rows: Vec<ScopeRow>,
    /// The selected row.
    pub selected: usize,
    /// The first row on screen.
    pub offset: usize,
    /// Projects whose environments are folded away.
    pub folded: BTreeSet<Scope>,
}
