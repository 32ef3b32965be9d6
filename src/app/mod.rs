//! The state machine: `(state, event, now) -> effects`. No input, no output, no drawing.

pub mod activity;
pub mod add_form;
mod answers;
pub mod asks;
pub mod backends;
pub mod bindings;
mod bindings_table;
pub mod browse;
mod browse_act;
pub mod clipboard;
pub mod confirm;
pub mod copy_menu;
pub mod detail;
pub mod editor;
pub mod effect;
pub mod event;
pub mod field;
pub mod first_run;
pub mod generator;
pub mod health;
pub mod help;
pub mod history;
pub mod import;
pub mod key_list;
pub mod keymap;
mod keys;
pub mod layer;
pub mod layout;
mod layout_fit;
mod layout_hints;
pub mod layout_popup;
mod list_move;
pub mod meta_form;
mod mouse;
pub mod new_passphrase;
pub mod one_time;
pub mod palette;
mod presenter;
pub mod profiles;
pub mod prompt;
pub mod recovery;
pub mod rename;
pub mod restore;
mod rotation;
pub mod saving;
pub mod scope_tree;
pub mod search;
pub mod settings;
mod settle;
pub mod slot_forms;
pub mod slots;
pub mod strength;
pub mod toast;
pub mod trash;
mod undo;
pub mod unlock;
mod update;
pub mod value_hints;
pub mod view_as;
pub mod wizard;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

pub use backends::{BackendRow, BackendsNow, Tried};
pub use bindings::{Action, Context, KeyOverrides, Keymap, KeymapError};
pub use browse::{Browse, Pane};
pub use clipboard::{ClipboardState, ClipboardStatus};
pub use effect::{CopyWhat, Effect, NewWay, Opener, SignInRequest, SlotChange};
pub use event::{
    CodeMade, Event, Failure, ImportPreview, ImportRow, ImportState, MouseKind, Outcome,
    ProfilesNow, RotationDone, SlotsNow, Ticket, VaultFacts,
};
pub use field::SecretField;
pub use first_run::FirstRun;
pub use layer::Layer;
pub use settings::{AppSettings, Osc52};
pub use strength::StrengthView;
pub use toast::{Toast, Toasts, Tone};
pub use unlock::Unlock;

use crate::config::Chord;
use crate::vault::{Scope, SecretRef, Timestamp};
use asks::Asks;
use undo::Undo;

/// How the program begins.
pub enum Start {
    /// There is no vault yet at that path (already visible).
    FirstRun {
        /// Where it will be.
        path: String,
    },
    /// There is a vault, locked.
    Locked {
        /// Where it is.
        path: String,
        /// Whether a recovery code opens it.
        has_recovery: bool,
    },
    /// There is one, but not the one that was seen here before: that is asked about first.
    Altered {
        /// Where it is.
        path: String,
        /// What the vault says.
        failure: Failure,
    },
    /// It is already open (a demo).
    Open(VaultFacts),
    /// It is already open, only the editor of one secret is wanted, and it ends with it.
    Edit {
        /// What the title says.
        facts: VaultFacts,
        /// The secret.
        name: SecretRef,
    },
}

/// The screen below the layers.
#[allow(missing_docs, reason = "each variant is documented at the type it holds")]
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Screen {
    FirstRun(FirstRun),
    Unlock(Unlock),
    Browse(Browse),
}

