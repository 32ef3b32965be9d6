//! What the terminal of this system is asked and told. Which sequences are written, the guard knows.

#[cfg_attr(unix, path = "terminal/unix.rs")]
#[cfg_attr(windows, path = "terminal/windows.rs")]
mod system;

pub use system::{Before, HAS_A_NAME, size, write_all};
