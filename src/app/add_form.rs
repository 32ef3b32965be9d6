//! The form for a new secret: scope, key and value. Not the editor of an existing one.

use super::event::Ticket;
use super::field::SecretField;
use super::value_hints::ValueHints;

/// The fields in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddField {
    /// The scope as text.
    Scope,
    /// The key.
    Key,
    /// The value; many lines.
    Value,
    /// Whether it is protected; a check box.
    Protected,
}

/// The state of the form.
pub struct AddForm {
    /// The scope, filled in from the selection.
    pub scope: SecretField,
    /// The key.
    pub key: SecretField,
    /// The value.
    pub value: SecretField,
    /// Whether it is protected.
    pub protected: bool,
    /// Whether the vault can protect at all; the check box is left out else.
    pub can_protect: bool,
    /// Which field has the cursor.
    pub focus: AddField,
    /// What the value looks like; `None` while it is empty.
    pub hints: Option<ValueHints>,
    /// Scopes that complete what is typed, at most 5; Right at the end of the scope takes the first.
    pub completions: Vec<String>,
    /// What is wrong, and where.
    pub problem: Option<(AddField, String)>,
    /// Being saved.
    pub saving: Option<Ticket>,
}
