//! Takes one event to where it belongs, and knows the next deadline. Decides nothing about screens.

use std::time::{Duration, Instant};

use super::bindings::Action;
use super::clipboard::ClipboardState;
use super::effect::Effect;
use super::event::Event;
use super::toast::Tone;
use super::{App, Screen};
use crate::config::{Chord, KeyCode};
use crate::vault::Timestamp;

/// A spinner shows only after this long.
pub(super) const BUSY_AFTER: Duration = Duration::from_millis(150);
/// How fast it turns then.
const SPIN: Duration = Duration::from_millis(120);
/// How long before the idle lock a warning appears.
const WARN_BEFORE: Duration = Duration::from_secs(20);
/// How many keys are held back while a layer is being opened.
const MAX_HELD: usize = 256;

/// Whether a key can mean no text and no command: Esc, and what moves the selection.
fn moves_on(chord: Chord) -> bool {
    use KeyCode as K;
    matches!(chord.code, K::Esc | K::Tab | K::BackTab | K::Up | K::Down | K::PageUp | K::PageDown)
}

impl App {
    /// Applies one event and returns what the shell must do about it.
    pub fn update(&mut self, event: Event, now: Instant, wall: Timestamp) -> Vec<Effect> {
        (self.now, self.wall) = (now.max(self.now), wall);
        let was_locked = self.is_locked();
        let (had_layers, is_key) = (!self.layers.is_empty(), matches!(event, Event::Key(_)));
        // Some terminals tell that the focus went and not that it came back; whoever types has it.
        self.focused |= is_key;
        if matches!(event, Event::Slept) {
            // Before what came due meanwhile: it is the better reason.
            self.on_slept();
        }
        self.on_deadlines();
        // What was typed for an open vault must not land in a passphrase.
        let late = !was_locked && self.is_locked();
        if !(late && matches!(event, Event::Key(_) | Event::Paste(_) | Event::Mouse { .. })) {
            self.handle(event);
        }
        while self.opening.is_none() {
            let Some(event) = self.held.pop_front() else { break };
            self.handle(event);
        }
        self.settle();
        // The editor was closed, or what kept it from opening was read.
        let over = had_layers || (is_key && self.opening.is_none());
        if self.only_edits && over && self.layers.is_empty() {
            self.out.push(Effect::Quit);
        }
        std::mem::take(&mut self.out)
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Key(chord) if self.is_opening(Some(chord)) && !self.breaks_through(chord) => {
                self.hold(Event::Key(chord));
            }
            Event::Paste(text) if self.is_opening(None) => self.hold(Event::Paste(text)),
            Event::Key(chord) => {
                self.touch();
                self.on_key(chord);
            }
            Event::Paste(text) => {
                self.touch();
                self.on_paste(&text);
            }
            Event::Mouse { kind, column, row } => {
                self.touch();
                self.on_mouse(kind, column, row);
            }
            Event::Resize(columns, rows) => self.size = (columns, rows),
            Event::Focus(focused) => self.on_focus(focused),
            Event::Tick | Event::Slept => {}
            Event::Resumed => self.on_resumed(),
            Event::VaultChanged => {
                self.request_load();
                self.reload_profiles();
            }
            Event::Done(ticket, outcome) => self.on_done(ticket, outcome),
            Event::Failed(ticket, failure) => self.on_failed(ticket, failure),
            Event::Progress(ticket, done, total) => {
                self.on_progress(ticket, done, total);
                self.audit_progress(ticket, done, total);
            }
            Event::SignIn(ticket, step) => self.sign_in_step(ticket, step),
            Event::Clipboard(receipt) => self.on_receipt(receipt),
            Event::StoreWaits(true) => {
                self.stores_wait += 1;
                // What was typed ahead of a layer that may come in a minute would land where nobody looks.
                self.held.clear();
            }
            Event::StoreWaits(false) => self.stores_wait = self.stores_wait.saturating_sub(1),
            Event::Notice(text, help) => self.toast(Tone::Note, text, help),
        }
    }

    /// Whether keys are for a layer that is about to come. While its value waits for a person at the desktop,
    /// who moves on, or presses Esc, wants something else, and the layer is given up.
    fn is_opening(&mut self, key: Option<Chord>) -> bool {
        let Some(ticket) = self.opening else { return false };
        let waits = self.stores_wait > 0 && self.asks.is_read(ticket);
        if !waits || !key.is_some_and(moves_on) {
            return true;
        }
        self.opening = None;
        self.give_up(ticket);
        false
    }

    fn hold(&mut self, event: Event) {
        self.touch();
        if self.held.len() < MAX_HELD && self.stores_wait == 0 {
            self.held.push_back(event);
        }
    }

    /// Puts the idle lock off.
    pub(super) fn touch(&mut self) {
        self.touched = (self.now, self.wall);
        self.warned = false;
        self.arm_idle_lock();
    }

    /// The idle lock runs while an unlocked vault can be locked.
    pub(super) fn arm_idle_lock(&mut self) {
        let lockable = self.facts.as_ref().is_some_and(|facts| facts.lockable);
        let idle = self.settings.chosen.idle_lock;
        let armed = lockable && !idle.is_zero();
        self.locks_at = armed.then(|| self.touched.0.checked_add(idle)).flatten();
    }

    fn on_focus(&mut self, focused: bool) {
        self.focused = focused;
        if !focused {
            self.hide_values();
        }
    }

    /// Whoever wakes a machine may be another than who left it.
    fn on_slept(&mut self) {
        self.hide_values();
        self.out.push(Effect::Redraw);
        if self.facts.as_ref().is_some_and(|facts| facts.lockable) {
            self.lock_for("Locked: the machine was asleep.".to_owned());
        }
    }

    /// After a stop the user may have been away for longer than the idle time.
    fn on_resumed(&mut self) {
        self.hide_values();
        self.out.push(Effect::Redraw);
        let idle = i64::try_from(self.settings.chosen.idle_lock.as_secs()).unwrap_or(i64::MAX);
        if self.locks_at.is_some() && self.wall.since(self.touched.1) >= idle {
            self.lock_idle();
        }
    }

    /// Whether a key acts even while a layer is being opened.
    pub(super) fn breaks_through(&self, chord: Chord) -> bool {
        use super::bindings::{Context, Lookup};
        let lookup = self.keymap.lookup(Context::Global, &[chord]);
        matches!(lookup, Lookup::Action(Action::Cancel | Action::Lock | Action::Suspend))
    }

    /// Everything whose time has come.
    fn on_deadlines(&mut self) {
        let now = self.now;
        if self.locks_at.is_some_and(|at| now >= at) {
            self.lock_idle();
        } else if !self.warned && self.warns_at().is_some_and(|at| now >= at) {
            self.warned = true;
            let left = self.locks_in().unwrap_or_default().as_secs().max(1);
            self.toast(Tone::Warning, format!("Locks in {left} s"), "any key keeps it open".into());
        }
        if self.shown_until().is_some_and(|at| now >= at) {
            self.hide_values();
        }
        self.toasts.items.retain(|toast| toast.until.is_none_or(|until| now < until));
        if let Some(status) = &self.clipboard
            && status.ends_at().is_some_and(|at| now >= at)
        {
            self.clipboard = None;
        }
    }

    fn warns_at(&self) -> Option<Instant> {
        let at = self.locks_at?.checked_sub(WARN_BEFORE)?;
        (self.settings.chosen.idle_lock > WARN_BEFORE * 2).then_some(at)
    }

    /// When the code of a sign-in ends, which is counted down.
    fn code_ends(&self) -> Option<Instant> {
        let until = self.layers.iter().find_map(|layer| match layer {
            super::Layer::Wizard(wizard) => wizard.code_ends(),
            _ => None,
        });
        until.filter(|until| *until > self.now)
    }

    /// When the earliest revealed value hides itself.
    fn shown_until(&self) -> Option<Instant> {
        let in_detail = match &self.screen {
            Screen::Browse(browse) => browse.detail.shown.as_ref().map(|shown| shown.until),
            _ => None,
        };
        let in_history = self.layers.iter().find_map(|layer| match layer {
            super::Layer::History(history) => history.shown.as_ref().map(|shown| shown.until),
            _ => None,
        });
        in_detail.into_iter().chain(in_history).min()
    }

    /// The next moment a tick is wanted; `None` sleeps for ever.
    pub fn deadline(&self) -> Option<Instant> {
        let second = Duration::from_secs(1);
        let mut wanted: Vec<Instant> = Vec::new();
        if let Some(at) = self.locks_at {
            // The title counts minutes.
            wanted.push(self.step_before(at, Duration::from_secs(60)));
            wanted.extend(self.warns_at().filter(|_| !self.warned));
        }
        wanted.extend(self.shown_until().map(|at| self.step_before(at, second)));
        wanted.extend(self.toasts.items.iter().filter_map(|toast| toast.until));
        if let Some(status) = &self.clipboard {
            wanted.extend(match &status.state {
                ClipboardState::Held { until: Some(at), .. } if *at > self.now => {
                    Some(self.step_before(*at, second))
                }
                _ => status.ends_at(),
            });
        }
        wanted.extend(self.profiles_change_in().and_then(|left| self.now.checked_add(left)));
        wanted.extend(self.code_ends().map(|at| self.step_before(at, second)));
        if let Some(since) = self.busy_since {
            wanted.push(if self.is_busy() { self.now + SPIN } else { since + BUSY_AFTER });
        }
        wanted.into_iter().min()
    }

    /// The next moment after now that lies a whole number of `step`s before `at`, or `at` itself.
    fn step_before(&self, at: Instant, step: Duration) -> Instant {
        let left = at.saturating_duration_since(self.now);
        let step = step.as_millis().max(1);
        let whole = (left.as_millis().saturating_sub(1) / step) * step;
        let ahead = Duration::from_millis(u64::try_from(whole).unwrap_or(u64::MAX));
        at.checked_sub(ahead).unwrap_or(at)
    }
}
