//! The thread that asks the vault, one thing after another, and answers with events. Keeps no key.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::{io, thread};

use super::copier::{Copier, CopyJob};
use super::facts::facts;
pub use super::failure::{fail, of_key_file};
use super::opener::with_typed;
use super::profiles::Asking;
use super::seen::Seen;
use super::shared::{Epoch, Shared};
use super::unrecorded::Unrecorded;
use super::values::Desk;
use super::{Message, health, panic, profiles, slots, trial};
use crate::app::{CopyWhat, Effect, Event, Failure, Opener, Outcome, Ticket};
use crate::fault::FaultKind;
use crate::service::{calibrate::Calibration, ways_in};
use crate::vault::{
    Actor, BackendKind, ClosedVault, CreateOptions, MAX_KEY_MATERIAL, NewSlot, Place, RecoveryCode,
    SensitiveBytes, Unlock, Vault, VaultError, View, doctor, memory, read_private_file,
};

/// What the worker is asked.
enum Work {
    /// An effect, and the lock count when it was asked for.
    Effect(Effect, Epoch),
    /// Whether another process changed the vault.
    Compare(Epoch),
}

/// What leads into a vault from outside.
pub struct Door {
    /// Where vaults are made and unlocked; a demo has none.
    pub place: Option<Place>,
    /// The key file that was named to unlock with.
    pub key_file: Option<PathBuf>,
    /// How the cost of a new passphrase is found.
    pub calibration: Calibration,
    /// Where providers are asked from, and how.
    pub asking: Asking,
}

/// The way to the worker.
pub struct Worker {
    to: Sender<Work>,
    shared: Shared,
}

impl Worker {
    /// Starts the thread.
    pub fn start(
        door: Door,
        shared: Shared,
        copier: Copier,
        answers: Sender<Message>,
        actor: Actor,
    ) -> io::Result<Self> {
        let (to, from) = channel();
        let (seen, unrecorded) = (Seen::default(), Unrecorded::default());
        let state =
            State { door, shared: shared.clone(), copier, answers, actor, seen, unrecorded };
        thread::Builder::new().name("vault".into()).spawn(move || state.serve(&from))?;
        Ok(Self { to, shared })
    }

    /// Asks for `effect`; the answer comes as an event with its ticket.
    pub fn ask(&self, effect: Effect) {
        // The thread ends only with the program.
        let _ = self.to.send(Work::Effect(effect, self.shared.epoch()));
    }

    /// Asks whether the vault on disk is still the one that was listed.
    pub fn compare(&self) {
        let _ = self.to.send(Work::Compare(self.shared.epoch()));
    }
}

struct State {
    door: Door,
    shared: Shared,
    copier: Copier,
    answers: Sender<Message>,
    actor: Actor,
    seen: Seen,
    unrecorded: Unrecorded,
}

impl State {
    fn serve(mut self, from: &Receiver<Work>) {
        let mut queue = VecDeque::new();
        while let Ok(work) = from.recv() {
            queue.push_back(work);
            while let Some(work) = queue.pop_front() {
                queue.extend(from.try_iter());
                // Of several comparisons one is enough; every question with a ticket is answered.
                let again = |later: &Work| matches!(later, Work::Compare(_));
                if !(matches!(work, Work::Compare(_)) && queue.iter().any(again)) {
                    self.perform(work);
                    memory::wipe_stack();
                }
            }
        }
    }

    fn perform(&mut self, work: Work) {
        match work {
            Work::Compare(asked) => self.compare(asked),
            Work::Effect(effect, asked) => {
                let Some(ticket) = effect.ticket() else { return };
                // A copy is answered by the clipboard's own thread.
                let done = catch_unwind(AssertUnwindSafe(|| self.answer(effect, asked)));
                if let Some(notice) = self.unrecorded.notice(self.shared.vault(asked)) {
                    let _ = self.answers.send(Message::Event(notice));
                }
                let event = match done {
                    Ok(Ok(None)) => return,
                    Ok(Ok(Some(outcome))) => Event::Done(ticket, outcome),
                    Ok(Err(failure)) => Event::Failed(ticket, failure),
                    Err(_) => Event::Failed(ticket, panic::failure()),
                };
                let _ = self.answers.send(Message::Event(event));
            }
        }
    }

