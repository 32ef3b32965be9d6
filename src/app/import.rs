//! Importing an environment file: which file, where to, what would happen. Not the parsing.
use std::path::PathBuf;

use super::App;
use super::add_form::MAX_SCOPE;
use super::asks::Ask;
use super::bindings::Action;
use super::effect::Effect;
use super::event::{Failure, ImportPreview, ImportState, Ticket};
use super::field::{SecretField, follow};
use super::layer::Layer;
use super::prompt::Retry;
use super::toast::Tone;
use crate::text::counted;
use crate::vault::{Receipt, Scope, SensitiveBytes};

/// The parts in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportField {
    /// The file's path.
    Path,
    /// The scope to import into.
    Scope,
    /// The preview's rows.
    Rows,
}

/// The state of the import.
pub struct Import {
    /// The file's path.
    pub path: SecretField,
    /// The scope.
    pub scope: SecretField,
    /// Scopes that complete what is typed, at most 5.
    pub completions: Vec<String>,
    /// Whether different values are replaced.
    pub overwrite: bool,
    /// Which part has the focus.
    pub focus: ImportField,
    /// What would happen; `None` before the file was read.
    pub preview: Option<ImportPreview>,
    /// The first row of the preview on screen.
    pub offset: usize,
    /// What is wrong.
    pub problem: Option<String>,
    /// What is awaited.
    pub working: Option<Ticket>,
}

/// The longest path that can be typed, in bytes (Linux's own limit).
pub(super) const MAX_PATH: usize = 4096;

impl Import {
    pub(super) fn field(&mut self) -> Option<&mut SecretField> {
        match self.focus {
            ImportField::Path => Some(&mut self.path),
            ImportField::Scope => Some(&mut self.scope),
            ImportField::Rows => None,
        }
    }

    /// How many names the import would write.
    pub fn writes(&self) -> usize {
        let rows = self.preview.as_ref().map_or(&[][..], |preview| &preview.rows);
        let writes = |state| match state {
            ImportState::New => true,
            ImportState::Different => self.overwrite,
            ImportState::Same => false,
        };
        rows.iter().filter(|row| writes(row.state)).count()
    }

    fn step(&mut self, forward: bool) {
        self.focus = match (self.focus, forward) {
            (ImportField::Path, true) => ImportField::Scope,
            (ImportField::Scope, true) if self.preview.is_some() => ImportField::Rows,
            (ImportField::Scope | ImportField::Rows, true) => ImportField::Path,
            (ImportField::Path, false) if self.preview.is_some() => ImportField::Rows,
            (ImportField::Path | ImportField::Rows, false) => ImportField::Scope,
            (ImportField::Scope, false) => ImportField::Path,
        };
    }
}

impl App {
    pub(super) fn open_import(&mut self) {
        self.hide_values();
        let mut import = Import {
            path: SecretField::line(MAX_PATH),
            scope: SecretField::line(MAX_SCOPE),
            completions: Vec::new(),
            overwrite: false,
            focus: ImportField::Path,
            preview: None,
            offset: 0,
            problem: None,
            working: None,
        };
        import.path.set(".env");
        if let Some(scope) = self.scope_at_hand() {
            import.scope.set(scope.as_str());
        }
        self.layers.push(Layer::Import(import));
    }

    /// Another file or scope needs another preview.
    pub(super) fn import_typed(&mut self) {
        let Some(import) = self.import() else { return };
        (import.preview, import.problem, import.offset) = (None, None, 0);
        let typed = import.scope.with_str(str::to_owned);
        let here = import.focus == ImportField::Scope;
        let completions = if here { self.completions(&typed) } else { Vec::new() };
        if let Some(import) = self.import() {
            import.completions = completions;
        }
    }

    pub(super) fn import_act(&mut self, action: Action) {
        let page = self.list_page();
        let Some(import) = self.import() else { return };
        let rows = import.preview.as_ref().map_or(0, |preview| preview.rows.len());
        match action {
            Action::Close => {
                let working = import.working;
                self.pop_layer();
                working.into_iter().for_each(|ticket| self.give_up(ticket));
            }
            _ if import.working.is_some() => {}
            Action::Accept => self.submit_import(),
            Action::Overwrite => import.overwrite = !import.overwrite,
            Action::Next => import.step(true),
            Action::Previous => import.step(false),
            Action::Up => import.offset = import.offset.saturating_sub(1),
            Action::Down => {
                let last = (import.offset + page).min(rows.saturating_sub(1));
                import.offset = follow(import.offset, last, page);
            }
            _ => {}
        }
    }

    fn submit_import(&mut self) {
        let now = self.now;
        let Some(import) = self.import() else { return };
        if import.preview.is_some() {
            self.import_with(None);
            return;
        }
        let path = import.path.with_str(|text| PathBuf::from(text.trim()));
        let scope: Result<Scope, _> = import.scope.with_str(str::parse);
        match scope {
            _ if path.as_os_str().is_empty() => {
                import.focus = ImportField::Path;
                import.problem = Some("Name the file to read.".to_owned());
            }
            Err(error) => {
                import.focus = ImportField::Scope;
                import.problem = Some(error.to_string());
            }
            Ok(scope) => {
                let ticket = self.asks.put(Ask::Preview, now);
                self.out.push(Effect::PreviewImport(ticket, path, scope));
                if let Some(import) = self.import() {
                    (import.working, import.problem) = (Some(ticket), None);
                }
            }
        }
    }

    /// Imports what was looked through; with what was typed, where one of them is protected.
    pub(super) fn import_with(&mut self, passphrase: Option<SensitiveBytes>) -> Option<Ticket> {
        let now = self.now;
        let import = self.import()?;
        if import.writes() == 0 {
            import.problem = Some("There is nothing to write.".to_owned());
            return None;
        }
        let overwrite = import.overwrite;
        let ticket = self.asks.put(Ask::Import, now);
        self.out.push(Effect::Import { ticket, overwrite, passphrase });
        self.set_saving(Some(ticket));
        Some(ticket)
    }

    pub(super) fn previewed(&mut self, preview: ImportPreview) {
        let Some(import) = self.import() else { return };
        let empty = preview.rows.is_empty();
        (import.working, import.focus) = (None, ImportField::Rows);
        import.problem = empty.then(|| match preview.left_out {
            0 => "There is no name in that file.".to_owned(),
            some => {
                let names = counted(some, "name");
                format!("There is nothing to import: {names} without a value, or with a reference.")
            }
        });
        import.preview = (!empty).then_some(preview);
        if empty {
            import.focus = ImportField::Path;
        }
    }

    pub(super) fn imported(&mut self, receipt: &Receipt) {
        self.layers.retain(|layer| !matches!(layer, Layer::Import(_)));
        self.out.push(Effect::Redraw);
        let what = counted(receipt.outcomes.len(), "secret");
        self.toast(Tone::Done, format!("Imported {what}"), String::new());
        self.select_next = receipt.outcomes.first().map(|outcome| outcome.name.clone());
        self.request_load();
    }

    pub(super) fn import_failed(&mut self, failure: Failure) {
        let Some(import) = self.import() else { return };
        import.working = None;
        if failure.needs_protection {
            return self.ask_passphrase(Retry::Import);
        }
        import.problem = Some(failure.message);
    }
}
