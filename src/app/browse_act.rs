//! What the keys do on the browse screen. Not what the layers do that they open.

use super::App;
use super::asks::{Ask, CopySource, DescribeFor, ReadFor};
use super::bindings::Action;
use super::browse::{Browse, Pane};
use super::effect::Effect;
use super::list_move::moved;
use super::one_time::CodeUse;
use super::presenter::shows_names;
use super::saving::SaveJob;
use super::scope_tree::ScopeRowKind;
use super::toast::Tone;
use super::{Layer, Screen};
use crate::vault::{Actor, Listing, SecretRef};

/// Columns below which one pane is shown at a time.
const NARROW: u16 = 72;

impl App {
    pub(super) fn browse(&mut self) -> Option<&mut Browse> {
        match &mut self.screen {
            Screen::Browse(browse) => Some(browse),
            _ => None,
        }
    }

    /// The name of the selected secret.
    pub(super) fn selected_name(&self) -> Option<SecretRef> {
        match &self.screen {
            Screen::Browse(browse) => browse.selected().map(|secret| secret.name.clone()),
            _ => None,
        }
    }

    pub(super) fn selected_revision(&self) -> Option<(SecretRef, u64)> {
        match &self.screen {
            Screen::Browse(browse) => {
                browse.selected().map(|secret| (secret.name.clone(), secret.revision))
            }
            _ => None,
        }
    }

    /// Whether a hinted action can do something on the browse screen now.
    pub(super) fn browse_applies(&self, action: Action) -> bool {
        let Screen::Browse(browse) = &self.screen else { return true };
        if self.presenting && (action == Action::Reveal || shows_names(action)) {
            return false;
        }
        match action {
            Action::Present => self.presenting,
            Action::Copy | Action::CopyMenu | Action::Edit | Action::Delete => {
                browse.selected().is_some()
            }
            Action::Reveal => browse.selected().is_some() && browse.focus != Pane::Scopes,
            _ => true,
        }
    }

    pub(super) fn browse_act(&mut self, action: Action) {
        if self.keeps_from_view(action) {
            return;
        }
        match action {
            Action::Reveal => self.enter(),
            Action::Peek => self.reveal(ReadFor::Peek),
            Action::Copy => self.copy_selected(),
            Action::CopyMenu => self.open_copy_menu(),
            Action::ClearClipboard => self.clear_clipboard(),
            Action::Search => self.open_search(),
            Action::NextPane => self.next_pane(true),
            Action::PreviousPane => self.next_pane(false),
            Action::Add => self.open_add(),
            Action::Edit => self.edit_selected(),
            Action::EditMetadata => self.describe_selected(DescribeFor::Metadata),
            Action::Rename => self.open_rename(),
            Action::Delete => self.ask_delete(),
            Action::Undo => self.undo_last(),
            Action::History => self.open_history(),
            Action::Trash => self.open_trash(),
            Action::Activity => self.open_activity(),
            Action::Health => self.open_health(),
            Action::Generate => self.open_generator(),
            Action::ViewAs => self.open_view_as(),
            Action::Import => self.open_import(),
            Action::Keys => self.open_slots(),
            Action::Profiles => self.open_profiles(),
            Action::Present => self.present(),
            Action::Toggle if self.focused_pane() == Some(Pane::Scopes) => self.toggle_fold(),
            Action::Back => self.back(),
            Action::Left | Action::Right => self.sideways(action == Action::Right),
            _ => self.move_selection(action),
        }
    }

    /// Enter: from the scopes to the keys, on a narrow screen to the detail, else reveals or hides.
    fn enter(&mut self) {
        let narrow = self.size.0 < NARROW;
        let Some(browse) = self.browse() else { return };
        match browse.focus {
            Pane::Scopes if is_trash(browse) => self.open_trash(),
            Pane::Scopes => self.focus(Pane::Keys),
            Pane::Keys if narrow && browse.selected().is_some() => self.focus(Pane::Detail),
            _ if browse.detail.shown.is_some() => self.hide_values(),
            _ => self.reveal(ReadFor::Reveal),
        }
    }

    fn reveal(&mut self, purpose: ReadFor) {
        if self.refuses_to_show() {
            return;
        }
        let Some(name) = self.selected_or_say() else { return };
        let reading = |ask: &Ask| matches!(ask, Ask::Read { .. } | Ask::Code(..));
        self.asks.forget(reading);
        if self.makes_codes() {
            let peeks = purpose == ReadFor::Peek;
            let to = if peeks { CodeUse::Peek } else { CodeUse::Show };
            self.make_code(name, to, false, None);
            return;
        }
        self.read(name, None, purpose, None);
    }

