//! The built-in editor of one value: many lines, wiped. Not the form for a new secret.

use super::event::{Failure, Ticket};
use super::field::SecretField;
use super::value_hints::ValueHints;
use crate::vault::SecretRef;

/// The state of the editor.
pub struct Editor {
    /// Which secret.
    pub name: SecretRef,
    /// The revision the edit began from.
    pub revision: u64,
    /// The text; `text.shown` toggles with Ctrl-R.
    pub text: SecretField,
    /// Whether anything was changed.
    pub dirty: bool,
    /// What the text looks like.
    pub hints: ValueHints,
    /// A newer revision that appeared meanwhile; saving asks first.
    pub changed_to: Option<u64>,
    /// The secret disappeared meanwhile.
    pub gone: bool,
    /// Whether the secret is protected.
    pub protected: bool,
    /// Being saved.
    pub saving: Option<Ticket>,
    /// Why saving failed.
    pub failure: Option<Failure>,
}
