//! Short messages at the bottom right, at most three. Not the status of the clipboard.

use std::time::Instant;

/// What sort of message it is; each has a glyph of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something was done: `✓`.
    Done,
    /// Worth knowing: `·`.
    Note,
    /// Needs attention: `⚠`.
    Warning,
    /// Failed; stays until a key: `✗`.
    Error,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Its sort.
    pub tone: Tone,
    /// What happened, already visible.
    pub text: String,
    /// What to do about it; may be empty.
    pub help: String,
    /// When it goes by itself; `None` stays until a key.
    pub until: Option<Instant>,
}

/// The messages, oldest first.
#[derive(Debug, Default)]
pub struct Toasts {
    /// At most three.
    pub items: Vec<Toast>,
}
