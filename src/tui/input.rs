//! The thread that reads the terminal and passes events on. It sleeps until there is something to read.

#[cfg_attr(unix, path = "input/unix.rs")]
#[cfg_attr(windows, path = "input/windows.rs")]
mod system;

use std::time::Duration;

use super::decode::Decoder;

pub use system::InputThread;

/// How long after Escape the rest of a sequence may come; slow lines cut them apart.
const REST_OF_A_KEY: Duration = Duration::from_millis(40);
/// How long a paste may pause before it counts as over.
const REST_OF_A_PASTE: Duration = Duration::from_secs(2);

/// How long to wait for more: for ever, unless something is half read.
fn patience(decoder: &Decoder) -> Option<Duration> {
    match (decoder.is_pasting(), decoder.is_waiting()) {
        (true, _) => Some(REST_OF_A_PASTE),
        (false, true) => Some(REST_OF_A_KEY),
        (false, false) => None,
    }
}
