//! The console, in the mode in which it speaks the sequences of terminals both ways.

use std::io;
use std::time::Duration;

use crate::service::console::{Keyboard, Modes, Screen, Use};

/// Whether `TERM` tells what the terminal can do: here a console's modes do.
pub const HAS_A_NAME: bool = false;

/// What the console was like before.
pub struct Before(Modes);

impl Before {
    /// What it is like now.
    pub fn now() -> io::Result<Self> {
        Modes::now().map(Self)
    }

    /// Has keys, pastes and, if wanted, clicks come as sequences and unseen.
    pub fn make_raw(&self, mouse: bool) -> io::Result<()> {
        self.0.set_for(Use::Screen { mouse })
    }

    /// Drops what was typed and not read yet, and makes it as it was.
    pub fn restore(&self) {
        let _ = Keyboard::open().and_then(|mut keyboard| keyboard.forget());
        let _ = self.0.restore();
    }
}

/// Writes text to the console, which always takes it: no patience is needed.
pub fn write_all(bytes: &[u8], _patience: Option<Duration>) -> io::Result<()> {
    let text = std::str::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData)?;
    Screen::open()?.write(text)
}

/// Columns and rows of the window, where it knows.
pub fn size() -> Option<(u16, u16)> {
    ratatui::crossterm::terminal::size().ok()
}