    /// The selected secret; says so when there is none.
    fn selected_or_say(&mut self) -> Option<SecretRef> {
        let name = self.selected_name();
        if name.is_none() {
            let help = self.key_help(Action::Add, "adds one");
            self.toast(Tone::Note, "No secret is selected".into(), help);
        }
        name
    }

    fn copy_selected(&mut self) {
        if let Some(name) = self.selected_or_say() {
            match self.makes_codes() {
                true => self.copy_one_time(name),
                false => self.copy(CopySource::Value(name)),
            }
        }
    }

    fn edit_selected(&mut self) {
        if let Some(name) = self.selected_or_say() {
            self.hide_values();
            self.read(name, None, ReadFor::Edit, None);
        }
    }

    fn describe_selected(&mut self, purpose: DescribeFor) {
        if let Some(name) = self.selected_or_say() {
            self.hide_values();
            self.opening = Some(self.describe(name, purpose));
        }
    }

    fn undo_last(&mut self) {
        if self.undo.is_empty() {
            self.toast(Tone::Note, "Nothing to undo".into(), String::new());
        } else {
            self.save(SaveJob::Undo);
        }
    }

    pub(super) fn focus(&mut self, pane: Pane) {
        if let Some(browse) = self.browse() {
            browse.focus = pane;
        }
    }

    fn next_pane(&mut self, forward: bool) {
        let Some(browse) = self.browse() else { return };
        browse.focus = match (browse.focus, forward) {
            (Pane::Scopes, true) | (Pane::Detail, false) => Pane::Keys,
            (Pane::Keys, true) | (Pane::Scopes, false) => Pane::Detail,
            (Pane::Detail, true) | (Pane::Keys, false) => Pane::Scopes,
        };
    }

    /// Left and right: folds in the tree, else the neighbouring pane.
    fn sideways(&mut self, right: bool) {
        let Some(browse) = self.browse() else { return };
        match (browse.focus, right) {
            (Pane::Scopes, right) => self.sideways_in_tree(right),
            (Pane::Keys, true) if browse.selected().is_some() => self.focus(Pane::Detail),
            (Pane::Keys, true) => {}
            (Pane::Keys, false) => self.focus(Pane::Scopes),
            (Pane::Detail, false) => self.focus(Pane::Keys),
            (Pane::Detail, true) => {}
        }
    }

    fn sideways_in_tree(&mut self, right: bool) {
        let Some(browse) = self.browse() else { return };
        let Some(row) = browse.scopes.row() else { return };
        match (right, row.expanded, row.depth) {
            (true, Some(false), _) | (false, Some(true), _) => self.toggle_fold(),
            (true, ..) if row.kind != ScopeRowKind::Trash => self.focus(Pane::Keys),
            (false, _, 2) => {
                let parent = (0..browse.scopes.selected)
                    .rev()
                    .find(|at| browse.scopes.rows.get(*at).is_some_and(|row| row.depth == 1));
                self.select_scope(parent.unwrap_or(0));
            }
            _ => {}
        }
    }

    /// Folds or unfolds the selected project.
    pub(super) fn toggle_fold(&mut self) {
        let Some(browse) = self.browse() else { return };
        let Some(row) = browse.scopes.row().filter(|row| row.expanded.is_some()) else { return };
        let ScopeRowKind::Scope(scope) = row.kind.clone() else { return };
        if !browse.scopes.folded.remove(&scope) {
            browse.scopes.folded.insert(scope);
        }
        browse.rebuild_tree();
        if browse.search.is_none() {
            browse.show_scope();
        }
        self.hide_unless_selected();
    }

    /// Selects a row of the tree and lists its secrets; ends a search.
    pub(super) fn select_scope(&mut self, row: usize) {
        let Some(browse) = self.browse() else { return };
        if browse.scopes.rows.get(row).is_some_and(super::scope_tree::ScopeRow::is_selectable) {
            browse.scopes.selected = row;
            self.scope_changed();
        }
    }

    fn scope_changed(&mut self) {
        self.drop_search();
        if let Some(browse) = self.browse() {
            browse.show_scope();
        }
        self.hide_unless_selected();
    }

    pub(super) fn select_key(&mut self, row: usize) {
        let Some(browse) = self.browse() else { return };
        browse.keys.selected = row.min(browse.keys.len.saturating_sub(1));
        self.hide_unless_selected();
    }

    pub(super) fn move_selection(&mut self, action: Action) {
        let Some(browse) = self.browse() else { return };
        let focus = browse.focus;
        let page = self.page(focus);
        let Some(browse) = self.browse() else { return };
        match focus {
            Pane::Scopes => {
                if browse.scopes.move_by(page, action) {
                    self.scope_changed();
                }
            }
            Pane::Keys => {
                let keys = &browse.keys;
                if let Some(to) = moved(keys.selected, keys.len, page, action) {
                    self.select_key(to);
                }
            }
            Pane::Detail => {
                let rows = browse.detail.lines().saturating_sub(page / 2);
                if let Some(to) = moved(browse.detail.scroll, rows, page, action) {
                    browse.detail.scroll = to;
                }
            }
        }
    }

