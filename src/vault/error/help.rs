//! Of which kind each error of the vault is, and what to do about it. Not what it says of itself.

use super::VaultError;
use crate::fault::{Fault, FaultKind, disk_help};
use crate::vault::backend::{BackendKind, StoreTrouble};
use crate::vault::kind::SecretKind;

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
            | E::RecordExists { .. }
            | E::RecordChanged { .. }
            | E::Busy => FaultKind::Precondition,
            E::NotFound { .. }
            | E::NoRevision { .. }
            | E::NotInTrash { .. }
            | E::NoRecord { .. }
            | E::NoSlot { .. } => FaultKind::NotFound,
            E::Damaged { .. }
            | E::NewerFormat { .. }
            | E::RolledBack { .. }
            | E::Replaced { .. }
            | E::DifferentVault { .. } => FaultKind::Damaged,
            E::Unsupported { .. } => FaultKind::Unsupported,
            E::Store { .. } | E::StillThere { .. } => FaultKind::Unreachable,
            E::NotInStore { .. } => FaultKind::Damaged,
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
            E::InvalidKind { .. } => format!("kinds are {}", SecretKind::ALL.map(|(_, word)| word).join(", ")),
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
            E::NoRecord { .. } => "'tresor profile list' shows them".into(),
            E::RecordExists { .. } => "choose another name: no two profiles have the same, whoever they belong to".into(),
            E::Changed { .. } | E::RecordChanged { .. } => "look at it again, then repeat your change".into(),
            E::Busy => "try again in a moment".into(),
            E::Damaged { .. } => "run 'tresor doctor' to see what is affected; restore a backup, or save what is left with 'tresor doctor --rebuild DIR'".into(),
            E::NewerFormat { .. } => "use a newer tresor".into(),
            E::RolledBack { .. } | E::Replaced { .. } | E::DifferentVault { .. } => {
                "if you put it there yourself, accept it with 'tresor doctor --accept-restore'".into()
            }
            E::Unsupported { .. } => "'tresor doctor backends' shows what works here".into(),
            E::NotInStore { .. } => "a copy of a vault's directory holds no envelopes: 'tresor migrate --to encrypted_file', where it was made, puts them into it; a secret whose envelope is lost goes with 'tresor delete' and 'tresor purge'".into(),
            E::StillThere { .. } => "'tresor doctor --fix' removes it once that store answers".into(),
            E::Store { backend: BackendKind::WindowsDpapi, trouble } => account_help(trouble).into(),
            E::Store { trouble, .. } => store_help(trouble).into(),
            E::Uncertain { .. } => "read the secret to see which, then repeat the change if it is missing".into(),
            E::Io { source, .. } => io_help(source),
        }
    }
}

/// What to do about a store of the operating system.
fn store_help(trouble: &StoreTrouble) -> &'static str {
    use StoreTrouble as T;
    match trouble {
        T::Unreachable(_) => {
            "start tresor in your desktop session; 'tresor migrate --to encrypted_file' there makes the vault independent of it"
        }
        T::Locked(_) => "answer your desktop's unlock prompt, and try again",
        T::Silent(_) => {
            "answer your desktop's unlock prompt, or start its keyring anew, and try again"
        }
        T::Lying => "run 'tresor doctor', and do not rely on that store",
        T::Doubled => {
            "look at both in your desktop's keyring program, and remove the one that tresor did not put there"
        }
        T::Forgetful => {
            "make a keyring that lasts the default one, or keep the vault in encrypted_file"
        }
    }
}

/// What to do when Windows does not seal or open for this account.
fn account_help(trouble: &StoreTrouble) -> &'static str {
    match trouble {
        StoreTrouble::Locked(_) => {
            "sign in with the Windows account that made the vault, and with its password"
        }
        _ => {
            "sign out and in again; 'tresor migrate --to encrypted_file' makes the vault independent of the account"
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
