//! Puts a value on the clipboard by the best route there is, and takes it off again. Never PRIMARY.
//!
//! A desktop forgets a clipboard's contents when the program that holds them ends, so a detached
//! [`holder`] process keeps the value, watches it, and clears it at its time; the vault and its
//! keys never enter that process. What the routes cannot do is said in [`Route::limits`].

mod detached;
mod error;
mod held;
pub mod holder;
mod osc52;
mod place;
mod probe;
mod process;
mod system;
#[cfg_attr(not(unix), path = "tmux_nowhere.rs")]
mod tmux;
#[cfg(unix)]
mod tmux_client;
mod turn;
mod watch;
mod wire;

use std::fmt;
use std::time::Duration;

use crate::vault::SensitiveBytes;

pub use error::{ClipboardError, Tried};
pub use probe::{ClipboardEnv, candidates};
pub use system::SystemClipboard;

/// How a value reaches the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The X11 CLIPBOARD selection, held by a detached helper.
    X11,
    /// A Wayland clipboard by the data-control protocol, held by a detached helper.
    Wayland,
    /// A named tmux buffer, deleted after the time; with consent handed on to the terminal as well.
    Tmux,
    /// The terminal's own escape sequence, the last resort: it cannot be cleared.
    Osc52,
    /// The platform's own clipboard (macOS, Windows).
    System,
}

impl Route {
    /// The stable word, as the holder's `--route` takes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::X11 => "x11",
            Self::Wayland => "wayland",
            Self::Tmux => "tmux",
            Self::Osc52 => "osc52",
            Self::System => "system",
        }
    }

    /// Reads back what [`Route::word`] wrote.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::X11, Self::Wayland, Self::Tmux, Self::Osc52, Self::System]
            .into_iter()
            .find(|route| route.word() == word)
    }

    /// What this route cannot do, in plain words; empty when there is nothing to say.
    pub fn limits(self) -> &'static str {
        match self {
            Self::X11 | Self::Wayland | Self::System => {
                "a clipboard history that ignores the password hint may keep a copy"
            }
            Self::Tmux => "can be pasted in tmux only",
            Self::Osc52 => "cannot be cleared from here, and not every terminal accepts it",
        }
    }
}

impl fmt::Display for Route {
    /// The name shown to people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X11 => "X11 clipboard",
            Self::Wayland => "Wayland clipboard",
            Self::Tmux => "tmux buffer",
            Self::Osc52 => "terminal clipboard (OSC 52)",
            Self::System => "system clipboard",
        })
    }
}

/// What was done, for the status line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyReport {
    /// How it got there.
    pub route: Route,
    /// Seconds until it is cleared; `None` where it cannot be.
    pub clear_after: Option<u64>,
    /// Whether the terminal's own clipboard got it, instead or as well: there it stays.
    pub to_terminal: bool,
    /// The keys that paste it where the desktop's do not, as in tmux; empty elsewhere.
    pub paste: String,
    /// What the route cannot do, in plain words; empty when there is nothing to say.
    pub limits: String,
}

/// What became of the clipboard at its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClipboardReceipt {
    /// Cleared and read back.
    Cleared,
    /// The user copied something else; it was left alone.
    Replaced,
    /// Still there, and why.
    Kept(String),
}

/// Whether the terminal's own clipboard (OSC 52), which cannot be cleared, may be used: when nothing
/// else is left, and by tmux, which can hand a buffer on to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Osc52Consent {
    /// Not said yet: [`ClipboardError::ConsentNeeded`] asks for it; tmux keeps the value to itself.
    Ask,
    /// The user agreed, now or in the configuration.
    Given,
    /// Never.
    Never,
}

/// A clipboard that clears itself. At most one value of ours is watched at a time.
pub trait Clipboard: Send {
    /// Puts `value` on the clipboard for `clear_after`; a former value's timer ends with it.
    ///
    /// Blocks until the value can be pasted: some milliseconds, at most a few seconds for each
    /// route that does not answer. OSC 52 writes to the terminal: call this between two draws.
    fn copy(
        &mut self,
        value: &SensitiveBytes,
        clear_after: Duration,
        consent: Osc52Consent,
    ) -> Result<CopyReport, ClipboardError>;

    /// The receipt of the last copy, once, when there is one; never blocks.
    fn poll(&mut self) -> Option<ClipboardReceipt>;

    /// Clears now what is still ours, for an orderly quit or lock; waits for the receipt.
    ///
    /// `None` when nothing of ours is watched.
    fn clear_now(&mut self) -> Option<ClipboardReceipt>;

    /// Waits until the last copy's time has come, and returns its receipt.
    fn wait(&mut self) -> ClipboardReceipt;

    /// The route of the last copy or probe; `None` before the first.
    fn route(&self) -> Option<Route>;
}
