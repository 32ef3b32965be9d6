//! The mouse: a click selects, presses a hint or a button; the wheel scrolls what is under it.

use super::App;
use super::add_form::AddField;
use super::bindings::Action;
use super::browse::Pane;
use super::event::MouseKind;
use super::generator::GeneratorRow;
use super::import::ImportField;
use super::layer::Layer;
use super::layout::{Hit, frame, hit};
use super::list_move::wheel;
use super::meta_form::{FIELDS, MetaField};
use super::new_passphrase::NewFocus;
use super::rename::RenameField;
use super::{Context, Screen};

/// Rows of one turn of the wheel.
const TURN: isize = 3;

impl App {
    pub(super) fn on_mouse(&mut self, kind: MouseKind, column: u16, row: u16) {
        if !self.settings.chosen.mouse || self.opening.is_some() {
            return;
        }
        self.pending_keys.clear();
        match kind {
            MouseKind::Click => self.click(column, row),
            MouseKind::ScrollUp => self.turn(-TURN, column, row),
            MouseKind::ScrollDown => self.turn(TURN, column, row),
        }
    }

    fn click(&mut self, column: u16, row: u16) {
        self.toasts.items.retain(|toast| toast.until.is_some());
        self.end_peek();
        match hit(self, column, row) {
            Hit::Hint(action) => self.act(action),
            Hit::Scope(at) => self.click_scope(at),
            Hit::Key(at) => {
                self.stop_typing();
                self.focus(Pane::Keys);
                self.select_key(at);
            }
            Hit::Pane(pane) => {
                self.stop_typing();
                self.focus(pane);
            }
            Hit::Search => self.open_search(),
            Hit::Row(at) => self.click_row(at),
            Hit::Field(at) => self.click_field(at),
            Hit::Button(at) => {
                if let Some(confirm) = self.confirm() {
                    confirm.selected = at;
                    self.act(Action::Accept);
                }
            }
            Hit::Layer | Hit::Nothing => {}
        }
    }

    /// Selects a scope; a second click folds a project, or opens the trash.
    fn click_scope(&mut self, at: usize) {
        let Some(browse) = self.browse() else { return };
        let again = browse.scopes.selected == at && browse.focus == Pane::Scopes;
        let folds = browse.scopes.rows.get(at).is_some_and(|row| row.expanded.is_some());
        self.stop_typing();
        self.focus(Pane::Scopes);
        match (again, folds) {
            (true, true) => self.toggle_fold(),
            (true, false) => self.act(Action::Reveal),
            (false, _) => self.select_scope(at),
        }
    }

    /// Selects a row of the top layer; a second click takes it where that is harmless.
    fn click_row(&mut self, at: usize) {
        let Some(layer) = self.layers.last_mut() else {
            if let Screen::FirstRun(first_run) = &mut self.screen {
                first_run.choose(at);
            }
            return;
        };
        if let Layer::CopyMenu(menu) = layer {
            if at < menu.rows.len() {
                let again = menu.selected == at;
                menu.selected = at;
                if again {
                    self.act(Action::Accept);
                }
            }
            return;
        }
        if let Layer::Wizard(_) = layer {
            return self.click_wizard(at);
        }
        let Some((offset, selected, len)) = layer.list() else { return };
        let at = *offset + at;
        let again = *selected == at;
        if at >= len {
            return;
        }
        *selected = at;
        if again && self.context() == Context::Palette {
            self.act(Action::Accept);
        } else if !again {
            self.hide_values();
        }
    }

