//! The marker file: the backend's word, for people. The header decides.

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
