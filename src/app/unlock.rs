//! The unlock screen. Not the unlocking.

use super::event::{Failure, Ticket};
use super::field::SecretField;
use super::first_run::MAX_PASSPHRASE;

/// The state of the unlock screen.
pub struct Unlock {
    /// Where the vault is, already visible.
    pub path: String,
    /// What is typed; `passphrase.shown` after Ctrl-R.
    pub passphrase: SecretField,
    /// The key derivation is running.
    pub working: Option<Ticket>,
    /// How often a wrong passphrase was given since this screen appeared.
    pub tries: u32,
    /// Why the last try failed.
    pub failure: Option<Failure>,
    /// Why the screen is here, when it was not the user: idle, keys changed, a draft was dropped.
    pub notice: Option<String>,
}

impl Unlock {
    /// Nothing typed yet.
    pub fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            passphrase: SecretField::hidden(MAX_PASSPHRASE),
            working: None,
            tries: 0,
            failure: None,
            notice: None,
        }
    }
}
