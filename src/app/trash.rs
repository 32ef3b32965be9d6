//! Deleted secrets that can still be brought back. Not the deleting.

use super::event::Ticket;
use crate::vault::TrashEntry;

/// The state of the trash.
pub struct Trash {
    /// Newest first; `None` while they are asked for.
    pub entries: Option<Vec<TrashEntry>>,
    /// The selected row.
    pub selected: usize,
    /// The first row on screen.
    pub offset: usize,
    /// What is awaited.
    pub pending: Option<Ticket>,
}
