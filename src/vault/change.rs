//! The changes that can be asked for, and what they did. Not how they are applied.

use super::scope::{Scope, SecretKey, SecretRef};
use super::secret::{MetadataPatch, SensitiveBytes, TrashId};

/// What a write must find; anything else is `Changed`, `Exists` or `NotFound`, of a record
/// `RecordChanged`, `RecordExists` or `NoRecord`.
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
    /// Writes a record: a new one at the end of the order, or a new revision of one.
    PutRecord {
        /// The record.
        id: SecretKey,
        /// Who it is to belong to.
        owner: Scope,
        /// What it is to say, 1 to [`MAX_RECORD`](super::MAX_RECORD) bytes.
        body: Vec<u8>,
        /// What must be there.
        expect: Expect,
    },
    /// Removes a record for good.
    RemoveRecord {
        /// The record.
        id: SecretKey,
        /// What must be there.
        expect: Expect,
    },
    /// Puts the records into this order; those not named keep their order behind them. Owner only.
    OrderRecords {
        /// The records, at least one.
        ids: Vec<SecretKey>,
    },
}

impl Change {
    /// The scopes this change writes to, as far as its names tell.
    pub(crate) fn scopes(&self) -> Vec<Scope> {
        match self {
            Self::Write { name, .. }
            | Self::Edit { name, .. }
            | Self::Delete { name, .. }
            | Self::Revert { name, .. } => vec![name.scope.clone()],
            Self::Move { from, to, .. } => vec![from.scope.clone(), to.scope.clone()],
            Self::PutRecord { owner, .. } => vec![owner.clone()],
            // The order is everybody's, and so nobody's but the owner's.
            Self::OrderRecords { .. } => vec![Scope::global()],
            Self::Restore { .. } | Self::Purge { .. } | Self::RemoveRecord { .. } => Vec::new(),
        }
    }
}

/// What one change did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The name after the change; of a record its owner and id, of an order that of the first.
    pub name: SecretRef,
    /// The revision after the change; the last one of what was deleted, purged or removed.
    pub revision: u64,
    /// Where a deleted secret went.
    pub trash: Option<TrashId>,
}
