//! A system without tmux: no route leads there, and none is tried.

use super::ClipboardEnv;
use super::held::{Contents, Held};
use crate::vault::SensitiveBytes;

const NONE: &str = "there is no tmux on this system";

/// A name that no buffer will have.
pub(super) fn new_name() -> String {
    String::new()
}

/// No keys paste what cannot be there.
pub(super) fn keys_to_paste(_: &ClipboardEnv, _: &str) -> String {
    String::new()
}

/// Nothing is there to remove.
pub(super) fn remove(_: &ClipboardEnv, _: &str) -> Result<(), String> {
    Ok(())
}

/// No buffer.
pub(super) struct Buffer;

impl Buffer {
    /// Says that there is none.
    pub(super) fn open(_: &ClipboardEnv, _: &str, _: bool) -> Result<Self, String> {
        Err(NONE.to_owned())
    }
}

impl Held for Buffer {
    fn set(&mut self, _: &SensitiveBytes) -> Result<(), String> {
        Err(NONE.to_owned())
    }

    fn contents(&mut self, _: &SensitiveBytes) -> Contents {
        Contents::NotOurs
    }

    fn clear(&mut self) -> Result<(), String> {
        Err(NONE.to_owned())
    }
}
