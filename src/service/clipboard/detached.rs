//! What parts a holder from the process that started it, and how it is told to end. Knows no clipboard.

#[cfg_attr(unix, path = "detached/unix.rs")]
#[cfg_attr(windows, path = "detached/windows.rs")]
mod system;

pub(super) use system::{ask_to_end, detach, prepare};
