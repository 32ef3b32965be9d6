//! The console of Windows: its modes, what is typed on it, and text on its screen. It outlives redirections:
//! standard input and output may be pipes. What other systems do with a terminal, they do elsewhere.

mod keys;
pub mod system;

use std::io;

use crossterm_winapi::{Console, ConsoleMode, Handle, InputRecord};
use zeroize::Zeroizing;

use keys::{Key, Units};

/// `ENABLE_PROCESSED_INPUT`, `ENABLE_LINE_INPUT` and `ENABLE_ECHO_INPUT` (SetConsoleMode).
const COOKED: u32 = 0x0001 | 0x0002 | 0x0004;
/// `ENABLE_WINDOW_INPUT`: a new size is told.
const WINDOW: u32 = 0x0008;
/// `ENABLE_QUICK_EDIT_MODE`: the mouse selects text, and programs hear nothing of it.
const QUICK_EDIT: u32 = 0x0040;
/// `ENABLE_MOUSE_INPUT` and `ENABLE_EXTENDED_FLAGS`, without which the former does not leave quick edit.
const MOUSE: u32 = 0x0010 | 0x0080;
/// `ENABLE_VIRTUAL_TERMINAL_INPUT`: keys, pastes, clicks and focus come in the sequences that terminals send.
const SEQUENCES_IN: u32 = 0x0200;
/// `ENABLE_PROCESSED_OUTPUT`, `ENABLE_VIRTUAL_TERMINAL_PROCESSING` and `DISABLE_NEWLINE_AUTO_RETURN`: such
/// sequences are obeyed.
const SEQUENCES_OUT: u32 = 0x0001 | 0x0004 | 0x0008;

/// How a console is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// For a question: keys come one by one and are not shown.
    Question,
    /// For a whole screen; whether it takes the mouse too.
    Screen {
        /// Clicks and wheel come to us, instead of selecting text.
        mouse: bool,
    },
}

/// The modes that a console had.
#[derive(Debug, Clone, Copy)]
pub struct Modes {
    input: u32,
    output: u32,
}

impl Modes {
    /// Those of now.
    ///
    /// # Errors
    /// There is no console.
    pub fn now() -> io::Result<Self> {
        Ok(Self { input: input()?.mode()?, output: output()?.mode()? })
    }

    /// Sets what that use needs; what else is set stays.
    ///
    /// # Errors
    /// The console is too old for it, or gone.
    pub fn set_for(self, wanted: Use) -> io::Result<()> {
        let raw = self.input & !COOKED;
        match wanted {
            Use::Question => input()?.set_mode(raw & !SEQUENCES_IN),
            Use::Screen { mouse } => {
                let raw = if mouse { (raw & !QUICK_EDIT) | MOUSE } else { raw };
                input()?.set_mode(raw | WINDOW | SEQUENCES_IN)?;
                output()?.set_mode(self.output | SEQUENCES_OUT)
            }
        }
    }

    /// Sets them again.
    ///
    /// # Errors
    /// The console is gone.
    pub fn restore(self) -> io::Result<()> {
        let restored = input()?.set_mode(self.input);
        output()?.set_mode(self.output).and(restored)
    }
}

fn input() -> io::Result<ConsoleMode> {
    Handle::current_in_handle().map(ConsoleMode::from)
}

fn output() -> io::Result<ConsoleMode> {
    Handle::current_out_handle().map(ConsoleMode::from)
}

/// The console's screen.
pub struct Screen(Console);

impl Screen {
    /// Opens it.
    ///
    /// # Errors
    /// There is none.
    pub fn open() -> io::Result<Self> {
        Handle::current_out_handle().map(|handle| Self(Console::from(handle)))
    }

    /// Writes text, whatever the code page. Its copy in UTF-16 is wiped by the allocator of the binary.
    ///
    /// # Errors
    /// The console is gone.
    pub fn write(&self, text: &str) -> io::Result<()> {
        // So much at once was taken by every version.
        const PIECE: usize = 8 * 1024;
        let mut left = text;
        while !left.is_empty() {
            let (piece, rest) = left.split_at(left.floor_char_boundary(PIECE));
            self.0.write_char_buffer(piece.as_bytes())?;
            left = rest;
        }
        Ok(())
    }
}

/// What came from the console.
pub enum Typed {
    /// Bytes of UTF-8, as a terminal would send them; none for what means nothing.
    Bytes(Zeroizing<Vec<u8>>),
    /// The screen has another size.
    Resized,
}

/// The console's keyboard.
pub struct Keyboard {
    console: Console,
    units: Units,
}

impl Keyboard {
    /// Opens it.
    ///
    /// # Errors
    /// There is none.
    pub fn open() -> io::Result<Self> {
        let console = Handle::current_in_handle().map(Console::from)?;
        Ok(Self { console, units: Units::default() })
    }

    /// Waits for the next that is typed.
    ///
    /// # Errors
    /// The console is gone.
    pub fn read(&mut self) -> io::Result<Typed> {
        Ok(match self.console.read_single_input_event()? {
            InputRecord::KeyEvent(key) => Typed::Bytes(self.units.bytes(Key::from(&key))),
            InputRecord::WindowBufferSizeEvent(_) => Typed::Resized,
            _ => Typed::Bytes(Zeroizing::default()),
        })
    }

    /// Whether something waits to be read.
    ///
    /// # Errors
    /// The console is gone.
    pub fn has_more(&self) -> io::Result<bool> {
        Ok(self.console.number_of_console_input_events()? > 0)
    }

    /// Drops what was typed and not read yet.
    ///
    /// # Errors
    /// The console is gone.
    pub fn forget(&mut self) -> io::Result<()> {
        self.units = Units::default();
        self.console.read_console_input().map(drop)
    }
}
