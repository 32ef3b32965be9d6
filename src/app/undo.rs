//! The stack of inverse changes behind `u`. Not a history of values: those stay in the vault.

use super::App;
use super::saving::SaveJob;
use crate::vault::{
    Change, Expect, MetadataPatch, Outcome, Receipt, SecretMetadata, SecretRef, TrashId,
};

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
    /// The secret it is about and the revision it must find; none for what is in the trash.
    fn finds(&mut self) -> Option<(&SecretRef, &mut u64)> {
        match self {
            Self::Restore(_) => None,
            Self::Delete(name, now) => Some((name, now)),
            Self::Revert { name, now, .. } | Self::Edit { name, now, .. } => Some((name, now)),
            Self::Move { from, now, .. } => Some((from, now)),
        }
    }

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
    /// The revision the change was made to; 0 when there was none.
    before: u64,
    /// What was done, to follow `Undone: `.
    what: String,
}

impl Undo {
    /// How to undo what `job` has just done; `None` for what cannot or need not be undone.
    pub(super) fn of(app: &mut App, job: &SaveJob, receipt: &Receipt) -> Option<Self> {
        let outcome = receipt.outcomes.first()?;
        let (name, now) = (outcome.name.clone(), outcome.revision);
        let (step, before, what) = match job {
            SaveJob::Editor { .. } => {
                let editor = app.editor()?;
                let revision = editor.changed_to.unwrap_or(editor.revision);
                let what = format!("edit of {name}");
                match editor.gone {
                    true => (Step::Delete(name, now), 0, what),
                    false => (Step::Revert { name, revision, now }, revision, what),
                }
            }
            SaveJob::Generated(_, revision) => {
                let what = format!("new value of {name}");
                (Step::Revert { name, revision: *revision, now }, *revision, what)
            }
            SaveJob::Add => (Step::Delete(name.clone(), now), 0, format!("adding {name}")),
            SaveJob::Metadata { .. } => {
                let form = app.meta_form()?;
                let patch = Box::new(whole(&form.before));
                let before = form.changed_to.unwrap_or(form.before.revision);
                let what = format!("metadata of {name}");
                (Step::Edit { name, patch, now }, before, what)
            }
            SaveJob::Rename => {
                let form = app.rename()?;
                let (to, before) = (form.from.clone(), form.revision);
                let what = format!("renaming {to}");
                (Step::Move { from: name, to, now }, before, what)
            }
            SaveJob::Delete(deleted, before) => {
                (Step::Restore(outcome.trash?), *before, format!("deleting {deleted}"))
            }
            SaveJob::Restore(_) => {
                let what = format!("restoring {name}");
                (Step::Delete(name, now), 0, what)
            }
            SaveJob::Revert { live, .. } => {
                let what = format!("restoring a revision of {name}");
                (Step::Revert { name, revision: *live, now }, *live, what)
            }
            SaveJob::Purge(_) | SaveJob::Undo => return None,
        };
        if app.undo.len() >= DEPTH {
            app.undo.remove(0);
        }
        Some(Self { step, before, what })
    }

    /// The sentence once it is undone.
    fn done(&self) -> String {
        format!("Undone: {}", self.what)
    }
}

impl App {
    /// Takes the newest step away, which was just undone and left the secret as `outcome` says.
    ///
    /// The secret is again what the step before it left, only under a new revision: that one must
    /// now be found by the steps that remain.
    pub(super) fn undone(&mut self, outcome: Option<&Outcome>) -> String {
        let Some(done) = self.undo.pop() else { return String::new() };
        if let Some(outcome) = outcome {
            let steps = self.undo.iter_mut().rev().filter_map(|undo| undo.step.finds());
            for (name, now) in steps {
                if *name == outcome.name && *now == done.before {
                    *now = outcome.revision;
                }
            }
        }
        done.done()
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
