//! Takes a key to a text field or through the binding table to an action. Knows no screen's meaning.

use std::time::Duration;

use super::bindings::{Action, Context, Lookup};
use super::effect::Effect;
use super::field::SecretField;
use super::layer::Layer;
use super::toast::Tone;
use super::{App, Screen};
use crate::config::{Chord, KeyCode};
use crate::vault::SensitiveBytes;

/// Ctrl-C twice within this time quits.
const TWICE: Duration = Duration::from_secs(2);

impl App {
    /// Where keys go now.
    pub fn context(&self) -> Context {
        self.layers.last().map_or_else(|| self.context_of_screen(), Layer::context)
    }

    /// Where keys would go without layers.
    pub(super) fn context_of_screen(&self) -> Context {
        match &self.screen {
            Screen::FirstRun(_) => Context::FirstRun,
            Screen::Unlock(_) => Context::Unlock,
            Screen::Browse(browse) => match &browse.search {
                Some(search) if search.typing => Context::Search,
                _ => Context::Browse,
            },
        }
    }

    pub(super) fn on_key(&mut self, chord: Chord) {
        self.toasts.items.retain(|toast| toast.until.is_some());
        self.end_peek();
        let plain = !chord.ctrl && !chord.alt;
        if self.pending_keys.is_empty() && plain && (self.type_key(chord) || self.choose_key(chord))
        {
            return;
        }
        if self.breaks_through(chord) {
            self.pending_keys.clear();
        }
        self.pending_keys.push(chord);
        match self.keymap.lookup(self.context(), &self.pending_keys) {
            Lookup::Action(action) => {
                self.pending_keys.clear();
                self.act(action);
            }
            Lookup::Prefix => {}
            Lookup::None => {
                let alone = self.pending_keys.len() == 1;
                self.pending_keys.clear();
                if alone {
                    self.type_key(chord);
                }
            }
        }
    }

    /// Gives the key to the text field with the cursor; false when there is none or it means nothing there.
    fn type_key(&mut self, chord: Chord) -> bool {
        if chord.code == KeyCode::Right && self.complete() {
            return true;
        }
        let Some(field) = self.text_field() else { return false };
        let before = field.len();
        let used = field.type_key(chord);
        let full = used && matches!(chord.code, KeyCode::Char(_)) && !chord.ctrl && !chord.alt;
        if full && field.len() == before {
            self.toast(Tone::Warning, "No more fits here".into(), String::new());
        } else if used {
            self.typed();
        }
        used
    }

    /// A paste never submits and never triggers keys.
    pub(super) fn on_paste(&mut self, text: &SensitiveBytes) {
        self.pending_keys.clear();
        if let Some(Layer::Wizard(wizard)) = self.layers.last_mut() {
            wizard.before_paste();
        }
        let Some(field) = self.text_field() else { return };
        if field.paste(text) {
            self.typed();
        } else {
            let why = "Not pasted: it is too long, is not text, or has several lines";
            self.toast(Tone::Error, why.into(), String::new());
        }
    }

    /// The text field with the cursor.
    pub(super) fn text_field(&mut self) -> Option<&mut SecretField> {
        if let Some(layer) = self.layers.last_mut() {
            return layer.text_field();
        }
        match &mut self.screen {
            Screen::FirstRun(first_run) => first_run.field(),
            Screen::Unlock(unlock) => unlock.working.is_none().then_some(&mut unlock.passphrase),
            Screen::Browse(browse) => browse
                .search
                .as_mut()
                .filter(|search| search.typing)
                .map(|search| &mut search.query),
        }
    }

    /// What follows from a changed text.
    pub(super) fn typed(&mut self) {
        match self.layers.last() {
            Some(Layer::AddForm(_)) => self.add_typed(),
            Some(Layer::Editor(_)) => self.editor_typed(),
            Some(Layer::MetaForm(_)) => self.meta_typed(),
            Some(Layer::Rename(_)) => self.rename_typed(),
            Some(Layer::Import(_)) => self.import_typed(),
            Some(Layer::PassphraseForm(_)) => self.passphrase_form_typed(),
            Some(Layer::Palette(_)) => self.palette_typed(),
            Some(Layer::Recovery(_)) => self.recovery_typed(),
            Some(Layer::Wizard(_)) => self.wizard_typed(),
            Some(_) => {}
            None => match &self.screen {
                Screen::FirstRun(_) => self.first_run_typed(),
                Screen::Unlock(_) => {}
                Screen::Browse(_) => self.search_typed(),
            },
        }
    }

