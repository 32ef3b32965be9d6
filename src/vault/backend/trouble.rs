//! What is wrong with a store of the operating system. Never with what an item holds.

use std::error::Error as StdError;
use std::time::Duration;

use keyring_core::Error;
use thiserror::Error as ThisError;

use crate::text::visible;
use crate::vault::deadline::Silent;

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
    #[error("did not answer within {} seconds", .0.as_secs())]
    Silent(Duration),
    /// Somebody put a second item beside ours, under the same name.
    #[error("holds two items of one name")]
    Doubled,
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
        let said =
            |error: &(dyn StdError + 'static)| visible(&innermost(error).to_string()).into_owned();
        Some(match error {
            Error::NoEntry => return None,
            Error::BadEncoding(_) | Error::BadDataFormat(..) => Self::Lying,
            Error::Ambiguous(_) => Self::Doubled,
            Error::NoStorageAccess(why) => Self::Locked(said(&**why)),
            Error::PlatformFailure(why) => Self::Unreachable(said(&**why)),
            other => Self::Unreachable(said(other)),
        })
    }
}

/// What really went wrong: the libraries above it say only that something did.
fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error
}

impl From<Silent> for StoreTrouble {
    fn from(Silent(after): Silent) -> Self {
        Self::Silent(after)
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