    fn answer(&mut self, effect: Effect, asked: Epoch) -> Result<Option<Outcome>, Failure> {
        let outcome = match effect {
            Effect::TryBackends(ticket) => {
                let from = (self.place()?.clone(), self.door.asking.here.clone());
                trial::begin(from, ticket, self.answers.clone())?;
                return Ok(None);
            }
            Effect::Create { backend, passphrase, code, keyring, .. } => {
                let opened = self.create(backend, (passphrase, code), asked)?;
                if let (true, Some(vault)) = (keyring, self.shared.vault(asked)) {
                    slots::add_keyring_aside(vault, self.answers.clone());
                }
                opened
            }
            Effect::Unlock(ticket, Opener::Keyring) => {
                self.seen.forget();
                let door = (self.place()?.clone(), self.shared.clone());
                slots::unlock_by_keyring(door, ticket, asked, self.answers.clone())?;
                return Ok(None);
            }
            Effect::Unlock(_, opener) => self.unlock(&opener, asked)?,
            Effect::AcceptRestore(_, opener) => self.accept(&opener, asked)?,
            Effect::Load(_, actor) => {
                self.actor = actor;
                let listing = self.view(asked)?.list().map_err(fail)?;
                self.seen.listed(listing.generation);
                Outcome::Listed(listing)
            }
            Effect::Describe(_, name) => {
                Outcome::Described(self.view(asked)?.describe(&name).map_err(fail)?)
            }
            Effect::Copy { ticket, what: CopyWhat::Text { text, .. }, allow_osc52, .. } => {
                let value = SensitiveBytes::from_string(text);
                self.copier.send(CopyJob::Copy { ticket, value, allow_osc52 });
                return Ok(None);
            }
            Effect::Copy { ticket, what: CopyWhat::Generated(value), allow_osc52, .. } => {
                self.copier.send(CopyJob::Copy { ticket, value, allow_osc52 });
                return Ok(None);
            }
            effect @ (Effect::Read { .. }
            | Effect::MakeCode { .. }
            | Effect::Copy { .. }
            | Effect::Apply(..)
            | Effect::PreviewImport(..)
            | Effect::Import { .. }) => {
                let desk = self.desk(asked)?;
                if desk.may_wait() {
                    desk.answer_aside(effect, self.answers.clone())?;
                    return Ok(None);
                }
                return desk.answer(effect);
            }
            Effect::LoadSlots(_) => Outcome::Slots(slots::now(&self.vault(asked)?)?),
            Effect::Prove(_, opener) => {
                let vault = self.vault(asked)?;
                Outcome::Proven(slots::would_drop(&vault, &opener, self.key_file())?)
            }
            Effect::ChangeSlots(_, change) => {
                let vault = self.vault(asked)?;
                let now = slots::change(&vault, change, self.door.calibration, &self.answers)?;
                self.seen.committed(vault.generation().map_err(fail)?);
                Outcome::SlotsChanged(now)
            }
            Effect::Rotate { ticket, opener, code } => self.rotate(ticket, &opener, code, asked)?,
            Effect::LoadTrash(_) => Outcome::Trash(self.view(asked)?.trash().map_err(fail)?),
            Effect::LoadActivity(_) => {
                Outcome::Activity(self.view(asked)?.journal().map_err(fail)?)
            }
            Effect::Audit { ticket, rules, passphrase } => {
                health::begin(self.desk(asked)?, ticket, (rules, passphrase), &self.answers)?;
                return Ok(None);
            }
            Effect::LoadProfiles(_) => {
                Outcome::Profiles(profiles::now(&self.view(asked)?, &self.door.asking)?)
            }
            mut effect @ (Effect::RenewProfile(..)
            | Effect::RemoveProfile { .. }
            | Effect::SignIn(..)) => {
                let key = self.desk(asked)?.protection(effect.take_passphrase())?;
                let (view, answers) = (self.view(asked)?, self.answers.clone());
                profiles::ask(effect, (view, key), &self.shared, answers, &self.door.asking)?;
                return Ok(None);
            }
            _ => return Ok(None),
        };
        Ok(Some(outcome))
    }

    fn vault(&self, asked: Epoch) -> Result<Vault, Failure> {
        self.shared.vault(asked).ok_or_else(|| fail(VaultError::Locked))
    }

    fn view(&self, asked: Epoch) -> Result<View, Failure> {
        Ok(self.vault(asked)?.view(self.actor.clone()))
    }

