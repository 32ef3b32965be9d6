//! The detail pane: what is known about the selected secret, and its value while it is revealed.

use std::time::{Duration, Instant};

use super::asks::DescribeFor;
use super::effect::Effect;
use super::event::{Failure, Ticket};
use super::layer::Layer;
use super::one_time::OneTime;
use super::{App, Screen};
use crate::vault::{Description, SecretRef, SensitiveBytes};

/// A value on screen for a while.
pub struct Shown {
    /// Whose.
    pub name: SecretRef,
    /// Which revision.
    pub revision: u64,
    /// The value; draw with `text::visible_lines`, or as binary when it is not UTF-8.
    pub value: SensitiveBytes,
    /// When it appeared.
    pub since: Instant,
    /// When it hides itself.
    pub until: Instant,
    /// Only a peek: gone with the next key.
    pub peek: bool,
    /// What it has beside its digits if it is a one-time code.
    pub code: Option<OneTime>,
}

/// The state of the detail pane.
#[derive(Default)]
pub struct Detail {
    /// The last description that came; belongs to the selection only if its name is the selected one.
    pub description: Option<Description>,
    /// The description asked for and not there yet; at most one at a time.
    pub wanted: Option<(Ticket, SecretRef)>,
    /// The secret that was asked for last, at its revision in the list. The answer may be of a newer
    /// one, or none: each is asked for once, until the list has changed.
    pub(super) asked: Option<(SecretRef, u64)>,
    /// The revealed value.
    pub shown: Option<Shown>,
    /// Lines scrolled away at the top.
    pub scroll: usize,
}

/// Lines of the detail beside those that grow: name, fields and the space between.
const FIXED_LINES: usize = 16;

impl Detail {
    /// Forgets what was asked for if no description came of it.
    pub(super) fn ask_again_if_refused(&mut self) {
        let described = self.description.as_ref().map(|description| &description.name);
        if self.asked.as_ref().map(|(name, _)| name) != described {
            self.asked = None;
        }
    }

    /// About how many lines there are to scroll through.
    pub fn lines(&self) -> usize {
        let count = |text: &str| text.lines().count();
        let described = self.description.as_ref().map_or(0, |description| {
            let note = description.metadata.note.as_deref().map_or(0, count);
            description.history.len() + description.metadata.facts.len() + note
        });
        let value = |shown: &Shown| shown.value.with_str(count).unwrap_or(1);
        FIXED_LINES + described + self.shown.as_ref().map_or(0, value)
    }
}

/// How long a peek lasts at most.
const PEEK: Duration = Duration::from_secs(2);

impl App {
    pub(super) fn detail(&mut self) -> Option<&mut Detail> {
        match &mut self.screen {
            Screen::Browse(browse) => Some(&mut browse.detail),
            _ => None,
        }
    }

    /// A value with the times of its showing.
    pub(super) fn shown(
        &self,
        name: SecretRef,
        revision: u64,
        value: SensitiveBytes,
        peek: bool,
    ) -> Shown {
        let lasts =
            if peek { PEEK.min(self.settings.chosen.reveal) } else { self.settings.chosen.reveal };
        let until = self.now.checked_add(lasts).unwrap_or(self.now);
        Shown { name, revision, value, since: self.now, until, peek, code: None }
    }

    /// Shows a value that was read, if it is still the one looked at; whether it is.
    pub(super) fn show_value(
        &mut self,
        name: SecretRef,
        revision: u64,
        value: SensitiveBytes,
        peek: bool,
    ) -> bool {
        let wanted = self.selected_name().is_some_and(|selected| selected == name);
        if !wanted || !self.focused || self.presenting || !self.layers.is_empty() {
            return false;
        }
        let shown = self.shown(name, revision, value, peek);
        let Some(detail) = self.detail() else { return false };
        (detail.shown, detail.scroll) = (Some(shown), 0);
        true
    }

    /// Hides every revealed value and has it drawn over.
    pub(super) fn hide_values(&mut self) {
        let mut hidden = self.detail().and_then(|detail| detail.shown.take()).is_some();
        for layer in &mut self.layers {
            hidden |= match layer {
                Layer::History(history) => history.shown.take().is_some(),
                Layer::Recovery(recovery) => recovery.hide(),
                _ => false,
            };
        }
        if hidden {
            self.out.push(Effect::Redraw);
        }
    }

    /// A peek ends with the next key.
    pub(super) fn end_peek(&mut self) {
        let peeks = self.detail().and_then(|detail| detail.shown.as_ref());
        if peeks.is_some_and(|shown| shown.peek) {
            self.hide_values();
        }
    }

    /// Hides the value when the selection moved away from it.
    pub(super) fn hide_unless_selected(&mut self) {
        let selected = self.selected_name();
        let Some(detail) = self.detail() else { return };
        if detail.shown.as_ref().is_some_and(|shown| Some(&shown.name) != selected.as_ref()) {
            self.hide_values();
        }
    }

    pub(super) fn detail_described(&mut self, found: Description) {
        let Some(detail) = self.detail() else { return };
        if detail.description.as_ref().is_none_or(|old| old.name != found.name) {
            detail.scroll = 0;
        }
        (detail.wanted, detail.description) = (None, Some(found));
    }

    pub(super) fn describe_failed(&mut self, purpose: DescribeFor, failure: Failure) {
        if purpose != DescribeFor::Detail {
            self.layers.retain(|layer| !matches!(layer, Layer::History(_)));
            return self.fail(failure);
        }
        if let Some(detail) = self.detail() {
            detail.wanted = None;
        }
    }

    /// Asks for the description of the selected secret unless it is there; one question at a time.
    pub(super) fn want_description(&mut self) {
        let Screen::Browse(browse) = &self.screen else { return };
        let Some(secret) = browse.selected().filter(|_| browse.detail.wanted.is_none()) else {
            return;
        };
        let asked = browse.detail.asked.as_ref();
        if asked.is_some_and(|(name, at)| (name, *at) == (&secret.name, secret.revision)) {
            return;
        }
        let (name, revision) = (secret.name.clone(), secret.revision);
        let ticket = self.describe(name.clone(), DescribeFor::Detail);
        if let Some(detail) = self.detail() {
            detail.asked = Some((name.clone(), revision));
            detail.wanted = Some((ticket, name));
        }
    }
}
