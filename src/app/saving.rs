//! Writing: which changes a layer asks for, and what follows when they are made. Not the vault's commit.

use super::App;
use super::asks::Ask;
use super::bindings::Action;
use super::effect::Effect;
use super::event::{Failure, Ticket};
use super::layer::Layer;
use super::prompt::Retry;
use super::toast::Tone;
use super::undo::Undo;
use crate::vault::{Change, Expect, MetadataPatch, Receipt, SecretRef, SensitiveBytes, TrashId};

/// One thing to be written. Plaintext stays in the layers; this only says where to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveJob {
    /// The editor's text; `any` overwrites whatever revision is there.
    Editor {
        /// Whether a newer revision is overwritten.
        any: bool,
    },
    /// The new secret of the form.
    Add,
    /// The metadata of the form.
    Metadata {
        /// Whether a newer revision is overwritten.
        any: bool,
    },
    /// The new name of the form.
    Rename,
    /// The generator's value as a new revision.
    Generated(SecretRef, u64),
    /// To the trash.
    Delete(SecretRef, u64),
    /// Out of the trash.
    Restore(TrashId),
    /// For good.
    Purge(TrashId),
    /// An old revision as the newest.
    Revert {
        /// Which secret.
        name: SecretRef,
        /// The old revision.
        revision: u64,
        /// The live one.
        live: u64,
    },
    /// The newest entry of the undo stack.
    Undo,
}

impl App {
    /// Saves without a passphrase; it is asked when it is needed.
    pub(super) fn save(&mut self, job: SaveJob) {
        self.save_with(job, None);
    }

    pub(super) fn save_with(
        &mut self,
        job: SaveJob,
        passphrase: Option<SensitiveBytes>,
    ) -> Option<Ticket> {
        if self.asks.any(|ask| matches!(ask, Ask::Save(_))) {
            return None;
        }
        let change = self.change(&job)?;
        let ticket = self.asks.put(Ask::Save(job), self.now);
        self.set_saving(Some(ticket));
        self.opening = Some(ticket);
        self.out.push(Effect::Apply(ticket, vec![change], passphrase));
        Some(ticket)
    }

    /// Builds the change from the layer that holds its parts.
    fn change(&mut self, job: &SaveJob) -> Option<Change> {
        let expect = |any: bool, revision: u64| match any {
            true => Expect::Any,
            false => Expect::Revision(revision),
        };
        Some(match job {
            SaveJob::Editor { any } => {
                let editor = self.editor()?;
                Change::Write {
                    name: editor.name.clone(),
                    value: editor.text.to_sensitive(),
                    patch: MetadataPatch::default(),
                    expect: if editor.gone { Expect::Any } else { expect(*any, editor.revision) },
                }
            }
            SaveJob::Add => self.add_form()?.change()?,
            SaveJob::Metadata { any } => {
                let now = self.wall;
                let form = self.meta_form()?;
                let expect = expect(*any, form.before.revision);
                Change::Edit { name: form.name.clone(), patch: form.patch(now).ok()?, expect }
            }
            SaveJob::Rename => {
                let form = self.rename()?;
                let expect = Expect::Revision(form.revision);
                Change::Move { from: form.from.clone(), to: form.target().ok()?, expect }
            }
            SaveJob::Generated(name, revision) => Change::Write {
                name: name.clone(),
                value: self.generator()?.value.as_ref()?.duplicate(),
                patch: MetadataPatch::default(),
                expect: Expect::Revision(*revision),
            },
            SaveJob::Delete(name, revision) => {
                Change::Delete { name: name.clone(), expect: Expect::Revision(*revision) }
            }
            SaveJob::Restore(id) => Change::Restore { id: *id },
            SaveJob::Purge(id) => Change::Purge { id: *id },
            SaveJob::Revert { name, revision, live } => Change::Revert {
                name: name.clone(),
                revision: *revision,
                expect: Expect::Revision(*live),
            },
            SaveJob::Undo => self.undo.last()?.step.change(),
        })
    }

    /// Notes in the forms what they wait for, if anything: a draft that waits takes no keys.
    pub(super) fn set_saving(&mut self, ticket: Option<Ticket>) {
        for layer in &mut self.layers {
            match layer {
                Layer::AddForm(form) => form.saving = ticket,
                Layer::Editor(editor) => editor.saving = ticket,
                Layer::MetaForm(form) => form.saving = ticket,
                Layer::Rename(form) => form.saving = ticket,
                Layer::Import(import) => import.working = ticket,
                _ => {}
            }
        }
    }

