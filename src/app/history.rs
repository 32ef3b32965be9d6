//! The kept revisions of one secret. Not the journal.
use super::App;
use super::asks::{DescribeFor, ReadFor};
use super::bindings::Action;
use super::detail::Shown;
use super::event::Ticket;
use super::layer::Layer;
use super::list_move::moved;
use super::saving::SaveJob;
use super::toast::Tone;
use crate::vault::{Description, RevisionInfo, SecretRef, SensitiveBytes};

/// The state of the history.
pub struct History {
    /// Which secret.
    pub name: SecretRef,
    /// The kept revisions, newest first; the first is the live one. `None` while they are asked for.
    pub revisions: Option<Vec<RevisionInfo>>,
    /// The selected row.
    pub selected: usize,
    /// The first row on screen.
    pub offset: usize,
    /// The revealed value of one revision.
    pub shown: Option<Shown>,
    /// What is awaited.
    pub pending: Option<Ticket>,
}

impl App {
    pub(super) fn open_history(&mut self) {
        let Some(name) = self.selected_name() else { return };
        self.hide_values();
        let pending = Some(self.describe(name.clone(), DescribeFor::History));
        let (revisions, shown) = (None, None);
        let history = History { name, revisions, selected: 0, offset: 0, shown, pending };
        self.layers.push(Layer::History(history));
    }

    /// After a new listing there may be newer revisions.
    pub(super) fn history_again(&mut self) {
        let Some(name) = self.history().map(|history| history.name.clone()) else { return };
        let ticket = self.describe(name, DescribeFor::History);
        if let Some(history) = self.history() {
            history.pending = Some(ticket);
        }
    }

    pub(super) fn history_described(&mut self, found: Description) {
        let Some(history) = self.history().filter(|history| history.name == found.name) else {
            return;
        };
        let row = |all: &Vec<RevisionInfo>| all.get(history.selected).map(|info| info.revision);
        let selected = history.revisions.as_ref().and_then(row);
        let at = found.history.iter().position(|info| Some(info.revision) == selected);
        history.selected = at.unwrap_or(history.selected);
        (history.pending, history.revisions) = (None, Some(found.history));
    }

    /// Shows the value of a revision that was read, if it is still the selected one.
    pub(super) fn show_old_value(&mut self, name: SecretRef, revision: u64, value: SensitiveBytes) {
        let shown = self.shown(name, revision, value, false);
        let on_top = matches!(self.layers.last(), Some(Layer::History(_))) && self.focused;
        let Some(history) = self.history().filter(|_| on_top) else { return };
        let selected = history.revisions.as_ref().and_then(|all| all.get(history.selected));
        if history.name == shown.name && selected.is_some_and(|info| info.revision == revision) {
            history.shown = Some(shown);
        }
    }

    pub(super) fn history_act(&mut self, action: Action) {
        let page = self.list_page();
        let Some(history) = self.history() else { return };
        let all = history.revisions.as_deref().unwrap_or_default();
        let chosen = all.get(history.selected).map(|info| info.revision);
        let live = all.first().map(|info| info.revision);
        let to = moved(history.selected, all.len(), page, action);
        match (action, chosen.zip(live)) {
            (Action::Close, _) => self.close_top(),
            (Action::Reveal, Some(_)) if history.shown.is_some() => self.hide_values(),
            (Action::Reveal, Some((revision, live))) => {
                let name = history.name.clone();
                // The live revision needs no number, and so opens even when it was replaced just now.
                let revision = (revision != live).then_some(revision);
                self.read(name, revision, ReadFor::History, None);
            }
            (Action::Restore, Some((revision, live))) if revision == live => {
                self.toast(Tone::Note, "That is the newest revision".into(), String::new());
            }
            (Action::Restore, Some((revision, live))) => {
                let name = history.name.clone();
                self.hide_values();
                self.save(SaveJob::Revert { name, revision, live });
            }
            _ => {
                if let Some(to) = to.filter(|to| *to != history.selected) {
                    history.selected = to;
                    self.hide_values();
                }
            }
        }
    }
}
