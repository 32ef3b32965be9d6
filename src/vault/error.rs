//! What can go wrong in the vault, typed; never with a value in it. Exit codes derive from the kind.

mod help;

use std::path::PathBuf;

use thiserror::Error;

use super::backend::{BackendKind, StoreTrouble};
use super::scope::{Scope, SecretKey, SecretRef};
use crate::text::{visible, visible_path};

/// A result of the vault.
pub type Result<T> = std::result::Result<T, VaultError>;

/// What went wrong, on what. The text is one line and safe to show.
#[derive(Debug, Error)]
pub enum VaultError {
    /// The text is no scope.
    #[error("invalid scope '{}': {why}", visible(.input))]
    InvalidScope {
        /// What was given.
        input: Box<str>,
        /// The rule it breaks.
        why: &'static str,
    },
    /// The text is no key.
    #[error("invalid key '{}': {why}", visible(.input))]
    InvalidKey {
        /// What was given.
        input: Box<str>,
        /// The rule it breaks.
        why: &'static str,
    },
    /// The text is no reference.
    #[error("invalid reference '{}': {why}", visible(.input))]
    InvalidReference {
        /// What was given.
        input: Box<str>,
        /// The rule it breaks.
        why: &'static str,
    },
    /// The word is no kind.
    #[error("unknown kind '{}'", visible(.input))]
    InvalidKind {
        /// What was given.
        input: Box<str>,
    },
    /// A metadata field is not acceptable.
    #[error("invalid {field}: {why}")]
    InvalidMetadata {
        /// The field.
        field: &'static str,
        /// The rule it breaks.
        why: &'static str,
    },
    /// A value of no bytes.
    #[error("the value is empty")]
    EmptyValue,
    /// A value longer than this vault allows.
    #[error("the value has {actual} bytes, more than the {max} this vault allows")]
    ValueTooLarge {
        /// Its length.
        actual: usize,
        /// The limit.
        max: usize,
    },
    /// Something asked for is outside what the format allows.
    #[error("invalid option: {why}")]
    InvalidOption {
        /// What is wrong with it.
        why: &'static str,
    },
    /// No vault at that place.
    #[error("no vault at {}", visible_path(.path))]
    NoVault {
        /// Where one was expected.
        path: PathBuf,
    },
    /// A vault is already there.
    #[error("there is already a vault at {}", visible_path(.path))]
    AlreadyThere {
        /// Where.
        path: PathBuf,
    },
    /// The place of a new vault is taken.
    #[error("{} is not empty", visible_path(.path))]
    NotEmpty {
        /// Where.
        path: PathBuf,
    },
    /// The directory holds something else.
    #[error("{} is not a vault: {why}", visible_path(.path))]
    NotAVault {
        /// Where.
        path: PathBuf,
        /// What was found.
        why: &'static str,
    },
    /// The keys have been dropped.
    #[error("the vault is locked")]
    Locked,
    /// The passphrase does not open any slot.
    #[error("that is not the passphrase")]
    WrongPassphrase,
    /// The key file does not open any slot.
    #[error("that key file does not open this vault")]
    WrongKeyFile,
    /// The recovery code does not open any slot.
    #[error("that is not the recovery code of this vault")]
    WrongRecoveryCode,
    /// What the keyring holds does not open any slot.
    #[error("the keyring's key does not match this vault")]
    WrongKeyringKey,
    /// The text is no recovery code.
    #[error("that is no recovery code: {why}")]
    InvalidRecoveryCode {
        /// What is wrong with it.
        why: &'static str,
    },
    /// A change of slots that would lock the owner out.
    #[error("{what} cannot be removed: {why}")]
    KeepsOut {
        /// Which slot.
        what: String,
        /// What would be lost.
        why: &'static str,
    },
    /// No slot of that id.
    #[error("this vault has no slot {id}")]
    NoSlot {
        /// What was asked for.
        id: String,
    },
    /// The key of protected secrets is needed to give it to another slot.
    #[error("the key of protected secrets is needed for that")]
    NeedsProtectionKey,
    /// Opened by a cache, which is not enough for a change that would outlast it.
    #[error("the vault is only kept unlocked, which is not enough to change its ways in")]
    OnlyKept,
    /// There is no slot of the kind that was tried.
    #[error("this vault has no {kind} slot")]
    NoSuchSlot {
        /// The kind of slot.
        kind: &'static str,
    },
    /// The vault's keys changed since it was unlocked.
    #[error("the vault's keys have changed")]
    KeysChanged,
    /// The value needs the protection key.
    #[error("{name} is protected")]
    Protected {
        /// The secret.
        name: SecretRef,
    },
    /// The vault has no slot that could protect.
    #[error("this vault cannot protect secrets: it has no passphrase and no recovery slot")]
    CannotProtect,
    /// The actor may not see or change that scope.
    #[error("{actor} may not {verb} {scope}")]
    NotAllowed {
        /// Who asked.
        actor: String,
        /// `see` or `change`.
        verb: &'static str,
        /// The scope.
        scope: Scope,
    },
    /// A file or directory others can get at.
    #[error("{} is not safe: {why}", visible_path(.path))]
    Unsafe {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// No live secret of that name.
    #[error("no secret {name}")]
    NotFound {
        /// The name.
        name: SecretRef,
    },
    /// No such kept revision.
    #[error("{name} has no revision {revision}")]
    NoRevision {
        /// The secret.
        name: SecretRef,
        /// The number asked for.
        revision: u64,
    },
    /// Nothing in the trash under that name or id.
    #[error("nothing in the trash for '{}'", visible(.what))]
    NotInTrash {
        /// The name or id.
        what: String,
    },
    /// A secret of that name is already there.
    #[error("{name} already exists")]
    Exists {
        /// The name.
        name: SecretRef,
    },
    /// The secret changed since it was seen.
    #[error("{name} has changed meanwhile: it is at revision {actual}, not {expected}")]
    Changed {
        /// The secret.
        name: SecretRef,
        /// The revision the writer saw.
        expected: u64,
        /// The revision that is there.
        actual: u64,
    },
    /// No record of that id that may be seen.
    #[error("no profile '{id}'")]
    NoRecord {
        /// The record.
        id: SecretKey,
    },
    /// A record of that id is already there.
    #[error("profile '{id}' already exists")]
    RecordExists {
        /// The record.
        id: SecretKey,
    },
    /// The record changed since it was seen.
    #[error("profile '{id}' has changed meanwhile: it is at revision {actual}, not {expected}")]
    RecordChanged {
        /// The record.
        id: SecretKey,
        /// The revision the writer saw.
        expected: u64,
        /// The revision that is there.
        actual: u64,
    },
    /// Another process is writing.
    #[error("the vault is busy: another process is writing to it")]
    Busy,
    /// A file is not what was sealed.
    #[error("{what} is damaged or was altered: {why}")]
    Damaged {
        /// The file or part.
        what: String,
        /// How it shows.
        why: &'static str,
    },
    /// Written by a newer tresor.
    #[error("the vault has format {found}, this tresor knows {known}")]
    NewerFormat {
        /// The format found.
        found: u64,
        /// The newest format known.
        known: u64,
    },
    /// The vault is older than what was seen here before.
    #[error("the vault was rolled back: generation {found} is there, {seen} was seen")]
    RolledBack {
        /// What is there.
        found: u64,
        /// What was seen.
        seen: u64,
    },
    /// The same generation, with other contents than were seen.
    #[error("the vault was replaced: generation {generation} is not the one that was seen")]
    Replaced {
        /// The generation.
        generation: u64,
    },
    /// Another vault lies where one was seen.
    #[error("a different vault lies at {}", visible_path(.path))]
    DifferentVault {
        /// Where.
        path: PathBuf,
    },
    /// The backend is not built into this program or not possible here.
    #[error("{what} is not available in this build")]
    Unsupported {
        /// What was asked for.
        what: String,
    },
    /// A store of the operating system does not hold an envelope that the index names.
    #[error("the {} does not hold the envelope {id}", .backend.label())]
    NotInStore {
        /// Which one.
        backend: BackendKind,
        /// The envelope's id.
        id: String,
    },
    /// A change was made, but what it was to remove is still in a store of the operating system.
    #[error("it is done, but what was removed is still in the {}, which {trouble}", .backend.label())]
    StillThere {
        /// Which one.
        backend: BackendKind,
        /// What is wrong with it.
        trouble: StoreTrouble,
    },
    /// A store of the operating system does not do what it should.
    #[error("the {} {trouble}", .backend.label())]
    Store {
        /// Which one.
        backend: BackendKind,
        /// What is wrong with it.
        trouble: StoreTrouble,
    },
    /// The last step of a commit failed after the new root may have become visible.
    #[error("the change may or may not be saved: {source}")]
    Uncertain {
        /// What the system said.
        source: std::io::Error,
    },
    /// Input or output failed.
    #[error("cannot {verb} {}: {source}", visible_path(.path))]
    Io {
        /// What was tried.
        verb: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The operating system gave no randomness.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
    /// A cryptographic step failed that cannot fail with valid input.
    #[error("internal error: {what}")]
    Internal {
        /// Which step.
        what: &'static str,
    },
}

impl VaultError {
    /// Whether a store fails with one item alone.
    pub(crate) fn is_of_one_item(&self) -> bool {
        use StoreTrouble as T;
        matches!(self, Self::Store { trouble: T::Doubled | T::Lying, .. })
    }
}
