//! TEMPORARY signatures of the vault's API so that other layers compile; the core replaces this file.
#![allow(missing_docs, clippy::unimplemented, unused_variables)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;

/// Time, passed in.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}
/// Randomness, passed in.
pub trait Random: Send + Sync {
    fn fill(&self, bytes: &mut [u8]) -> Result<()>;
}
/// The system's clock and randomness.
pub struct SystemClock;
pub struct SystemRandom;
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}
impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        Ok(())
    }
}

/// Where a vault lies and what it needs from outside. Cheap to clone.
#[derive(Clone)]
pub struct Place {}
impl Place {
    /// A vault directory on disk; `state` is the directory of `.seen` files (`<state>/tresor`).
    pub fn on_disk(vault: &Path, state: &Path) -> Self {
        unimplemented!()
    }
    /// A vault in this process's memory only (demo, tests).
    pub fn in_memory() -> Self {
        unimplemented!()
    }
    /// With another clock and randomness (tests, golden vaults).
    pub fn with_world(self, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        unimplemented!()
    }
    /// The directory, or `None` in memory.
    pub fn path(&self) -> Option<&Path> {
        unimplemented!()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackendKind {
    EncryptedFile,
    MacosKeychain,
    LinuxSecretService,
    WindowsDpapi,
    Memory,
}
impl BackendKind {
    /// `encrypted_file`, `macos_keychain`, …
    pub fn word(self) -> &'static str {
        unimplemented!()
    }
}
impl std::str::FromStr for BackendKind {
    type Err = VaultError;
    fn from_str(s: &str) -> Result<Self> {
        unimplemented!()
    }
}

/// One way to get the vault key, to be made.
pub enum NewSlot {
    Passphrase(SensitiveBytes),
    /// The 32+ bytes of a key file.
    KeyFile(SensitiveBytes),
    /// A slot with cheap KDF parameters is never made; in-memory demo vaults have no slot at all.
    None,
}

/// What a new vault is to be.
pub struct CreateOptions {
    pub slots: Vec<NewSlot>,
    pub backend: BackendKind,
    /// 65,536 by default, at most 1 MiB.
    pub max_value: u32,
}
impl CreateOptions {
    /// Encrypted files (memory for a place in memory), default limits.
    pub fn new(slots: Vec<NewSlot>) -> Self {
        unimplemented!()
    }
}

/// What unlocks.
pub enum Unlock<'a> {
    Passphrase(&'a SensitiveBytes),
    KeyFile(&'a SensitiveBytes),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotKind {
    Passphrase,
    KeyFile,
    Recovery,
    Keyring,
    Unknown,
}
impl SlotKind {
    pub fn word(self) -> &'static str {
        unimplemented!()
    }
}

/// A vault whose header has been read; no key is held.
pub struct ClosedVault {}
impl ClosedVault {
    /// Reads and checks the header and permissions. No vault there: `NoVault`.
    pub fn open(place: &Place) -> Result<Self> {
        unimplemented!()
    }
    pub fn slots(&self) -> Vec<SlotKind> {
        unimplemented!()
    }
    pub fn vault_id(&self) -> String {
        unimplemented!()
    }
    pub fn backend(&self) -> BackendKind {
        unimplemented!()
    }
    /// Runs the slot's key derivation (about half a second for a passphrase).
    pub fn unlock(&self, with: &Unlock<'_>) -> Result<Vault> {
        unimplemented!()
    }
}

/// An unlocked vault. Cheap to clone; every clone and view is locked together.
#[derive(Clone)]
pub struct Vault {}
impl Vault {
    pub fn create(place: &Place, options: &CreateOptions) -> Result<Self> {
        unimplemented!()
    }
    /// Whether a vault (its root) is at that place.
    pub fn exists(place: &Place) -> bool {
        unimplemented!()
    }
    pub fn view(&self, actor: Actor) -> View {
        unimplemented!()
    }
    /// Drops and wipes every key; every view answers `Locked` from now on.
    pub fn lock(&self) {}
    pub fn is_locked(&self) -> bool {
        unimplemented!()
    }
    pub fn vault_id(&self) -> String {
        unimplemented!()
    }
    pub fn backend(&self) -> BackendKind {
        unimplemented!()
    }
    pub fn slots(&self) -> Vec<SlotKind> {
        unimplemented!()
    }
    pub fn path(&self) -> Option<PathBuf> {
        unimplemented!()
    }
    pub fn max_value(&self) -> usize {
        unimplemented!()
    }
    /// The generation on disk now: one small read. Compare with `Listing::generation` to see a change.
    pub fn generation(&self) -> Result<u64> {
        unimplemented!()
    }
    /// Unwraps the key of protected secrets from the passphrase; slow like an unlock. Wiped on drop.
    pub fn protection_key(&self, passphrase: &SensitiveBytes) -> Result<ProtectionKey> {
        unimplemented!()
    }
    pub fn can_protect(&self) -> bool {
        unimplemented!()
    }
}

/// The key of protected secrets, held only for one action.
pub struct ProtectionKey {}

/// What one actor can see and do: the boundary a daemon hands to its parts. Cheap to clone.
#[derive(Clone)]
pub struct View {}
impl View {
    pub fn actor(&self) -> &Actor {
        unimplemented!()
    }
    /// Every visible live secret, sorted by scope, then key.
    pub fn list(&self) -> Result<Listing> {
        unimplemented!()
    }
    /// The visible trash, newest first.
    pub fn trash(&self) -> Result<Vec<TrashEntry>> {
        unimplemented!()
    }
    pub fn describe(&self, name: &SecretRef) -> Result<Description> {
        unimplemented!()
    }
    /// The live value; a protected secret is `VaultError::Protected`.
    pub fn read(&self, name: &SecretRef) -> Result<Secret> {
        unimplemented!()
    }
    /// A value with all one can ask for: a kept revision, a protected secret.
    pub fn read_with(
        &self,
        name: &SecretRef,
        revision: Option<u64>,
        key: Option<&ProtectionKey>,
    ) -> Result<Secret> {
        unimplemented!()
    }
    /// Writes one value: a new secret, or a new revision.
    pub fn write(
        &self,
        name: &SecretRef,
        value: SensitiveBytes,
        patch: MetadataPatch,
        expect: Expect,
    ) -> Result<Receipt> {
        unimplemented!()
    }
    /// Applies all changes in one commit, or none.
    pub fn apply(&self, changes: Vec<Change>, key: Option<&ProtectionKey>) -> Result<Receipt> {
        unimplemented!()
    }
}

/// All live secrets a view sees, at one generation.
#[derive(Debug, Clone)]
pub struct Listing {
    pub generation: u64,
    pub secrets: Vec<SecretSummary>,
    /// Visible entries in the trash.
    pub trash: usize,
}

/// What a write must find; anything else is `Changed`, `Exists` or `NotFound`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    Any,
    Absent,
    Revision(u64),
}

