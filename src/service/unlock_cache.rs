//! Keeps a vault unlocked for a while: its key in the kernel's memory, where it expires by itself,
//! never on disk. For every tresor of the user, until it is locked. Asks nobody.

use std::time::Duration;

use thiserror::Error;

use crate::fault::{Fault, FaultKind};
use crate::vault::{CachedKey, ClosedVault, SensitiveBytes, Vault, VaultError};

#[cfg(target_os = "linux")]
#[path = "unlock_cache/kernel.rs"]
mod store;
#[cfg(not(target_os = "linux"))]
#[path = "unlock_cache/nowhere.rs"]
mod store;

/// The longest time a vault may stay unlocked: a day, so that nobody forgets it for good.
pub const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// The shortest: the kernel counts whole seconds, and none means for ever.
pub const SHORTEST: Duration = Duration::from_secs(1);

/// Why a vault could not be kept unlocked, or locked again.
#[derive(Debug, Error)]
pub enum CacheError {
    /// This system has nothing that would forget in time.
    #[error("this system has no kernel keyring that could keep the vault unlocked")]
    Missing,
    /// It has, but not for this process.
    #[error("the kernel's keyring is forbidden here, so that nothing can keep the vault unlocked")]
    Forbidden,
    /// It failed otherwise.
    #[error("the kernel's keyring failed: {0}")]
    Failed(String),
    /// The vault did.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl Fault for CacheError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Missing | Self::Forbidden => FaultKind::Unsupported,
            Self::Failed(_) => FaultKind::Unreachable,
            Self::Vault(error) => error.kind(),
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Missing => "a key file or the desktop's keyring opens it without asking",
            Self::Forbidden => {
                "containers often forbid it; a key file opens the vault without asking"
            }
            Self::Failed(_) => "unlock the vault each time, or see what 'cat /proc/key-users' says",
            Self::Vault(error) => return error.help(),
        }
        .to_owned()
    }
}

/// Where keys are kept. The kernel's keyring, or in tests one with a clock of its own.
trait Store {
    /// Keeps `key` under `name` for that time; what was there under that name is gone.
    fn keep(&self, name: &str, key: &[u8], time: Duration) -> Result<(), CacheError>;
    /// What is kept there, if its time has not run out.
    fn find(&self, name: &str) -> Result<Option<SensitiveBytes>, CacheError>;
    /// Forgets it at once; whether there was anything to forget.
    fn forget(&self, name: &str) -> Result<bool, CacheError>;
}

/// What a vault's key is filed under: it tells the vault's id, which is no secret, and nothing else.
fn name(vault_id: &str) -> String {
    format!("tresor:unlocked:{vault_id}")
}

/// Whether a vault could be kept unlocked here: to be asked before anybody is asked for a passphrase.
///
/// # Errors
/// Why not.
pub fn check() -> Result<(), CacheError> {
    store::Kernel.find(&name("")).map(drop)
}

/// Keeps an open vault unlocked for that time, from now on.
///
/// # Errors
/// What the system refuses, and a vault that is locked.
pub fn keep(vault: &Vault, time: Duration) -> Result<(), CacheError> {
    keep_in(&store::Kernel, vault, time)
}

/// Opens a vault that is kept unlocked; `None` when it is not. A key that does not fit any more is
/// forgotten.
///
/// # Errors
/// What the system refuses, and what opening a vault can fail with.
pub fn open(closed: &ClosedVault) -> Result<Option<Vault>, CacheError> {
    open_from(&store::Kernel, closed)
}

/// Locks: forgets the vault's key. Whether there was one.
///
/// # Errors
/// What the system refuses.
pub fn forget(vault_id: &str) -> Result<bool, CacheError> {
    store::Kernel.forget(&name(vault_id))
}

/// Forgets the vault's key after a way in was removed or replaced, or the vault key: it would open
/// nothing any more, so that a keyring that fails leaves nothing of use behind.
pub fn drop_stale(vault: &Vault) {
    let _ = forget(&vault.vault_id());
}

fn keep_in(store: &impl Store, vault: &Vault, time: Duration) -> Result<(), CacheError> {
    let (name, key) = (name(&vault.vault_id()), vault.cached_key()?);
    let time = time.clamp(SHORTEST, LONGEST);
    key.with(|key| store.keep(&name, key, time))
}

fn open_from(store: &impl Store, closed: &ClosedVault) -> Result<Option<Vault>, CacheError> {
    let name = name(&closed.vault_id());
    let Some(kept) = store.find(&name)? else { return Ok(None) };
    match closed.unlock_cached(&CachedKey::from_cache(kept)) {
        Ok(vault) => Ok(Some(vault)),
        Err(VaultError::KeysChanged) => {
            store.forget(&name)?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "unlock_cache/tests.rs"]
mod tests;
