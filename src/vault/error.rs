//! What can go wrong in the vault, typed; never with a value in it. Exit codes derive from the kind.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::scope::{Scope, SecretRef};
use crate::fault::{Fault, FaultKind, disk_help};
use crate::text::visible;

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
    #[error("no vault at {}", show(.path))]
    NoVault {
        /// Where one was expected.
        path: PathBuf,
    },
    /// A vault is already there.
    #[error("there is already a vault at {}", show(.path))]
    AlreadyThere {
        /// Where.
        path: PathBuf,
    },
    /// The place of a new vault is taken.
    #[error("{} is not empty", show(.path))]
    NotEmpty {
        /// Where.
        path: PathBuf,
    },
    /// The directory holds something else.
    #[error("{} is not a vault: {why}", show(.path))]
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
    #[error("{} is not safe: {why}", show(.path))]
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
    #[error("a different vault lies at {}", show(.path))]
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
    /// The last step of a commit failed after the new root may have become visible.
    #[error("the change may or may not be saved: {source}")]
    Uncertain {
        /// What the system said.
        source: std::io::Error,
    },
    /// Input or output failed.
    #[error("cannot {verb} {}: {source}", show(.path))]
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

fn show(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

impl Fault for VaultError {
    fn kind(&self) -> FaultKind {
        use VaultError as E;
        match self {
            E::InvalidScope { .. }
            | E::InvalidKey { .. }
            | E::InvalidReference { .. }
            | E::InvalidKind { .. }
            | E::InvalidMetadata { .. }
            | E::EmptyValue
            | E::ValueTooLarge { .. }
            | E::InvalidOption { .. }
            | E::InvalidRecoveryCode { .. } => FaultKind::Invalid,
            E::Locked
            | E::WrongPassphrase
            | E::WrongKeyFile
            | E::WrongRecoveryCode
            | E::WrongKeyringKey
            | E::NoSuchSlot { .. }
            | E::KeysChanged => FaultKind::Locked,
            E::Protected { .. }
            | E::CannotProtect
            | E::NeedsProtectionKey
            | E::OnlyKept
            | E::KeepsOut { .. }
            | E::NotAllowed { .. }
            | E::Unsafe { .. } => FaultKind::Refused,
            E::NoVault { .. }
            | E::AlreadyThere { .. }
            | E::NotAVault { .. }
            | E::NotEmpty { .. }
            | E::Exists { .. }
            | E::Changed { .. }
            | E::Busy => FaultKind::Precondition,
            E::NotFound { .. } | E::NoRevision { .. } | E::NotInTrash { .. } | E::NoSlot { .. } => {
                FaultKind::NotFound
            }
            E::Damaged { .. }
            | E::NewerFormat { .. }
            | E::RolledBack { .. }
            | E::Replaced { .. }
            | E::DifferentVault { .. } => FaultKind::Damaged,
            E::Unsupported { .. } => FaultKind::Unsupported,
            E::Uncertain { .. } => FaultKind::Uncertain,
            E::Io { source, .. } => FaultKind::of_io(source),
            E::NoRandomness | E::Internal { .. } => FaultKind::Internal,
        }
    }

    fn help(&self) -> String {
        use VaultError as E;
        match self {
            E::InvalidScope { .. } => "scopes are global, principal:ID, channel:NAME:ACCOUNT, skill:ID, project:NAME or project:NAME:ENV".into(),
            E::InvalidKey { .. } => "keys have 1 to 128 of the characters A-Z a-z 0-9 . _ -".into(),
            E::InvalidReference { .. } => "write SCOPE/KEY, for example project:shop:prod/stripe_key, or tresor://SCOPE/KEY".into(),
            E::InvalidKind { .. } => format!("kinds are {}", super::kind::SecretKind::ALL.map(|(_, word)| word).join(", ")),
            E::InvalidMetadata { .. } => "username, URL and tags are one line of at most 1,024 bytes; a note has at most 4 KiB".into(),
            E::InvalidOption { .. } | E::Internal { .. } | E::NoRandomness => String::new(),
            E::EmptyValue => "give it at least one byte".into(),
            E::ValueTooLarge { .. } => "split it, or keep the file elsewhere and its key here".into(),
            E::NoVault { .. } => "make one with 'tresor init', or name another with --vault".into(),
            E::AlreadyThere { .. } => "use it, or choose another place with --vault".into(),
            E::NotAVault { .. } => "choose another place with --vault; nothing there was touched".into(),
            E::NotEmpty { .. } => "name a directory that is not there yet; nothing was touched".into(),
            E::Locked => "unlock it first".into(),
            E::WrongPassphrase => "try again; nobody can recover a forgotten passphrase".into(),
            E::WrongKeyFile => "name the key file this vault was made with".into(),
            E::WrongRecoveryCode => "each vault has its own; a new code ends the old one".into(),
            E::WrongKeyringKey => "unlock it in another way; 'tresor keys remove keyring' and 'tresor keys add keyring' make it anew".into(),
            E::InvalidRecoveryCode { .. } => "compare it with what was written down; case, spaces and hyphens do not matter".into(),
            E::KeepsOut { .. } => "add another way in first, with 'tresor keys add'".into(),
            E::NoSlot { .. } => "'tresor keys list' shows them".into(),
            E::NeedsProtectionKey => "give the passphrase or the recovery code".into(),
            E::OnlyKept => "lock it, and unlock it by what opens it".into(),
            E::NoSuchSlot { .. } => "unlock it in one of the ways 'tresor keys list' shows".into(),
            E::KeysChanged => "unlock it again".into(),
            E::Protected { .. } => "give the passphrase: in a terminal, or with --passphrase-file".into(),
            E::CannotProtect => "add one first, with 'tresor keys add passphrase'".into(),
            E::NotAllowed { .. } => "actors see global and their own scope; the owner sees everything".into(),
            E::Unsafe { why, .. } if why.starts_with("others") => {
                "look at it, then run 'tresor doctor --fix'".into()
            }
            E::Unsafe { .. } => "look at how it came there: only you can mend this; 'tresor doctor' shows all of it".into(),
            E::NotFound { .. } => "look for it with 'tresor find', or in 'tresor trash'".into(),
            E::NoRevision { name, .. } => format!("'tresor history {name}' lists what is kept"),
            E::NotInTrash { .. } => "'tresor trash' lists what can be restored".into(),
            E::Exists { .. } => "choose another name, or replace it with 'tresor set'".into(),
            E::Changed { .. } => "look at it again, then repeat your change".into(),
            E::Busy => "try again in a moment".into(),
            E::Damaged { .. } => "run 'tresor doctor' to see what is affected; restore a backup, or save what is left with 'tresor doctor --rebuild DIR'".into(),
            E::NewerFormat { .. } => "use a newer tresor".into(),
            E::RolledBack { .. } | E::Replaced { .. } | E::DifferentVault { .. } => {
                "if you put it there yourself, accept it with 'tresor doctor --accept-restore'".into()
            }
            E::Unsupported { .. } => "'tresor init --backend encrypted_file' works everywhere".into(),
            E::Uncertain { .. } => "read the secret to see which, then repeat the change if it is missing".into(),
            E::Io { source, .. } => io_help(source),
        }
    }
}

/// What to do about the common failures of the system.
fn io_help(source: &std::io::Error) -> String {
    use std::io::ErrorKind as K;
    match (disk_help(source), source.kind()) {
        (Some(help), _) => help.into(),
        (None, K::PermissionDenied) => "check who owns it and its permissions".into(),
        (None, K::NotFound) => "check the path".into(),
        (None, _) => String::new(),
    }
}
