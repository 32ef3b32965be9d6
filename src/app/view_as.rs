//! The permission lens: choose an actor and see what it sees and why. Not an authentication.
use super::App;
use super::asks::Ask;
use super::bindings::Action;
use super::layer::Layer;
use super::list_move::moved;
use super::toast::Tone;
use crate::vault::{Actor, Scope, ScopeKind};

/// What one scope is to the actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LensRow {
    /// The scope.
    pub scope: Scope,
    /// Secrets in it.
    pub count: usize,
    /// Whether the actor sees it.
    pub sees: bool,
    /// Whether it may write there.
    pub writes: bool,
    /// Why, in plain words.
    pub reason: &'static str,
}

/// The state of the lens.
pub struct ViewAs {
    /// The actors there are: the owner first, then one per scope but global.
    pub actors: Vec<Actor>,
    /// The one looked at.
    pub selected: usize,
    /// What it sees, one row a scope.
    pub rows: Vec<LensRow>,
    /// The selected row.
    pub row: usize,
    /// The first row on screen.
    pub offset: usize,
    /// How many secrets it sees, and how many there are.
    pub seen: (usize, usize),
}

impl ViewAs {
    /// Works out what the chosen actor sees of `scopes`.
    fn look(&mut self, scopes: &[(Scope, usize)]) {
        let Some(actor) = self.actors.get(self.selected) else { return };
        let row = |(scope, count): &(Scope, usize)| {
            let verdict = actor.sees(scope);
            LensRow {
                scope: scope.clone(),
                count: *count,
                sees: verdict.is_allowed(),
                writes: actor.may_write(scope),
                reason: verdict.reason(),
            }
        };
        self.rows = scopes.iter().map(row).collect();
        // What is seen first; both parts in the order of the tree.
        self.rows.sort_by_key(|row| !row.sees);
        let seen = self.rows.iter().filter(|row| row.sees).map(|row| row.count).sum();
        self.seen = (seen, scopes.iter().map(|(_, count)| count).sum());
        (self.row, self.offset) = (0, 0);
    }
}

impl App {
    /// Opens the lens; from within one, leaves it.
    pub(super) fn open_view_as(&mut self) {
        let Some(browse) = self.browse() else { return };
        if browse.actor != Actor::Owner {
            return self.look_as(Actor::Owner);
        }
        self.hide_values();
        let scopes = self.owner_scopes.clone();
        let scoped = scopes.iter().filter(|(scope, _)| scope.kind() != ScopeKind::Global);
        let mut actors = vec![Actor::Owner];
        actors.extend(scoped.map(|(scope, _)| Actor::Scoped(scope.clone())));
        let own = self.scope_at_hand().map(Actor::Scoped);
        let selected = actors.iter().position(|actor| Some(actor) == own.as_ref());
        let selected = selected.unwrap_or(usize::from(actors.len() > 1));
        let (row, offset, seen) = (0, 0, (0, 0));
        let mut lens = ViewAs { actors, selected, rows: Vec::new(), row, offset, seen };
        lens.look(&scopes);
        self.layers.push(Layer::ViewAs(lens));
    }

    pub(super) fn view_as_act(&mut self, action: Action) {
        let page = self.list_page();
        let scopes = std::mem::take(&mut self.owner_scopes);
        let mut chosen = None;
        if let Some(lens) = self.view_as() {
            let count = lens.actors.len().max(1);
            match action {
                Action::Left | Action::Right => {
                    let by = if action == Action::Right { 1 } else { count - 1 };
                    lens.selected = (lens.selected + by) % count;
                    lens.look(&scopes);
                }
                Action::Accept => chosen = lens.actors.get(lens.selected).cloned(),
                action => {
                    if let Some(to) = moved(lens.row, lens.rows.len(), page, action) {
                        lens.row = to;
                    }
                }
            }
        }
        self.owner_scopes = scopes;
        if let Some(actor) = chosen {
            self.pop_layer();
            self.look_as(actor);
        } else if action == Action::Close {
            self.close_top();
        }
    }

    /// Lists the vault through the eyes of `actor`.
    pub(super) fn look_as(&mut self, actor: Actor) {
        let Some(browse) = self.browse().filter(|browse| browse.actor != actor) else { return };
        browse.actor = actor.clone();
        self.hide_values();
        self.drop_search();
        if let Some(browse) = self.browse() {
            browse.show_scope();
        }
        // An answer for the former eyes must not be shown through these.
        self.asks.forget(|ask| matches!(ask, Ask::Load | Ask::Audit));
        self.load_and_hold();
        let text = match &actor {
            Actor::Owner => "You see the vault as its owner again".to_owned(),
            Actor::Scoped(scope) => format!("You see the vault as {scope} would"),
        };
        self.toast(Tone::Note, text, String::new());
    }
}
