//! A whole vault as one stream of bytes, and back: its sealed files as they are, so that neither way needs a
//! key that a reader of the vault would not have. Encrypts nothing by itself: whoever keeps the stream does.

mod form;
mod restore;
#[cfg(test)]
mod tests;

use std::io::Write;

use thiserror::Error;

use super::Vault;
use super::backend::BackendKind;
use super::core::{LOCK_WAIT, MAX_PAGE, Snapshot};
use super::encoding::Digest;
use super::error::VaultError;
use super::journal::{self, Action, Note};
use super::migrate::{named_envelopes, of_its_secret, pinned};
use super::root::MAX_ROOT;
use super::storage::{LockMode, names};
use crate::fault::{Fault, FaultKind};
use form::Writer;

pub use form::Contents;
pub use restore::{Restored, check_free, restore, verify};

/// A result of this module.
pub type Result<T> = std::result::Result<T, BackupError>;

/// What went wrong with a backup.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The vault, or the place of the new one.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What the backup is written to or read from.
    #[error("{0}")]
    Stream(#[from] std::io::Error),
    /// The bytes are no backup, or not all of one.
    #[error("it is no whole backup of a vault: {why}")]
    NotWhole {
        /// How it shows.
        why: &'static str,
    },
    /// Written by a newer tresor.
    #[error("it is a backup of a newer form")]
    NewerForm,
}

impl BackupError {
    fn not_whole(why: &'static str) -> Self {
        Self::NotWhole { why }
    }
}

impl Fault for BackupError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Vault(error) => error.kind(),
            Self::Stream(error) => FaultKind::of_io(error),
            Self::NotWhole { .. } | Self::NewerForm => FaultKind::Damaged,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Vault(error) => error.help(),
            Self::Stream(error) => crate::fault::disk_help(error).unwrap_or_default().to_owned(),
            Self::NotWhole { .. } => "take another copy of it".to_owned(),
            Self::NewerForm => "use a newer tresor".to_owned(),
        }
    }
}

impl Vault {
    /// Writes the whole vault: root, pages, envelopes from wherever they are kept, journal, and what was set
    /// aside. All of it is of one moment; nobody writes to the vault meanwhile. Gives what was written.
    /// `progress(done, total)` counts its parts.
    ///
    /// # Errors
    /// `Busy`, `Damaged` when something is not what the index names, and what the writing says.
    pub fn back_up(
        &self,
        to: &mut dyn Write,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Contents> {
        let core = &*self.core;
        let storage = &*core.place.storage;
        // Before, so that the copy tells as well what it is.
        let note = Note::of_vault(Action::Backup, None);
        let before = Snapshot::load(core)?;
        journal::record(core, &before.keys, before.list.journal, &[note]);
        drop(before);
        let _still = storage.lock(LockMode::Shared, LOCK_WAIT)?;
        let snapshot = Snapshot::load(core)?;
        let header = &snapshot.root.header;
        let envelopes = named_envelopes(&snapshot)?;
        let journal = journal::file(storage, header.epoch);
        let lost = lost_files(&snapshot)?;
        let pages = snapshot.list.pages.values();
        let total = 1 + pages.len() + envelopes.len() + usize::from(journal.is_some()) + lost.len();
        let mut writer = Writer::begin(to, total, progress)?;
        writer.put(names::ROOT, &root_of_files(&snapshot)?)?;
        for page in pages {
            let name = names::page(page.file);
            let bytes = storage.read(&name, MAX_PAGE).map_err(super::core::missing_is_damage)?;
            if Digest::of(&bytes) != page.sha256 {
                let why = "it is not the page the root names";
                return Err(VaultError::Damaged { what: name, why }.into());
            }
            writer.put(&name, &bytes)?;
        }
        for (id, sha256) in &envelopes {
            let bytes = pinned(&*snapshot.backend, *id, *sha256)
                .map_err(|error| of_its_secret(&snapshot, *id, error))?;
            writer.put(&names::object(*id), &bytes)?;
        }
        if let Some(journal) = journal {
            writer.put(&names::journal(header.epoch), &journal)?;
        }
        for name in lost {
            writer.put(&name, &storage.read(&name, MAX_PAGE)?)?;
        }
        writer.finish(header.vault_id, header.generation, core.place.clock.now())
    }
}

/// The root, as it is where envelopes are files; else one that says so: a store of the system does not come
/// along.
fn root_of_files(snapshot: &Snapshot<'_>) -> super::Result<Vec<u8>> {
    let header = &snapshot.root.header;
    if header.backend == BackendKind::EncryptedFile {
        return snapshot.core.place.storage.read(names::ROOT, MAX_ROOT);
    }
    let mut header = header.clone();
    (header.backend, header.retired_backend) = (BackendKind::EncryptedFile, None);
    header.seal(&snapshot.keys, &snapshot.list, &*snapshot.core.place.random)
}

/// What was set aside, by name; what has another name than any that is given here is not ours.
fn lost_files(snapshot: &Snapshot<'_>) -> super::Result<Vec<String>> {
    let files = snapshot.core.place.storage.list(names::LOST)?;
    let named = files.iter().map(|file| format!("{}/{file}", names::LOST));
    let mut ours: Vec<String> = named.filter(|name| form::limit(name).is_some()).collect();
    ours.sort();
    Ok(ours)
}
