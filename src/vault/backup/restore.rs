//! Makes a new vault of a backup, and checks one. Opens nothing: a vault is restored as it was, sealed.

use std::collections::BTreeSet;
use std::io::Read;

use super::form::{self, Contents};
use super::{BackupError, Result};
use crate::vault::backend::BackendKind;
use crate::vault::error::VaultError;
use crate::vault::place::Place;
use crate::vault::raise::{check_empty, is_unfinished, raise, settle};
use crate::vault::root::RootHeader;
use crate::vault::storage::{Storage, names};

/// A vault that was restored.
#[derive(Debug)]
pub struct Restored {
    /// What was in the backup.
    pub contents: Contents,
    /// What could not be done afterwards; the vault is whole all the same.
    pub warnings: Vec<String>,
}

/// Reads a whole backup and sees that nothing of it is missing or altered. `progress(done, total)` counts its
/// parts.
///
/// # Errors
/// `NotWhole`, `NewerForm`, and what the reading says.
pub fn verify(from: &mut dyn Read, progress: &mut dyn FnMut(usize, usize)) -> Result<Contents> {
    let (mut root, mut known) = (None, BTreeSet::new());
    let mut each = |name: &str, bytes: Vec<u8>| take(name, &bytes, &mut root, &mut known);
    let contents = form::read(from, &mut each, progress)?;
    agree(root, &contents).map(|_| contents)
}

/// Looks at a part: the root is parsed, and no other comes twice.
fn take(
    name: &str,
    bytes: &[u8],
    root: &mut Option<RootHeader>,
    known: &mut BTreeSet<String>,
) -> Result<()> {
    if !known.insert(name.to_owned()) {
        return Err(BackupError::not_whole("it holds a part twice"));
    }
    if name == names::ROOT {
        *root = Some(RootHeader::from_bytes(bytes).map_err(|error| match error {
            error @ VaultError::NewerFormat { .. } => error.into(),
            _ => BackupError::not_whole("its root is damaged"),
        })?);
    }
    Ok(())
}

/// Refuses a root that is not the one the list tells of, or that looks for envelopes elsewhere.
fn agree(root: Option<RootHeader>, contents: &Contents) -> Result<RootHeader> {
    let root = root.ok_or(BackupError::not_whole("it has no root"))?;
    let header = &root.header;
    if (header.vault_id, header.generation) != (contents.vault_id, contents.generation) {
        return Err(BackupError::not_whole("its root is of another state than its list"));
    }
    match header.backend {
        BackendKind::EncryptedFile => Ok(root),
        _ => Err(BackupError::not_whole("its root names a store that is not in it")),
    }
}

/// Refuses a place where something is, but for what an earlier restore left that was cut off.
///
/// # Errors
/// `AlreadyThere`, `NotEmpty`, `Unsafe`, `Io`.
pub fn check_free(into: &Place) -> crate::vault::Result<()> {
    let files = into.storage.list(names::TOP)?;
    if files.iter().any(|file| file == names::ROOT) {
        return Err(VaultError::AlreadyThere { path: into.shown() });
    }
    // A lock is what a restore leaves that had not begun.
    let only_lock = files.iter().all(|file| file == names::LOCK);
    match only_lock || is_unfinished(into)? {
        true => Ok(()),
        false => check_empty(into),
    }
}

/// Makes a new vault at `into` of a backup. It opens in the ways the old one did, history, trash and journal
/// are as they were, and its envelopes are files. `progress(done, total)` counts its parts.
///
/// # Errors
/// What [`check_free`] refuses, `NotWhole`, `NewerForm`, and what the reading says: nothing is left of what
/// was begun. `Uncertain` where nobody knows whether the vault is there.
pub fn restore(
    from: &mut dyn Read,
    into: &Place,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Restored> {
    check_free(into)?;
    let (mut read, mut failed) = (None, None);
    let raised = raise(into, |storage| {
        let built = build(from, storage, progress);
        built
            .map(|(root, header, contents)| {
                read = Some((header, contents));
                root
            })
            .map_err(|error| match error {
                BackupError::Vault(error) => error,
                other => {
                    failed = Some(other);
                    VaultError::Internal { what: "reading a backup" }
                }
            })
    });
    let (root, guard) = match (raised, failed) {
        (_, Some(error)) => return Err(error),
        (raised, None) => raised?,
    };
    let Some((header, contents)) = read else {
        return Err(VaultError::Internal { what: "reading a backup" }.into());
    };
    // What a store of the system may still hold of a vault that was here before is found by its record.
    let former = into.seen.as_ref().map_or(Ok(()), |file| match file.read()? {
        Some(seen) if seen.vault_id != header.header.vault_id => file.keep_as_former(),
        _ => Ok(()),
    });
    let failed = former.err().into_iter().chain(settle(into, &header.header, &root));
    let warnings = failed.map(|error| format!("restored, but not finished: {error}")).collect();
    drop(guard);
    Ok(Restored { contents, warnings })
}

/// Writes every part but the root, which it gives.
fn build(
    from: &mut dyn Read,
    storage: &dyn Storage,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(Vec<u8>, RootHeader, Contents)> {
    let (mut root, mut known, mut file) = (None, BTreeSet::new(), Vec::new());
    let mut each = |name: &str, bytes: Vec<u8>| {
        take(name, &bytes, &mut root, &mut known)?;
        match name.split_once('/') {
            None => file = bytes,
            Some((dir, _)) => {
                if dir == names::LOST {
                    storage.make_dir(dir)?;
                }
                storage.create_new(name, &bytes)?;
            }
        }
        Ok(())
    };
    let contents = form::read(from, &mut each, progress)?;
    let root = agree(root, &contents)?;
    Ok((file, root, contents))
}
