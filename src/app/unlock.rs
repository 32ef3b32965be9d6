//! The unlock screen. Not the unlocking.

use super::asks::Ask;
use super::bindings::Action;
use super::browse::Browse;
use super::clipboard::ClipboardStatus;
use super::effect::{Effect, Opener};
use super::event::{Failure, Ticket, VaultFacts};
use super::field::SecretField;
use super::layer::Layer;
use super::new_passphrase::MAX_PASSPHRASE;
use super::rotation::GOES_ON;
use super::toast::Tone;
use super::{App, Screen};
use crate::text::counted;

/// The state of the unlock screen.
pub struct Unlock {
    /// Where the vault is, already visible.
    pub path: String,
    /// What is typed, a passphrase or the recovery code; `passphrase.shown` after Ctrl-R.
    pub passphrase: SecretField,
    /// The key derivation is running.
    pub working: Option<Ticket>,
    /// How often a wrong passphrase was given since this screen appeared.
    pub tries: u32,
    /// Why the last try failed.
    pub failure: Option<Failure>,
    /// Why the screen is here, when it was not the user: idle, keys changed, a draft was dropped.
    pub notice: Option<String>,
    /// What opens it accepts another state of the vault than was seen.
    pub accepting: bool,
    /// The key file that opens it when nothing is typed.
    pub key_file: Option<String>,
    /// Whether a recovery code opens it as well.
    pub has_recovery: bool,
}

impl Unlock {
    /// Nothing typed yet. A `key_file` is offered instead of the passphrase.
    pub fn new(path: &str, key_file: Option<String>) -> Self {
        let notice =
            key_file.as_ref().map(|file| format!("Enter alone takes the key file {file}."));
        Self {
            path: path.to_owned(),
            passphrase: SecretField::hidden(MAX_PASSPHRASE),
            working: None,
            tries: 0,
            failure: None,
            notice,
            accepting: false,
            key_file,
            has_recovery: false,
        }
    }
}

impl App {
    fn unlock_screen(&mut self) -> Option<&mut Unlock> {
        match &mut self.screen {
            Screen::Unlock(unlock) => Some(unlock),
            _ => None,
        }
    }

    /// Asks the desktop's keyring, at the start only: after a lock it would undo it by itself. What is
    /// typed meanwhile counts all the same.
    pub(super) fn ask_keyring(&mut self) {
        let now = self.now;
        let Screen::Unlock(unlock) = &mut self.screen else { return };
        unlock.notice = Some("Asking the desktop's keyring; the passphrase opens it too.".into());
        let ticket = self.asks.put(Ask::Keyring, now);
        self.out.push(Effect::Unlock(ticket, Opener::Keyring));
    }

    /// The keyring did not open it: says why, and leaves what is being typed alone.
    pub(super) fn keyring_failed(&mut self, failure: Failure) {
        if failure.altered.is_some() {
            return self.unlock_failed(failure);
        }
        let Some(unlock) = self.unlock_screen() else { return };
        unlock.notice = Some(format!("Not opened by the keyring: {}.", failure.message));
    }

    pub(super) fn unlock_act(&mut self, action: Action) {
        let (now, opener) = (self.now, self.opener());
        let Screen::Unlock(unlock) = &mut self.screen else { return };
        match (action, opener) {
            (Action::ShowTyped, _) => unlock.passphrase.shown = !unlock.passphrase.shown,
            (Action::Accept, _) if unlock.working.is_some() => {}
            (Action::Accept, Some(_)) if unlock.accepting => self.accept(),
            (Action::Accept, Some(opener)) => {
                let ticket = self.asks.put(Ask::Unlock, now);
                (unlock.working, unlock.failure) = (Some(ticket), None);
                self.out.push(Effect::Unlock(ticket, opener));
            }
            _ => {}
        }
    }

    /// What there is to open the vault with: what is typed, else the key file that was named.
    pub(super) fn opener(&self) -> Option<Opener> {
        let key_file = match &self.screen {
            Screen::Unlock(unlock) if !unlock.passphrase.is_empty() => {
                return Some(Opener::Typed(unlock.passphrase.to_sensitive()));
            }
            Screen::Unlock(unlock) => &unlock.key_file,
            Screen::Browse(_) => &self.settings.key_file,
            Screen::FirstRun(_) => &None,
        };
        key_file.as_ref().map(|_| Opener::KeyFile)
    }

    pub(super) fn unlock_failed(&mut self, failure: Failure) {
        self.ask_accept(&failure);
        self.refuse_unlock(failure);
    }

