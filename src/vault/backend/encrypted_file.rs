//! Envelopes as files in `objects/`.

use std::sync::Arc;

use super::{BlobBackend, MAX_ENVELOPE};
use crate::vault::commit::SYNC_EACH;
use crate::vault::encoding::Id;
use crate::vault::error::Result;
use crate::vault::storage::{Storage, names};

/// One file an envelope, named by its id.
pub(super) struct EncryptedFile {
    storage: Arc<dyn Storage>,
}

impl EncryptedFile {
    pub(super) fn new(storage: Arc<dyn Storage>) -> Self {
        Self { storage }
    }
}

impl BlobBackend for EncryptedFile {
    fn put_new(&self, id: Id, bytes: &[u8]) -> Result<()> {
        self.storage.create_new(&names::object(id), bytes)
    }

    fn sync(&self, new: &[Id]) -> Result<()> {
        // From some number on it is cheaper to have all written out at once.
        if new.len() > SYNC_EACH {
            return self.storage.sync_all();
        }
        for id in new {
            self.storage.sync_file(&names::object(*id))?;
        }
        self.storage.sync_dir(names::OBJECTS)
    }

    fn get(&self, id: Id) -> Result<Vec<u8>> {
        self.storage.read(&names::object(id), MAX_ENVELOPE)
    }

    fn delete(&self, id: Id) -> Result<()> {
        self.storage.remove(&names::object(id)).map(drop)
    }

    fn list(&self) -> Result<Vec<Id>> {
        let files = self.storage.list(names::OBJECTS)?;
        Ok(files.iter().filter_map(|name| names::id_with(name, names::OBJECT)).collect())
    }
}
