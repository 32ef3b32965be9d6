//! The console, `CONIN$` and `CONOUT$`: there also while standard input and output are pipes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;

use zeroize::Zeroize;

use crate::service::console::{Keyboard, Modes, Screen, Typed, Use};

/// The console.
pub struct Tty {
    screen: Screen,
    keyboard: RefCell<Keyboard>,
    /// The rest of a character of several bytes, or of a key that is held.
    rest: RefCell<VecDeque<u8>>,
}

impl Tty {
    /// Opens it; `None` when there is none.
    pub fn open() -> Option<Self> {
        Modes::now().ok()?;
        let keyboard = RefCell::new(Keyboard::open().ok()?);
        Some(Self { screen: Screen::open().ok()?, keyboard, rest: RefCell::default() })
    }

    /// Writes text, past every buffer.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let text = std::str::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData)?;
        self.screen.write(text)
    }

    /// Waits for one byte; never `None`, for whoever closes a console ends its programs.
    pub fn read_byte(&self) -> io::Result<Option<u8>> {
        let mut rest = self.rest.borrow_mut();
        loop {
            if let Some(byte) = rest.pop_front() {
                return Ok(Some(byte));
            }
            if let Typed::Bytes(bytes) = self.keyboard.borrow_mut().read()? {
                // An arrow edits no line here.
                rest.extend(bytes.iter().filter(|_| !bytes.starts_with(b"\x1b")));
            }
        }
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        self.rest.get_mut().make_contiguous().zeroize();
    }
}

/// Echo and line editing are off for as long as this lives. Ctrl-C is a key meanwhile; should Ctrl-Break end
/// the process, the shell sets its own modes anew, as shells of Windows do.
pub struct Hidden {
    before: Modes,
}

impl Hidden {
    /// Switches them off; what was typed before is dropped.
    pub fn begin(tty: &Tty) -> io::Result<Self> {
        let before = Modes::now()?;
        before.set_for(Use::Question)?;
        tty.keyboard.borrow_mut().forget()?;
        Ok(Self { before })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // A console that is gone cannot be restored.
        let _ = self.before.restore();
    }
}

/// No signal waits here.
pub fn pass_on() {}
