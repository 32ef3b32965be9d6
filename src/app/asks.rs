//! What was asked of the world and not answered yet. Not the answers.

use std::collections::BTreeMap;
use std::time::Instant;

use super::event::Ticket;
use super::one_time::CodeUse;
use super::saving::SaveJob;
use super::slots::{SlotJob, SlotWork};
use crate::vault::{Purpose, SecretKey, SecretRef};

/// What a value is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadFor {
    /// To show it.
    Reveal,
    /// To show it for a moment.
    Peek,
    /// To edit it.
    Edit,
    /// To show a revision in the history.
    History,
    /// To replace the text of the editor after a conflict.
    Reload,
}

impl ReadFor {
    /// What the journal says of it.
    pub(super) fn purpose(self) -> Purpose {
        match self {
            Self::Reveal | Self::Peek | Self::History => Purpose::Reveal,
            Self::Edit | Self::Reload => Purpose::Edit,
        }
    }
}

/// What a description is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DescribeFor {
    /// The detail pane.
    Detail,
    /// The metadata form.
    Metadata,
    /// The history.
    History,
}

/// Where what is copied comes from; so that it can be asked for again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopySource {
    /// The live value of a secret.
    Value(SecretRef),
    /// Something that is no secret.
    Text {
        /// What it is.
        label: String,
        /// The text.
        text: String,
    },
    /// The value in the generator.
    Generated,
    /// The one-time code that a secret makes then.
    Code(SecretRef),
    /// The code of a counter that is on the screen.
    Shown(SecretRef),
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    Create,
    /// To try where a new vault may be kept.
    TryBackends,
    Unlock,
    /// Unlocks by what the desktop's keyring holds.
    Keyring,
    /// To accept another state; `by_file` when nothing was typed for it.
    Accept {
        by_file: bool,
    },
    Load,
    Describe(SecretRef, DescribeFor),
    Read {
        name: SecretRef,
        revision: Option<u64>,
        purpose: ReadFor,
    },
    Code(SecretRef, CodeUse),
    Copy(CopySource),
    ClearClipboard,
    Save(SaveJob),
    Slots,
    Prove(SlotJob),
    ChangeSlots(SlotWork),
    Rotate,
    Trash,
    Activity,
    Audit,
    Profiles,
    Renew(SecretKey),
    /// Whether the provider is asked.
    RemoveProfile(SecretKey, bool),
    SignIn,
    Search,
    Preview,
    Import,
}

impl Ask {
    /// Whether its answer changes the ways in.
    pub(super) fn changes_slots(&self) -> bool {
        matches!(self, Self::Prove(_) | Self::ChangeSlots(_) | Self::Rotate)
    }
}

/// The open questions, by ticket.
#[derive(Debug, Default)]
pub(super) struct Asks {
    next: u64,
    open: BTreeMap<Ticket, (Ask, Instant)>,
}

impl Asks {
    /// Notes a question and numbers it.
    pub(super) fn put(&mut self, ask: Ask, now: Instant) -> Ticket {
        self.next += 1;
        let ticket = Ticket(self.next);
        self.open.insert(ticket, (ask, now));
        ticket
    }

    /// The question of that ticket, unless it is no longer asked.
    pub(super) fn take(&mut self, ticket: Ticket) -> Option<Ask> {
        self.open.remove(&ticket).map(|(ask, _)| ask)
    }

    /// Whether such a question is open.
    pub(super) fn any(&self, is: impl Fn(&Ask) -> bool) -> bool {
        self.open.values().any(|(ask, _)| is(ask))
    }

    /// Whether that question asks for a value.
    pub(super) fn is_read(&self, ticket: Ticket) -> bool {
        matches!(self.open.get(&ticket), Some((Ask::Read { .. }, _)))
    }

    /// The ticket of an open question.
    pub(super) fn ticket_of(&self, wanted: &Ask) -> Option<Ticket> {
        self.open.iter().find(|(_, (ask, _))| ask == wanted).map(|(ticket, _)| *ticket)
    }

    /// Drops the questions that are such: their answers will be thrown away.
    pub(super) fn forget(&mut self, is: impl Fn(&Ask) -> bool) {
        self.open.retain(|_, (ask, _)| !is(ask));
    }

    /// The ticket given last.
    #[cfg(test)]
    pub(super) fn newest(&self) -> Ticket {
        Ticket(self.next)
    }

    /// Since when the oldest question waits.
    pub(super) fn since(&self) -> Option<Instant> {
        // What waits for a person is no work.
        let is_work = |ask: &Ask| !matches!(ask, Ask::SignIn | Ask::TryBackends);
        let work = self.open.values().filter(|(ask, _)| is_work(ask));
        work.map(|(_, since)| *since).min()
    }
}