    /// Does `action` in whatever has the keys.
    pub fn act(&mut self, action: Action) {
        match action {
            Action::Cancel => return self.cancel(),
            Action::Lock => return self.lock_by_key(),
            Action::Suspend => return self.suspend(),
            Action::Quit => return self.quit(),
            Action::OpenHelp => return self.open_help(),
            Action::OpenPalette => return self.open_palette(),
            _ => self.cancelled_at = None,
        }
        match self.layers.last() {
            Some(Layer::Activity(_)) => self.activity_act(action),
            Some(Layer::AddForm(_)) => self.add_act(action),
            Some(Layer::Confirm(_)) => self.confirm_act(action),
            Some(Layer::CopyMenu(_)) => self.copy_menu_act(action),
            Some(Layer::Editor(_)) => self.editor_act(action),
            Some(Layer::Generator(_)) => self.generator_act(action),
            Some(Layer::Health(_)) => self.health_act(action),
            Some(Layer::Help(_)) => self.help_act(action),
            Some(Layer::History(_)) => self.history_act(action),
            Some(Layer::Import(_)) => self.import_act(action),
            Some(Layer::KeyFileForm(_)) => self.key_file_form_act(action),
            Some(Layer::MetaForm(_)) => self.meta_act(action),
            Some(Layer::PassphraseForm(_)) => self.passphrase_form_act(action),
            Some(Layer::Palette(_)) => self.palette_act(action),
            Some(Layer::Profiles(_)) => self.profiles_act(action),
            Some(Layer::Prompt(_)) => self.prompt_act(action),
            Some(Layer::Recovery(_)) => self.recovery_act(action),
            Some(Layer::Rename(_)) => self.rename_act(action),
            Some(Layer::Slots(_)) => self.slots_act(action),
            Some(Layer::Trash(_)) => self.trash_act(action),
            Some(Layer::ViewAs(_)) => self.view_as_act(action),
            Some(Layer::Wizard(_)) => self.wizard_act(action),
            None => match &self.screen {
                Screen::FirstRun(_) => self.first_run_act(action),
                Screen::Unlock(_) => self.unlock_act(action),
                Screen::Browse(_) if self.context() == Context::Search => self.search_act(action),
                Screen::Browse(_) => self.browse_act(action),
            },
        }
    }

    /// Cancels what is going on; the second time in a row quits.
    fn cancel(&mut self) {
        let twice = self.cancelled_at.is_some_and(|at| self.now.duration_since(at) <= TWICE);
        if twice {
            return self.quit();
        }
        self.cancelled_at = Some(self.now);
        if let Some(ticket) = self.opening.take() {
            self.held.clear();
            self.give_up(ticket);
            // Without its list there is nothing to see there.
            self.layers.retain(|top| !matches!(top, Layer::Profiles(it) if it.now.is_none()));
        } else if !self.layers.is_empty() {
            self.close_top();
        } else if self.context() == Context::Search {
            self.clear_search();
        } else if self.is_browsing() {
            self.browse_act(Action::Back);
        } else if let Some(field) = self.text_field() {
            field.clear();
        }
        self.toast(Tone::Note, "Ctrl-C again quits".into(), String::new());
    }

    pub(super) fn quit(&mut self) {
        if !self.ask_quit() {
            self.quit_now();
        }
    }

    pub(super) fn quit_now(&mut self) {
        self.wipe();
        self.out.push(Effect::Redraw);
        self.out.push(Effect::Quit);
    }

    fn suspend(&mut self) {
        self.hide_values();
        self.out.push(Effect::Redraw);
        self.out.push(Effect::Suspend);
    }

    /// A sentence that names the key of a browse action: `u undoes it`.
    pub(super) fn key_help(&self, action: Action, does: &str) -> String {
        let key = self.keymap.first_key(Context::Browse, action);
        key.map_or_else(String::new, |key| format!("{key} {does}"))
    }
}
