//! The stack of inverse changes behind `u`. Not a history of values: those stay in the vault.

use super::App;
use super::saving::SaveJob;
use crate::vault::{Change, Expect, MetadataPatch, Receipt, SecretMetadata, SecretRef, TrashId};

/// How many steps are remembered.
const DEPTH: usize = 100;

/// The inverse of one change; names only, never a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Restore(TrashId),
    Delete(SecretRef, u64),
    Revert { name: SecretRef, revision: u64, now: u64 },
    Edit { name: SecretRef, patch: Box<MetadataPatch>, now: u64 },
    Move { from: SecretRef, to: SecretRef, now: u64 },
}

impl Step {
    /// The change that undoes it; it must find what the change left.
    pub(super) fn change(&self) -> Change {
        match self.clone() {
            Self::Restore(id) => Change::Restore { id },
            Self::Delete(name, now) => Change::Delete { name, expect: Expect::Revision(now) },
            Self::Revert { name, revision, now } => {
                Change::Revert { name, revision, expect: Expect::Revision(now) }
            }
            Self::Edit { name, patch, now } => {
                Change::Edit { name, patch: *patch, expect: Expect::Revision(now) }
            }
            Self::Move { from, to, now } => {
                Change::Move { from, to, expect: Expect::Revision(now) }
            }
        }
    }
}

/// One entry of the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Undo {
    pub(super) step: Step,
    /// What was done, to follow `Undone: `.
    what: String,
}

impl Undo {
    /// How to undo what `job` has just done; `None` for what cannot or need not be undone.
    pub(super) fn of(app: &mut App, job: &SaveJob, receipt: &Receipt) -> Option<Self> {
        let outcome = receipt.outcomes.first()?;
        let (name, now) = (outcome.name.clone(), outcome.revision);
        let (step, what) = match job {
            SaveJob::Editor { .. } => {
                let editor = app.editor()?;
                let revision = editor.changed_to.unwrap_or(editor.revision);
                let what = format!("edit of {name}");
                match editor.gone {
                    true => (Step::Delete(name, now), what),
                    false => (Step::Revert { name, revision, now }, what),
                }
            }
            SaveJob::Generated(_, revision) => {
                let what = format!("new value of {name}");
                (Step::Revert { name, revision: *revision, now }, what)
            }
            SaveJob::Add => (Step::Delete(name.clone(), now), format!("adding {name}")),
            SaveJob::Metadata { .. } => {
                let form = app.meta_form()?;
                let patch = Box::new(whole(&form.before));
                let what = format!("metadata of {name}");
                (Step::Edit { name, patch, now }, what)
            }
            SaveJob::Rename => {
                let to = app.rename()?.from.clone();
                let what = format!("renaming {to}");
                (Step::Move { from: name, to, now }, what)
            }
            SaveJob::Delete(deleted, _) => {
                (Step::Restore(outcome.trash?), format!("deleting {deleted}"))
            }
            SaveJob::Restore(_) => {
                let what = format!("restoring {name}");
                (Step::Delete(name, now), what)
            }
            SaveJob::Revert { live, .. } => {
                let what = format!("restoring a revision of {name}");
                (Step::Revert { name, revision: *live, now }, what)
            }
            SaveJob::Purge(_) | SaveJob::Undo => return None,
        };
        if app.undo.len() >= DEPTH {
            app.undo.remove(0);
        }
        Some(Self { step, what })
    }

    /// The sentence once it is undone.
    pub(super) fn done(&self) -> String {
        format!("Undone: {}", self.what)
    }
}

/// A patch that sets every field to what it was.
fn whole(before: &SecretMetadata) -> MetadataPatch {
    MetadataPatch {
        kind: Some(before.kind),
        username: Some(before.username.clone()),
        url: Some(before.url.clone()),
        tags: Some(before.tags.clone()),
        note: Some(before.note.clone()),
        expires_at: Some(before.expires_at),
        protected: Some(before.protected),
    }
}
