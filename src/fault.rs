//! What every error of tresor can say: its kind, and what to do about it. Not an error type itself.

use std::io;

/// The kinds of failure, one for each documented exit code or machine-readable word.
///
/// Exit codes derive from the kind (`cli::exit`), never from an error's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// A bug, or input and output that failed for no reason of ours.
    Internal,
    /// The last step of a commit failed: the change may or may not be saved.
    Uncertain,
    /// The input is not what the documents allow.
    Invalid,
    /// Locked, a wrong passphrase, or the keys changed and must be unlocked again.
    Locked,
    /// A backend, provider, network or clipboard does not answer.
    Unreachable,
    /// Not possible here, or not built into this program.
    Unsupported,
    /// Refused by file permissions, visibility or policy.
    Refused,
    /// A precondition does not hold: no vault, already there, busy, changed meanwhile.
    Precondition,
    /// No such secret, revision or trash entry.
    NotFound,
    /// Damaged, tampered with, written by a newer tresor, or rolled back.
    Damaged,
    /// The user interrupted.
    Interrupted,
}

impl FaultKind {
    /// The kind of a failed system call on a file.
    pub fn of_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::Refused,
            _ => Self::Internal,
        }
    }

    /// The same for a file that somebody named: one that is none is a wrong name.
    pub fn of_named_file(error: &io::Error) -> Self {
        use io::ErrorKind as K;
        match error.kind() {
            K::NotFound | K::IsADirectory | K::NotADirectory => Self::Invalid,
            _ => Self::of_io(error),
        }
    }

    /// The stable word used in `--json` errors.
    pub fn word(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Uncertain => "uncertain",
            Self::Invalid => "invalid",
            Self::Locked => "locked",
            Self::Unreachable => "unreachable",
            Self::Unsupported => "unsupported",
            Self::Refused => "refused",
            Self::Precondition => "precondition",
            Self::NotFound => "not_found",
            Self::Damaged => "damaged",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What to do when the disk takes nothing more. Every write that fails so leaves the vault as it was.
pub fn disk_help(error: &io::Error) -> Option<&'static str> {
    use io::ErrorKind as K;
    match error.kind() {
        K::StorageFull | K::QuotaExceeded => {
            Some("free some space and try again; the vault is as it was")
        }
        K::FileTooLarge => {
            Some("raise the limit on the size of files (ulimit -f); the vault is as it was")
        }
        K::ReadOnlyFilesystem => Some("the file system is read-only"),
        _ => None,
    }
}

/// An error that can be shown to a person: one line of what happened, one of what to do.
///
/// The `Display` form is the one line, with every foreign string already made visible.
pub trait Fault: std::error::Error + Send + Sync {
    /// The kind, from which the exit code derives.
    fn kind(&self) -> FaultKind;
    /// What the reader can do now; empty when there is nothing useful to say.
    fn help(&self) -> String;
}
