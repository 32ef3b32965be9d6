//! Puts a value on the clipboard by the best route there is, and takes it off again. Never PRIMARY.

/// How a value reaches the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The X11 CLIPBOARD selection, held by a detached helper.
    X11,
    /// A Wayland clipboard by the data-control protocol, held by a detached helper.
    Wayland,
    /// A named tmux buffer (also sent on to the terminal), deleted after the time.
    Tmux,
    /// The terminal's own escape sequence, the last resort: it cannot be cleared.
    Osc52,
    /// The platform's own clipboard (macOS, Windows).
    System,
}

/// What was done, for the status line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyReport {
    /// How it got there.
    pub route: Route,
    /// Seconds until it is cleared; `None` where it cannot be.
    pub clear_after: Option<u64>,
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
