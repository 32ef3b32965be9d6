//! The activity screen: what the view sees of the journal, and whether it is whole. Reads no journal itself.
use super::App;
use super::asks::Ask;
use super::bindings::Action;
use super::effect::Effect;
use super::layer::Layer;
use super::list_move::moved;
use super::toast::Tone;
use crate::vault::SecretRef;
use crate::vault::journal::{Entry, Journal};

/// The state of the activity screen.
#[derive(Default)]
pub struct Activity {
    /// What the view sees, newest first; `None` while it is asked for.
    pub journal: Option<Journal>,
    /// The selected row.
    pub selected: usize,
    /// The first row on screen.
    pub offset: usize,
}

impl Activity {
    /// The rows, newest first.
    pub fn entries(&self) -> &[Entry] {
        self.journal.as_ref().map_or(&[], |journal| &journal.entries)
    }

    /// The selected row.
    pub fn selected_entry(&self) -> Option<&Entry> {
        self.entries().get(self.selected)
    }

    /// Whether records were lost or tampered with.
    pub fn has_problems(&self) -> bool {
        self.journal.as_ref().is_some_and(|journal| journal.has_problems)
    }

    /// The secret that a row is about, by the last name the view may know.
    pub fn about(entry: &Entry) -> Option<&SecretRef> {
        entry.name.as_ref().or(entry.from.as_ref())
    }
}

impl App {
    pub(super) fn open_activity(&mut self) {
        self.hide_values();
        self.layers.push(Layer::Activity(Activity::default()));
        self.load_activity();
    }

    pub(super) fn load_activity(&mut self) {
        self.asks.forget(|ask| *ask == Ask::Activity);
        let ticket = self.asks.put(Ask::Activity, self.now);
        self.out.push(Effect::LoadActivity(ticket));
    }

    /// Takes what was read. At the top it stays at the newest; further down, at the same record.
    pub(super) fn activity_read(&mut self, journal: Journal) {
        let Some(activity) = self.activity() else { return };
        let stays = activity.selected_entry().filter(|_| activity.selected > 0);
        if let Some(sequence) = stays.map(|entry| entry.sequence) {
            let row = journal.entries.partition_point(|entry| entry.sequence > sequence);
            let down = row.saturating_sub(activity.selected);
            (activity.selected, activity.offset) = (row, activity.offset + down);
        }
        activity.journal = Some(journal);
    }

    pub(super) fn activity_act(&mut self, action: Action) {
        let page = self.list_page();
        let Some(activity) = self.activity() else { return };
        match action {
            Action::Close => self.close_top(),
            Action::Again => self.load_activity(),
            Action::Accept => self.go_to_recorded(),
            action => {
                let to = moved(activity.selected, activity.entries().len(), page, action);
                activity.selected = to.unwrap_or(activity.selected);
            }
        }
    }

    /// Goes to the secret that the selected row is about.
    fn go_to_recorded(&mut self) {
        let entry = self.activity().and_then(|activity| activity.selected_entry().cloned());
        let Some(entry) = entry else { return };
        let Some(name) = Activity::about(&entry) else {
            let why = "That is about the vault as a whole";
            return self.toast(Tone::Note, why.into(), String::new());
        };
        if entry.action.is_about_profile() {
            return self.toast(Tone::Note, "That is about a profile".into(), String::new());
        }
        if self.goes_to(name) {
            self.pop_layer();
        }
    }
}
