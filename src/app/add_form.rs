//! The form for a new secret: scope, key and value. Not the editor of an existing one.
use super::App;
use super::bindings::Action;
use super::event::Ticket;
use super::field::SecretField;
use super::layer::Layer;
use super::saving::SaveJob;
use super::value_hints::ValueHints;
use super::{Screen, scope_tree::ScopeRowKind};
use crate::vault::scope::MAX_KEY;
use crate::vault::{Change, Expect, MetadataPatch, Scope, SecretKey, SecretRef, SensitiveBytes};

/// The fields in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddField {
    /// The scope as text.
    Scope,
    /// The key.
    Key,
    /// The value; many lines.
    Value,
    /// Whether it is protected; a check box.
    Protected,
}

/// The state of the form.
pub struct AddForm {
    /// The scope, filled in from the selection.
    pub scope: SecretField,
    /// The key.
    pub key: SecretField,
    /// The value.
    pub value: SecretField,
    /// Whether it is protected.
    pub protected: bool,
    /// Whether the vault can protect at all; the check box is left out else.
    pub can_protect: bool,
    /// Which field has the cursor.
    pub focus: AddField,
    /// What the value looks like; `None` while it is empty.
    pub hints: Option<ValueHints>,
    /// Scopes that complete what is typed, at most 5; Right at the end of the scope takes the first.
    pub completions: Vec<String>,
    /// What is wrong, and where.
    pub problem: Option<(AddField, String)>,
    /// Being saved.
    pub saving: Option<Ticket>,
}

/// The longest scope that can be typed, in bytes: two segments of 256 and their kind.
pub(super) const MAX_SCOPE: usize = 600;

impl AddForm {
    pub(super) fn field(&mut self) -> Option<&mut SecretField> {
        match self.focus {
            AddField::Scope => Some(&mut self.scope),
            AddField::Key => Some(&mut self.key),
            AddField::Value => Some(&mut self.value),
            AddField::Protected => None,
        }
    }

    /// Whether something was typed that would be lost.
    pub fn is_dirty(&self) -> bool {
        !self.key.is_empty() || !self.value.is_empty()
    }

    /// The name as typed, or what is wrong with it and where.
    fn name(&self) -> Result<SecretRef, (AddField, String)> {
        let scope: Result<Scope, _> = self.scope.with_str(str::parse);
        let scope = scope.map_err(|error| (AddField::Scope, error.to_string()))?;
        let key: Result<SecretKey, _> = self.key.with_str(str::parse);
        let key = key.map_err(|error| (AddField::Key, error.to_string()))?;
        Ok(SecretRef::new(scope, key))
    }

    /// The change that adds it, when everything is right.
    pub(super) fn change(&mut self) -> Option<Change> {
        let name = self.name().ok()?;
        let patch =
            MetadataPatch { protected: self.protected.then_some(true), ..MetadataPatch::default() };
        let value = self.value.to_sensitive();
        Some(Change::Write { name, value, patch, expect: Expect::Absent })
    }

    fn step(&mut self, forward: bool) {
        let fields = [AddField::Scope, AddField::Key, AddField::Value, AddField::Protected];
        let count = if self.can_protect { 4 } else { 3 };
        let at = fields.iter().position(|field| *field == self.focus).unwrap_or(0);
        self.focus = fields[(at + if forward { 1 } else { count - 1 }) % count];
    }
}

impl App {
    /// A form whose scope is the selected one.
    pub(super) fn open_add(&mut self) {
        self.add_form_with(None);
    }

    /// The same, with a value already in it.
    pub(super) fn add_form_with(&mut self, value: Option<&SensitiveBytes>) {
        self.hide_values();
        let can_protect = self.facts.as_ref().is_some_and(|facts| facts.can_protect);
        let mut form = AddForm {
            scope: SecretField::line(MAX_SCOPE),
            key: SecretField::line(MAX_KEY),
            value: SecretField::lines(self.max_value()),
            protected: false,
            can_protect,
            focus: AddField::Key,
            hints: None,
            completions: Vec::new(),
            problem: None,
            saving: None,
        };
        match self.scope_at_hand() {
            Some(scope) => form.scope.set(scope.as_str()),
            None => form.focus = AddField::Scope,
        }
        if let Some(value) = value {
            form.value.paste(value);
        }
        self.layers.push(Layer::AddForm(form));
        self.add_typed();
    }

