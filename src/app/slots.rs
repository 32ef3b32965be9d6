//! The keys screen: the ways into the vault, listed and chosen for a change. Not the forms of a change.

use super::App;
use super::Screen;
use super::asks::Ask;
use super::bindings::Action;
use super::confirm::{Answer, Choice, Purpose, no, yes};
use super::effect::{Effect, NewWay, Opener, SlotChange};
use super::event::{Failure, SlotsNow, Ticket};
use super::layer::Layer;
use super::list_move::moved;
use super::prompt::Retry;
use super::recovery::CodeFor;
use super::toast::Tone;
use crate::text::visible;
use crate::vault::{Actor, SensitiveBytes, SlotId, SlotInfo, SlotKind};

/// A change that asks for the passphrase first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotJob {
    /// Another passphrase.
    AddPassphrase,
    /// A recovery code.
    AddCode,
    /// Another passphrase in the place of that one.
    Change(SlotId),
    /// Another vault key.
    Rotate,
}

impl Slots {
    /// Nothing listed yet.
    pub fn new() -> Self {
        Self { slots: None, selected: 0, offset: 0, proof: None, rotating: None }
    }
}

impl Default for Slots {
    fn default() -> Self {
        Self::new()
    }
}

impl SlotJob {
    /// What it does, for the prompt.
    pub fn title(self) -> &'static str {
        match self {
            Self::AddPassphrase => "Add a passphrase: first the one there is",
            Self::AddCode => "Add a recovery code: first the passphrase",
            Self::Change(_) => "Change the passphrase: first the old one",
            Self::Rotate => "Replace the vault key: first the passphrase",
        }
    }
}

/// What is being done, so that its end can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotWork {
    /// A slot of that kind is added.
    Add(SlotKind),
    /// The passphrase is changed.
    Change,
    /// A slot of that kind is removed.
    Remove(SlotKind),
}

/// The state of the keys screen.
pub struct Slots {
    /// The ways in, as they stand in the vault; `None` while they are asked for.
    pub slots: Option<Vec<SlotInfo>>,
    /// The selected row.
    pub selected: usize,
    /// The first row on screen.
    pub offset: usize,
    /// What was typed for the change at hand; wiped with it.
    pub(super) proof: Option<SensitiveBytes>,
    /// How many envelopes of how many are wrapped anew, while the vault key is replaced.
    pub rotating: Option<(usize, usize)>,
}

/// A slot's kind in words.
pub fn kind_words(slot: &SlotInfo) -> String {
    match slot.kind {
        SlotKind::Passphrase => "passphrase".into(),
        SlotKind::Recovery => "recovery code".into(),
        SlotKind::Keyring => "desktop keyring".into(),
        SlotKind::KeyFile => "key file".into(),
        SlotKind::Unknown => visible(&slot.word).into_owned(),
    }
}

/// The letters that name a slot, as 'tresor keys list' shows them.
pub fn short_id(id: SlotId) -> String {
    id.to_string().chars().take(8).collect()
}

impl App {
    /// Opens the keys screen; the ways in are the owner's alone.
    pub(super) fn open_slots(&mut self) {
        let owner = matches!(&self.screen, Screen::Browse(browse) if browse.actor == Actor::Owner);
        if !owner {
            let help = self.key_help(Action::ViewAs, "leaves the lens");
            return self.toast(Tone::Note, "The keys are the owner's".into(), help);
        }
        self.hide_values();
        self.layers.push(Layer::Slots(Slots::new()));
        self.load_slots();
    }

    pub(super) fn load_slots(&mut self) {
        self.asks.forget(|ask| *ask == Ask::Slots);
        let ticket = self.asks.put(Ask::Slots, self.now);
        self.out.push(Effect::LoadSlots(ticket));
    }

    pub(super) fn slots_listed(&mut self, now: SlotsNow) {
        if self.is_browsing() {
            self.facts = Some(now.facts);
        }
        if let Some(slots) = self.slots() {
            slots.slots = Some(now.slots);
        }
    }

