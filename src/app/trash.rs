//! Deleted secrets that can still be brought back. Not the deleting.
use super::App;
use super::asks::Ask;
use super::bindings::Action;
use super::effect::Effect;
use super::event::Ticket;
use super::layer::Layer;
use super::list_move::moved;
use super::saving::SaveJob;
use crate::vault::TrashEntry;

/// The state of the trash.
pub struct Trash {
    /// Newest first; `None` while they are asked for.
    pub entries: Option<Vec<TrashEntry>>,
    /// The selected row.
    pub selected: usize,
    /// The first row on screen.
    pub offset: usize,
    /// What is awaited.
    pub pending: Option<Ticket>,
}

impl App {
    pub(super) fn open_trash(&mut self) {
        if self.refuses_to_show() {
            return;
        }
        self.hide_values();
        let trash = Trash { entries: None, selected: 0, offset: 0, pending: None };
        self.layers.push(Layer::Trash(trash));
        self.load_trash();
    }

    pub(super) fn load_trash(&mut self) {
        self.asks.forget(|ask| *ask == Ask::Trash);
        let ticket = self.asks.put(Ask::Trash, self.now);
        self.out.push(Effect::LoadTrash(ticket));
        if let Some(trash) = self.trash_layer() {
            trash.pending = Some(ticket);
        }
    }

    pub(super) fn trash_listed(&mut self, entries: Vec<TrashEntry>) {
        if let Some(trash) = self.trash_layer() {
            (trash.entries, trash.pending) = (Some(entries), None);
        }
    }

    pub(super) fn trash_act(&mut self, action: Action) {
        let page = self.list_page();
        let Some(trash) = self.trash_layer() else { return };
        let entries = trash.entries.as_deref().unwrap_or_default();
        let entry = entries.get(trash.selected).cloned();
        match (action, entry) {
            (Action::Close, _) => self.close_top(),
            (Action::Restore, Some(entry)) => self.save(SaveJob::Restore(entry.id)),
            (Action::Purge, Some(entry)) => self.ask_purge(&entry),
            (action, _) => {
                if let Some(to) = moved(trash.selected, entries.len(), page, action) {
                    trash.selected = to;
                }
            }
        }
    }
}