    /// The scope one is looking at: that of the tree, else that of the selected secret.
    pub(super) fn scope_at_hand(&self) -> Option<Scope> {
        let Screen::Browse(browse) = &self.screen else { return None };
        match browse.scopes.row().map(|row| &row.kind) {
            Some(ScopeRowKind::Scope(scope)) => Some(scope.clone()),
            _ => browse.selected().map(|secret| secret.name.scope.clone()),
        }
    }

    pub(super) fn add_typed(&mut self) {
        let Some(form) = self.add_form() else { return };
        form.problem = None;
        form.hints = (!form.value.is_empty()).then(|| form.value.with_str(ValueHints::of));
        let typed = form.scope.with_str(str::to_owned);
        let here = form.focus == AddField::Scope;
        let completions = if here { self.completions(&typed) } else { Vec::new() };
        if let Some(form) = self.add_form() {
            form.completions = completions;
        }
    }

    pub(super) fn add_act(&mut self, action: Action) {
        let Some(form) = self.add_form().filter(|form| form.saving.is_none()) else { return };
        match action {
            Action::Accept => return self.submit_add(),
            Action::Close => return self.close_top(),
            Action::Next => form.step(true),
            Action::Previous => form.step(false),
            Action::Generate => return self.generate_for_field(),
            Action::ShowTyped => form.value.shown = !form.value.shown,
            Action::StripNewline => form.value.strip_newline(),
            Action::Toggle | Action::Left | Action::Right if form.focus == AddField::Protected => {
                form.protected = !form.protected;
            }
            _ => {}
        }
        self.add_typed();
    }

    /// Saves, or moves the cursor to what is still missing.
    fn submit_add(&mut self) {
        let Some(form) = self.add_form() else { return };
        let typing_name = form.focus == AddField::Scope || form.focus == AddField::Key;
        match form.name() {
            Err((field, problem)) => {
                // An empty field ahead is only the next one to fill in.
                let ahead = form.focus == AddField::Scope && field == AddField::Key;
                let quiet = ahead && form.key.is_empty();
                form.focus = field;
                form.problem = (!quiet).then_some((field, problem));
            }
            Ok(_) if form.value.is_empty() => {
                form.focus = AddField::Value;
                let problem = (AddField::Value, "the value is empty".to_owned());
                form.problem = (!typing_name).then_some(problem);
            }
            Ok(_) => self.save(SaveJob::Add),
        }
    }

    /// Known scopes that begin with what is typed, then those that contain it; at most five.
    pub(super) fn completions(&self, typed: &str) -> Vec<String> {
        let Screen::Browse(browse) = &self.screen else { return Vec::new() };
        let scopes = || browse.groups.iter().map(|group| group.scope.as_str());
        let begins = scopes().filter(|scope| scope.starts_with(typed));
        let contains = scopes().filter(|scope| !scope.starts_with(typed) && scope.contains(typed));
        let other = |scope: &&str| *scope != typed;
        begins.chain(contains).filter(other).take(5).map(str::to_owned).collect()
    }

    /// Takes the first completion of a scope; false when there is none or the cursor is not at its end.
    pub(super) fn complete(&mut self) -> bool {
        let (field, completions) = match self.layers.last_mut() {
            Some(Layer::AddForm(form)) if form.focus == AddField::Scope => {
                (&mut form.scope, &mut form.completions)
            }
            Some(Layer::Rename(form)) if form.focus == super::rename::RenameField::Scope => {
                (&mut form.scope, &mut form.completions)
            }
            Some(Layer::Import(form)) if form.focus == super::import::ImportField::Scope => {
                (&mut form.scope, &mut form.completions)
            }
            _ => return false,
        };
        if completions.is_empty() || field.cursor() < field.len() {
            return false;
        }
        let first = completions.remove(0);
        field.set(&first);
        self.typed();
        true
    }
}
