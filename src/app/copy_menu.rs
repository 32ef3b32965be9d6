//! What of a secret can be copied. Not the copying.

use crate::vault::SecretRef;

/// What an entry copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum CopyItem {
    Value,
    Username,
    Url,
    Reference,
    Uri,
}

/// One entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyRow {
    /// What it copies.
    pub item: CopyItem,
    /// The key that takes it at once.
    pub key: char,
    /// What it is called.
    pub label: &'static str,
    /// What would be copied, already visible; dots for the value.
    pub preview: String,
}

/// The state of the menu.
pub struct CopyMenu {
    /// Which secret.
    pub name: SecretRef,
    /// The entries there are.
    pub rows: Vec<CopyRow>,
    /// The selected one.
    pub selected: usize,
}
