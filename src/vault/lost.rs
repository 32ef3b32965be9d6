//! What may be the only copy of a secret though nothing refers to it: told by its generation, and set aside in
//! `lost/`, where nothing looks for it and nothing removes it.

use super::backend::{BackendKind, BlobBackend, Id};
use super::core::Snapshot;
use super::envelope::EnvelopePayload;
use super::error::{Result, VaultError};
use super::storage::{Storage, create_durable, is_missing, names};

/// Whether an envelope says that it was written after that generation: what a root put back from an older
/// copy leaves. One that is no envelope says nothing.
///
/// # Errors
/// It cannot be read now, and so may say anything.
pub(super) fn is_newer(backend: &dyn BlobBackend, id: Id, generation: u64) -> Result<bool> {
    let bytes = match backend.get(id) {
        Ok(bytes) => bytes,
        Err(VaultError::Damaged { .. }) => return Ok(false),
        Err(error) if is_missing(&error) => return Ok(false),
        Err(error) => return Err(error),
    };
    let envelope = EnvelopePayload::from_bytes(&names::object(id), &bytes);
    Ok(envelope.is_ok_and(|envelope| envelope.generation() > generation))
}

/// Sets an envelope aside. Where a copy of the vault's directory may need it, it stays there, too.
pub(super) fn set_envelope_aside(
    snapshot: &Snapshot<'_>,
    kind: BackendKind,
    backend: &dyn BlobBackend,
    id: Id,
) -> Result<()> {
    let (storage, name) = (&*snapshot.core.place.storage, names::object(id));
    if kind == BackendKind::EncryptedFile {
        return set_file_aside(storage, &name);
    }
    let (lost, bytes) = (place_of(&name), backend.get(id)?);
    storage.make_dir(names::LOST)?;
    // Half of one that was cut off; what it was copied from is still there.
    storage.remove(&lost)?;
    create_durable(storage, &lost, &bytes)?;
    sync(storage)?;
    match is_shared(snapshot, kind)? {
        true => Ok(()),
        false => backend.delete(id),
    }
}

/// Sets a file aside.
pub(super) fn set_file_aside(storage: &dyn Storage, name: &str) -> Result<()> {
    storage.make_dir(names::LOST)?;
    storage.rename(name, &place_of(name))?;
    sync(storage)
}

fn sync(storage: &dyn Storage) -> Result<()> {
    storage.sync_dir(names::LOST)?;
    storage.sync_dir(names::TOP)
}

fn place_of(name: &str) -> String {
    format!("{}/{}", names::LOST, name.rsplit('/').next().unwrap_or(name))
}

/// Whether a copy of the vault's directory, at another place, may need what that backend holds of the vault:
/// then nothing is removed from it here.
pub(super) fn is_shared(snapshot: &Snapshot<'_>, kind: BackendKind) -> Result<bool> {
    match &snapshot.core.place.seen {
        Some(file) if kind.is_store() => {
            // A copy that was only read has no record here yet.
            Ok(file.read()?.is_none() || file.has_other_of(snapshot.core.vault_id)?)
        }
        _ => Ok(false),
    }
}