    /// Says what was done, remembers how to undo it, and lists anew.
    pub(super) fn saved(&mut self, job: &SaveJob, receipt: &Receipt) {
        self.set_saving(None);
        let undo = Undo::of(self, job, receipt);
        let name = receipt.outcomes.first().map(|outcome| outcome.name.clone());
        let shown = name.as_ref().map(ToString::to_string).unwrap_or_default();
        let text = match job {
            SaveJob::Editor { .. } | SaveJob::Generated(..) => format!("Saved {shown}"),
            SaveJob::Add => format!("Added {shown}"),
            SaveJob::Metadata { .. } => format!("Saved the metadata of {shown}"),
            SaveJob::Rename => format!("Renamed to {shown}"),
            SaveJob::Delete(name, _) => format!("Moved {name} to the trash"),
            SaveJob::Restore(_) => format!("Restored {shown}"),
            SaveJob::Purge(_) => "Removed for good".to_owned(),
            SaveJob::Revert { name, revision, .. } => {
                format!("Restored revision {revision} of {name}")
            }
            SaveJob::Undo => self.undone(receipt.outcomes.first()),
        };
        let help =
            if undo.is_some() { self.key_help(Action::Undo, "undoes it") } else { String::new() };
        self.undo.extend(undo);
        self.close_after(job);
        self.toast(Tone::Done, text, help);
        for warning in &receipt.warnings {
            self.toast(Tone::Warning, warning.clone(), String::new());
        }
        if !matches!(job, SaveJob::Delete(..) | SaveJob::Purge(_)) {
            self.select_next = name;
        }
        self.load_and_hold();
    }

    /// Takes away the layer whose work is done.
    fn close_after(&mut self, job: &SaveJob) {
        let done = |layer: &Layer| match job {
            SaveJob::Editor { .. } => matches!(layer, Layer::Editor(_)),
            SaveJob::Add => matches!(layer, Layer::AddForm(_)),
            SaveJob::Metadata { .. } => matches!(layer, Layer::MetaForm(_)),
            SaveJob::Rename => matches!(layer, Layer::Rename(_)),
            SaveJob::Generated(..) => matches!(layer, Layer::Generator(_)),
            SaveJob::Revert { .. } => matches!(layer, Layer::History(_)),
            _ => false,
        };
        let before = self.layers.len();
        self.layers.retain(|layer| !done(layer));
        if before != self.layers.len() {
            self.out.push(Effect::Redraw);
        }
        if self.trash_layer().is_some() {
            self.load_trash();
        }
    }

    /// Asks for the passphrase, offers a choice at a conflict, or says what failed and keeps the draft.
    pub(super) fn save_failed(&mut self, job: SaveJob, failure: Failure) {
        self.set_saving(None);
        if failure.needs_protection {
            self.ask_passphrase(Retry::Save(job));
            return;
        }
        let editing = matches!(job, SaveJob::Editor { .. } | SaveJob::Metadata { .. });
        if failure.changed && editing {
            self.ask_conflict(&failure);
            self.request_load();
            return;
        }
        if job == SaveJob::Undo {
            self.undo.pop();
        }
        let is_form = self.blame(&job, &failure);
        if is_form {
            self.ask_accept(&failure);
        } else {
            self.fail(failure);
        }
        self.request_load();
    }

    /// Shows the failure in the form it belongs to; false when there is none.
    fn blame(&mut self, job: &SaveJob, failure: &Failure) -> bool {
        use super::add_form::AddField;
        use super::rename::RenameField;
        let text = failure.message.clone();
        match job {
            SaveJob::Editor { .. } => {
                self.editor().map(|editor| editor.failure = Some(failure.clone())).is_some()
            }
            SaveJob::Add => {
                self.add_form().map(|form| form.problem = Some((AddField::Key, text))).is_some()
            }
            SaveJob::Metadata { .. } => {
                self.meta_form().map(|form| form.problem = Some((form.focus, text))).is_some()
            }
            SaveJob::Rename => {
                self.rename().map(|form| form.problem = Some((RenameField::Key, text))).is_some()
            }
            _ => false,
        }
    }
}
