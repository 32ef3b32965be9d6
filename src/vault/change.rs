//! The changes that can be asked for, and what they did. Not how they are applied.

use super::scope::{Scope, SecretRef};
use super::secret::{MetadataPatch, SensitiveBytes, TrashId};

/// What a write must find; anything else is `Changed`, `Exists` or `NotFound`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Whatever is there.
    Any,
    /// Nothing of that name.
    Absent,
    /// Exactly this revision: the one the writer saw.
    Revision(u64),
}

/// One change; a batch of them is one commit.
pub enum Change {
    /// Writes a value: a new secret, or a new revision of one.
    Write {
        /// The secret.
        name: SecretRef,
        /// Its value.
        value: SensitiveBytes,
        /// Its metadata, as far as it is given.
        patch: MetadataPatch,
        /// What must be there.
        expect: Expect,
    },
    /// Changes metadata; the value stays, the revision counts on.
    Edit {
        /// The secret.
        name: SecretRef,
        /// The changes.
        patch: MetadataPatch,
        /// What must be there.
        expect: Expect,
    },
    /// Renames, also across scopes; the history moves along. An existing target is `Exists`.
    Move {
        /// The name now.
        from: SecretRef,
        /// The name then.
        to: SecretRef,
        /// What must be there.
        expect: Expect,
    },
    /// Puts a secret into the trash.
    Delete {
        /// The secret.
        name: SecretRef,
        /// What must be there.
        expect: Expect,
    },
    /// Brings back a deleted secret under its old name.
    Restore {
        /// The trash entry.
        id: TrashId,
    },
    /// Writes the value of a kept revision as a new one.
    Revert {
        /// The secret.
        name: SecretRef,
        /// The kept revision.
        revision: u64,
        /// What must be there.
        expect: Expect,
    },
    /// Removes a deleted secret for good.
    Purge {
        /// The trash entry.
        id: TrashId,
    },
}

impl Change {
    /// The scopes this change writes to, as far as its names tell.
    pub(crate) fn scopes(&self) -> Vec<&Scope> {
        match self {
            Self::Write { name, .. }
            | Self::Edit { name, .. }
            | Self::Delete { name, .. }
            | Self::Revert { name, .. } => vec![&name.scope],
            Self::Move { from, to, .. } => vec![&from.scope, &to.scope],
            Self::Restore { .. } | Self::Purge { .. } => Vec::new(),
        }
    }
}

/// What one change did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The name after the change.
    pub name: SecretRef,
    /// The revision after the change; the last one of a deleted or purged secret.
    pub revision: u64,
    /// Where a deleted secret went.
    pub trash: Option<TrashId>,
}
