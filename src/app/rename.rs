//! Renaming and moving one secret. Not copying.
use super::App;
use super::add_form::MAX_SCOPE;
use super::bindings::Action;
use super::event::Ticket;
use super::field::SecretField;
use super::layer::Layer;
use super::saving::SaveJob;
use crate::vault::scope::MAX_KEY;
use crate::vault::{Scope, SecretKey, SecretRef};

/// The fields in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenameField {
    /// The scope as text.
    Scope,
    /// The key.
    Key,
}

/// The state of the form.
pub struct Rename {
    /// The secret's name now.
    pub from: SecretRef,
    /// Its revision.
    pub revision: u64,
    /// The new scope.
    pub scope: SecretField,
    /// The new key.
    pub key: SecretField,
    /// Which field has the cursor.
    pub focus: RenameField,
    /// Scopes that complete what is typed, at most 5.
    pub completions: Vec<String>,
    /// What is wrong, and where.
    pub problem: Option<(RenameField, String)>,
    /// Being saved.
    pub saving: Option<Ticket>,
}

impl Rename {
    pub(super) fn field(&mut self) -> &mut SecretField {
        match self.focus {
            RenameField::Scope => &mut self.scope,
            RenameField::Key => &mut self.key,
        }
    }

    /// The new name, or what is wrong with it and where.
    pub(super) fn target(&self) -> Result<SecretRef, (RenameField, String)> {
        let scope: Result<Scope, _> = self.scope.with_str(str::parse);
        let scope = scope.map_err(|error| (RenameField::Scope, error.to_string()))?;
        let key: Result<SecretKey, _> = self.key.with_str(str::parse);
        let key = key.map_err(|error| (RenameField::Key, error.to_string()))?;
        Ok(SecretRef::new(scope, key))
    }
}

impl App {
    pub(super) fn open_rename(&mut self) {
        let Some((from, revision)) = self.selected_revision() else { return };
        self.hide_values();
        let mut form = Rename {
            scope: SecretField::line(MAX_SCOPE),
            key: SecretField::line(MAX_KEY),
            from,
            revision,
            focus: RenameField::Key,
            completions: Vec::new(),
            problem: None,
            saving: None,
        };
        form.scope.set(form.from.scope.as_str());
        form.key.set(form.from.key.as_str());
        self.layers.push(Layer::Rename(form));
    }

    pub(super) fn rename_typed(&mut self) {
        let Some(form) = self.rename() else { return };
        form.problem = None;
        let typed = form.scope.with_str(str::to_owned);
        let here = form.focus == RenameField::Scope;
        let completions = if here { self.completions(&typed) } else { Vec::new() };
        if let Some(form) = self.rename() {
            form.completions = completions;
        }
    }

    pub(super) fn rename_act(&mut self, action: Action) {
        let Some(form) = self.rename().filter(|form| form.saving.is_none()) else { return };
        match action {
            Action::Close => return self.close_top(),
            Action::Next | Action::Previous => {
                form.focus = match form.focus {
                    RenameField::Scope => RenameField::Key,
                    RenameField::Key => RenameField::Scope,
                };
            }
            Action::Accept => {
                return match form.target() {
                    Ok(name) if name == form.from => self.pop_layer(),
                    Ok(_) => self.save(SaveJob::Rename),
                    Err((field, problem)) => {
                        (form.focus, form.problem) = (field, Some((field, problem)));
                    }
                };
            }
            _ => {}
        }
        self.rename_typed();
    }
}
