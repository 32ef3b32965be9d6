//! One question with its choices; the safe one is focused. Not a form.

use super::effect::CopyWhat;
use crate::vault::{SecretRef, TrashId};

/// What the question is about.
pub enum Purpose {
    /// Move a secret to the trash.
    Delete(SecretRef, u64),
    /// Remove a deleted secret for good.
    Purge(TrashId),
    /// The edited value meets a newer revision: overwrite, reload, or go on editing.
    Conflict,
    /// Leave an editor or form with unsaved changes.
    Discard,
    /// Copy by OSC 52, which cannot be cleared.
    Osc52(CopyWhat),
    /// Restore an old revision.
    Revert(SecretRef, u64),
}

/// What a choice does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Nothing; the safe one.
    Cancel,
    /// What was asked.
    Yes,
    /// Throw away the edit and take what is there (a conflict).
    Reload,
}

/// One button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The key that takes it at once.
    pub key: char,
    /// The verb on the button.
    pub label: &'static str,
    /// What it does.
    pub answer: Answer,
    /// Whether it destroys something.
    pub danger: bool,
}

/// The state of the question.
pub struct Confirm {
    /// What it is about.
    pub purpose: Purpose,
    /// The title of the box.
    pub title: String,
    /// The question and what follows from it, already visible, one entry a line.
    pub lines: Vec<String>,
    /// The buttons, left to right.
    pub choices: Vec<Choice>,
    /// The focused button.
    pub selected: usize,
}
