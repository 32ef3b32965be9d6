//! Search everywhere: what is typed and what is awaited. The hits themselves live in the key list.

use super::event::Ticket;
use super::field::SecretField;

/// The state of a search.
pub struct Search {
    /// What is typed.
    pub query: SecretField,
    /// Whether the keys go into the query.
    pub typing: bool,
    /// The newest question, while its answer is awaited.
    pub pending: Option<Ticket>,
    /// How many matched; `None` before the first answer.
    pub found: Option<usize>,
}