    pub(super) fn slots_act(&mut self, action: Action) {
        let page = self.list_page();
        let Some(slots) = self.slots() else { return };
        let all = slots.slots.as_deref().unwrap_or_default();
        let to = moved(slots.selected, all.len(), page, action);
        match action {
            Action::Close => self.close_top(),
            Action::Add | Action::Delete | Action::ChangePassphrase | Action::Rotate => {
                self.change_slots(action);
            }
            _ => slots.selected = to.unwrap_or(slots.selected),
        }
    }

    fn change_slots(&mut self, action: Action) {
        if !self.facts.as_ref().is_some_and(|facts| facts.lockable) {
            let why = "This sample vault is in memory only; it has no keys";
            return self.toast(Tone::Note, why.into(), String::new());
        }
        if self.asks.any(Ask::changes_slots) {
            let why = "The keys are being changed; one thing after the other";
            return self.toast(Tone::Note, why.into(), String::new());
        }
        match action {
            Action::Add => self.ask_which_way(),
            Action::Delete => self.ask_remove_slot(),
            Action::ChangePassphrase => self.change_passphrase(),
            // It ends with a new code on the screen.
            _ if self.has_code() && self.refuses_to_show() => {}
            _ => self.begin(SlotJob::Rotate),
        }
    }

    /// Whether a recovery code opens the vault.
    pub(super) fn has_code(&self) -> bool {
        self.facts.as_ref().is_some_and(|facts| facts.has_recovery)
    }

    fn ask_which_way(&mut self) {
        let lines = vec![
            "Another way to unlock the vault; it has room for eight.".to_owned(),
            "The code goes on paper; the keyring is that of this desktop session.".to_owned(),
        ];
        let way =
            |key, label, kind| Choice { key, label, answer: Answer::Way(kind), danger: false };
        let choices = vec![
            no("None"),
            way('p', "Passphrase", SlotKind::Passphrase),
            way('c', "Code", SlotKind::Recovery),
            way('f', "Key file", SlotKind::KeyFile),
            way('k', "Keyring", SlotKind::Keyring),
        ];
        self.ask(Purpose::AddWay, "Add which way in?", lines, choices);
    }

    /// The user chose which way in to add.
    pub(super) fn add_way(&mut self, kind: SlotKind) {
        match kind {
            SlotKind::Passphrase => self.begin(SlotJob::AddPassphrase),
            SlotKind::Recovery if self.refuses_to_show() => {}
            SlotKind::Recovery => self.begin(SlotJob::AddCode),
            SlotKind::Keyring => {
                let work = SlotWork::Add(SlotKind::Keyring);
                self.send_change(work, SlotChange::Add(NewWay::Keyring, None));
            }
            _ => self.open_key_file_form(),
        }
    }

    fn selected_slot(&mut self) -> Option<SlotInfo> {
        let slots = self.slots()?;
        slots.slots.as_ref()?.get(slots.selected).cloned()
    }

    fn ask_remove_slot(&mut self) {
        let Some(slot) = self.selected_slot() else { return };
        let Some(id) = slot.id else {
            let why = "A newer tresor made this one; it is left alone".to_owned();
            return self.toast(Tone::Note, why, String::new());
        };
        let lines = vec![
            format!("Remove the {} {}?", kind_words(&slot), short_id(id)),
            "It opens the vault no more. The vault key stays the same: who kept it still has it, \
             until R replaces it."
                .to_owned(),
        ];
        let choices = vec![no("Keep"), yes('y', "Remove", true)];
        self.ask(Purpose::RemoveSlot(id, slot.kind), "Remove a way in", lines, choices);
    }

    pub(super) fn remove_slot(&mut self, id: SlotId, kind: SlotKind) {
        self.send_change(SlotWork::Remove(kind), SlotChange::Remove(id));
    }

    /// The selected passphrase, or the only one there is.
    fn change_passphrase(&mut self) {
        let selected = self.selected_slot();
        let Some(slots) = self.slots().and_then(|slots| slots.slots.as_ref()) else { return };
        let mut passphrases = slots.iter().filter(|slot| slot.kind == SlotKind::Passphrase);
        let (first, more) = (passphrases.next().cloned(), passphrases.next().is_some());
        let chosen = selected.filter(|slot| slot.kind == SlotKind::Passphrase);
        match (chosen.or(first.filter(|_| !more)).and_then(|slot| slot.id), more) {
            (Some(id), _) => self.begin(SlotJob::Change(id)),
            (None, true) => {
                let why = "There are several passphrases: select the one to change";
                self.toast(Tone::Note, why.into(), String::new());
            }
            (None, false) => {
                let why = "This vault has no passphrase yet";
                self.toast(Tone::Note, why.into(), "a adds one".into());
            }
        }
    }