/// The whole state. Drawing borrows it; only `update` changes it.
pub struct App {
    /// What was told at the start.
    pub settings: AppSettings,
    /// The keys.
    pub keymap: Keymap,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The time of the last event.
    pub now: Instant,
    /// The same as a date.
    pub wall: Timestamp,
    /// What the title says; `None` while locked.
    pub facts: Option<VaultFacts>,
    /// Where the vault is, already visible; empty for a demo.
    pub path: String,
    /// The screen.
    pub screen: Screen,
    /// What is above it; the last one has the keys.
    pub layers: Vec<Layer>,
    /// Messages at the bottom right.
    pub toasts: Toasts,
    /// The status line's word on the clipboard.
    pub clipboard: Option<ClipboardStatus>,
    /// Chords typed so far of a sequence such as `g g`.
    pub pending_keys: Vec<Chord>,
    /// Since when an answer is awaited; the spinner shows 150 ms later.
    pub busy_since: Option<Instant>,
    /// When the vault locks itself if nothing happens.
    pub locks_at: Option<Instant>,
    /// Whether the terminal has the focus.
    pub focused: bool,
    /// Whether names are masked because others look on.
    pub presenting: bool,
    /// How many calls to a store of the system wait for a person.
    pub stores_wait: usize,
    /// What the shell must do after this event.
    out: Vec<Effect>,
    asks: Asks,
    undo: Vec<Undo>,
    /// Keys typed while a layer is being opened; they are for that layer.
    held: VecDeque<Event>,
    opening: Option<Ticket>,
    cancelled_at: Option<Instant>,
    osc52_agreed: bool,
    /// Whether handing on by tmux was offered.
    terminal_offered: bool,
    /// Whether the coming idle lock was announced.
    warned: bool,
    /// The last input, by both clocks.
    touched: (Instant, Timestamp),
    /// What to select in the next listing.
    select_next: Option<SecretRef>,
    /// The scopes and counts the owner sees, for the lens.
    owner_scopes: Vec<(Scope, usize)>,
    /// Whether the program ends with the editor.
    only_edits: bool,
}

impl App {
    /// The state at the start, and what must be done first.
    pub fn new(
        start: Start,
        settings: AppSettings,
        keymap: Keymap,
        size: (u16, u16),
        now: Instant,
    ) -> (Self, Vec<Effect>) {
        let edit = match &start {
            Start::Edit { name, .. } => Some(name.clone()),
            _ => None,
        };
        let altered = match &start {
            Start::Altered { failure, .. } => Some(failure.clone()),
            _ => None,
        };
        let (screen, path, facts) = match start {
            Start::FirstRun { path } => (Screen::FirstRun(FirstRun::new(&path)), path, None),
            Start::Locked { path, has_recovery } => {
                let unlock = Unlock::new(&path, settings.key_file.clone());
                (Screen::Unlock(Unlock { has_recovery, ..unlock }), path, None)
            }
            Start::Altered { path, .. } => {
                let unlock = Unlock::new(&path, settings.key_file.clone());
                (Screen::Unlock(unlock), path, None)
            }
            Start::Open(facts) | Start::Edit { facts, .. } => {
                let browse = Browse::seen_by(settings.actor.clone());
                (Screen::Browse(browse), String::new(), Some(facts))
            }
        };
        let wall = Timestamp(0);
        let mut app = Self {
            settings,
            keymap,
            size,
            now,
            wall,
            facts,
            path,
            screen,
            layers: Vec::new(),
            toasts: Toasts::default(),
            clipboard: None,
            pending_keys: Vec::new(),
            busy_since: None,
            locks_at: None,
            focused: true,
            presenting: false,
            stores_wait: 0,
            out: Vec::new(),
            asks: Asks::default(),
            undo: Vec::new(),
            held: VecDeque::new(),
            opening: None,
            cancelled_at: None,
            osc52_agreed: false,
            terminal_offered: false,
            warned: false,
            touched: (now, wall),
            select_next: None,
            owner_scopes: Vec::new(),
            only_edits: edit.is_some(),
        };
        app.arm_idle_lock();
        app.request_load();
        app.try_backends();
        if app.settings.keyring && altered.is_none() {
            app.ask_keyring();
        }
        if let Some(failure) = altered {
            app.unlock_failed(failure);
        }
        if let Some(name) = edit {
            app.select_next = Some(name.clone());
            app.read(name, None, asks::ReadFor::Edit, None);
        }
        let effects = std::mem::take(&mut app.out);
        (app, effects)
    }

    /// The time until the vault locks itself, for the title.
    pub fn locks_in(&self) -> Option<Duration> {
        self.locks_at.map(|at| at.saturating_duration_since(self.now))
    }

    /// Whether the spinner shows.
    pub fn is_busy(&self) -> bool {
        self.busy_since.is_some_and(|since| self.now.duration_since(since) >= update::BUSY_AFTER)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::string_slice)]
mod tests;
