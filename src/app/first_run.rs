//! The first run: where the vault goes and its passphrase, twice. Not the making of it.

use super::event::{Failure, Ticket};
use super::field::SecretField;
use super::strength::StrengthView;

/// Which field has the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstRunFocus {
    /// The passphrase.
    Passphrase,
    /// The passphrase again.
    Again,
}

/// The state of the first run.
pub struct FirstRun {
    /// Where the vault will be made, already visible.
    pub path: String,
    /// The passphrase.
    pub passphrase: SecretField,
    /// The passphrase again.
    pub again: SecretField,
    /// Which of both has the cursor.
    pub focus: FirstRunFocus,
    /// How hard the passphrase is to guess; `None` while it is empty.
    pub strength: Option<StrengthView>,
    /// Why it cannot go on yet: they differ, it is empty, too weak and Enter confirms.
    pub problem: Option<String>,
    /// Whether a weak passphrase was warned about, so that the next Enter takes it.
    pub weak_accepted: bool,
    /// The vault is being made.
    pub working: Option<Ticket>,
    /// Why making it failed.
    pub failure: Option<Failure>,
}

/// The longest passphrase that can be typed, in bytes.
pub const MAX_PASSPHRASE: usize = 1024;

impl FirstRun {
    /// Nothing typed yet.
    pub fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            passphrase: SecretField::hidden(MAX_PASSPHRASE),
            again: SecretField::hidden(MAX_PASSPHRASE),
            focus: FirstRunFocus::Passphrase,
            strength: None,
            problem: None,
            weak_accepted: false,
            working: None,
            failure: None,
        }
    }
}
