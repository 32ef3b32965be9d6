//! The health screen: what of the secrets wants attention, and where to mend it. Looks at no value itself.

use super::App;
use super::asks::{Ask, DescribeFor, ReadFor};
use super::bindings::Action;
use super::browse::{Browse, Pane};
use super::effect::Effect;
use super::event::{Failure, Ticket};
use super::layer::Layer;
use super::list_move::moved;
use super::prompt::Retry;
use super::toast::Tone;
use crate::service::audit::{Finding, Report, Rules};
use crate::vault::{SecretRef, SensitiveBytes};

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthRow {
    /// The secret.
    pub name: SecretRef,
    /// What is wrong with it.
    pub finding: Finding,
    /// Its revision then.
    revision: Option<u64>,
    /// Whether it was changed since, or is gone: then it may be mended.
    pub changed: bool,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookedAt {
    /// Values.
    pub values: usize,
    /// Protected secrets whose values were not: nobody gave the passphrase.
    pub left_out: usize,
}

/// The state of the health screen. Names and findings, never values.
#[derive(Default)]
pub struct Health {
    /// What was found, worst first.
    pub rows: Vec<HealthRow>,
    /// What was looked at; `None` before the first look is over.
    pub looked_at: Option<LookedAt>,
    /// So many of so many, while it looks; nothing is known yet of how many there are at first.
    pub looking: Option<(usize, usize)>,
    /// Why there is nothing to see.
    pub failure: Option<Failure>,
    /// The selected row.
    pub selected: usize,
    /// The first row on screen.
    pub offset: usize,
}

impl Health {
    /// The selected row.
    pub fn selected_row(&self) -> Option<&HealthRow> {
        self.rows.get(self.selected)
    }

    /// How many findings there are of a word, of those that may not be mended yet.
    pub fn count(&self, word: &str) -> usize {
        let open = |row: &&HealthRow| !row.changed && row.finding.word() == word;
        self.rows.iter().filter(open).count()
    }

    /// Whether a hinted action can do something now.
    pub(super) fn applies(&self, action: Action) -> bool {
        match action {
            Action::Accept | Action::Edit | Action::EditMetadata | Action::Generate => {
                self.selected_row().is_some()
            }
            Action::Protected => {
                self.looking.is_none() && self.looked_at.is_some_and(|it| it.left_out > 0)
            }
            Action::Again => self.looking.is_none(),
            _ => true,
        }
    }

    /// Takes what was found; the selection stays on the secret it was on.
    fn take(&mut self, report: Report, browse: &Browse) {
        let chosen = self.selected_row().map(|row| (row.name.clone(), row.finding.word()));
        let revision = |name: &SecretRef| browse.secret(name).map(|secret| secret.revision);
        let left_out = report.left_out.len();
        self.looked_at = Some(LookedAt { values: report.looked_at, left_out });
        let row = |(name, finding)| {
            let revision = revision(&name);
            HealthRow { name, finding, revision, changed: false }
        };
        self.rows = report.findings.into_iter().map(row).collect();
        let same = |row: &HealthRow| {
            chosen
                .as_ref()
                .is_some_and(|(name, word)| row.name == *name && row.finding.word() == *word)
        };
        let at = self.rows.iter().position(same);
        self.selected = at.unwrap_or(self.selected).min(self.rows.len().saturating_sub(1));
        (self.looking, self.failure) = (None, None);
    }
}

impl App {
    pub(super) fn open_health(&mut self) {
        self.hide_values();
        self.layers.push(Layer::Health(Health::default()));
        // A look that was left goes on, and is the one that counts: each reads every value.
        match self.asks.any(|ask| *ask == Ask::Audit) {
            true => self.set_looking(Some((0, 0))),
            false => drop(self.audit(None)),
        }
    }

    /// Has every secret looked at.
    pub(super) fn audit(&mut self, passphrase: Option<SensitiveBytes>) -> Ticket {
        self.asks.forget(|ask| *ask == Ask::Audit);
        if passphrase.is_none() {
            // What was typed may be wrong: then what is known stays.
            self.set_looking(Some((0, 0)));
        }
        let ticket = self.asks.put(Ask::Audit, self.now);
        let rules = Rules::at(self.wall);
        self.out.push(Effect::Audit { ticket, rules, passphrase });
        ticket
    }

    fn set_looking(&mut self, looking: Option<(usize, usize)>) {
        if let Some(health) = self.health() {
            health.looking = looking;
        }
    }

    pub(super) fn audit_progress(&mut self, ticket: Ticket, done: usize, total: usize) {
        if self.asks.ticket_of(&Ask::Audit) == Some(ticket) {
            // What was typed is right.
            self.prompt_answered(ticket);
            self.set_looking(Some((done, total)));
        }
    }

    pub(super) fn audited(&mut self, report: Report) {
        let super::Screen::Browse(browse) = &self.screen else { return };
        let health = self.layers.iter_mut().rev().find_map(|layer| match layer {
            Layer::Health(health) => Some(health),
            _ => None,
        });
        if let Some(health) = health {
            health.take(report, browse);
        }
    }

    pub(super) fn audit_failed(&mut self, failure: Failure) {
        match self.health() {
            Some(health) if health.looked_at.is_none() => {
                (health.looking, health.failure) = (None, Some(failure));
            }
            Some(health) => {
                health.looking = None;
                self.fail(failure);
            }
            None => {}
        }
    }

    /// After a new listing: what was changed may be mended.
    pub(super) fn health_changes(&mut self) {
        let super::Screen::Browse(browse) = &self.screen else { return };
        for layer in &mut self.layers {
            let Layer::Health(health) = layer else { continue };
            for row in &mut health.rows {
                let now = browse.secret(&row.name).map(|secret| secret.revision);
                row.changed = now != row.revision;
            }
        }
    }

    pub(super) fn health_act(&mut self, action: Action) {
        let page = self.list_page();
        let Some(health) = self.health() else { return };
        match action {
            Action::Close => self.close_top(),
            Action::Again if health.looking.is_none() => drop(self.audit(None)),
            Action::Protected if health.applies(action) => self.ask_passphrase(Retry::Audit),
            Action::Accept | Action::Edit | Action::EditMetadata | Action::Generate => {
                let name = health.selected_row().map(|row| row.name.clone());
                if let Some(name) = name.filter(|name| self.goes_to(name)) {
                    self.mend(name, action);
                }
            }
            action => {
                let to = moved(health.selected, health.rows.len(), page, action);
                health.selected = to.unwrap_or(health.selected);
            }
        }
    }

    /// Selects a secret on the browse screen below; says so when it is gone.
    pub(super) fn goes_to(&mut self, name: &SecretRef) -> bool {
        let known = |browse: &&mut Browse| browse.index_of(name).is_some();
        if self.browse().filter(known).is_none() {
            let help = self.key_help(Action::Trash, "lists what was deleted");
            self.toast(Tone::Note, format!("There is no {name} now"), help);
            return false;
        }
        self.drop_search();
        if let Some(browse) = self.browse() {
            browse.go_to(name);
        }
        self.focus(Pane::Keys);
        true
    }

    fn mend(&mut self, name: SecretRef, action: Action) {
        match action {
            Action::Edit => drop(self.read(name, None, ReadFor::Edit, None)),
            Action::EditMetadata => {
                self.opening = Some(self.describe(name, DescribeFor::Metadata));
            }
            Action::Generate => self.open_generator(),
            _ => self.pop_layer(),
        }
    }
}
