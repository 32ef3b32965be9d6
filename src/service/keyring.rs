//! The desktop's keyring: items of 32 bytes, by name. Every call runs on a thread of its own with a
//! deadline, because a keyring may wait for ever for an answer to its prompt. Knows no vault.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use ::keyring::{Entry, Error};
use thiserror::Error as ThisError;
use zeroize::Zeroizing;

use crate::fault::{Fault, FaultKind};
use crate::text::visible;
use crate::vault::{KeyringKey, SensitiveBytes, SystemRandom, VaultError};

/// What all our items are filed under.
const SERVICE: &str = "tresor";
/// From here on it is worth saying what is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// Long enough for a person to answer the desktop's prompt.
const DEADLINE: Duration = Duration::from_secs(60);

/// Why the keyring gave or took nothing. Never with what an item holds.
#[derive(Debug, ThisError)]
pub enum KeyringError {
    /// There is no keyring, or it went away.
    #[error("the desktop's keyring cannot be reached: {0}")]
    Unreachable(String),
    /// It is locked, and the prompt was refused.
    #[error("the desktop's keyring is locked: {0}")]
    Locked(String),
    /// It did not answer in time.
    #[error("the desktop's keyring did not answer within {} seconds", DEADLINE.as_secs())]
    Silent,
    /// It has no item of that name.
    #[error("the desktop's keyring holds no key for this vault")]
    Missing,
    /// What it holds is not what was put there.
    #[error("the desktop's keyring did not keep what it was given")]
    Lying,
    /// What it holds is no key of this vault.
    #[error("{0}")]
    Wrong(VaultError),
}

impl Fault for KeyringError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Wrong(error) => error.kind(),
            _ => FaultKind::Unreachable,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Unreachable(_) => "start tresor in your desktop session, or unlock in another way",
            Self::Locked(_) | Self::Silent => "answer your desktop's prompt, or unlock in another way",
            Self::Missing => {
                "unlock in another way; 'tresor keys remove keyring' and 'keys add keyring' make it anew"
            }
            Self::Lying => "do not rely on that keyring; unlock in another way",
            Self::Wrong(error) => return error.help(),
        }
        .to_owned()
    }
}

/// Puts a new key into an item of its own and reads it back. `waiting` is called once if it takes long.
///
/// # Errors
/// Whatever the keyring answers, `Lying` when it gives back something else.
pub fn store(vault: &str, key: &KeyringKey, waiting: &dyn Fn()) -> Result<(), KeyringError> {
    let name = name(vault, &key.item());
    let bytes = key.with(|bytes| Zeroizing::new(bytes.to_vec()));
    let kept = in_time(waiting, move || {
        let entry = Entry::new(SERVICE, &name)?;
        entry.set_secret(&bytes)?;
        Ok(*Zeroizing::new(entry.get_secret()?) == *bytes)
    })?;
    if kept { Ok(()) } else { Err(KeyringError::Lying) }
}

/// Makes a new key in an item of its own, read back to prove it. What may be left of one that failed is
/// removed again; `left` is told when that fails as well, or is not done at once.
///
/// # Errors
/// As [`store`].
pub fn make(
    vault: &str,
    waiting: &dyn Fn(),
    left: &dyn Fn(&KeyringError),
) -> Result<KeyringKey, KeyringError> {
    let key = KeyringKey::generate(&SystemRandom).map_err(KeyringError::Wrong)?;
    let stored = store(vault, &key, waiting);
    if let Err(KeyringError::Lying | KeyringError::Silent) = stored
        && let Err(error) = remove_at_once(vault, &key.item())
    {
        left(&error);
    }
    stored.map(|()| key)
}

/// Shows that the keyring keeps and gives back what it is given, with an item of no meaning.
///
/// # Errors
/// As [`store`].
pub fn prove(waiting: &dyn Fn()) -> Result<(), KeyringError> {
    const NO_VAULT: &str = "probe";
    let key = KeyringKey::generate(&SystemRandom).map_err(KeyringError::Wrong)?;
    store(NO_VAULT, &key, waiting)?;
    remove(NO_VAULT, &key.item(), waiting)
}