    /// Says why it stays locked.
    pub(super) fn refuse_unlock(&mut self, failure: Failure) {
        let Some(unlock) = self.unlock_screen() else { return };
        unlock.working = None;
        if failure.wrong_passphrase {
            unlock.tries += 1;
            unlock.passphrase.clear();
        } else if !failure.wrong_code {
            unlock.accepting = false;
        }
        unlock.failure = Some(failure);
    }

    /// The vault is open: everything typed is wiped and the listing asked for.
    pub(super) fn unlocked(&mut self, facts: VaultFacts) {
        self.facts = Some(facts);
        // The keyring and what was typed may both open it: the later answer is dropped.
        self.asks.forget(|ask| matches!(ask, Ask::Unlock | Ask::Keyring));
        self.layers.clear();
        self.screen = Screen::Browse(Browse::seen_by(self.settings.actor.clone()));
        self.toasts.items.clear();
        self.touch();
        self.load_and_hold();
    }

    /// Whether the vault is locked, or not made yet.
    pub fn is_locked(&self) -> bool {
        !self.is_browsing()
    }

    /// Whether the browse screen is there.
    pub fn is_browsing(&self) -> bool {
        matches!(self.screen, Screen::Browse(_))
    }

    pub(super) fn lock_by_key(&mut self) {
        match &self.facts {
            Some(facts) if facts.lockable => self.lock_for(String::new()),
            Some(_) => {
                let why = "This sample vault is in memory only; there is nothing to lock";
                self.toast(Tone::Note, why.into(), String::new());
            }
            None => {}
        }
    }

    pub(super) fn lock_idle(&mut self) {
        let minutes = self.settings.chosen.idle_lock.as_secs().div_ceil(60);
        let minutes = counted(usize::try_from(minutes).unwrap_or(usize::MAX), "minute");
        self.lock_for(format!("Locked after {minutes} without a key."));
    }

    /// Wipes everything that came from the vault and asks for the passphrase.
    pub(super) fn lock_for(&mut self, reason: String) {
        if !self.is_browsing() {
            return;
        }
        let lost = self.unsaved();
        let clears = self.clipboard.as_ref().is_some_and(ClipboardStatus::is_held);
        self.wipe();
        self.toasts.items.clear();
        // Where there is a passphrase, a lock is not undone without it.
        let only_a_file = self.facts.as_ref().is_some_and(|facts| !facts.can_protect);
        let key_file = self.settings.key_file.clone().filter(|_| only_a_file);
        let mut unlock = Unlock::new(&self.path, key_file);
        let rotating = if self.is_rotating() { GOES_ON.to_owned() } else { String::new() };
        let notices =
            [reason, lost.unwrap_or_default(), rotating, unlock.notice.take().unwrap_or_default()];
        let notice = notices.join(" ").trim().to_owned();
        unlock.notice = (!notice.is_empty()).then_some(notice);
        unlock.has_recovery = self.facts.as_ref().is_some_and(|facts| facts.has_recovery);
        self.screen = Screen::Unlock(unlock);
        (self.facts, self.locks_at) = (None, None);
        self.out.push(Effect::Lock);
        if clears {
            self.clear_clipboard();
        }
        self.out.push(Effect::Redraw);
    }

    /// Drops every layer, value, draft and open question; each wipes itself.
    pub(super) fn wipe(&mut self) {
        self.layers.clear();
        self.held.clear();
        self.undo.clear();
        self.pending_keys.clear();
        (self.opening, self.select_next) = (None, None);
        // A rotation goes on to its end, which is told whatever is on the screen then.
        self.asks.forget(|ask| *ask != Ask::Rotate);
        self.owner_scopes.clear();
        if let Screen::Browse(_) = self.screen {
            self.screen = Screen::Browse(Browse::seen_by(self.settings.actor.clone()));
        }
    }

    /// What a lock would throw away, in a sentence.
    fn unsaved(&self) -> Option<String> {
        let wiped = |what: String| Some(format!("The unsaved {what} was wiped."));
        self.layers.iter().find_map(|layer| match layer {
            Layer::Editor(editor) if editor.saving.is_some() => {
                Some(format!("{} was being saved: look whether it was.", editor.name))
            }
            Layer::Editor(editor) if editor.dirty => wiped(format!("edit of {}", editor.name)),
            Layer::Recovery(_) => {
                Some("The new recovery code was thrown away: it opens nothing.".to_owned())
            }
            Layer::PassphraseForm(form) if !form.new.passphrase.is_empty() => {
                wiped("passphrase".to_owned())
            }
            Layer::AddForm(form) if form.is_dirty() => wiped("new secret".to_owned()),
            Layer::MetaForm(form) if form.is_dirty(self.wall) => {
                wiped(format!("metadata of {}", form.name))
            }
            _ => None,
        })
    }
}
