//! Whether a backend works here: a random canary is written, read back, listed and removed. Not which
//! one to take.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{BackendKind, BlobBackend, Id, StoreTrouble};
use crate::vault::encoding::Hex;
use crate::vault::error::{Result, VaultError};
use crate::vault::place::Place;
use crate::vault::storage::is_missing;
use crate::vault::world::random_bytes;

/// A store that keeps nobody waiting answers in this time.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
/// The canary's size in bytes: that of a small envelope.
const CANARY: usize = 1024;
/// The vault that canaries are filed under: no vault's id.
const NO_VAULT: Id = Id::NONE;

/// What a probe found.
#[derive(Debug)]
pub struct Probed {
    /// The backend.
    pub kind: BackendKind,
    /// How long a write takes, or why there is none.
    pub write: Result<Duration>,
}

impl Probed {
    /// Whether it works here.
    pub fn works(&self) -> bool {
        self.write.is_ok()
    }

    /// Whether it works here, or why not, as the end of a sentence.
    ///
    /// # Errors
    /// The reason.
    pub fn verdict(&self) -> std::result::Result<(), String> {
        match &self.write {
            Ok(_) => Ok(()),
            Err(VaultError::Unsupported { .. }) => Err("not on this system".into()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Place {
    /// Tries a backend, for ten seconds at most a call. Nothing of it stays.
    pub fn probe(&self, kind: BackendKind) -> Probed {
        Probed { kind, write: self.try_backend(kind) }
    }

    fn try_backend(&self, kind: BackendKind) -> Result<Duration> {
        match (&self.seen, kind.is_in_directory()) {
            // Never among a vault's own envelopes, and where there may be no vault yet.
            (Some(seen), true) => {
                let scratch = seen.scratch()?;
                let place = self.clone().with_storage(Arc::clone(&scratch.storage));
                measure(&place, kind, true)
            }
            (None, true) => measure(self, kind, false),
            (_, false) => measure(self, kind, true),
        }
    }
}

/// Shows that a backend keeps and gives back what it is given.
pub(crate) fn prove(place: &Place, kind: BackendKind) -> Result<()> {
    place.try_backend(kind).map(drop)
}

/// `apart` tells that whatever lies there beside the canary is one that a killed probe left.
fn measure(place: &Place, kind: BackendKind, apart: bool) -> Result<Duration> {
    let backend = place.backend_within(kind, NO_VAULT, DEADLINE)?;
    // The first call also makes the connection.
    let left = backend.list()?;
    left.iter().filter(|_| apart).try_for_each(|id| backend.delete(*id))?;
    let random = &*place.random;
    let (id, canary): (Id, [u8; CANARY]) = (Hex(random_bytes(random)?), random_bytes(random)?);
    let written = write(&*backend, id, &canary);
    let checked = written.and_then(|took| check(&*backend, kind, id, &canary).map(|()| took));
    let removed = backend.delete(id);
    let took = checked?;
    removed?;
    match backend.get(id) {
        Err(error) if is_missing(&error) => Ok(took),
        Err(error) => Err(error),
        Ok(_) => Err(lying(kind)),
    }
}

fn write(backend: &dyn BlobBackend, id: Id, canary: &[u8]) -> Result<Duration> {
    let begin = Instant::now();
    backend.put_new(id, canary)?;
    backend.sync(&[id])?;
    Ok(begin.elapsed())
}

fn check(backend: &dyn BlobBackend, kind: BackendKind, id: Id, canary: &[u8]) -> Result<()> {
    if backend.get(id)? != canary || !backend.list()?.contains(&id) {
        return Err(lying(kind));
    }
    match backend.lasts(id)? {
        true => Ok(()),
        false => Err(VaultError::Store { backend: kind, trouble: StoreTrouble::Forgetful }),
    }
}

fn lying(kind: BackendKind) -> VaultError {
    VaultError::Store { backend: kind, trouble: StoreTrouble::Lying }
}
