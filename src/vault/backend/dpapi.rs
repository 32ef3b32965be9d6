//! Envelopes as files in `objects/` that Windows additionally seals for the user.

mod protect;

use std::io;
use std::sync::Arc;

use super::{BackendKind, BlobBackend, MAX_ENVELOPE, StoreTrouble};
use crate::vault::encoding::Id;
use crate::vault::error::{Result, VaultError};
use crate::vault::storage::{Storage, names};

/// What DPAPI adds to what it seals: 230 bytes and the padding of a block; with room for later versions.
const MAX_ADDED: u64 = 4096;

/// One file an envelope, named by its id. What is in it opens only for the user who wrote it, and
/// with the vault's id.
pub(super) struct Dpapi {
    storage: Arc<dyn Storage>,
    vault_id: Id,
}

impl Dpapi {
    pub(super) fn new(storage: Arc<dyn Storage>, vault_id: Id) -> Self {
        Self { storage, vault_id }
    }
}

impl BlobBackend for Dpapi {
    fn put_new(&self, id: Id, bytes: &[u8]) -> Result<()> {
        let name = names::dpapi_object(id);
        let sealed = protect::seal(bytes, &self.vault_id.0).map_err(|error| trouble(&error))?;
        self.storage.create_new(&name, &sealed)
    }

    fn sync(&self, new: &[Id]) -> Result<()> {
        for id in new {
            self.storage.sync_file(&names::dpapi_object(*id))?;
        }
        self.storage.sync_dir(names::OBJECTS)
    }

    fn get(&self, id: Id) -> Result<Vec<u8>> {
        let name = names::dpapi_object(id);
        let sealed = self.storage.read(&name, MAX_ENVELOPE + MAX_ADDED)?;
        protect::open(&sealed, &self.vault_id.0).map_err(|error| {
            let why = "Windows does not find in it what it sealed for this vault";
            match protect::is_of_the_bytes(&error) {
                true => VaultError::Damaged { what: name, why },
                false => trouble(&error),
            }
        })
    }

    fn delete(&self, id: Id) -> Result<()> {
        self.storage.remove(&names::dpapi_object(id)).map(drop)
    }

    fn list(&self) -> Result<Vec<Id>> {
        let files = self.storage.list(names::OBJECTS)?;
        Ok(files.iter().filter_map(|name| names::id_with(name, names::DPAPI)).collect())
    }
}

/// Windows seals or opens nothing now, whatever it is given.
fn trouble(error: &io::Error) -> VaultError {
    let said = error.to_string();
    let trouble = match protect::is_of_the_user(error) {
        true => StoreTrouble::Locked(said),
        false => StoreTrouble::Unreachable(said),
    };
    VaultError::Store { backend: BackendKind::WindowsDpapi, trouble }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::vault::encoding::Hex;
    use crate::vault::storage::{MemoryStorage, is_missing};

    const ID: Id = Hex([5; 16]);

    fn backend(storage: &Arc<dyn Storage>, vault: u8) -> Dpapi {
        Dpapi::new(Arc::clone(storage), Hex([vault; 16]))
    }

    fn storage() -> Arc<dyn Storage> {
        Arc::new(MemoryStorage::default())
    }

    #[test]
    fn what_was_put_comes_back_and_lies_sealed() {
        let storage = storage();
        let backend = backend(&storage, 1);
        backend.put_new(ID, b"an envelope").unwrap();
        assert_eq!(backend.get(ID).unwrap(), b"an envelope");
        let file = storage.read(&names::dpapi_object(ID), 10_000).unwrap();
        assert!(!file.windows(5).any(|part| part == b"envel"), "it lies there in clear");
        assert!(backend.put_new(ID, b"again").is_err(), "it was written over");
        assert_eq!(backend.list().unwrap(), [ID]);
        backend.delete(ID).unwrap();
        assert!(is_missing(&backend.get(ID).unwrap_err()));
    }

    #[test]
    fn the_largest_envelope_comes_back() {
        let storage = storage();
        let backend = backend(&storage, 1);
        let largest: Vec<u8> = (0..MAX_ENVELOPE).map(|at| at.to_le_bytes()[0]).collect();
        for (id, length) in [(1, 0), (2, 1), (3, 2561), (4, 1024 * 1024), (5, largest.len())] {
            let (id, bytes) = (Hex([id; 16]), largest.get(..length).unwrap());
            backend.put_new(id, bytes).unwrap();
            assert_eq!(backend.get(id).unwrap(), bytes, "{length} bytes");
        }
    }

    #[test]
    fn another_vaults_file_and_one_with_any_altered_byte_are_refused() {
        let storage = storage();
        let ours = backend(&storage, 1);
        ours.put_new(ID, b"an envelope").unwrap();
        let refused = |backend: &Dpapi, why: &str| match backend.get(ID) {
            Err(VaultError::Damaged { what, .. }) => assert_eq!(what, names::dpapi_object(ID)),
            Err(error) => panic!("{why}: {error}"),
            Ok(_) => panic!("{why}: opened"),
        };
        refused(&backend(&storage, 2), "another vault's id");
        let name = names::dpapi_object(ID);
        let whole = storage.read(&name, 10_000).unwrap();
        // The last third is what was sealed and its authentication; before it are keys' names and lengths.
        for at in (whole.len() * 2 / 3..whole.len()).chain([0]) {
            let mut altered = whole.clone();
            altered[at] ^= 1;
            storage.overwrite(&name, &altered).unwrap();
            refused(&ours, &format!("byte {at} of {}", whole.len()));
        }
        storage.overwrite(&name, b"").unwrap();
        refused(&ours, "nothing");
        storage.overwrite(&name, &whole).unwrap();
        assert_eq!(ours.get(ID).unwrap(), b"an envelope");
    }

    #[test]
    fn each_backend_lists_its_own_files_only() {
        let storage = storage();
        let (ours, other) = (Hex([1; 16]), Hex([2; 16]));
        backend(&storage, 1).put_new(ours, b"x").unwrap();
        let files = super::super::encrypted_file::EncryptedFile::new(Arc::clone(&storage));
        files.put_new(other, b"y").unwrap();
        assert_eq!(backend(&storage, 1).list().unwrap(), [ours]);
        assert_eq!(files.list().unwrap(), [other]);
    }
}