    /// What a question about values needs.
    fn desk(&self, asked: Epoch) -> Result<Desk, Failure> {
        let (vault, actor) = (self.vault(asked)?, self.actor.clone());
        let (seen, copier, shared) = (self.seen.clone(), self.copier.clone(), self.shared.clone());
        Ok(Desk { vault, actor, seen, copier, shared, asked })
    }

    fn place(&self) -> Result<&Place, Failure> {
        self.door.place.as_ref().ok_or_else(|| {
            let help = "start tresor without 'demo' for a vault of your own";
            Failure::plain(FaultKind::Unsupported, "the demo is not stored anywhere", help)
        })
    }

    fn create(
        &mut self,
        backend: BackendKind,
        (passphrase, code): (SensitiveBytes, Option<RecoveryCode>),
        asked: Epoch,
    ) -> Result<Outcome, Failure> {
        doctor::remember_former(self.place()?).map_err(fail)?;
        let mut slots = vec![self.door.calibration.slot(passphrase)];
        slots.extend(code.map(NewSlot::Recovery));
        let options = CreateOptions { backend, ..CreateOptions::new(slots) };
        let vault = Vault::create(self.place()?, &options).map_err(fail)?;
        self.opened(vault, asked)
    }

    fn unlock(&mut self, opener: &Opener, asked: Epoch) -> Result<Outcome, Failure> {
        let closed = ClosedVault::open(self.place()?).map_err(fail)?;
        let vault = self.lend(opener, |unlock| ways_in::unlock(&closed, unlock))?;
        self.opened(vault, asked)
    }

    /// Takes what lies at the place as the vault from now on; the user was asked.
    fn accept(&mut self, opener: &Opener, asked: Epoch) -> Result<Outcome, Failure> {
        let place = self.place()?;
        self.lend(opener, |unlock| doctor::accept_restore(place, unlock))?;
        self.unlock(opener, asked)
    }

    /// Lends what opens the vault; the key file is read for this one time, and wiped.
    fn lend<R>(
        &self,
        opener: &Opener,
        act: impl FnOnce(&Unlock<'_>) -> crate::vault::Result<R>,
    ) -> Result<R, Failure> {
        match (opener, &self.door.key_file) {
            (Opener::Typed(typed), _) => with_typed(typed, act),
            (Opener::KeyFile, Some(file)) => {
                let key = read_private_file(file, MAX_KEY_MATERIAL).map_err(of_key_file)?;
                act(&Unlock::KeyFile(&key))
            }
            (Opener::KeyFile, None) | (Opener::Keyring, _) => Err(VaultError::Locked),
        }
        .map_err(fail)
    }

    fn opened(&mut self, vault: Vault, asked: Epoch) -> Result<Outcome, Failure> {
        let facts = facts(&vault).map_err(fail)?;
        self.seen.forget();
        match self.shared.put(vault, asked) {
            true => Ok(Outcome::Unlocked(facts)),
            false => Err(fail(VaultError::Locked)),
        }
    }

    fn key_file(&self) -> Option<&Path> {
        self.door.key_file.as_deref()
    }

    /// Replaces the vault key. A lock in its middle wipes the keys it leaves behind; it goes on to its end.
    fn rotate(
        &mut self,
        ticket: Ticket,
        opener: &Opener,
        code: Option<RecoveryCode>,
        asked: Epoch,
    ) -> Result<Outcome, Failure> {
        let vault = self.vault(asked)?;
        let answers = self.answers.clone();
        let mut told = None;
        let mut progress = |done: usize, total: usize| {
            let percent = done.saturating_mul(100) / total.max(1);
            if told.replace(percent) != Some(percent) {
                let _ = answers.send(Message::Event(Event::Progress(ticket, done, total)));
            }
        };
        let done = slots::rotate(&vault, (opener, code), &self.door, &self.answers, &mut progress)?;
        self.seen.committed(vault.generation().map_err(fail)?);
        Ok(Outcome::Rotated(done))
    }

    fn compare(&self, asked: Epoch) {
        let Some(vault) = self.shared.vault(asked) else { return };
        if self.seen.is_news(vault.generation().ok()) {
            let _ = self.answers.send(Message::Event(Event::VaultChanged));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "worker_tests.rs"]
mod tests;