/// One change; a batch of them is one commit.
pub enum Change {
    Write {
        name: SecretRef,
        value: SensitiveBytes,
        patch: MetadataPatch,
        expect: Expect,
    },
    Edit {
        name: SecretRef,
        patch: MetadataPatch,
        expect: Expect,
    },
    /// Renames, also across scopes; the history moves along. An existing target is `Exists`.
    Move {
        from: SecretRef,
        to: SecretRef,
        expect: Expect,
    },
    Delete {
        name: SecretRef,
        expect: Expect,
    },
    /// Brings back a deleted secret under its old name.
    Restore {
        id: TrashId,
    },
    /// Writes the value of a kept revision as a new revision.
    Revert {
        name: SecretRef,
        revision: u64,
        expect: Expect,
    },
    /// Removes a deleted secret for good.
    Purge {
        id: TrashId,
    },
}

/// What a commit did.
#[derive(Debug, Clone)]
pub struct Receipt {
    pub generation: u64,
    /// One per change, in order: the name after the change, and its revision (0 when purged).
    pub outcomes: Vec<Outcome>,
    /// Warnings, e.g. that `root.prev` could not be written.
    pub warnings: Vec<String>,
}
#[derive(Debug, Clone)]
pub struct Outcome {
    pub name: SecretRef,
    pub revision: u64,
    /// set by Delete
    pub trash: Option<TrashId>,
}

/// What `doctor` found. `Doctor::check` needs no key for the files' permissions and the header.
pub mod doctor {
    use super::*;
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Severity {
        Ok,
        Note,
        Problem,
    }
    #[derive(Debug, Clone)]
    pub struct Finding {
        pub severity: Severity,
        /// What was looked at, e.g. `objects/…json`
        pub what: String,
        pub message: String,
        /// Whether `fix` mends it.
        pub fixable: bool,
    }
    #[derive(Debug, Clone)]
    pub struct Report {
        pub findings: Vec<Finding>,
        pub secrets: usize,
        pub envelopes: usize,
        pub pages: usize,
    }
    /// Permissions and header only; works on a locked vault.
    pub fn check_files(place: &Place) -> Result<Report> {
        unimplemented!()
    }
    /// Opens every page and envelope; `progress(done, total)`.
    pub fn check(vault: &Vault, progress: &mut dyn FnMut(usize, usize)) -> Result<Report> {
        unimplemented!()
    }
    /// Mends permissions and removes leftovers of broken commits; says what it did.
    pub fn fix(place: &Place) -> Result<Vec<String>> {
        unimplemented!()
    }
    /// Accepts a restored or replaced vault after the user confirmed it. `unlock` gives the key.
    pub fn accept_restore(place: &Place, with: &Unlock<'_>) -> Result<Vec<String>> {
        unimplemented!()
    }
}

/// Process hardening and the locked page.
pub mod memory {
    /// Not dumpable, no core files. Returns what could not be done.
    pub fn harden_process() -> Vec<&'static str> {
        Vec::new()
    }
}
