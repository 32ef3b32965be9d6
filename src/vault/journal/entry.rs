//! What one record says: who did what to which secret, and when. Not how it is sealed or chained.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::vault::access::Actor;
use crate::vault::scope::SecretRef;
use crate::vault::secret::Timestamp;

/// What a value is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// To hand out its bytes.
    #[default]
    Read,
    /// To show it.
    Reveal,
    /// To put it on the clipboard.
    Copy,
    /// To edit it.
    Edit,
    /// To start a command with it.
    Run,
    /// To write it out of the vault.
    Export,
    /// To compare it with another one.
    Compare,
}

macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $word:literal,)*) => {
        /// What was done.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $action,)*
            /// Something a newer tresor does.
            Other(Box<str>),
        }

        impl Action {
            /// The stable word, as it stands in the journal.
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$action => $word,)*
                    Self::Other(word) => word,
                }
            }

            fn of_word(word: &str) -> Self {
                match word {
                    $($word => Self::$action,)*
                    word => Self::Other(word.into()),
                }
            }
        }
    };
}

actions! {
    /// The vault was made.
    Create = "create",
    /// The vault was unlocked.
    Unlock = "unlock",
    /// A value's bytes were handed out.
    Read = "read",
    /// A value was shown.
    Reveal = "reveal",
    /// A value went to the clipboard.
    Copy = "copy",
    /// A value was opened to be edited.
    Edit = "edit",
    /// A value went to a command.
    Run = "run",
    /// A value was written out.
    Export = "export",
    /// A value was compared with one that is to be imported.
    Compare = "compare",
    /// A value was written.
    Write = "write",
    /// Metadata was changed.
    Meta = "meta",
    /// A secret was renamed.
    Move = "move",
    /// A secret went to the trash.
    Delete = "delete",
    /// A secret came back from the trash.
    Restore = "restore",
    /// A kept revision was written again.
    Revert = "revert",
    /// A deleted secret was removed for good.
    Purge = "purge",
    /// A profile was written.
    Profile = "profile",
    /// A profile was removed.
    Unprofile = "profile-remove",
    /// The profiles were put into another order; the name is that of the first.
    ProfileOrder = "profile-order",
    /// A way to unlock was added, removed or replaced.
    Slots = "slots",
    /// The vault key was changed.
    Rotate = "rotate",
    /// The envelopes were moved to another backend.
    Migrate = "migrate",
    /// The whole vault was written to a file.
    Backup = "backup",
    /// A restored vault was accepted, and what was wrong with the journal with it.
    Accept = "accept",
    /// A writer found the journal damaged or shorter than it had been.
    Broken = "broken",
}

impl Action {
    /// Whether it is about a profile: a record of the vault, whose name is no secret's.
    pub fn is_about_profile(&self) -> bool {
        matches!(self, Self::Profile | Self::Unprofile | Self::ProfileOrder)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl From<Purpose> for Action {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Read => Self::Read,
            Purpose::Reveal => Self::Reveal,
            Purpose::Copy => Self::Copy,
            Purpose::Edit => Self::Edit,
            Purpose::Run => Self::Run,
            Purpose::Export => Self::Export,
            Purpose::Compare => Self::Compare,
        }
    }
}

/// What a record seals, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plain {
    pub at: Timestamp,
    pub action: String,
    pub actor: String,
    pub name: Option<SecretRef>,
    /// Where a renamed secret was.
    pub from: Option<SecretRef>,
    pub revision: Option<u64>,
    /// The generation of the commit it belongs to, and its place in it from 0.
    pub commit: Option<(u64, u32)>,
    pub detail: Option<String>,
    /// Room for later formats.
    pub extensions: BTreeMap<String, Vec<u8>>,
}

impl Plain {
    pub(super) fn is(&self, action: &Action) -> bool {
        self.action == action.word()
    }
}

/// One record of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counts every record of the vault.
    pub sequence: u64,
    /// When, by the clock of the machine that did it.
    pub at: Timestamp,
    /// What was done.
    pub action: Action,
    /// Who did it; `None` is somebody the view may not see.
    pub actor: Option<Actor>,
    /// To which secret or profile; `None` when it was about none, or one the view may not see.
    pub name: Option<SecretRef>,
    /// Where a renamed secret was before.
    pub from: Option<SecretRef>,
    /// The revision that was read, or that a change led to.
    pub revision: Option<u64>,
    /// Whether the commit of a change came to its end; `None` when there was nothing to commit.
    pub saved: Option<bool>,
    /// More about it: which slot unlocked, what was found broken. Never a name.
    pub detail: Option<String>,
}

impl Entry {
    fn new(sequence: u64, plain: Plain) -> Self {
        Self {
            sequence,
            at: plain.at,
            action: Action::of_word(&plain.action),
            actor: plain.actor.parse().ok(),
            name: plain.name,
            from: plain.from,
            revision: plain.revision,
            saved: plain.commit.map(|_| true),
            detail: plain.detail,
        }
    }

    /// What `actor` may see of it.
    pub(super) fn seen_by(mut self, actor: &Actor) -> Option<Self> {
        if *actor == Actor::Owner {
            return Some(self);
        }
        let sees = |name: &SecretRef| actor.sees(&name.scope).is_allowed();
        self.name = self.name.filter(sees);
        self.from = self.from.filter(sees);
        if self.name.is_none() {
            self.from.as_ref()?;
            // It counts under a name that is not for this actor.
            self.revision = None;
        }
        self.actor = self.actor.filter(|who| match who {
            Actor::Owner => true,
            Actor::Scoped(scope) => actor.sees(scope).is_allowed(),
        });
        Some(self)
    }
}

/// Entries from records, oldest first, with what became of every commit: a later one of the same
/// generation, or one past the vault's, says that it never came to its end.
pub(super) fn entries(records: Vec<(u64, Plain)>, generation: u64) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(records.len());
    // The changes that may still turn out to be given up, with their generation.
    let mut open: Vec<(u64, usize)> = Vec::new();
    let mut given_up = Vec::new();
    for (sequence, plain) in records {
        if let Some((of, place)) = plain.commit {
            if place == 0 {
                let stays = open.partition_point(|(earlier, _)| *earlier < of);
                given_up.extend(open.drain(stays..).map(|(_, at)| at));
            }
            open.push((of, entries.len()));
        }
        entries.push(Entry::new(sequence, plain));
    }
    given_up.extend(open.iter().filter(|(of, _)| *of > generation).map(|(_, at)| *at));
    for at in given_up {
        if let Some(entry) = entries.get_mut(at) {
            entry.saved = Some(false);
        }
    }
    entries
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "entry_tests.rs"]
mod tests;
