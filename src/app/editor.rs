//! The built-in editor of one value: many lines, wiped. Not the form for a new secret.
use super::App;
use super::asks::ReadFor;
use super::bindings::Action;
use super::event::{Failure, Ticket};
use super::field::SecretField;
use super::layer::Layer;
use super::saving::SaveJob;
use super::toast::Tone;
use super::value_hints::ValueHints;
use crate::fault::FaultKind;
use crate::text::counted;
use crate::vault::{SecretRef, SensitiveBytes};

/// The state of the editor.
pub struct Editor {
    /// Which secret.
    pub name: SecretRef,
    /// The revision the edit began from.
    pub revision: u64,
    /// The text; `text.shown` toggles with Ctrl-R.
    pub text: SecretField,
    /// Whether anything was changed.
    pub dirty: bool,
    /// What the text looks like.
    pub hints: ValueHints,
    /// A newer revision that appeared meanwhile; saving asks first.
    pub changed_to: Option<u64>,
    /// The secret disappeared meanwhile.
    pub gone: bool,
    /// Whether the secret is protected.
    pub protected: bool,
    /// Being saved.
    pub saving: Option<Ticket>,
    /// Why saving failed.
    pub failure: Option<Failure>,
}

impl Editor {
    /// Looks at the text again after a change.
    fn look(&mut self) {
        self.hints = self.text.with_str(ValueHints::of);
        self.failure = None;
    }
}

impl App {
    /// The longest value the vault takes, in bytes.
    pub(super) fn max_value(&self) -> usize {
        let default = crate::vault::secret::DEFAULT_MAX_VALUE as usize;
        self.facts.as_ref().map_or(default, |facts| facts.max_value)
    }

    /// Opens the editor with a value that was read; what is no text is never edited.
    pub(super) fn open_editor(&mut self, name: SecretRef, revision: u64, value: &SensitiveBytes) {
        let mut text = SecretField::lines(self.max_value().max(value.len()));
        if value.with_str(|value| text.set(value)).is_none() {
            let size = counted(value.len(), "byte");
            let help = "'tresor set' replaces it from a file".to_owned();
            return self.toast(
                Tone::Note,
                format!("{name} is binary ({size}) and cannot be edited here"),
                help,
            );
        }
        let protected = match &self.screen {
            super::Screen::Browse(browse) => browse.secret(&name).is_some_and(|s| s.protected),
            _ => false,
        };
        let hints = text.with_str(ValueHints::of);
        self.layers.push(Layer::Editor(Editor {
            name,
            revision,
            text,
            dirty: false,
            hints,
            changed_to: None,
            gone: false,
            protected,
            saving: None,
            failure: None,
        }));
    }

    /// Replaces the text by what is in the vault now.
    pub(super) fn reload_editor(
        &mut self,
        name: &SecretRef,
        revision: u64,
        value: &SensitiveBytes,
    ) {
        let Some(editor) = self.editor().filter(|editor| editor.name == *name) else { return };
        if value.with_str(|value| editor.text.set(value)).is_none() {
            self.layers.retain(|layer| !matches!(layer, Layer::Editor(_)));
            return self.toast(Tone::Note, format!("{name} is binary now"), String::new());
        }
        (editor.revision, editor.changed_to, editor.gone) = (revision, None, false);
        editor.dirty = false;
        editor.look();
    }

    pub(super) fn editor_typed(&mut self) {
        if let Some(editor) = self.editor() {
            editor.dirty = true;
            editor.look();
        }
    }

    pub(super) fn editor_act(&mut self, action: Action) {
        let Some(editor) = self.editor().filter(|editor| editor.saving.is_none()) else { return };
        match action {
            Action::Accept => self.save_editor(),
            Action::Close => self.close_top(),
            Action::Generate => self.generate_for_field(),
            Action::ShowTyped => editor.text.shown = !editor.text.shown,
            Action::StripNewline => {
                editor.text.strip_newline();
                self.editor_typed();
            }
            _ => {}
        }
    }

    fn save_editor(&mut self) {
        let Some(editor) = self.editor() else { return };
        let name = editor.name.clone();
        if editor.text.is_empty() {
            let help = "give it at least one byte, or delete the secret";
            let failure = Failure::plain(FaultKind::Invalid, "the value is empty", help);
            editor.failure = Some(failure);
        } else if !editor.dirty {
            self.pop_layer();
            self.toast(Tone::Note, format!("Nothing changed in {name}"), String::new());
        } else if editor.changed_to.is_some() {
            self.conflict(&name);
        } else {
            self.save(SaveJob::Editor { any: false });
        }
    }

    /// Reads the value again for the editor below the question.
    pub(super) fn reload_edited(&mut self) {
        if let Some(name) = self.editor().map(|editor| editor.name.clone()) {
            self.read(name, None, ReadFor::Reload, None);
        }
    }
}
