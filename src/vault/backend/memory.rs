//! Envelopes in this process's memory, gone with it: the demo and tests.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{BlobBackend, Id};
use crate::vault::error::Result;
use crate::vault::storage::io_error;

/// The blobs of all vaults of one place.
#[derive(Default)]
pub(super) struct Shelves(Mutex<BTreeMap<(Id, Id), Vec<u8>>>);

impl Shelves {
    fn held(&self) -> MutexGuard<'_, BTreeMap<(Id, Id), Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The blobs of one vault.
pub(super) struct Memory {
    shelves: Arc<Shelves>,
    vault: Id,
}

impl Memory {
    pub(super) fn new(shelves: Arc<Shelves>, vault: Id) -> Self {
        Self { shelves, vault }
    }
}

impl BlobBackend for Memory {
    fn put_new(&self, id: Id, bytes: &[u8]) -> Result<()> {
        let mut held = self.shelves.held();
        if held.contains_key(&(self.vault, id)) {
            return Err(io_error("make", Path::new(&id.to_string()), ErrorKind::AlreadyExists));
        }
        held.insert((self.vault, id), bytes.to_vec());
        Ok(())
    }

    fn sync(&self, _new: &[Id]) -> Result<()> {
        Ok(())
    }

    fn get(&self, id: Id) -> Result<Vec<u8>> {
        let found = self.shelves.held().get(&(self.vault, id)).cloned();
        found.ok_or_else(|| io_error("find", Path::new(&id.to_string()), ErrorKind::NotFound))
    }

    fn delete(&self, id: Id) -> Result<()> {
        self.shelves.held().remove(&(self.vault, id));
        Ok(())
    }

    fn list(&self) -> Result<Vec<Id>> {
        let held = self.shelves.held();
        Ok(held.keys().filter(|(vault, _)| *vault == self.vault).map(|(_, id)| *id).collect())
    }
}
