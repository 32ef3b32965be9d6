//! What is to be recorded, as those who do it say it. Not the record.

use std::collections::BTreeMap;

use super::entry::{Action, Plain, Purpose};
use crate::vault::access::Actor;
use crate::vault::change::{Change, Outcome};
use crate::vault::encoding::to_json;
use crate::vault::root::Header;
use crate::vault::scope::SecretRef;
use crate::vault::secret::Timestamp;
use crate::vault::slots::SlotKind;

/// The longest detail in bytes; it is words of ours and never a name.
const MAX_DETAIL: usize = 200;

/// More values than these that are only compared are counted, not named: looking at all of a large vault would
/// push out of the journal who read what.
const NAMED: usize = 16;

/// Something that is to be recorded.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    action: Action,
    actor: Actor,
    name: Option<SecretRef>,
    from: Option<SecretRef>,
    revision: Option<u64>,
    detail: Option<String>,
}

impl Note {
    /// Something about the vault as a whole; only its owner does that.
    pub(crate) fn of_vault(action: Action, detail: Option<String>) -> Self {
        let (actor, name, from, revision) = (Actor::Owner, None, None, None);
        Self { action, actor, name, from, revision, detail }
    }

    /// A value that was read.
    pub(crate) fn read(purpose: Purpose, actor: &Actor, name: &SecretRef, revision: u64) -> Self {
        let (name, revision) = (Some(name.clone()), Some(revision));
        let (action, actor) = (purpose.into(), actor.clone());
        Self { action, actor, name, from: None, revision, detail: None }
    }

    /// The values that were read in one step.
    pub(crate) fn reads(
        purpose: Purpose,
        actor: &Actor,
        read: Vec<(&SecretRef, u64)>,
    ) -> Vec<Self> {
        if purpose == Purpose::Compare && read.len() > NAMED {
            let detail = Some(format!("{} values", read.len()));
            let (action, actor) = (purpose.into(), actor.clone());
            return vec![Self { action, actor, name: None, from: None, revision: None, detail }];
        }
        let note = |(name, revision)| Self::read(purpose, actor, name, revision);
        read.into_iter().map(note).collect()
    }

    /// A change that is about to be applied; what it leads to is told by [`Self::led_to`].
    pub(crate) fn change(actor: &Actor, change: &Change) -> Self {
        let (action, from) = match change {
            Change::Write { .. } => (Action::Write, None),
            Change::Edit { .. } => (Action::Meta, None),
            Change::Move { from, .. } => (Action::Move, Some(from.clone())),
            Change::Delete { .. } => (Action::Delete, None),
            Change::Restore { .. } => (Action::Restore, None),
            Change::Revert { .. } => (Action::Revert, None),
            Change::Purge { .. } => (Action::Purge, None),
            Change::PutRecord { .. } => (Action::Profile, None),
            Change::RemoveRecord { .. } => (Action::Unprofile, None),
            Change::OrderRecords { .. } => (Action::ProfileOrder, None),
        };
        let (name, revision, detail) = (None, None, None);
        Self { action, actor: actor.clone(), name, from, revision, detail }
    }

    /// The same with the name and revision that the change led to.
    #[must_use]
    pub(crate) fn led_to(self, outcome: &Outcome) -> Self {
        Self { name: Some(outcome.name.clone()), revision: Some(outcome.revision), ..self }
    }

    /// What a commit does to the ways to unlock, seen from the two headers.
    pub(crate) fn slots(before: &Header, after: &Header) -> Option<Self> {
        let rotated = before.epoch != after.epoch;
        let kinds = |header: &Header| -> Vec<SlotKind> {
            header.slots.iter().map(|slot| slot.kind()).collect()
        };
        let same = |header: &Header| to_json(&header.slots).ok();
        if !rotated && same(before) == same(after) {
            return None;
        }
        let action = if rotated { Action::Rotate } else { Action::Slots };
        Some(Self::of_vault(action, Some(difference(&kinds(before), &kinds(after)))))
    }

    /// What is sealed of it.
    pub(super) fn at(&self, at: Timestamp, commit: Option<(u64, u32)>) -> Plain {
        let detail = self.detail.as_ref().map(|text| cut(text, MAX_DETAIL));
        Plain {
            at,
            action: self.action.word().to_owned(),
            actor: self.actor.to_string(),
            name: self.name.clone(),
            from: self.from.clone(),
            revision: self.revision,
            commit,
            detail,
            extensions: BTreeMap::new(),
        }
    }
}

/// `added recovery`, `removed key_file`, `replaced passphrase`.
fn difference(before: &[SlotKind], after: &[SlotKind]) -> String {
    let (mut removed, mut added) = (before.to_vec(), after.to_vec());
    removed.retain(|kind| match added.iter().position(|other| other == kind) {
        Some(at) => {
            added.remove(at);
            false
        }
        None => true,
    });
    let words =
        |kinds: &[SlotKind]| kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
    match (removed.is_empty(), added.is_empty()) {
        (true, true) => format!("replaced: {}", words(after)),
        (true, false) => format!("added: {}", words(&added)),
        (false, true) => format!("removed: {}", words(&removed)),
        (false, false) => format!("removed: {}; added: {}", words(&removed), words(&added)),
    }
}

/// The beginning of `text`, at most so many bytes.
fn cut(text: &str, most: usize) -> String {
    let fits = |(at, letter): &(usize, char)| at + letter.len_utf8() <= most;
    text.char_indices().take_while(fits).map(|(_, letter)| letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_compared_by_kind() {
        use SlotKind::{KeyFile, Passphrase};
        assert_eq!(difference(&[KeyFile], &[KeyFile, Passphrase]), "added: passphrase");
        assert_eq!(difference(&[KeyFile, Passphrase], &[Passphrase]), "removed: key_file");
        assert_eq!(difference(&[Passphrase], &[Passphrase]), "replaced: passphrase");
        let swapped = difference(&[KeyFile, KeyFile], &[Passphrase, KeyFile]);
        assert_eq!(swapped, "removed: key_file; added: passphrase");
    }
}
