//! The scope tree of the browse screen: rows, counts, what is folded. Not the list of keys.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::bindings::Action;
use super::list_move::moved;
use crate::text::visible;
use crate::vault::{Scope, ScopeKind, SecretSummary};

/// What a row of the tree stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeRowKind {
    /// Every secret.
    All,
    /// A heading of a kind of scope; cannot be selected.
    Heading(ScopeKind),
    /// One scope; a project may have environments below.
    Scope(Scope),
    /// The trash.
    Trash,
    /// An empty line; cannot be selected.
    Gap,
}

/// One row of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeRow {
    /// What it stands for.
    pub kind: ScopeRowKind,
    /// Levels of indentation: 0 for All, global, headings and Trash, 1 below a heading, 2 for environments.
    pub depth: u8,
    /// The text to show: `global`, `skills`, `ops`, `shop`, `prod`; already visible.
    pub label: String,
    /// Secrets behind it (a folded project counts its environments too); 0 for headings and gaps.
    pub count: usize,
    /// For a project with environments: whether they are shown.
    pub expanded: Option<bool>,
    /// Index ranges of the listing that this row stands for.
    pub ranges: Vec<Range<u32>>,
}

/// The tree and what is selected in it.
#[derive(Debug, Default)]
pub struct ScopeTree {
    /// All rows that are not folded away.
    pub rows: Vec<ScopeRow>,
    /// The selected row.
    pub selected: usize,
    /// The first row on screen.
    pub offset: usize,
    /// Projects whose environments are folded away.
    pub folded: BTreeSet<Scope>,
}

/// The secrets of one scope: an index range of the sorted listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) scope: Scope,
    pub(super) range: Range<u32>,
}

/// A project's own secrets, and its environments by name.
type Project<'a> = (Option<&'a Group>, Vec<(&'a str, &'a Group)>);

/// The scopes of a listing in its order.
pub(super) fn groups(listing: &[SecretSummary]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, secret) in listing.iter().enumerate() {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        match groups.last_mut() {
            Some(last) if last.scope == secret.name.scope => last.range.end = at + 1,
            _ => groups.push(Group { scope: secret.name.scope.clone(), range: at..at + 1 }),
        }
    }
    groups
}

impl ScopeTree {
    /// Builds the rows anew and keeps the selection on what it was.
    pub(super) fn rebuild(&mut self, groups: &[Group], total: usize, trash: usize) {
        let before = self.rows.get(self.selected).map(|row| row.kind.clone());
        let all = u32::try_from(total).unwrap_or(u32::MAX);
        self.rows.clear();
        self.push(ScopeRowKind::All, 0, "All", Vec::from([Range { start: 0, end: all }]));
        self.rows.push(gap());
        for kind in ScopeKind::ALL {
            let of_kind: Vec<&Group> = groups.iter().filter(|g| g.scope.kind() == kind).collect();
            if of_kind.is_empty() {
                continue;
            }
            match kind {
                ScopeKind::Global => self.push_scope(of_kind[0], 0),
                ScopeKind::Project => self.push_projects(&of_kind),
                _ => {
                    self.push(ScopeRowKind::Heading(kind), 0, heading(kind), Vec::new());
                    of_kind.iter().for_each(|group| self.push_scope(group, 1));
                }
            }
        }
        if self.rows.len() > 2 {
            self.rows.push(gap());
        }
        self.push(ScopeRowKind::Trash, 0, "Trash", Vec::new());
        if let Some(row) = self.rows.last_mut() {
            row.count = trash;
        }
        let found = before.and_then(|kind| self.rows.iter().position(|row| row.kind == kind));
        self.selected = found.unwrap_or(0);
    }

    fn push(&mut self, kind: ScopeRowKind, depth: u8, label: &str, ranges: Vec<Range<u32>>) {
        let count = ranges.iter().map(ExactSizeIterator::len).sum();
        let label = visible(label).into_owned();
        self.rows.push(ScopeRow { kind, depth, label, count, expanded: None, ranges });
    }

    fn push_scope(&mut self, group: &Group, depth: u8) {
        let label = short(&group.scope);
        let kind = ScopeRowKind::Scope(group.scope.clone());
        self.push(kind, depth, label, vec![group.range.clone()]);
    }

    /// Projects with their environments below, also where the sorted listing has others between.
    fn push_projects(&mut self, groups: &[&Group]) {
        let kind = ScopeKind::Project;
        self.push(ScopeRowKind::Heading(kind), 0, heading(kind), Vec::new());
        let mut projects: BTreeMap<&str, Project<'_>> = BTreeMap::new();
        for group in groups {
            match group.scope.segments().as_slice() {
                [name] => projects.entry(name).or_default().0 = Some(group),
                [name, env] => projects.entry(name).or_default().1.push((env, group)),
                _ => {}
            }
        }
        for (name, (own, envs)) in projects {
            self.push_project(name, own, &envs);
        }
    }

    fn push_project(&mut self, name: &str, own: Option<&Group>, envs: &[(&str, &Group)]) {
        let Ok(scope) = format!("project:{name}").parse::<Scope>() else { return };
        let expanded = !self.folded.contains(&scope);
        let mut ranges: Vec<Range<u32>> =
            own.map(|group| group.range.clone()).into_iter().collect();
        if !expanded {
            ranges.extend(envs.iter().map(|(_, group)| group.range.clone()));
        }
        self.push(ScopeRowKind::Scope(scope), 1, name, ranges);
        if let Some(row) = self.rows.last_mut().filter(|_| !envs.is_empty()) {
            row.expanded = Some(expanded);
        }
        for (env, group) in envs.iter().filter(|_| expanded) {
            let kind = ScopeRowKind::Scope(group.scope.clone());
            self.push(kind, 2, env, vec![group.range.clone()]);
        }
    }

    /// The selected row.
    pub fn row(&self) -> Option<&ScopeRow> {
        self.rows.get(self.selected)
    }

    /// Moves the selection and skips headings and gaps; true when it changed.
    pub(super) fn move_by(&mut self, page: usize, action: Action) -> bool {
        let Some(to) = moved(self.selected, self.rows.len(), page, action) else { return false };
        let can = |at: &usize| self.rows.get(*at).is_some_and(ScopeRow::is_selectable);
        let (after, before) = ((to..self.rows.len()).find(can), (0..=to).rev().find(can));
        let to = match to >= self.selected {
            true => after.or(before),
            false => before.or(after),
        };
        let to = to.unwrap_or(self.selected);
        let changed = to != self.selected;
        self.selected = to;
        changed
    }
}

impl ScopeRow {
    /// Whether the selection may stand on it.
    pub fn is_selectable(&self) -> bool {
        !matches!(self.kind, ScopeRowKind::Heading(_) | ScopeRowKind::Gap)
    }
}

/// The scope without the word of its kind: `shop:prod`.
pub fn short(scope: &Scope) -> &str {
    scope.as_str().split_once(':').map_or(scope.as_str(), |(_, rest)| rest)
}

fn gap() -> ScopeRow {
    let (kind, label) = (ScopeRowKind::Gap, String::new());
    ScopeRow { kind, depth: 0, label, count: 0, expanded: None, ranges: Vec::new() }
}

fn heading(kind: ScopeKind) -> &'static str {
    match kind {
        ScopeKind::Global => "global",
        ScopeKind::Principal => "principals",
        ScopeKind::Channel => "channels",
        ScopeKind::Skill => "skills",
        ScopeKind::Project => "projects",
    }
}
