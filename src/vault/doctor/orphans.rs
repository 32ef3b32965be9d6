//! What vaults whose directories were deleted by hand left in the store of the system. Only of those that
//! were seen at a place: what belongs to others is never looked at.

use std::sync::Arc;
use std::time::Duration;

use crate::vault::backend::{BackendKind, BlobBackend, Id, probe};
use crate::vault::core::read_root_unchecked;
use crate::vault::deadline::DEADLINE;
use crate::vault::error::{Result, VaultError};
use crate::vault::place::Place;

/// What is left of a vault that is not at its place any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// Where.
    pub kind: BackendKind,
    /// The id of that vault.
    pub vault: String,
    /// How many items: envelopes, and keys that unlocked it.
    pub items: usize,
    /// Whether the vault was seen at another place too: it was moved or copied, and may need them there.
    pub is_elsewhere: bool,
}

/// Looks for what the vault that was at a place left, if none is there now, and those before it.
///
/// # Errors
/// `Store` when the store of the system does not answer.
pub fn orphans(place: &Place) -> Result<Vec<Orphans>> {
    let left = Gone::all(place, probe::DEADLINE)?.into_iter().map(|gone| {
        let (kind, items, is_elsewhere) = (gone.kind, gone.store.remains()?, gone.is_elsewhere);
        Ok(Orphans { kind, vault: gone.vault.to_string(), items, is_elsewhere })
    });
    let left: Vec<Orphans> = left.collect::<Result<_>>()?;
    Ok(left.into_iter().filter(|left| left.items > 0).collect())
}

/// Before a new vault takes a place: what the one that was there left, or may have left in a store that
/// does not answer, is remembered.
///
/// # Errors
/// Whatever keeps the record of that vault from being read or kept. A store that does not answer is none.
pub fn remember_former(place: &Place) -> Result<Vec<Orphans>> {
    let Some(file) = &place.seen else { return Ok(Vec::new()) };
    match orphans(place) {
        Ok(left) => {
            let has_left = |vault: &Id| left.iter().any(|left| left.vault == vault.to_string());
            file.formers()?
                .iter()
                .filter(|id| !has_left(id))
                .try_for_each(|id| file.forget_former(*id))?;
            if file.read()?.is_some_and(|seen| has_left(&seen.vault_id)) {
                file.keep_as_former()?;
            }
            Ok(left)
        }
        Err(VaultError::Store { .. }) => file.keep_as_former().map(|()| Vec::new()),
        Err(error) => Err(error),
    }
}

/// Removes what that vault left; how many items those were. `progress(done, total)` counts them.
///
/// # Errors
/// As [`orphans`].
pub fn remove_orphans(
    place: &Place,
    of: &Orphans,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<usize> {
    let mut removed = 0;
    for gone in Gone::all(place, DEADLINE)? {
        if gone.vault.to_string() == of.vault {
            removed += gone.store.remove_remains(progress)?;
            place.seen.as_ref().map_or(Ok(()), |file| file.forget_former(gone.vault))?;
        }
    }
    Ok(removed)
}

/// A vault that was seen at a place and is not there, and the store of the system as it had it.
struct Gone {
    kind: BackendKind,
    vault: Id,
    store: Arc<dyn BlobBackend>,
    is_elsewhere: bool,
}

impl Gone {
    fn all(place: &Place, deadline: Duration) -> Result<Vec<Self>> {
        // What lies in the directory went with it.
        let kind = BackendKind::OF_THE_SYSTEM.filter(|kind| kind.is_store());
        let (Some(file), Some(kind)) = (&place.seen, kind) else { return Ok(Vec::new()) };
        let mut vaults = file.formers()?;
        match read_root_unchecked(place) {
            // One that was there before may be back.
            Ok(root) => vaults.retain(|vault| *vault != root.header.vault_id),
            Err(VaultError::NoVault { .. }) => {
                vaults.extend(file.read()?.map(|seen| seen.vault_id));
            }
            // Whose vault that is cannot be told.
            Err(_) => return Ok(Vec::new()),
        }
        vaults.sort_unstable();
        vaults.dedup();
        let gone = vaults.into_iter().map(|vault| {
            let store = place.backend_within(kind, vault, deadline)?;
            Ok(Self { kind, vault, store, is_elsewhere: file.has_other_of(vault)? })
        });
        gone.collect()
    }
}
