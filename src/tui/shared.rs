//! The unlocked vault as the workers share it, so that locking never waits for any of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    /// The last sign-in.
    sign_in: Option<Handle>,
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

    /// Lets what that sign-in brings be kept before the next lock.
    pub fn put_sign_in(&self, handle: Handle) {
        self.open().sign_in = Some(handle);
    }

    /// Drops and wipes every key and every value held here, whatever the workers are doing. Tokens that
    /// came and wait for a place are kept first: the provider gives them once.
    pub fn lock(&self) {
        let (vault, import, sign_in) = {
            let mut open = self.open();
            open.epoch += 1;
            (open.vault.take(), std::mem::take(&mut open.import), open.sign_in.take())
        };
        drop(import);
        if let Some(sign_in) = sign_in {
            sign_in.leave();
        }
        if let Some(vault) = vault {
            vault.lock();
        }
    }
}
