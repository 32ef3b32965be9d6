//! The browse screen: scopes, keys, detail. Not the layers above it.

use std::sync::Arc;

use super::detail::Detail;
use super::key_list::{KeyList, Rows};
use super::scope_tree::{Group, ScopeRowKind, ScopeTree, groups};
use super::search::Search;
use crate::service::search::SearchHit;
use crate::vault::{Actor, Listing, Scope, ScopeKind, SecretRef, SecretSummary};

/// One of the three panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pane {
    /// The scope tree.
    Scopes,
    /// The keys.
    Keys,
    /// One secret.
    Detail,
}

/// The state of the browse screen.
pub struct Browse {
    /// The secrets of the last listing, sorted by scope, then key.
    pub listing: Arc<Vec<SecretSummary>>,
    /// The generation of the listing.
    pub generation: u64,
    /// How many entries the trash holds.
    pub trash: usize,
    /// Whether a listing has come yet.
    pub loaded: bool,
    /// Through whose eyes the vault is seen.
    pub actor: Actor,
    /// The pane with the focus.
    pub focus: Pane,
    /// The scope tree.
    pub scopes: ScopeTree,
    /// The keys.
    pub keys: KeyList,
    /// The search, while there is one.
    pub search: Option<Search>,
    /// The selected secret.
    pub detail: Detail,
    /// The scopes of the listing, in its order.
    pub(super) groups: Vec<Group>,
    /// A listing was asked for while another was on its way.
    pub(super) stale: bool,
}

impl Browse {
    /// Nothing listed yet, seen by the owner.
    pub fn new() -> Self {
        Self::seen_by(Actor::Owner)
    }

    /// Nothing listed yet, to be seen by `actor`.
    pub fn seen_by(actor: Actor) -> Self {
        Self {
            listing: Arc::default(),
            generation: 0,
            trash: 0,
            loaded: false,
            actor,
            focus: Pane::Keys,
            scopes: ScopeTree::default(),
            keys: KeyList::default(),
            search: None,
            detail: Detail::default(),
            groups: Vec::new(),
            stale: false,
        }
    }

    /// The selected secret.
    pub fn selected(&self) -> Option<&SecretSummary> {
        self.keys.index(self.keys.selected).and_then(|index| self.listing.get(index))
    }

    /// The index of a name in the sorted listing.
    pub(super) fn index_of(&self, name: &SecretRef) -> Option<usize> {
        self.listing.binary_search_by(|secret| secret.name.cmp(name)).ok()
    }

    /// The secret of that name.
    pub(super) fn secret(&self, name: &SecretRef) -> Option<&SecretSummary> {
        self.index_of(name).and_then(|at| self.listing.get(at))
    }

    /// Shows the secrets of the selected row of the tree.
    pub(super) fn show_scope(&mut self) {
        let Some(row) = self.scopes.row() else { return };
        let ranges: Vec<_> = row.ranges.iter().filter(|range| !range.is_empty()).cloned().collect();
        let mixed = row.kind == ScopeRowKind::All || ranges.len() > 1;
        self.keys.show_ranges(ranges, mixed);
    }

    /// Selects a secret among the rows that are shown; false when it is not among them.
    pub(super) fn select(&mut self, name: &SecretRef) -> bool {
        let row = self.index_of(name).and_then(|index| self.keys.row_of(index));
        if let Some(row) = row {
            self.keys.selected = row;
        }
        row.is_some()
    }

    /// Selects a secret and, unless all are shown, its scope.
    pub(super) fn go_to(&mut self, name: &SecretRef) -> bool {
        if self.index_of(name).is_none() {
            return false;
        }
        let in_all = self.scopes.row().is_some_and(|row| row.kind == ScopeRowKind::All);
        self.show_scope();
        if in_all || self.select(name) {
            return self.select(name);
        }
        self.unfold(&name.scope);
        let kind = ScopeRowKind::Scope(name.scope.clone());
        let row = self.scopes.rows.iter().position(|row| row.kind == kind);
        self.scopes.selected = row.unwrap_or(0);
        self.show_scope();
        self.select(name)
    }

    /// Unfolds the project that `scope` is an environment of.
    fn unfold(&mut self, scope: &Scope) {
        let project = match scope.segments().as_slice() {
            [name, _] if scope.kind() == ScopeKind::Project => format!("project:{name}").parse(),
            _ => return,
        };
        if project.is_ok_and(|project| self.scopes.folded.remove(&project)) {
            self.rebuild_tree();
        }
    }

    pub(super) fn rebuild_tree(&mut self) {
        self.scopes.rebuild(&self.groups, self.listing.len(), self.trash);
    }

    /// Takes a new listing in place of the old one; selection and search stay on what they were.
    pub(super) fn install(&mut self, listing: Listing) {
        let selected = self.selected().map(|secret| secret.name.clone());
        let (row, offset) = (self.keys.selected, self.keys.offset);
        let old = std::mem::replace(&mut self.listing, Arc::new(listing.secrets));
        (self.generation, self.trash, self.loaded) = (listing.generation, listing.trash, true);
        self.groups = groups(&self.listing);
        self.rebuild_tree();
        match std::mem::replace(&mut self.keys.rows, Rows::Ranges(Vec::new())) {
            Rows::Hits(hits) => {
                let hits = hits.into_iter().filter_map(|hit| self.remap(&old, hit)).collect();
                self.keys.show_hits(hits);
            }
            Rows::Ranges(_) => self.show_scope(),
        }
        self.keys.offset = offset.min(self.keys.len.saturating_sub(1));
        if !selected.is_some_and(|name| self.select(&name)) {
            self.keys.selected = row.min(self.keys.len.saturating_sub(1));
        }
    }

    /// The same hit in the new listing.
    fn remap(&self, old: &[SecretSummary], hit: SearchHit) -> Option<SearchHit> {
        let index = self.index_of(&old.get(hit.index as usize)?.name)?;
        Some(SearchHit { index: u32::try_from(index).ok()?, ..hit })
    }
}

impl Default for Browse {
    fn default() -> Self {
        Self::new()
    }
}
