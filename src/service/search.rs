//! Ranks names by a fuzzy query. Pure computation; the shell runs it on a worker.

use std::sync::Arc;

use crate::vault::SecretSummary;

/// What to search.
#[derive(Clone)]
pub struct SearchQuery {
    /// What was typed.
    pub text: String,
    /// The secrets of the current listing.
    pub secrets: Arc<Vec<SecretSummary>>,
}

/// The ranked result.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchHits {
    /// Best first.
    pub hits: Vec<SearchHit>,
}

/// One match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchHit {
    /// Index into the searched secrets.
    pub index: u32,
    /// Character positions matched in `scope/key`, ascending; computed for the first 200 hits.
    pub positions: Box<[u32]>,
}
