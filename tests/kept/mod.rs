//! Where the vaults of a run keep their envelopes: the same tests run once for each backend that the
//! machine has, as TRESOR_TEST_BACKEND says; in files when it says nothing.
#![allow(dead_code)] // not every target asks for all of it

use std::path::Path;
use std::sync::{Arc, OnceLock};

use tresor::vault::backend::{Backends, Id, Site};
use tresor::vault::{BackendKind, CreateOptions, NewSlot, Place, Vault, deadline};

/// The backend of this run.
pub fn backend() -> BackendKind {
    match std::env::var("TRESOR_TEST_BACKEND") {
        Ok(word) => word.parse().unwrap_or_else(|()| panic!("there is no backend {word}")),
        Err(_) => BackendKind::EncryptedFile,
    }
}

/// Whether an envelope is a file that a test can count, alter or remove.
pub fn in_files() -> bool {
    backend() == BackendKind::EncryptedFile
}

/// A new vault in that backend.
pub fn options(slots: Vec<NewSlot>) -> CreateOptions {
    CreateOptions { backend: backend(), ..CreateOptions::new(slots) }
}

/// The envelopes of a vault.
pub fn envelopes(place: &Place, vault: &Vault) -> Vec<Id> {
    let (storage, waiting) = (place.storage(), deadline::unsaid());
    let vault = Id::parse(&vault.vault_id()).unwrap();
    let site = Site { vault, storage: &storage, waiting: &waiting, deadline: deadline::DEADLINE };
    let mut found = place.backends().open(backend(), &site).unwrap().list().unwrap();
    found.sort();
    found
}

/// A place on disk. All of a process have the same backends, so that memory is found again.
pub fn place(vault: &Path, state: &Path) -> Place {
    static SHARED: OnceLock<Arc<dyn Backends>> = OnceLock::new();
    let place = Place::on_disk(vault, state);
    let shared = Arc::clone(SHARED.get_or_init(|| place.backends()));
    place.with_backends(shared)
}
