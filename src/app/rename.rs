//! Renaming and moving one secret. Not copying.

use super::event::Ticket;
use super::field::SecretField;
use crate::vault::SecretRef;

/// The fields in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenameField {
    /// The scope as text.
    Scope,
    /// The key.
    Key,
}

/// The state of the form.
pub struct Rename {
    /// The secret's name now.
    pub from: SecretRef,
    /// Its revision.
    pub revision: u64,
    /// The new scope.
    pub scope: SecretField,
    /// The new key.
    pub key: SecretField,
    /// Which field has the cursor.
    pub focus: RenameField,
    /// Scopes that complete what is typed, at most 5.
    pub completions: Vec<String>,
    /// What is wrong, and where.
    pub problem: Option<(RenameField, String)>,
    /// Being saved.
    pub saving: Option<Ticket>,
}
