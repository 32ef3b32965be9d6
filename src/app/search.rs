//! Search everywhere: what is typed and what is awaited. The hits themselves live in the key list.

use std::sync::Arc;

use super::asks::Ask;
use super::bindings::Action;
use super::browse::{Browse, Pane};
use super::effect::Effect;
use super::event::{Failure, Ticket};
use super::field::SecretField;
use super::{App, Screen};
use crate::service::search::{SearchHit, SearchHits, SearchQuery};
use crate::vault::SecretRef;

/// The state of a search.
pub struct Search {
    /// What is typed.
    pub query: SecretField,
    /// Whether the keys go into the query.
    pub typing: bool,
    /// The newest question, while its answer is awaited.
    pub pending: Option<Ticket>,
    /// How many matched; `None` before the first answer.
    pub found: Option<usize>,
    /// What was selected before the search.
    pub(super) before: Option<SecretRef>,
    /// Enter was pressed before the answer came: go to the best match when it does.
    pub(super) enter: bool,
    /// The next answer keeps the selection: only the listing changed, not the query.
    pub(super) keep: bool,
}

/// The longest query in bytes.
const MAX_QUERY: usize = 256;

impl App {
    /// Opens the search, or goes on typing in it.
    pub(super) fn open_search(&mut self) {
        let Some(browse) = self.browse() else { return };
        let before = browse.selected().map(|secret| secret.name.clone());
        match &mut browse.search {
            Some(search) => search.typing = true,
            None => {
                let query = SecretField::line(MAX_QUERY);
                browse.search = Some(Search {
                    query,
                    typing: true,
                    pending: None,
                    found: None,
                    before,
                    enter: false,
                    keep: false,
                });
            }
        }
        self.focus(Pane::Keys);
        self.hide_values();
    }

    pub(super) fn search_typed(&mut self) {
        let Some(browse) = self.browse() else { return };
        let Some(search) = &mut browse.search else { return };
        if search.query.is_empty() {
            (search.pending, search.found) = (None, None);
            browse.show_scope();
            return self.hide_unless_selected();
        }
        (search.keep, search.enter) = (false, false);
        self.ask_search();
    }

    fn ask_search(&mut self) {
        let now = self.now;
        let Screen::Browse(browse) = &mut self.screen else { return };
        let Some(search) = &mut browse.search else { return };
        // Answers to what was typed before are of no use any more.
        self.asks.forget(|ask| *ask == Ask::Search);
        let ticket = self.asks.put(Ask::Search, now);
        search.pending = Some(ticket);
        let text = search.query.with_str(str::to_owned);
        let query = SearchQuery { text, secrets: Arc::clone(&browse.listing) };
        self.out.push(Effect::Search(ticket, query));
    }

    /// After a new listing: the hits were carried over; the ranking is asked anew.
    pub(super) fn search_again(&mut self) {
        let searching = |browse: &mut Browse| {
            let search = browse.search.as_mut()?;
            search.keep = !search.query.is_empty();
            Some(search.keep)
        };
        if self.browse().and_then(searching) == Some(true) {
            self.ask_search();
        }
    }

    pub(super) fn found(&mut self, ticket: Ticket, found: SearchHits) {
        let Some(browse) = self.browse() else { return };
        let selected = browse.selected().map(|secret| secret.name.clone());
        let Some(search) = browse.search.as_mut().filter(|s| s.pending == Some(ticket)) else {
            return;
        };
        (search.pending, search.found) = (None, Some(found.hits.len()));
        let keep = std::mem::take(&mut search.keep);
        let enter = std::mem::take(&mut search.enter);
        let len = browse.listing.len();
        let fits = |hit: &SearchHit| (hit.index as usize) < len;
        browse.keys.show_hits(found.hits.into_iter().filter(fits).collect());
        if let Some(name) = selected.filter(|_| keep) {
            browse.select(&name);
        }
        self.hide_unless_selected();
        if enter {
            self.search_act(Action::Accept);
        }
    }

    pub(super) fn search_failed(&mut self, ticket: Ticket, failure: Failure) {
        let search = self.browse().and_then(|browse| browse.search.as_mut());
        if let Some(search) = search.filter(|search| search.pending == Some(ticket)) {
            search.pending = None;
            self.fail(failure);
        }
    }

    pub(super) fn search_act(&mut self, action: Action) {
        match action {
            Action::Accept => {
                let Some(browse) = self.browse() else { return };
                if let Some(search) = browse.search.as_mut().filter(|s| s.pending.is_some()) {
                    search.enter = true;
                    return;
                }
                let name = browse.selected().map(|secret| secret.name.clone());
                if let Some(name) = name {
                    browse.search = None;
                    self.asks.forget(|ask| *ask == Ask::Search);
                    if let Some(browse) = self.browse() {
                        browse.go_to(&name);
                    }
                    self.focus(Pane::Keys);
                }
            }
            Action::Close => self.clear_search(),
            Action::NextPane => self.stop_typing(),
            _ => self.move_selection(action),
        }
    }

    /// Keeps what was found and gives the keys back to the panes.
    pub(super) fn stop_typing(&mut self) {
        if let Some(search) = self.browse().and_then(|browse| browse.search.as_mut()) {
            search.typing = false;
        }
    }

    /// Ends the search without touching the list.
    pub(super) fn drop_search(&mut self) {
        self.asks.forget(|ask| *ask == Ask::Search);
        if let Some(browse) = self.browse() {
            browse.search = None;
        }
    }

    /// Ends the search and goes back to what was selected before it.
    pub(super) fn clear_search(&mut self) {
        self.asks.forget(|ask| *ask == Ask::Search);
        let Some(browse) = self.browse() else { return };
        let before = browse.search.take().and_then(|search| search.before);
        browse.show_scope();
        if let Some(name) = before {
            browse.select(&name);
        }
        self.hide_unless_selected();
    }
}
