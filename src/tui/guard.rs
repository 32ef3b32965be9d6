//! Switches the terminal to the program's use and back, on every way out. Draws nothing.
//!
//! The way back writes straight to the terminal, past every buffer and lock, so that a panic, another
//! thread or the last moment before a signal can take it.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::terminal::{self, Before};

/// Keeps the shell's title, then sets ours: never anything but the program's name.
const TITLE_ON: &str = "\x1b[22;0t\x1b]2;tresor\x1b\\";
const TITLE_OFF: &str = "\x1b[23;0t";
/// Alternate screen, bracketed paste, focus reports (xterm control sequences, DECSET), and a bar as
/// cursor (DECSCUSR): it sits on the focus, and a block would cover what is there.
const MODES_ON: &str = "\x1b[?1049h\x1b[?2004h\x1b[?1004h\x1b[?25l\x1b[6 q";
/// In the reverse order; before the alternate screen is left it is wiped, and whatever the terminal
/// remembers of it holds no secret. `?2026l` ends a half-drawn frame.
const MODES_OFF: &str =
    "\x1b[?2026l\x1b[?1004l\x1b[?2004l\x1b[0 q\x1b[0m\x1b[H\x1b[2J\x1b[?1049l\x1b[?25h";
/// Clicks and wheel only (no motion, which would wake us at each move), in SGR form.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";
/// How long a terminal that takes no output is waited for on the way out.
const PATIENCE: Duration = Duration::from_millis(300);

/// What the terminal was like before; `None` while it is as it was.
static BEFORE: Mutex<Option<Before>> = Mutex::new(None);

/// What is written to take the terminal over.
pub fn entering(mouse: bool) -> String {
    // The title last: a console that does not know it writes on our screen, not on the shell's.
    format!("{MODES_ON}{}{TITLE_ON}", if mouse { MOUSE_ON } else { "" })
}

/// What is written to give it back. The mouse is switched off in any case: it does no harm.
pub fn leaving() -> String {
    format!("{MOUSE_OFF}{MODES_OFF}{TITLE_OFF}")
}

/// Holds the terminal; gives it back when dropped.
pub struct Guard {
    mouse: bool,
}

impl Guard {
    /// Takes the terminal over: raw mode, then the modes.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        let guard = Self { mouse };
        guard.retake()?;
        Ok(guard)
    }

    /// Takes the terminal over again after [`leave`] or after somebody else changed it.
    pub fn retake(&self) -> io::Result<()> {
        let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Before::now()?;
        let again = before.is_some();
        before.get_or_insert(now).make_raw(self.mouse)?;
        // Taken a second time, the terminal keeps the one title that was put aside.
        let written = entering(self.mouse);
        let written = if again { written.replacen(TITLE_ON, "", 1) } else { written };
        terminal::write_all(written.as_bytes(), None)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

/// Gives the terminal back as it was. May be called from any thread, any number of times.
///
/// What was typed and not read yet is dropped: mouse reports and pasted secrets are nothing for a shell.
pub fn leave() {
    let mut before = match BEFORE.try_lock() {
        Ok(before) => before,
        Err(std::sync::TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        // Somebody is at it this very moment.
        Err(std::sync::TryLockError::WouldBlock) => return,
    };
    let Some(before) = before.take() else {
        return;
    };
    // A terminal that is gone takes none of this, and then nothing is left to mend.
    let _ = terminal::write_all(leaving().as_bytes(), Some(PATIENCE));
    before.restore();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every private mode in `text` with whether it is switched on (`h`) or off (`l`).
    fn modes(text: &str) -> Vec<(String, bool)> {
        text.split("\x1b[?")
            .skip(1)
            .filter_map(|part| {
                let end = part.find(['h', 'l'])?;
                Some((part.get(..end)?.to_owned(), part.as_bytes().get(end) == Some(&b'h')))
            })
            .collect()
    }

    #[test]
    fn what_is_switched_on_is_switched_off() {
        let off = modes(&leaving());
        for mouse in [true, false] {
            for (mode, on) in modes(&entering(mouse)) {
                // The cursor is hidden on entering and shown on leaving.
                assert!(off.contains(&(mode.clone(), !on)), "?{mode} stays");
            }
        }
        assert_eq!(modes(&entering(true)).len(), 6);
    }

    #[test]
    fn the_screen_is_wiped_before_it_is_left() {
        let leaving = leaving();
        let at = |part: &str| leaving.find(part).unwrap_or(usize::MAX);
        assert!(at("\x1b[0m") < at("\x1b[2J"), "a coloured background would be kept");
        assert!(at("\x1b[2J") < at("\x1b[?1049l"), "the wipe would hit the shell's screen");
        assert!(at("\x1b[?1049l") < at("\x1b[?25h"));
        assert!(!leaving.contains("\x1b[3J"), "the user's scrollback is not ours to clear");
    }

    #[test]
    fn without_the_mouse_no_mouse_is_asked_for() {
        assert!(!entering(false).contains("?1000") && entering(true).contains("?1000h"));
        assert!(leaving().contains("?1000l"));
    }
}
