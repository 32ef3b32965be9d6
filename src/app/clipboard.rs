//! What the status line says about the clipboard: the countdown, then the receipt. Not the clipboard itself.

use std::time::Instant;

use crate::service::clipboard::{ClipboardReceipt, CopyReport};

/// What became of the last copy.
pub enum ClipboardState {
    /// On the clipboard until that moment (`None`: it cannot be cleared).
    Held {
        /// When it is cleared.
        until: Option<Instant>,
        /// When it was copied.
        since: Instant,
    },
    /// Its fate is known; shown for some seconds.
    Ended(ClipboardReceipt),
}

/// The last copy.
pub struct ClipboardStatus {
    /// What was copied, in words: `stripe_secret_key`, `the username of …`; already visible.
    pub what: String,
    /// The route and its limits.
    pub report: CopyReport,
    /// What became of it.
    pub state: ClipboardState,
}
