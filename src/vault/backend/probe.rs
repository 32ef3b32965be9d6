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
        let Some(seen) = &self.seen else { return measure(self, kind, &[], |_| false) };
        seen.in_scratch(|storage, mark| match kind.is_in_directory() {
            // Never among a vault's own envelopes, and where there may be no vault yet.
            true => {
                let place = self.clone().with_storage(Arc::clone(storage));
                measure(&place, kind, mark, |_| true)
            }
            false => measure(self, kind, mark, |id| id.0.starts_with(mark)),
        })
    }
}

/// Shows that a backend keeps and gives back what it is given.
pub(crate) fn prove(place: &Place, kind: BackendKind) -> Result<()> {
    place.try_backend(kind).map(drop)
}

/// The canary's id begins with `mark`; `is_left` tells of what lies there that a killed probe left it.
fn measure(
    place: &Place,
    kind: BackendKind,
    mark: &[u8],
    is_left: impl Fn(Id) -> bool,
) -> Result<Duration> {
    let backend = place.backend_within(kind, NO_VAULT, DEADLINE)?;
    // The first call also makes the connection.
    let held = backend.list()?;
    held.into_iter().filter(|id| is_left(*id)).try_for_each(|id| backend.delete(id))?;
    let random = &*place.random;
    let mut id: Id = Hex(random_bytes(random)?);
    id.0.iter_mut().zip(mark).for_each(|(byte, mark)| *byte = *mark);
    let canary: [u8; CANARY] = random_bytes(random)?;
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
