//! The browse screen: scopes, keys, detail. Not the layers above it.

use std::sync::Arc;

use super::detail::Detail;
use super::key_list::KeyList;
use super::scope_tree::ScopeTree;
use super::search::Search;
use crate::vault::{Actor, SecretSummary};

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
}

impl Browse {
    /// Nothing listed yet, seen by the owner.
    pub fn new() -> Self {
        Self {
            listing: Arc::default(),
            generation: 0,
            trash: 0,
            loaded: false,
            actor: Actor::Owner,
            focus: Pane::Keys,
            scopes: ScopeTree::default(),
            keys: KeyList::default(),
            search: None,
            detail: Detail::default(),
        }
    }

    /// The selected secret.
    pub fn selected(&self) -> Option<&SecretSummary> {
        self.keys.index(self.keys.selected).and_then(|index| self.listing.get(index))
    }
}

impl Default for Browse {
    fn default() -> Self {
        Self::new()
    }
}
