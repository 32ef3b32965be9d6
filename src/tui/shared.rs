//! The unlocked vault as the workers share it, so that locking never waits for any of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::service::oauth::Handle;
use crate::vault::{SecretRef, SensitiveBytes, Vault};

/// Counts the locks: work that was asked for before one must not bring anything back after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(u64);

/// One value of a file to be imported, held until the user has decided.
pub struct Pending {
    /// Where it would go.
    pub name: SecretRef,
    /// The value.
    pub value: SensitiveBytes,
    /// What is there: no secret, or another value at that revision.
    pub there: Option<u64>,
}

#[derive(Default)]
struct Open {
    epoch: u64,
    vault: Option<Vault>,
    import: Vec<Pending>,
    /// Questions to providers that may bring tokens.
    questions: Vec<Handle>,
    /// Locks that wait for these.
    locking: Vec<JoinHandle<()>>,
}

/// The one place where the open vault is kept. Cheap to clone.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Open>>);

impl Shared {
    /// Begins with a vault that is open already.
    pub fn with(vault: Vault) -> Self {
        Self(Arc::new(Mutex::new(Open { vault: Some(vault), ..Open::default() })))
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // Nothing here can be half changed by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of locks so far.
    pub fn epoch(&self) -> Epoch {
        Epoch(self.open().epoch)
    }

    /// The vault, if it is open and was not locked since `asked`.
    pub fn vault(&self, asked: Epoch) -> Option<Vault> {
        let open = self.open();
        if Epoch(open.epoch) == asked { open.vault.clone() } else { None }
    }

    /// Keeps `vault`, unless there was a lock since `asked`: then it is locked at once.
    pub fn put(&self, vault: Vault, asked: Epoch) -> bool {
        let mut open = self.open();
        if Epoch(open.epoch) != asked {
            vault.lock();
            return false;
        }
        if let Some(former) = open.vault.replace(vault) {
            former.lock();
        }
        true
    }

    /// Keeps `vault` if none is open; else, or after a lock since `asked`, it is locked at once.
    pub fn put_first(&self, vault: Vault, asked: Epoch) -> bool {
        let is_open = self.open().vault.is_some();
        if is_open {
            vault.lock();
            return false;
        }
        self.put(vault, asked)
    }

    /// Keeps the values of an import, unless there was a lock since `asked`.
    pub fn put_import(&self, import: Vec<Pending>, asked: Epoch) {
        let mut open = self.open();
        if Epoch(open.epoch) == asked {
            open.import = import;
        }
    }

    /// Lends the values of the last import: what fails is tried again with the same.
    pub fn with_import<R>(&self, read: impl FnOnce(&[Pending]) -> R) -> R {
        read(&self.open().import)
    }

    /// Drops and wipes the values of the last import.
    pub fn drop_import(&self) {
        let import = std::mem::take(&mut self.open().import);
        drop(import);
    }

    /// Lets what that question to a provider brings be kept before the next lock takes the keys.
    pub fn put_question(&self, handle: Handle) {
        let mut open = self.open();
        open.questions.retain(|asked| !asked.is_left());
        open.questions.push(handle);
    }

    /// Drops and wipes every key and every value held here, whatever the workers are doing. Never waits;
    /// but while a provider's tokens have come and are not kept yet, which it gives once, their thread has
    /// the keys for a moment longer.
    pub fn lock(&self) {
        let (vault, import, questions) = {
            let mut open = self.open();
            open.epoch += 1;
            (
                open.vault.take(),
                std::mem::take(&mut open.import),
                std::mem::take(&mut open.questions),
            )
        };
        drop(import);
        let mut questions = questions;
        questions.retain(Handle::leave);
        let Some(vault) = vault else { return };
        if questions.is_empty() {
            return vault.lock();
        }
        let late = vault.clone();
        let wait = move || {
            questions.iter().for_each(Handle::settle);
            late.lock();
        };
        match std::thread::Builder::new().name("lock".into()).spawn(wait) {
            Ok(thread) => self.open().locking.push(thread),
            Err(_) => vault.lock(),
        }
    }

    /// Waits for what was still to be kept when it was locked.
    pub fn settle(&self) {
        let locking = std::mem::take(&mut self.open().locking);
        for thread in locking {
            let _ = thread.join();
        }
    }
}
