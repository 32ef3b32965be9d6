//! The kept revisions of one secret. Not the journal.

use super::detail::Shown;
use super::event::Ticket;
use crate::vault::{RevisionInfo, SecretRef};

/// The state of the history.
pub struct History {
    /// Which secret.
    pub name: SecretRef,
    /// The kept revisions, newest first; the first is the live one. `None` while they are asked for.
    pub revisions: Option<Vec<RevisionInfo>>,
    /// The selected row.
    pub selected: usize,
    /// The first row on screen.
    pub offset: usize,
    /// The revealed value of one revision.
    pub shown: Option<Shown>,
    /// What is awaited.
    pub pending: Option<Ticket>,
}
