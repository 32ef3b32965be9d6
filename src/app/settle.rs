//! After each event: keeps selections and cursors on screen and asks for what the screen still lacks.

use super::field::follow;
use super::layout::{frame, popup};
use super::{App, Pane, Screen};

impl App {
    pub(super) fn settle(&mut self) {
        self.follow_code();
        self.settle_panes();
        self.settle_layers();
        self.settle_box();
        self.want_description();
        self.busy_since = self.asks.since();
    }

    /// Rows of a pane that are on screen; at least one, so that paging always moves.
    pub(super) fn page(&self, pane: Pane) -> usize {
        let frame = frame(self);
        let area = frame.panes.iter().find(|area| area.pane == pane);
        area.map_or(1, |area| usize::from(area.inner.height)).max(1)
    }

    /// Rows of the top layer's list that are on screen.
    pub(super) fn list_page(&self) -> usize {
        let top = self.layers.len().saturating_sub(1);
        usize::from(popup(self, top).list.height).max(1)
    }

    fn settle_panes(&mut self) {
        let (scopes, keys) = (self.page(Pane::Scopes), self.page(Pane::Keys));
        let search = frame(self).search.unwrap_or_default();
        let Screen::Browse(browse) = &mut self.screen else { return };
        browse.scopes.offset = follow(browse.scopes.offset, browse.scopes.selected, scopes);
        let last = browse.keys.len.saturating_sub(keys);
        browse.keys.offset = follow(browse.keys.offset, browse.keys.selected, keys).min(last);
        if let Some(search) = browse.search.as_mut().map(|found| (&mut found.query, search.width)) {
            search.0.scroll_into(usize::from(search.1.saturating_sub(4)), 1);
        }
    }

    fn settle_layers(&mut self) {
        for at in 0..self.layers.len() {
            let popup = popup(self, at);
            let Some(layer) = self.layers.get_mut(at) else { break };
            for (place, field) in layer.fields() {
                let area = popup.fields.get(place).copied().unwrap_or_default();
                // One column is left for the cursor behind the last character.
                field.scroll_into(usize::from(area.width.saturating_sub(1)), area.height.into());
            }
            if let Some((offset, selected, len)) = layer.list() {
                *selected = (*selected).min(len.saturating_sub(1));
                *offset = follow(*offset, *selected, usize::from(popup.list.height).max(1));
            }
        }
    }

    fn settle_box(&mut self) {
        if self.is_browsing() {
            return;
        }
        let popup = popup(self, usize::MAX);
        let width = |at: usize| popup.fields.get(at).map_or(0, |area| area.width.saturating_sub(1));
        match &mut self.screen {
            Screen::FirstRun(first_run) => {
                first_run.new.passphrase.scroll_into(width(0).into(), 1);
                first_run.new.again.scroll_into(width(1).into(), 1);
            }
            Screen::Unlock(unlock) => unlock.passphrase.scroll_into(width(0).into(), 1),
            Screen::Browse(_) => {}
        }
    }
}
