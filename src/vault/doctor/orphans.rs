//! What a vault whose directory was deleted by hand left in the store of the system. Only of the vault
//! that was last seen at a place: what belongs to others is never looked at.

use std::sync::Arc;

use crate::vault::backend::{BackendKind, BlobBackend, probe};
use crate::vault::core::read_root_unchecked;
use crate::vault::error::{Result, VaultError};
use crate::vault::place::Place;

/// What is left of a vault that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// Where.
    pub kind: BackendKind,
    /// The id of that vault.
    pub vault: String,
    /// How many items: envelopes, and keys that unlocked it.
    pub items: usize,
}

/// Looks for orphans at a place that holds no vault.
///
/// # Errors
/// `Store` when the store of the system does not answer.
pub fn orphans(place: &Place) -> Result<Option<Orphans>> {
    let Some((kind, vault, backend)) = store_of_the_gone(place)? else { return Ok(None) };
    let items = backend.remains()?;
    Ok((items > 0).then_some(Orphans { kind, vault, items }))
}

/// Refuses a place whose former vault left things in the store of the system: a new one there would make
/// them nobody's. A store that does not answer keeps nobody from making a vault elsewhere.
///
/// # Errors
/// `LeftBehind`; whatever keeps the record of that vault from being read.
pub fn refuse_over_orphans(place: &Place) -> Result<()> {
    match orphans(place) {
        Ok(Some(Orphans { kind, items, .. })) => {
            Err(VaultError::LeftBehind { backend: kind, items })
        }
        Ok(None) | Err(VaultError::Store { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes them; how many they were.
///
/// # Errors
/// As [`orphans`].
pub fn remove_orphans(place: &Place) -> Result<usize> {
    match store_of_the_gone(place)? {
        Some((.., backend)) => backend.remove_remains(),
        None => Ok(0),
    }
}

type Store = (BackendKind, String, Arc<dyn BlobBackend>);

/// The store of the system, for the vault that was last seen where now none is.
fn store_of_the_gone(place: &Place) -> Result<Option<Store>> {
    let is_gone = matches!(read_root_unchecked(place), Err(VaultError::NoVault { .. }));
    let seen = place.seen.as_ref().map(|file| file.read()).transpose()?.flatten();
    let (true, Some(seen), Some(kind)) = (is_gone, seen, BackendKind::OF_THE_SYSTEM) else {
        return Ok(None);
    };
    if kind.is_in_directory() {
        // It went with the directory.
        return Ok(None);
    }
    let backend = place.backend_within(kind, seen.vault_id, probe::DEADLINE)?;
    Ok(Some((kind, seen.vault_id.to_string(), backend)))
}