    /// Esc: hides the value, then leaves the search, the lens, the detail of a narrow screen.
    fn back(&mut self) {
        let narrow = self.size.0 < NARROW;
        let Some(browse) = self.browse() else { return };
        if browse.detail.shown.is_some() {
            self.hide_values();
        } else if browse.search.is_some() {
            self.clear_search();
        } else if narrow && browse.focus == Pane::Detail {
            self.focus(Pane::Keys);
        } else if browse.actor != Actor::Owner {
            self.look_as(Actor::Owner);
        }
    }

    fn focused_pane(&self) -> Option<Pane> {
        match &self.screen {
            Screen::Browse(browse) => Some(browse.focus),
            _ => None,
        }
    }

    /// Lists anew and holds keys back meanwhile: they are meant for what will be there then.
    pub(super) fn load_and_hold(&mut self) {
        self.request_load();
        self.opening = self.asks.ticket_of(&Ask::Load);
    }

    /// Lists anew through the present eyes; one question at a time.
    pub(super) fn request_load(&mut self) {
        if self.asks.any(|ask| *ask == Ask::Load) {
            if let Some(browse) = self.browse() {
                browse.stale = true;
            }
            return;
        }
        let Screen::Browse(browse) = &self.screen else { return };
        let actor = browse.actor.clone();
        let ticket = self.asks.put(Ask::Load, self.now);
        self.out.push(Effect::Load(ticket, actor));
    }

    pub(super) fn load_failed(&mut self) {
        if let Some(browse) = self.browse() {
            browse.stale = false;
        }
    }

    pub(super) fn listed(&mut self, listing: Listing) {
        let select = self.select_next.take();
        if let Some(facts) = &mut self.facts {
            // Another process may have moved the vault.
            facts.backend = listing.backend.label().to_owned();
        }
        let Screen::Browse(browse) = &mut self.screen else { return };
        browse.install(listing);
        browse.detail.ask_again_if_refused();
        if browse.actor == Actor::Owner {
            let count = |group: &super::scope_tree::Group| (group.scope.clone(), group.range.len());
            self.owner_scopes = browse.groups.iter().map(count).collect();
        }
        let again = std::mem::take(&mut browse.stale);
        if let Some(name) = select.filter(|_| browse.search.is_none()) {
            browse.go_to(&name);
        }
        self.hide_unless_selected();
        self.notice_changes();
        self.search_again();
        if self.trash_layer().is_some() {
            self.load_trash();
        }
        if self.activity().is_some() {
            self.load_activity();
        }
        self.health_changes();
        if self.history().is_some() {
            self.history_again();
        }
        if again {
            self.request_load();
        }
    }

    /// Tells an open editor or form that its secret changed underneath; the draft stays.
    fn notice_changes(&mut self) {
        let Screen::Browse(browse) = &self.screen else { return };
        let mut warnings = Vec::new();
        for layer in &mut self.layers {
            let (name, seen, changed_to, gone) = match layer {
                // What changed may be what is being saved; the answer says.
                Layer::Editor(super::editor::Editor { saving: Some(_), .. })
                | Layer::MetaForm(super::meta_form::MetaForm { saving: Some(_), .. }) => continue,
                Layer::Editor(e) => (&e.name, e.revision, &mut e.changed_to, Some(&mut e.gone)),
                Layer::MetaForm(f) => (&f.name, f.before.revision, &mut f.changed_to, None),
                Layer::Rename(form) => {
                    // A new value does not change what renaming means.
                    let found = browse.secret(&form.from).map(|secret| secret.revision);
                    form.revision = found.unwrap_or(form.revision);
                    continue;
                }
                _ => continue,
            };
            let found = browse.secret(name).map(|secret| secret.revision);
            let newer = found.filter(|revision| *revision != seen);
            if newer.is_some() && *changed_to != newer {
                warnings.push(format!("{name} was changed meanwhile; your edit is kept"));
            }
            *changed_to = newer;
            if let Some(gone) = gone {
                if found.is_none() && !*gone {
                    warnings.push(format!("{name} is gone meanwhile; your edit is kept"));
                }
                *gone = found.is_none();
            }
        }
        for warning in warnings {
            self.toast(Tone::Warning, warning, String::new());
        }
    }
}

fn is_trash(browse: &Browse) -> bool {
    browse.scopes.row().is_some_and(|row| row.kind == ScopeRowKind::Trash)
}
