//! What is wrong with a store of the operating system. Never with what an item holds.

use keyring_core::Error;
use thiserror::Error as ThisError;

use crate::text::visible;
use crate::vault::deadline::{DEADLINE, Silent};

/// Why a store gave or took nothing.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum StoreTrouble {
    /// There is none, or it went away.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// It is locked, and its prompt was refused.
    #[error("is locked: {0}")]
    Locked(String),
    /// It did not answer in time.
    #[error("did not answer within {} seconds", DEADLINE.as_secs())]
    Silent,
    /// What it holds is not what was put there.
    #[error("did not keep what it was given")]
    Lying,
    /// What is put there is gone when the session ends.
    #[error("forgets everything at the end of the session")]
    Forgetful,
}

impl StoreTrouble {
    /// The store's answer in our words, or `None` when it has no such item. Two of its errors carry
    /// what an item holds, which is left out.
    pub(crate) fn of(error: &Error) -> Option<Self> {
        let said = |why: &dyn ToString| visible(&why.to_string()).into_owned();
        Some(match error {
            Error::NoEntry => return None,
            Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::Ambiguous(_) => Self::Lying,
            Error::NoStorageAccess(why) => Self::Locked(said(why)),
            other => Self::Unreachable(said(other)),
        })
    }
}

impl From<Silent> for StoreTrouble {
    fn from(_: Silent) -> Self {
        Self::Silent
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn no_trouble_tells_what_an_item_holds() {
        for error in [
            Error::BadEncoding(b"hunter2".to_vec()),
            Error::BadDataFormat(b"hunter2".to_vec(), "hunter2".into()),
        ] {
            let told = StoreTrouble::of(&error).unwrap();
            assert!(!told.to_string().contains("hunter2"));
            assert!(!format!("{told:?}").contains("hunter2"));
        }
        assert_eq!(StoreTrouble::of(&Error::NoEntry), None);
    }
}
