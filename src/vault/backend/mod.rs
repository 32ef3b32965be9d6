//! Where envelopes are kept: write-once blobs by id. Not what is in them.

mod encrypted_file;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::encoding::Id;
use super::error::{Result, VaultError};
use super::storage::Storage;

/// The largest envelope: a value of 1 MiB in base64, its header and the JSON around them.
pub(crate) const MAX_ENVELOPE: u64 = 2 * 1024 * 1024;

/// The backends of the format. Not every one is built into every program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendKind {
    /// Files in the vault directory.
    EncryptedFile,
    /// The macOS Keychain.
    MacosKeychain,
    /// A Linux Secret Service.
    LinuxSecretService,
    /// Windows DPAPI.
    WindowsDpapi,
    /// This process's memory: the demo and tests.
    Memory,
}

impl BackendKind {
    const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::EncryptedFile, "encrypted_file", "encrypted files"),
        (Self::MacosKeychain, "macos_keychain", "macOS Keychain"),
        (Self::LinuxSecretService, "linux_secret_service", "Secret Service"),
        (Self::WindowsDpapi, "windows_dpapi", "Windows DPAPI"),
        (Self::Memory, "memory", "in memory"),
    ];

    /// The stable word, as in the header and the marker file.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, word, _)| word)
    }

    /// The name people read.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(.., label)| label)
    }
}

impl fmt::Display for BackendKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A store of write-once blobs.
pub(crate) trait BlobBackend: Send + Sync {
    /// Stores a blob under an id that is not in use; not durable before [`BlobBackend::sync`].
    fn put_new(&self, id: Id, bytes: &[u8]) -> Result<()>;
    /// Makes these new blobs durable, and whatever was deleted before.
    fn sync(&self, new: &[Id]) -> Result<()>;
    /// The blob; `Io` with `NotFound` when it is not there.
    fn get(&self, id: Id) -> Result<Vec<u8>>;
    /// Removes a blob; one that is not there is no error.
    fn delete(&self, id: Id) -> Result<()>;
    /// The ids of all blobs.
    fn list(&self) -> Result<Vec<Id>>;
}

/// Opens the backend the header names.
pub(crate) fn open(kind: BackendKind, storage: &Arc<dyn Storage>) -> Result<Arc<dyn BlobBackend>> {
    match kind {
        // The memory backend is the same code over a directory in memory.
        BackendKind::EncryptedFile | BackendKind::Memory => {
            Ok(Arc::new(encrypted_file::EncryptedFile::new(Arc::clone(storage))))
        }
        kind => Err(VaultError::Unsupported { what: format!("the backend {kind}") }),
    }
}
