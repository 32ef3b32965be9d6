//! The presenter mode: names are masked by aliases, and nothing is shown that others in the room must
//! not see. Not an access control: whoever has the keyboard switches it off.

use super::App;
use super::asks::{Ask, DescribeFor};
use super::bindings::Action;
use super::browse::Browse;
use super::toast::Tone;
use crate::vault::{Scope, ScopeKind, SecretRef};

impl Browse {
    /// What stands for a secret: its place in the listing, so that it stays the same while that does.
    pub fn alias(&self, name: &SecretRef) -> String {
        match self.index_of(name) {
            Some(at) => format!("secret {}", at + 1),
            None => "a secret".to_owned(),
        }
    }

    /// What stands for a scope: its kind, and its place among all scopes.
    pub fn scope_alias(&self, scope: &Scope) -> String {
        let word = match (scope.kind(), scope.segments().len()) {
            (ScopeKind::Global, _) => return "global".to_owned(),
            (ScopeKind::Principal, _) => "principal",
            (ScopeKind::Channel, _) => "channel",
            (ScopeKind::Skill, _) => "skill",
            (ScopeKind::Project, 1) => "project",
            (ScopeKind::Project, _) => "environment",
        };
        // A project without secrets of its own takes the place before its environments.
        let at = self.groups.partition_point(|group| group.scope < *scope);
        format!("{word} {}", at + 1)
    }
}

impl App {
    /// Switches the presenter mode.
    pub(super) fn present(&mut self) {
        self.hide_values();
        self.drop_search();
        if let Some(browse) = self.browse() {
            browse.show_scope();
        }
        self.presenting = !self.presenting;
        // What is on its way may be a value or a form full of names; messages name secrets too.
        self.asks.forget(|ask| {
            let form = |purpose: &DescribeFor| *purpose != DescribeFor::Detail;
            matches!(ask, Ask::Read { .. } | Ask::Code(..))
                || matches!(ask, Ask::Describe(_, purpose) if form(purpose))
        });
        self.toasts.items.clear();
        if self.presenting {
            let help = self.key_help(Action::Present, "leaves it");
            self.toast(Tone::Note, "Presenter mode: names and values are hidden".into(), help);
        }
        self.out.push(super::Effect::Redraw);
    }

    /// Whether the presenter mode keeps `action` from the browse screen; says so. A reveal and the trash,
    /// which have several keys, ask for themselves.
    pub(super) fn keeps_from_view(&mut self, action: Action) -> bool {
        shows_names(action) && self.refuses_to_show()
    }

    /// Whether the presenter mode is on; says how to leave it.
    pub(super) fn refuses_to_show(&mut self) -> bool {
        if self.presenting {
            let help = self.key_help(Action::Present, "leaves it");
            let why = "Not in presenter mode: it would show names or values";
            self.toast(Tone::Note, why.into(), help);
        }
        self.presenting
    }

    /// A name as the screen may say it now.
    pub(super) fn say_name(&self, name: &SecretRef) -> String {
        match &self.screen {
            super::Screen::Browse(browse) if self.presenting => browse.alias(name),
            _ => name.to_string(),
        }
    }
}

/// Whether an action of the browse screen would show a name, or what it asks would.
pub(super) fn shows_names(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::CopyMenu
            | A::Search
            | A::Add
            | A::Edit
            | A::EditMetadata
            | A::Rename
            | A::Delete
            | A::Undo
            | A::History
            | A::Activity
            | A::Health
            | A::Generate
            | A::ViewAs
            | A::Import
            | A::Profiles
    )
}
