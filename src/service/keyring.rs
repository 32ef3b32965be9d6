//! The desktop's keyring: items of 32 bytes, by name. Every call has a deadline, because a keyring may
//! wait for ever for an answer to its prompt. Knows no vault.

use std::collections::HashMap;

use ::keyring::{Entry, Error};
use thiserror::Error as ThisError;
use zeroize::Zeroizing;

use crate::fault::{Fault, FaultKind};
use crate::text::visible;
use crate::vault::backend::StoreTrouble;
use crate::vault::deadline::{self, PATIENCE};
use crate::vault::{KeyringKey, SensitiveBytes, SystemRandom, VaultError};

/// What all our items are filed under.
const SERVICE: &str = "tresor";
/// What an item is called.
const LABEL: (&str, &str) = ("label", "tresor: a key that unlocks a vault; do not delete");

/// Why the keyring gave or took nothing. Never with what an item holds.
#[derive(Debug, ThisError)]
pub enum KeyringError {
    /// It does not do what it should.
    #[error("the desktop's keyring {0}")]
    Store(StoreTrouble),
    /// It has no item of that name.
    #[error("the desktop's keyring holds no key for this vault")]
    Missing,
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
            Self::Store(StoreTrouble::Unreachable(_)) => "start tresor in your desktop session, or unlock in another way",
            Self::Store(StoreTrouble::Locked(_) | StoreTrouble::Silent(_)) => {
                "answer your desktop's prompt, or unlock in another way"
            }
            Self::Missing => {
                "unlock in another way; 'tresor keys remove keyring' and 'keys add keyring' make it anew"
            }
            Self::Store(StoreTrouble::Lying | StoreTrouble::Doubled | StoreTrouble::Forgetful) => "do not rely on that keyring; unlock in another way",
            Self::Wrong(error) => return error.help(),
        }
        .to_owned()
    }
}

/// Puts a new key into an item of its own and reads it back. `waiting` is called once if it takes long;
/// what it gives is dropped when the keyring has answered.
///
/// # Errors
/// Whatever the keyring answers, `Lying` when it gives back something else.
pub fn store<S>(
    vault: &str,
    key: &KeyringKey,
    waiting: &dyn Fn() -> S,
) -> Result<(), KeyringError> {
    let name = name(vault, &key.item());
    let bytes = key.with(|bytes| Zeroizing::new(bytes.to_vec()));
    let kept = in_time(waiting, move || {
        let entry = labelled(&name)?;
        entry.set_secret(&bytes)?;
        Ok(*Zeroizing::new(entry.get_secret()?) == *bytes)
    })?;
    if kept { Ok(()) } else { Err(StoreTrouble::Lying.into()) }
}

/// Makes a new key in an item of its own, read back to prove it. What may be left of one that failed is
/// removed again; `left` is told when that fails as well, or is not done at once.
///
/// # Errors
/// As [`store`].
pub fn make<S>(
    vault: &str,
    waiting: &dyn Fn() -> S,
    left: &dyn Fn(&KeyringError),
) -> Result<KeyringKey, KeyringError> {
    let key = KeyringKey::generate(&SystemRandom).map_err(KeyringError::Wrong)?;
    let stored = store(vault, &key, waiting);
    if let Err(KeyringError::Store(StoreTrouble::Lying | StoreTrouble::Silent(_))) = stored
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
pub fn prove<S>(waiting: &dyn Fn() -> S) -> Result<(), KeyringError> {
    const NO_VAULT: &str = "probe";
    let key = KeyringKey::generate(&SystemRandom).map_err(KeyringError::Wrong)?;
    store(NO_VAULT, &key, waiting)?;
    remove(NO_VAULT, &key.item(), waiting)
}

/// Reads the key of an item. `waiting` is called once if it takes long.
///
/// # Errors
/// Whatever the keyring answers; `Missing` never means that a new key should be made.
pub fn fetch<S>(
    vault: &str,
    item: &str,
    waiting: &dyn Fn() -> S,
) -> Result<KeyringKey, KeyringError> {
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
pub fn remove<S>(vault: &str, item: &str, waiting: &dyn Fn() -> S) -> Result<(), KeyringError> {
    in_time(waiting, deletion(vault, item))
}

/// As [`remove`], for a keyring that may have been waited for already.
fn remove_at_once(vault: &str, item: &str) -> Result<(), KeyringError> {
    let answers = deadline::begin(deletion(vault, item)).map_err(StoreTrouble::from)?;
    let deleted = answers.recv_timeout(PATIENCE).map_err(|_| StoreTrouble::Silent(PATIENCE))?;
    deleted.map_err(told)
}

fn deletion(vault: &str, item: &str) -> impl FnOnce() -> ::keyring::Result<()> + Send + 'static {
    let name = name(vault, item);
    move || match Entry::new(SERVICE, &name)?.delete_credential() {
        Err(Error::NoEntry) => Ok(()),
        deleted => deleted,
    }
}

/// An item that is to be made, with words for people who look at their keyring, where it takes them.
fn labelled(name: &str) -> ::keyring::Result<keyring_core::Entry> {
    // First of all this finds the store of the system.
    let plain = Entry::new(SERVICE, name)?;
    match cfg!(target_os = "linux") {
        true => keyring_core::Entry::new_with_modifiers(SERVICE, name, &HashMap::from([LABEL])),
        false => Ok(plain.inner),
    }
}

/// The user that an item is filed under.
fn name(vault: &str, item: &str) -> String {
    format!("{vault}.{item}")
}

/// Runs `work`, up to the deadline.
fn in_time<R: Send + 'static, S>(
    waiting: &dyn Fn() -> S,
    work: impl FnOnce() -> ::keyring::Result<R> + Send + 'static,
) -> Result<R, KeyringError> {
    let answer = deadline::in_time(waiting, work).map_err(StoreTrouble::from)?;
    answer.map_err(told)
}

impl From<StoreTrouble> for KeyringError {
    fn from(trouble: StoreTrouble) -> Self {
        Self::Store(trouble)
    }
}

/// The keyring's answer in our words.
fn told(error: Error) -> KeyringError {
    // Why there is no store is known to who tried to make one.
    let error = match (error, Entry::store_status()) {
        (Error::NoDefaultStore, Err(why)) => return unreachable(&why.to_string()).into(),
        (error, _) => error,
    };
    StoreTrouble::of(&error).map_or(KeyringError::Missing, KeyringError::Store)
}

/// There is no keyring, and why.
pub fn unreachable(why: &str) -> StoreTrouble {
    StoreTrouble::Unreachable(visible(why).into_owned())
}
