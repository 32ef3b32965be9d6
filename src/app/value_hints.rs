//! What a value being typed looks like: its kind, expiry, size and final newline. Never the value.

use crate::vault::{SecretKind, Timestamp};

/// What can be said about a value without showing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueHints {
    /// What it was recognised as.
    pub kind: SecretKind,
    /// Facts that are no secret.
    pub facts: Vec<(String, String)>,
    /// When the value itself says it stops working.
    pub expires_at: Option<Timestamp>,
    /// Its bytes.
    pub bytes: usize,
    /// Its lines.
    pub lines: usize,
    /// It is a single line that ends in a newline, which is rarely meant; an action strips it.
    pub trailing_newline: bool,
}
