//! What the targets in `fuzz/` reach beyond the public interface. Not in a release, and no interface.

pub use crate::service::oauth::fuzzing::oauth;
pub use crate::tui::decode::Decoder;
pub use crate::vault::fuzzing::{envelope, page, root, slot};
pub use crate::vault::journal::fuzzing::journal;

use crate::config::Settings;

/// Reads settings; what is wrong with them, if anything.
pub fn settings(bytes: &[u8]) -> Option<String> {
    Settings::from_bytes(bytes).err().map(|wrong| wrong.why)
}
