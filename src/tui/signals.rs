//! Signals as messages of the loop, and the last resort when the loop does not answer them.

#[cfg_attr(unix, path = "signals/unix.rs")]
#[cfg_attr(windows, path = "signals/windows.rs")]
mod system;

use std::time::Duration;

pub use system::{HANGUP, INTERRUPT, SignalThread, can_stop, die_of, stop_job};

/// How long the loop may take to end the program in order before it is ended without it.
const LAST_RESORT: Duration = Duration::from_secs(3);
