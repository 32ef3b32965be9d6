//! What can be wrong with an age file or a key, typed; never with a key, a passphrase or a value in it.

use std::io;

use thiserror::Error;

use crate::fault::{Fault, FaultKind, disk_help};

/// What went wrong with a file of age.
#[derive(Debug, Error)]
pub enum AgeError {
    /// The file does not begin like one.
    #[error("it is not encrypted with age")]
    NotAge,
    /// The same as ASCII text.
    #[error("it is in ASCII armour, which is not read here")]
    Armoured,
    /// A later version of the format.
    #[error("it has a newer format of age")]
    NewerFormat,
    /// Cut off or altered.
    #[error("it is damaged or was altered: {why}")]
    Damaged {
        /// How it shows.
        why: &'static str,
    },
    /// The passphrase does not open it.
    #[error("that is not its passphrase")]
    WrongPassphrase,
    /// A passphrase was given, and it is for keys.
    #[error("it is encrypted for keys, not with a passphrase")]
    NoPassphrase,
    /// None of the keys opens it.
    #[error("none of the keys opens it")]
    NoMatch,
    /// A key was given, and it has a passphrase.
    #[error("it is encrypted with a passphrase, not for keys")]
    NoKeys,
    /// Whoever wrote it demands more of this machine than is given.
    #[error("its work factor {found} is above {most}")]
    TooMuchWork {
        /// What the file demands.
        found: u8,
        /// The limit.
        most: u8,
    },
    /// A text that is no recipient.
    #[error("that is no recipient: {why}")]
    BadRecipient {
        /// What is wrong with it.
        why: &'static str,
    },
    /// A text that is no key.
    #[error("that is no key of age: {why}")]
    BadIdentity {
        /// What is wrong with it.
        why: &'static str,
    },
    /// Encrypted for nobody.
    #[error("there is no recipient")]
    NoRecipient,
    /// The operating system gave no randomness.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
    /// A step that cannot fail with valid input.
    #[error("internal error: deriving the keys of a file")]
    Internal,
    /// Input or output failed.
    #[error("{0}")]
    Io(io::Error),
}

impl AgeError {
    pub(super) fn damaged(why: &'static str) -> Self {
        Self::Damaged { why }
    }
}

impl From<io::Error> for AgeError {
    /// Also what a reader of the plaintext wrapped for the sake of its trait.
    fn from(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(ours) => ours,
            Err(error) => Self::Io(error),
        }
    }
}

impl From<AgeError> for io::Error {
    fn from(error: AgeError) -> Self {
        match error {
            AgeError::Io(error) => error,
            other => Self::new(io::ErrorKind::InvalidData, other),
        }
    }
}

impl Fault for AgeError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NotAge | Self::Armoured | Self::BadRecipient { .. } => FaultKind::Invalid,
            Self::NoPassphrase | Self::NoKeys => FaultKind::Invalid,
            Self::BadIdentity { .. } | Self::NoRecipient => FaultKind::Invalid,
            Self::NewerFormat | Self::Damaged { .. } => FaultKind::Damaged,
            Self::WrongPassphrase | Self::NoMatch => FaultKind::Locked,
            Self::TooMuchWork { .. } => FaultKind::Refused,
            Self::NoRandomness | Self::Internal => FaultKind::Internal,
            Self::Io(error) => FaultKind::of_io(error),
        }
    }

    fn help(&self) -> String {
        match self {
            Self::NotAge => "name a file that 'tresor export', 'tresor backup' or age wrote",
            Self::Armoured => "take the armour off first: age -d, then age again without -a",
            Self::NewerFormat => "use a newer tresor",
            Self::Damaged { .. } => "take another copy of the file",
            Self::WrongPassphrase => "try again",
            Self::NoPassphrase => "name the key with --identity FILE",
            Self::NoMatch => "name the key of one of its recipients with --identity FILE",
            Self::NoKeys => "leave out --identity, and its passphrase is asked for",
            Self::TooMuchWork { .. } => "decrypt it with age, if you trust where it comes from",
            Self::BadRecipient { .. } => {
                "recipients are public keys age1…, as age-keygen prints them"
            }
            Self::BadIdentity { .. } => "name a file that age-keygen wrote",
            Self::NoRecipient => "name one with --to age1…",
            Self::Io(error) => disk_help(error).unwrap_or_default(),
            Self::NoRandomness | Self::Internal => "",
        }
        .to_owned()
    }
}
