//! The entry points and how a session ends: in order, by a signal or by a bug, always with the terminal
//! whole and every key wiped. The loop itself is the shell's.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;

use ratatui::crossterm::style::force_color_output;

use super::copier::Copier;
use super::facts::facts;
use super::guard::Guard;
use super::paint::Painter;
use super::panic::{self, PanicHook};
use super::searcher::Searcher;
use super::setup::{Prepared, show_path, terminal_size};
use super::shared::Shared;
use super::shell::{Exit, Shell};
use super::signals::{INTERRUPT, SignalThread, die_of};
use super::worker::{Door, Worker};
use super::{Options, StartAt, TuiError};
use crate::app::{App, Failure, Start};
use crate::service::clipboard::{ClipboardEnv, SystemClipboard};
use crate::vault::{ClosedVault, Place, SecretRef, SlotInfo, SlotKind, Vault, VaultError};

/// What became of a secret in [`edit_value`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// It was saved, as that revision.
    Saved {
        /// The new revision.
        revision: u64,
    },
    /// Nothing was saved.
    Unchanged,
}

/// Opens the screen and returns when the user quits.
///
/// # Errors
///
/// No usable terminal, keys or theme; a vault that cannot be opened at all; a terminal that fails.
/// After SIGTERM or SIGHUP it does not return: the process ends by that signal, in order.
pub fn run(start: StartAt, options: Options) -> Result<(), TuiError> {
    let mut prepared = Prepared::new(options)?;
    let (place, shared, start) = match start {
        StartAt::Vault(place) => {
            let (start, slots) = locked_or_new(&place)?;
            // A key file that was named goes before it.
            let keyring = slots.iter().any(|slot| slot.kind == SlotKind::Keyring);
            prepared.settings.keyring = keyring && prepared.key_file.is_none();
            (Some(place), Shared::default(), start)
        }
        StartAt::Open(place, vault) => {
            let facts = facts(&vault)?;
            (Some(place), Shared::with(vault), Start::Open(facts))
        }
        StartAt::Demo(vault) => {
            let facts = facts(&vault)?;
            (None, Shared::with(vault), Start::Open(facts))
        }
    };
    finish(session(prepared, place, shared, start, false)?).map(|_| ())
}

/// Opens the editor for one secret of an open vault and returns when it is saved or left.
///
/// # Errors
///
/// As for [`run`]; [`VaultError::Locked`] when nobody typed for the idle time: then the vault is locked
/// and the edit is gone.
pub fn edit_value(vault: &Vault, name: SecretRef, options: Options) -> Result<Edited, TuiError> {
    let prepared = Prepared::new(options)?;
    let start = Start::Edit { facts: facts(vault)?, name };
    finish(session(prepared, None, Shared::with(vault.clone()), start, true)?)
}

/// How it begins, and the ways in of a vault that is locked.
fn locked_or_new(place: &Place) -> Result<(Start, Vec<SlotInfo>), TuiError> {
    let path = place.path().map(show_path).unwrap_or_default();
    match ClosedVault::open(place) {
        Ok(closed) => {
            let slots = closed.slots();
            let has_recovery = slots.iter().any(|slot| slot.kind == SlotKind::Recovery);
            Ok((Start::Locked { path, has_recovery }, slots))
        }
        Err(VaultError::NoVault { .. }) => Ok((Start::FirstRun { path }, Vec::new())),
        Err(error) => match Failure::from(&error) {
            failure if failure.altered.is_some() => {
                Ok((Start::Altered { path, failure }, Vec::new()))
            }
            _ => Err(error.into()),
        },
    }
}

/// Turns the end of a session into the end of the program, or the answer.
fn finish(exit: Exit) -> Result<Edited, TuiError> {
    match exit {
        Exit::Quit { saved: Some(revision) } => Ok(Edited::Saved { revision }),
        Exit::Quit { saved: None } => Ok(Edited::Unchanged),
        Exit::Locked => Err(VaultError::Locked.into()),
        Exit::Signal(INTERRUPT) => Err(TuiError::Interrupted),
        Exit::Signal(signal) => die_of(signal),
    }
}

/// One session on the terminal. Whatever ends it, the terminal is whole, the vault locked (unless it
/// is the caller's) and the clipboard cleared before this returns.
fn session(
    prepared: Prepared,
    place: Option<Place>,
    shared: Shared,
    start: Start,
    editing: bool,
) -> Result<Exit, TuiError> {
    // With NO_COLOR crossterm would swallow bold and reverse as well; the mono theme has no colours.
    force_color_output(true);
    let place_shown = place.as_ref().and_then(|place| place.path().map(show_path));
    let place_shown = place_shown.unwrap_or_default();
    let (to, messages) = channel();
    let settings = &prepared.settings;
    let copier = Copier::start(
        Box::new(SystemClipboard::new(ClipboardEnv::from_process())),
        settings.chosen.clear_after,
        settings.chosen.osc52,
        to.clone(),
    )?;
    let _screen = prepared.waits.attach(to.clone());
    let hook = PanicHook::install();
    let in_order = catch_unwind(AssertUnwindSafe(|| {
        let (locking, size, clock) = (shared.clone(), terminal_size(), prepared.clock);
        let signals = SignalThread::start(to.clone(), move || locking.lock())?;
        let worker = Worker::start(
            Door {
                place,
                key_file: prepared.key_file,
                calibration: prepared.calibration,
                asking: prepared.asking,
            },
            shared.clone(),
            copier.clone(),
            to.clone(),
            settings.actor.clone(),
        )?;
        let searcher = Searcher::start(to.clone())?;
        let mouse = settings.chosen.mouse;
        let (mut app, effects) =
            App::new(start, prepared.settings.clone(), prepared.keymap, size, clock.now());
        // A vault that was open at the start is locked and unlocked like any other.
        app.path = place_shown;
        let guard = Guard::enter(mouse)?;
        let shell = Shell {
            app,
            clock,
            painter: Painter::new(size),
            theme: prepared.theme,
            messages,
            backlog: Default::default(),
            to,
            worker,
            searcher,
            copier: copier.clone(),
            shared: shared.clone(),
            watch: None,
            notice: prepared.notice,
            editing,
            saved: None,
            exit: None,
            input: None,
            guard,
            _signals: signals,
        };
        shell.run(effects)
    }));
    drop(hook);
    if !editing || in_order.is_err() {
        shared.lock();
    }
    shared.settle();
    copier.finish();
    in_order.unwrap_or_else(|_| Err(TuiError::Panicked(panic::place())))
}

// Whole sessions on pseudo-terminals, ended by signals.
#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "run_tests.rs"]
mod tests;
