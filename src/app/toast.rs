//! Short messages at the bottom right, at most three. Not the status of the clipboard.

use std::time::{Duration, Instant};

use super::App;

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

impl Tone {
    /// How long such a message stays; an error until a key.
    fn lasts(self) -> Option<Duration> {
        match self {
            Self::Done | Self::Note => Some(Duration::from_secs(4)),
            Self::Warning => Some(Duration::from_secs(8)),
            Self::Error => None,
        }
    }
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

/// How many messages are shown at once.
const MOST: usize = 3;

impl App {
    /// Shows a message; the oldest gives way, one that goes by itself before an error.
    pub(super) fn toast(&mut self, tone: Tone, text: String, help: String) {
        let until = tone.lasts().and_then(|lasts| self.now.checked_add(lasts));
        let items = &mut self.toasts.items;
        items.retain(|toast| toast.text != text);
        while items.len() >= MOST {
            let oldest = items.iter().position(|toast| toast.until.is_some()).unwrap_or(0);
            items.remove(oldest);
        }
        items.push(Toast { tone, text, help, until });
    }
}
