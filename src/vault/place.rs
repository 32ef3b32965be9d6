//! Where a vault lies, and what it needs from outside: storage, its record, time and randomness.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::backend::{BackendKind, Backends, BlobBackend, Id, Site, SystemBackends};
use super::deadline::{DEADLINE, Waiting, unsaid};
use super::error::Result;
use super::seen::SeenFile;
use super::storage::{DiskStorage, MemoryStorage, Storage};
use super::world::{Clock, Random, SystemClock, SystemRandom};

/// A place for a vault; it need not be there yet. Cheap to clone.
#[derive(Clone)]
pub struct Place {
    pub(super) path: Option<PathBuf>,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) seen: Option<SeenFile>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) backends: Arc<dyn Backends>,
    waiting: Waiting,
}

impl Place {
    /// A vault directory on disk. `state` is the directory that remembers, outside the vault, the
    /// newest state seen of it. Nothing is touched yet.
    pub fn on_disk(vault: &Path, state: &Path) -> Self {
        // A trailing slash would make the system follow a link in the vault's place.
        let vault: PathBuf = vault.components().collect();
        Self {
            storage: Arc::new(DiskStorage::new(&vault)),
            seen: Some(SeenFile::new(state, &vault)),
            path: Some(vault),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            backends: Arc::new(SystemBackends::default()),
            waiting: unsaid(),
        }
    }

    /// A vault in this process's memory only.
    pub fn in_memory() -> Self {
        Self {
            path: None,
            storage: Arc::new(MemoryStorage::default()),
            seen: None,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            backends: Arc::new(SystemBackends::of_this_program()),
            waiting: unsaid(),
        }
    }

    /// The same place with another clock and randomness.
    #[must_use]
    pub fn with_world(self, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random, ..self }
    }

    /// The same place over another storage: simulated faults and power loss.
    #[must_use]
    pub fn with_storage(self, storage: Arc<dyn Storage>) -> Self {
        Self { storage, ..self }
    }

    /// The same place over other backends: simulated faults.
    #[must_use]
    pub fn with_backends(self, backends: Arc<dyn Backends>) -> Self {
        Self { backends, ..self }
    }

    /// The same place, with somebody who is told when a store of the system takes long.
    #[must_use]
    pub fn with_waiting(self, told: Arc<dyn Fn() + Send + Sync>) -> Self {
        self.with_waiting_until(Arc::new(move || {
            told();
            Box::new(())
        }))
    }

    /// The same, where what they give is dropped when that call has ended.
    #[must_use]
    pub fn with_waiting_until(self, waiting: Waiting) -> Self {
        Self { waiting, ..self }
    }

    /// The backends of this place, for some that wrap them.
    pub fn backends(&self) -> Arc<dyn Backends> {
        Arc::clone(&self.backends)
    }

    /// The backend of that kind for a vault at this place.
    pub(super) fn backend(&self, kind: BackendKind, vault: Id) -> Result<Arc<dyn BlobBackend>> {
        self.backend_within(kind, vault, DEADLINE)
    }

    /// The same, where no call may take longer than `deadline`.
    pub(super) fn backend_within(
        &self,
        kind: BackendKind,
        vault: Id,
        deadline: Duration,
    ) -> Result<Arc<dyn BlobBackend>> {
        let site = Site { vault, storage: &self.storage, waiting: &self.waiting, deadline };
        self.backends.open(kind, &site)
    }

    /// The storage behind this place, for one that wraps it.
    pub fn storage(&self) -> Arc<dyn Storage> {
        Arc::clone(&self.storage)
    }

    /// The vault directory, or `None` in memory.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Where the vault lies, for messages.
    pub(super) fn shown(&self) -> PathBuf {
        self.storage.path("")
    }
}