/// Reads the key of an item. `waiting` is called once if it takes long.
///
/// # Errors
/// Whatever the keyring answers; `Missing` never means that a new key should be made.
pub fn fetch(vault: &str, item: &str, waiting: &dyn Fn()) -> Result<KeyringKey, KeyringError> {
    let name = name(vault, item);
    let held = in_time(waiting, move || {
        Ok(SensitiveBytes::new(Entry::new(SERVICE, &name)?.get_secret()?))
    })?;
    KeyringKey::from_item(item, &held).map_err(KeyringError::Wrong)
}

/// Removes an item; one that is not there is no error.
///
/// # Errors
/// Whatever the keyring answers.
pub fn remove(vault: &str, item: &str, waiting: &dyn Fn()) -> Result<(), KeyringError> {
    in_time(waiting, deletion(vault, item))
}

/// As [`remove`], for a keyring that may have been waited for already.
fn remove_at_once(vault: &str, item: &str) -> Result<(), KeyringError> {
    let answers = begin(deletion(vault, item))?;
    answers.recv_timeout(PATIENCE).unwrap_or(Err(KeyringError::Silent))
}

fn deletion(vault: &str, item: &str) -> impl FnOnce() -> ::keyring::Result<()> + Send + 'static {
    let name = name(vault, item);
    move || match Entry::new(SERVICE, &name)?.delete_credential() {
        Err(Error::NoEntry) => Ok(()),
        deleted => deleted,
    }
}

/// The user that an item is filed under.
fn name(vault: &str, item: &str) -> String {
    format!("{vault}.{item}")
}

/// Runs `work`, up to the deadline.
fn in_time<R: Send + 'static>(
    waiting: &dyn Fn(),
    work: impl FnOnce() -> ::keyring::Result<R> + Send + 'static,
) -> Result<R, KeyringError> {
    let answers = begin(work)?;
    match answers.recv_timeout(PATIENCE) {
        Err(RecvTimeoutError::Timeout) => waiting(),
        answered => return answered.unwrap_or(Err(KeyringError::Silent)),
    }
    answers.recv_timeout(DEADLINE).unwrap_or(Err(KeyringError::Silent))
}

/// Runs `work` on a thread of its own; one that never ends is left behind.
fn begin<R: Send + 'static>(
    work: impl FnOnce() -> ::keyring::Result<R> + Send + 'static,
) -> Result<Receiver<Result<R, KeyringError>>, KeyringError> {
    let (answer, answers) = mpsc::channel();
    let begun = thread::Builder::new().name("keyring".into()).spawn(move || {
        // Nobody listens any more after the deadline; the answer is dropped, and wiped by its type.
        let _ = answer.send(work().map_err(|error| told(&error)));
    });
    begun.map_err(|error| KeyringError::Unreachable(error.to_string()))?;
    Ok(answers)
}

/// The keyring's answer in our words; two of its errors carry what an item holds.
fn told(error: &Error) -> KeyringError {
    match error {
        Error::NoEntry => KeyringError::Missing,
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::Ambiguous(_) => {
            KeyringError::Lying
        }
        Error::NoStorageAccess(why) => KeyringError::Locked(visible(&why.to_string()).into_owned()),
        Error::NoDefaultStore => {
            let why = Entry::store_status().as_ref().err().map(ToString::to_string);
            KeyringError::Unreachable(visible(&why.unwrap_or_default()).into_owned())
        }
        other => KeyringError::Unreachable(visible(&other.to_string()).into_owned()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_takes_long_is_told_once_and_what_never_ends_is_given_up() {
        let told = Cell::new(0);
        let waiting = || told.set(told.get() + 1);
        assert_eq!(in_time(&waiting, || Ok(1)).unwrap(), 1);
        assert_eq!(told.get(), 0);
        let slow = in_time(&waiting, || {
            thread::sleep(PATIENCE + Duration::from_millis(300));
            Ok(2)
        });
        assert_eq!((slow.unwrap(), told.get()), (2, 1));
        let gone = in_time(&waiting, || -> ::keyring::Result<()> { panic!("the store broke") });
        assert!(matches!(gone, Err(KeyringError::Silent)));
    }

    #[test]
    fn no_error_tells_what_an_item_holds() {
        for error in [
            Error::BadEncoding(b"hunter2".to_vec()),
            Error::BadDataFormat(b"hunter2".to_vec(), "hunter2".into()),
        ] {
            let told = told(&error);
            assert!(!told.to_string().contains("hunter2"));
            assert!(!format!("{told:?}").contains("hunter2"));
        }
    }
}
