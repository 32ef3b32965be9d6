//! Asks the passphrase for one action on a protected secret. Not the unlock screen.

use super::effect::CopyWhat;
use super::event::{Failure, Ticket};
use super::field::SecretField;
use crate::vault::{Change, SecretRef};

/// What goes on once the passphrase is there.
pub enum Retry {
    /// Read the value (or a revision) for that use.
    Read(SecretRef, Option<u64>, ReadFor),
    /// Copy.
    Copy(CopyWhat),
    /// Apply the changes, made anew by the layer below from its fields.
    Save,
    /// Apply these changes.
    Apply(Vec<Change>),
}

/// What a value is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadFor {
    /// To show it.
    Reveal,
    /// To show it for a moment.
    Peek,
    /// To edit it.
    Edit,
    /// To show an old revision in the history.
    History,
    /// To replace the text of the editor after a conflict.
    Reload,
}

/// The state of the prompt.
pub struct Prompt {
    /// What it is for, e.g. `Reveal project:shop:prod/db_password`.
    pub title: String,
    /// What is typed.
    pub passphrase: SecretField,
    /// What goes on then.
    pub retry: Retry,
    /// Wrong passphrases so far.
    pub tries: u32,
    /// Why the last try failed.
    pub failure: Option<Failure>,
    /// The key derivation is running.
    pub working: Option<Ticket>,
}