    /// Asks for the passphrase where the vault has one, else goes straight on.
    fn begin(&mut self, job: SlotJob) {
        if self.facts.as_ref().is_some_and(|facts| facts.can_protect) {
            return self.ask_passphrase(Retry::Slots(job));
        }
        match job {
            SlotJob::Rotate => {
                self.prove(job, Opener::KeyFile);
            }
            _ => self.proven(job, &[]),
        }
    }

    /// Has what was typed checked before anything new is made up.
    pub(super) fn prove(&mut self, job: SlotJob, opener: Opener) -> Ticket {
        if let (Opener::Typed(typed), Some(slots)) = (&opener, self.slots()) {
            slots.proof = Some(typed.duplicate());
        }
        let ticket = self.asks.put(Ask::Prove(job), self.now);
        self.out.push(Effect::Prove(ticket, opener));
        ticket
    }

    /// What was typed is right: on to what is new.
    pub(super) fn proven(&mut self, job: SlotJob, dropped: &[SlotInfo]) {
        match job {
            _ if self.slots().is_none() => {}
            SlotJob::AddPassphrase => self.open_passphrase_form(None),
            SlotJob::Change(id) => self.open_passphrase_form(Some(id)),
            SlotJob::AddCode => self.open_recovery(CodeFor::Slot),
            SlotJob::Rotate => self.ask_rotate(dropped),
        }
    }

    /// Sends a change with its ticket noted.
    pub(super) fn send_change(&mut self, work: SlotWork, change: SlotChange) -> Ticket {
        let ticket = self.asks.put(Ask::ChangeSlots(work), self.now);
        self.out.push(Effect::ChangeSlots(ticket, change));
        ticket
    }

    /// Says what was done; the forms it was typed into go.
    pub(super) fn slots_changed(&mut self, work: SlotWork, now: SlotsNow) {
        self.slots_listed(now);
        self.close_slot_forms();
        let kind = |kind: SlotKind| match kind {
            SlotKind::Recovery => "recovery code",
            SlotKind::KeyFile => "key file",
            SlotKind::Keyring => "desktop keyring",
            _ => "passphrase",
        };
        let (text, help) = match work {
            SlotWork::Add(added) => (format!("Added the {}", kind(added)), ""),
            SlotWork::Change => {
                ("Changed the passphrase".to_owned(), "The vault key is the same; R replaces it")
            }
            SlotWork::Remove(gone) => (
                format!("Removed the {}", kind(gone)),
                "The vault key is the same: R ends what it opened",
            ),
        };
        self.toast(Tone::Done, text, help.to_owned());
    }

    /// Wipes what was typed for a change, with its layers.
    pub(super) fn close_slot_forms(&mut self) {
        if let Some(slots) = self.slots() {
            slots.proof = None;
        }
        self.layers.retain(|layer| {
            !matches!(layer, Layer::PassphraseForm(_) | Layer::KeyFileForm(_) | Layer::Recovery(_))
        });
        self.out.push(Effect::Redraw);
    }

    /// Says why a change was not made, in the form it belongs to.
    pub(super) fn slot_change_failed(&mut self, failure: Failure) {
        match self.layers.last_mut() {
            Some(Layer::PassphraseForm(form)) => {
                (form.working, form.failure) = (None, Some(failure));
            }
            Some(Layer::KeyFileForm(form)) => {
                (form.working, form.failure) = (None, Some(failure));
            }
            Some(Layer::Recovery(recovery)) => {
                (recovery.working, recovery.problem) = (None, Some(failure.message));
            }
            _ => {
                self.fail(failure);
                if self.slots().is_some() {
                    self.load_slots();
                }
            }
        }
    }
}
