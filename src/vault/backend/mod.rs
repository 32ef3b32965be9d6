//! Where envelopes are kept: write-once blobs by id. Not what is in them.

mod choose;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod credentials;
#[cfg(windows)]
mod dpapi;
mod encrypted_file;
#[cfg(target_os = "macos")]
mod keychain;
mod memory;
pub(crate) mod probe;
#[cfg(target_os = "linux")]
mod secret_service;
mod trouble;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::deadline::Waiting;
use super::error::{Result, VaultError};
use super::storage::Storage;

pub use super::encoding::Id;
pub use choose::{Choice, choose};
pub use probe::Probed;
pub use trouble::StoreTrouble;

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

    /// Those that keep a vault when the program has ended.
    pub const LASTING: [Self; 4] =
        [Self::EncryptedFile, Self::LinuxSecretService, Self::MacosKeychain, Self::WindowsDpapi];

    /// The store that this system has of its own, if any.
    pub const OF_THE_SYSTEM: Option<Self> = if cfg!(target_os = "linux") {
        Some(Self::LinuxSecretService)
    } else if cfg!(target_os = "macos") {
        Some(Self::MacosKeychain)
    } else if cfg!(windows) {
        Some(Self::WindowsDpapi)
    } else {
        None
    };

    /// The stable word, as in the header and the marker file.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, word, _)| word)
    }

    /// The name people read.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(.., label)| label)
    }

    /// Whether its envelopes are files in the vault directory.
    pub fn is_in_directory(self) -> bool {
        matches!(self, Self::EncryptedFile | Self::WindowsDpapi)
    }

    /// Whether its envelopes lie in a store of the system, where copies of the directory share them.
    pub fn is_store(self) -> bool {
        matches!(self, Self::LinuxSecretService | Self::MacosKeychain)
    }

    /// Whether this system can have it.
    pub fn is_of_this_system(self) -> bool {
        matches!(self, Self::EncryptedFile | Self::Memory) || Self::OF_THE_SYSTEM == Some(self)
    }
}

impl fmt::Display for BackendKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for BackendKind {
    type Err = ();

    fn from_str(word: &str) -> std::result::Result<Self, ()> {
        Self::ALL.iter().find(|(_, known, _)| *known == word).map(|(kind, ..)| *kind).ok_or(())
    }
}

/// A store of write-once blobs.
pub trait BlobBackend: Send + Sync {
    /// Stores a blob under an id that is not in use; not durable before [`BlobBackend::sync`].
    fn put_new(&self, id: Id, bytes: &[u8]) -> Result<()>;
    /// Makes these new blobs durable, and whatever was deleted before. A store of the operating
    /// system gives no such receipt.
    fn sync(&self, new: &[Id]) -> Result<()>;
    /// The blob; `Io` with `NotFound`, or `NotInStore`, when it is not there.
    fn get(&self, id: Id) -> Result<Vec<u8>>;
    /// Removes a blob; one that is not there is no error.
    fn delete(&self, id: Id) -> Result<()>;
    /// The ids of all blobs of this vault.
    fn list(&self) -> Result<Vec<Id>>;
    /// How many things of this vault it holds, keys that unlock it included.
    fn remains(&self) -> Result<usize> {
        Ok(self.list()?.len())
    }
    /// Removes all of these, for a vault that is gone; how many they were. `progress(done, total)` counts
    /// them.
    fn remove_remains(&self, progress: &mut dyn FnMut(usize, usize)) -> Result<usize> {
        let left = self.list()?;
        for (done, id) in left.iter().enumerate() {
            self.delete(*id)?;
            progress(done + 1, left.len());
        }
        Ok(left.len())
    }
    /// Whether that blob is still there when the session has ended.
    fn lasts(&self, _id: Id) -> Result<bool> {
        Ok(true)
    }
}

/// Whose blobs a backend is to keep, and what it may use.
pub struct Site<'a> {
    /// The vault.
    pub vault: Id,
    /// Its directory.
    pub storage: &'a Arc<dyn Storage>,
    /// What to do when a call takes long.
    pub waiting: &'a Waiting,
    /// How long a call may take.
    pub deadline: Duration,
}

/// Opens backends; the seam for those that fail, hang or lose something.
pub trait Backends: Send + Sync {
    /// The backend of that kind for a vault. Nothing is asked of it yet.
    ///
    /// # Errors
    /// `Unsupported` when this system or program has none of that kind.
    fn open(&self, kind: BackendKind, site: &Site<'_>) -> Result<Arc<dyn BlobBackend>>;
}

/// The backends that this system has.
#[derive(Default)]
pub(crate) struct SystemBackends {
    memory: Arc<memory::Shelves>,
    /// A vault that ends with the program has nothing to do with stores that do not.
    without_stores: bool,
}

impl SystemBackends {
    /// Those of the program alone.
    pub(crate) fn of_this_program() -> Self {
        Self { without_stores: true, ..Self::default() }
    }
}

impl Backends for SystemBackends {
    fn open(&self, kind: BackendKind, site: &Site<'_>) -> Result<Arc<dyn BlobBackend>> {
        match kind {
            BackendKind::EncryptedFile => {
                Ok(Arc::new(encrypted_file::EncryptedFile::new(Arc::clone(site.storage))))
            }
            BackendKind::Memory => {
                Ok(Arc::new(memory::Memory::new(Arc::clone(&self.memory), site.vault)))
            }
            kind if self.without_stores => Err(unsupported(kind)),
            #[cfg(target_os = "linux")]
            BackendKind::LinuxSecretService => {
                Ok(Arc::new(credentials::Credentials::new(kind, &secret_service::SERVICE, site)))
            }
            #[cfg(windows)]
            BackendKind::WindowsDpapi => {
                Ok(Arc::new(dpapi::Dpapi::new(Arc::clone(site.storage), site.vault)))
            }
            #[cfg(target_os = "macos")]
            BackendKind::MacosKeychain => {
                Ok(Arc::new(credentials::Credentials::new(kind, &keychain::SERVICE, site)))
            }
            kind => Err(unsupported(kind)),
        }
    }
}

fn unsupported(kind: BackendKind) -> VaultError {
    VaultError::Unsupported { what: format!("the backend {kind}") }
}