    /// Puts the cursor into a field; a check box switches.
    fn click_field(&mut self, at: usize) {
        let Some(layer) = self.layers.last_mut() else {
            if let Screen::FirstRun(first_run) = &mut self.screen {
                (first_run.new.focus, first_run.choosing) = (focus_of(at), false);
            }
            return;
        };
        let mut switch = None;
        match layer {
            Layer::AddForm(form) => {
                let fields = [AddField::Scope, AddField::Key, AddField::Value, AddField::Protected];
                form.focus = fields.get(at).copied().unwrap_or(form.focus);
                switch = (form.focus == AddField::Protected).then_some(Action::Toggle);
            }
            Layer::MetaForm(form) => {
                form.focus = FIELDS.get(at).copied().unwrap_or(form.focus);
                switch = (form.focus == MetaField::Protected).then_some(Action::Toggle);
            }
            Layer::Rename(form) => {
                form.focus = if at == 0 { RenameField::Scope } else { RenameField::Key };
            }
            Layer::Wizard(wizard) => wizard.click_field(at),
            Layer::PassphraseForm(form) => form.new.focus = focus_of(at),
            Layer::Import(import) => {
                import.focus = if at == 0 { ImportField::Path } else { ImportField::Scope };
            }
            Layer::Generator(generator) => {
                generator.focus_row(at);
                let is_box = !matches!(generator.focus, GeneratorRow::Shape | GeneratorRow::Length);
                switch = Some(if is_box { Action::Again } else { Action::Right });
            }
            _ => {}
        }
        if let Some(action) = switch {
            self.act(action);
        }
    }

    /// The wheel: scrolls the pane or the list under it.
    fn turn(&mut self, rows: isize, column: u16, row: u16) {
        if !self.layers.is_empty() {
            return self.turn_layer(rows);
        }
        let frame = frame(self);
        let under = frame.panes.iter().find(|area| area.outer.contains(column, row));
        let Some(pane) = under.map(|area| area.pane) else { return };
        let page = self.page(pane);
        let Some(browse) = self.browse() else { return };
        match pane {
            Pane::Keys => {
                let keys = &mut browse.keys;
                wheel(&mut keys.offset, &mut keys.selected, keys.len, page, rows);
                self.hide_unless_selected();
            }
            Pane::Scopes => {
                let to = browse.scopes.selected.saturating_add_signed(rows);
                self.turn_scopes(to.min(browse_rows(self).saturating_sub(1)), rows);
            }
            Pane::Detail => {
                let most = browse.detail.lines().saturating_sub(page / 2);
                let to = browse.detail.scroll.saturating_add_signed(rows);
                browse.detail.scroll = to.min(most);
            }
        }
    }

    /// The next row of the tree that can be selected in that direction.
    fn turn_scopes(&mut self, to: usize, rows: isize) {
        let Some(browse) = self.browse() else { return };
        let can = |at: &usize| browse.scopes.rows.get(*at).is_some_and(|row| row.is_selectable());
        let found = match rows > 0 {
            true => (to..browse.scopes.rows.len()).find(can),
            false => (0..=to).rev().find(can),
        };
        if let Some(at) = found {
            self.select_scope(at);
        }
    }

    fn turn_layer(&mut self, rows: isize) {
        let page = self.list_page();
        match self.layers.last_mut() {
            Some(Layer::Help(help)) => {
                let most = help.rows.len().saturating_sub(page);
                help.offset = help.offset.saturating_add_signed(rows).min(most);
            }
            Some(Layer::Import(import)) => {
                let len = import.preview.as_ref().map_or(0, |preview| preview.rows.len());
                let most = len.saturating_sub(page);
                import.offset = import.offset.saturating_add_signed(rows).min(most);
            }
            Some(layer) => {
                if let Some((offset, selected, len)) = layer.list() {
                    let before = *selected;
                    wheel(offset, selected, len, page, rows);
                    if before != *selected {
                        self.hide_values();
                    }
                }
            }
            None => {}
        }
    }
}

/// The field of a new passphrase at that place.
fn focus_of(at: usize) -> NewFocus {
    if at == 0 { NewFocus::Passphrase } else { NewFocus::Again }
}

fn browse_rows(app: &App) -> usize {
    match &app.screen {
        Screen::Browse(browse) => browse.scopes.rows.len(),
        _ => 0,
    }
}
