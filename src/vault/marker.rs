//! The marker files: the backend's word, for people, as the header decides; and where a move goes.

use super::backend::BackendKind;
use super::error::Result;
use super::storage::{Storage, create_durable, names};

/// What it says of that backend.
pub(crate) fn text(backend: BackendKind) -> String {
    format!("{backend}\n")
}

/// Whether it says so.
pub(crate) fn says(storage: &dyn Storage, backend: BackendKind) -> bool {
    storage.read(names::MARKER, 256).is_ok_and(|said| said == text(backend).as_bytes())
}

/// Writes it anew.
pub(crate) fn write(storage: &dyn Storage, backend: BackendKind) -> Result<()> {
    storage.remove(names::MARKER)?;
    create_durable(storage, names::MARKER, text(backend).as_bytes())
}

/// Notes where a move goes, so that copies it may leave there are found.
pub(crate) fn begin_move(storage: &dyn Storage, to: BackendKind) -> Result<()> {
    storage.remove(names::MOVING)?;
    create_durable(storage, names::MOVING, text(to).as_bytes())?;
    storage.sync_dir(names::TOP)
}

/// Where a move went that did not come to its end.
pub(crate) fn moving_to(storage: &dyn Storage) -> Option<BackendKind> {
    let said = storage.read(names::MOVING, 256).ok()?;
    std::str::from_utf8(&said).ok()?.trim_end().parse().ok()
}

/// Nothing of it is left anywhere.
pub(crate) fn end_move(storage: &dyn Storage) -> Result<()> {
    storage.remove(names::MOVING).map(drop)
}
