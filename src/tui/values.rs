//! Values on their way to the screen or the clipboard, and changes on their way into the vault. Where the
//! vault keeps them in a store that may wait for a person, each has a thread of its own, so that everything
//! else goes on. Opens no vault.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;
use std::thread;

use super::copier::{Copier, CopyJob};
use super::opener::with_typed;
use super::seen::Seen;
use super::shared::{Epoch, Shared};
use super::worker::fail;
use super::{Message, import, panic};
use crate::app::{CopyWhat, Effect, Event, Failure, Outcome, Ticket};
use crate::fault::FaultKind;
use crate::vault::{
    Actor, BackendKind, Change, ProtectionKey, Purpose, Receipt, Secret, SecretRef, SensitiveBytes,
    Vault, VaultError, memory,
};

/// What a question about values needs.
pub struct Desk {
    pub vault: Vault,
    pub actor: Actor,
    pub seen: Seen,
    pub copier: Copier,
    /// Where the values of an import are held.
    pub shared: Shared,
    /// The lock count when it was asked for.
    pub asked: Epoch,
}

impl Desk {
    /// Whether its store may wait for a person.
    pub fn may_wait(&self) -> bool {
        let kind = self.vault.backend();
        !kind.is_in_directory() && kind != BackendKind::Memory
    }

    /// Answers a question about values; `None` when the clipboard's own thread does.
    pub fn answer(&self, effect: Effect) -> Result<Option<Outcome>, Failure> {
        match effect {
            Effect::Read { name, revision, purpose, passphrase, .. } => {
                let (at, value) = self.read(&name, revision, purpose, passphrase)?;
                Ok(Some(Outcome::Read(name, at, value)))
            }
            Effect::MakeCode { name, purpose, passphrase, count, .. } => {
                self.make_code(name, purpose, passphrase, count).map(Some)
            }
            Effect::Copy { ticket, what: CopyWhat::Value(name), passphrase, allow_osc52 } => {
                let (_, value) = self.read(&name, None, Purpose::Copy, passphrase)?;
                self.copier.send(CopyJob::Copy { ticket, value, allow_osc52 });
                Ok(None)
            }
            Effect::Apply(_, changes, passphrase) => self.apply(changes, passphrase).map(Some),
            Effect::PreviewImport(_, path, scope) => {
                let view = self.vault.view(self.actor.clone());
                let (preview, values) = import::preview(&view, &path, &scope)?;
                self.shared.put_import(values, self.asked);
                Ok(Some(Outcome::ImportPreview(preview)))
            }
            Effect::Import { overwrite, passphrase, .. } => {
                self.import(overwrite, passphrase).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Makes what the last preview read. What a lock has dropped is not dropped once more: it may be that of
    /// the next one by then.
    fn import(
        &self,
        overwrite: bool,
        passphrase: Option<SensitiveBytes>,
    ) -> Result<Outcome, Failure> {
        let changes = self.shared.with_import(|all| import::changes(all, overwrite));
        let saved = self.apply(changes, passphrase)?;
        if !self.vault.is_locked() {
            self.shared.drop_import();
        }
        Ok(saved)
    }

    /// The same on a thread of its own, which tells when it is done.
    pub fn answer_aside(self, effect: Effect, answers: Sender<Message>) -> Result<(), Failure> {
        let Some(ticket) = effect.ticket() else { return Ok(()) };
        aside(ticket, answers, move || self.answer(effect))
    }

    /// The key of protected secrets, by what was typed.
    pub fn protection(
        &self,
        passphrase: Option<SensitiveBytes>,
    ) -> Result<Option<ProtectionKey>, Failure> {
        let Some(passphrase) = passphrase else { return Ok(None) };
        let key = with_typed(&passphrase, |unlock| self.vault.protection_key(unlock));
        key.map(Some).map_err(fail)
    }

    /// A value and its revision, entered into the journal as read for that.
    fn read(
        &self,
        name: &SecretRef,
        revision: Option<u64>,
        purpose: Purpose,
        passphrase: Option<SensitiveBytes>,
    ) -> Result<(u64, SensitiveBytes), Failure> {
        let key = self.protection(passphrase)?;
        let secret = self.secret(name, revision, purpose, key.as_ref())?;
        Ok((revision.unwrap_or(secret.metadata.revision), secret.value))
    }

    /// A secret, entered into the journal as read for that.
    pub fn secret(
        &self,
        name: &SecretRef,
        revision: Option<u64>,
        purpose: Purpose,
        key: Option<&ProtectionKey>,
    ) -> Result<Secret, Failure> {
        let view = self.vault.view(self.actor.clone()).for_purpose(purpose);
        let secret = view.read_with(name, revision, key).map_err(fail)?;
        if self.vault.is_locked() {
            // The store took its time: nothing comes to the screen or the clipboard after a lock.
            return Err(fail(VaultError::Locked));
        }
        Ok(secret)
    }

    /// Makes the changes in one commit.
    fn apply(
        &self,
        changes: Vec<Change>,
        passphrase: Option<SensitiveBytes>,
    ) -> Result<Outcome, Failure> {
        let key = self.protection(passphrase)?;
        self.commit(changes, key.as_ref()).map(Outcome::Saved)
    }

    /// The same with the key at hand.
    pub fn commit(
        &self,
        changes: Vec<Change>,
        key: Option<&ProtectionKey>,
    ) -> Result<Receipt, Failure> {
        let view = self.vault.view(self.actor.clone());
        let receipt = view.apply(changes, key).map_err(fail)?;
        self.seen.committed(receipt.generation);
        Ok(receipt)
    }
}

/// Works on a thread of its own, which tells when it is done.
pub fn aside(
    ticket: Ticket,
    answers: Sender<Message>,
    answer: impl FnOnce() -> Result<Option<Outcome>, Failure> + Send + 'static,
) -> Result<(), Failure> {
    let work = move || {
        let done = catch_unwind(AssertUnwindSafe(answer));
        memory::wipe_stack();
        let event = match done {
            Ok(Ok(None)) => return,
            Ok(Ok(Some(outcome))) => Event::Done(ticket, outcome),
            Ok(Err(failure)) => Event::Failed(ticket, failure),
            Err(_) => Event::Failed(ticket, panic::failure()),
        };
        let _ = answers.send(Message::Event(event));
    };
    let begun = thread::Builder::new().name("values".into()).spawn(work);
    begun.map(drop).map_err(|error| {
        let message = format!("the store cannot be asked: {error}");
        Failure::plain(FaultKind::Internal, message, "")
    })
}
