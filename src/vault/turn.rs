//! Turns: what all who have a vault open do one after another, such as renewing the tokens of a profile.
//! Not the lock of writers, which is never held while somebody outside is asked.

use std::time::Duration;

use super::encoding::Digest;
use super::error::Result;
use super::scope::SecretKey;
use super::storage::{LogGuard, names};
use super::view::View;

/// A turn; over when dropped, or when the process ends.
pub struct Turn<'a> {
    _held: Box<dyn LogGuard + 'a>,
}

impl View {
    /// Waits at most `wait` for its turn at what has that id. Others that wait for the same are in this
    /// process or another one; a few ids share a turn.
    ///
    /// # Errors
    ///
    /// `Busy` when the wait was too short, `Unsafe`, `Io`.
    pub fn turn(&self, id: &SecretKey, wait: Duration) -> Result<Turn<'_>> {
        // Few files, whose names tell nothing of what there is.
        let lane = Digest::of(id.as_str().as_bytes()).0[0] % names::TURNS.len() as u8;
        let storage = &*self.core.place.storage;
        Ok(Turn { _held: storage.open_log(names::TURNS[usize::from(lane)], wait)? })
    }
}
