//! What a value being typed looks like: its kind, expiry, size and final newline. Never the value.
use crate::vault::{SecretKind, Timestamp, recognise};

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

impl ValueHints {
    /// Looks at a value and keeps none of it.
    pub fn of(value: &str) -> Self {
        let found = recognise(value.as_bytes());
        let lines = value.lines().count();
        Self {
            kind: found.kind,
            facts: found.facts,
            expires_at: found.expires_at,
            bytes: value.len(),
            lines,
            trailing_newline: lines == 1 && value.ends_with('\n'),
        }
    }
}
