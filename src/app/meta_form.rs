//! The form of a secret's metadata. Not its value.

use super::event::Ticket;
use super::field::SecretField;
use crate::vault::{SecretKind, SecretMetadata, SecretRef};

/// The fields in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum MetaField {
    Kind,
    Username,
    Url,
    Tags,
    Expires,
    Protected,
    Note,
}

/// The state of the form.
pub struct MetaForm {
    /// Which secret.
    pub name: SecretRef,
    /// The metadata the form began from.
    pub before: SecretMetadata,
    /// The kind; Left and Right change it.
    pub kind: SecretKind,
    /// The account.
    pub username: SecretField,
    /// The address.
    pub url: SecretField,
    /// Tags, separated by commas or spaces.
    pub tags: SecretField,
    /// The expiry: a date, RFC 3339, or `30d`, `6w`, `2y` from now; empty is never.
    pub expires: SecretField,
    /// Whether it is protected.
    pub protected: bool,
    /// Whether the vault can protect at all.
    pub can_protect: bool,
    /// Free text of many lines.
    pub note: SecretField,
    /// Which field has the cursor.
    pub focus: MetaField,
    /// What is wrong, and where.
    pub problem: Option<(MetaField, String)>,
    /// A newer revision appeared meanwhile.
    pub changed_to: Option<u64>,
    /// Being saved.
    pub saving: Option<Ticket>,
}
