//! Brings a drawn buffer to the terminal: two buffers, only what changed, in one write. Decides nothing.
//!
//! Not ratatui's `Terminal`: that writes through the standard output's own buffer, which would keep revealed
//! cells and could write them out after the terminal was given back.

use std::io::{self, Write};

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use zeroize::Zeroize;

use super::terminal;

/// The largest side of a screen that is drawn; a terminal that claims more gets a part.
const MAX_SIDE: u16 = 1000;
/// A full screen of coloured cells fits; more is written in parts.
const OUTPUT: usize = 64 * 1024;

/// The screen as it is and as it is being drawn.
pub struct Painter<W: Write = TerminalWriter> {
    backend: CrosstermBackend<W>,
    shown: Buffer,
    next: Buffer,
    /// Whether what is on the screen is unknown and everything is to be written.
    unknown: bool,
}

impl Painter {
    /// A painter of the process's terminal.
    pub fn new(size: (u16, u16)) -> Self {
        Self::with_writer(TerminalWriter::default(), size)
    }
}

impl<W: Write> Painter<W> {
    /// A painter that writes to `writer`.
    pub fn with_writer(writer: W, (width, height): (u16, u16)) -> Self {
        let area = Rect::new(0, 0, width.min(MAX_SIDE), height.min(MAX_SIDE));
        let (shown, next) = (Buffer::empty(area), Buffer::empty(area));
        Self { backend: CrosstermBackend::new(writer), shown, next, unknown: true }
    }

    /// Takes over another size; both buffers are overwritten.
    pub fn resize(&mut self, (width, height): (u16, u16)) {
        let area = Rect::new(0, 0, width.min(MAX_SIDE), height.min(MAX_SIDE));
        for buffer in [&mut self.shown, &mut self.next] {
            buffer.reset();
            buffer.resize(area);
        }
        self.forget();
    }

    /// Overwrites what both buffers hold and lets the next paint write the whole screen.
    pub fn forget(&mut self) {
        self.shown.reset();
        self.next.reset();
        self.unknown = true;
    }

    /// Draws with `draw`, writes what changed, and puts the cursor where it says.
    pub fn paint(
        &mut self,
        draw: impl FnOnce(Rect, &mut Buffer) -> Option<Position>,
    ) -> io::Result<()> {
        self.next.reset();
        let cursor = draw(self.next.area, &mut self.next);
        // Synchronized output: a terminal that knows it shows the frame at once.
        self.backend.write_all(b"\x1b[?2026h\x1b[?25l")?;
        if std::mem::take(&mut self.unknown) {
            self.backend.write_all(b"\x1b[0m\x1b[2J")?;
            self.shown.reset();
        }
        self.erase_disputed_rows()?;
        self.backend.draw(self.shown.diff_iter(&self.next))?;
        if let Some(Position { x, y }) = cursor {
            write!(self.backend, "\x1b[{};{}H\x1b[?25h", y + 1, x + 1)?;
        }
        self.backend.write_all(b"\x1b[?2026l")?;
        Write::flush(&mut self.backend)?;
        std::mem::swap(&mut self.shown, &mut self.next);
        // What was shown before may have been a secret.
        self.next.reset();
        Ok(())
    }

    /// Erases every row that changes and has a grapheme of several characters on it, before or after,
    /// so that it is written whole. Terminals disagree on how wide these are: one that takes more
    /// columns than we count keeps a part, also of a value that is hidden, where we see nothing change.
    fn erase_disputed_rows(&mut self) -> io::Result<()> {
        let width = usize::from(self.next.area.width).max(1);
        let rows = self.shown.content.chunks_mut(width).zip(self.next.content.chunks(width));
        for (y, (shown, next)) in rows.enumerate() {
            if (has_disputed(next) || has_disputed(shown)) && shown != next {
                write!(self.backend, "\x1b[{};1H\x1b[0m\x1b[2K", y + 1)?;
                shown.iter_mut().for_each(Cell::reset);
            }
        }
        Ok(())
    }
}

/// Whether a cell holds more than one character, whose width depends on how a terminal counts.
fn has_disputed(row: &[Cell]) -> bool {
    row.iter().map(Cell::symbol).any(|symbol| symbol.len() > 1 && symbol.chars().nth(1).is_some())
}

/// Gathers a frame and writes it straight to the terminal; wiped after each write, never grown.
pub struct TerminalWriter {
    gathered: Vec<u8>,
}

impl Default for TerminalWriter {
    fn default() -> Self {
        Self { gathered: Vec::with_capacity(OUTPUT) }
    }
}

impl Write for TerminalWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // What comes in one piece goes out in one: a console takes no half of a character.
        if self.gathered.len() + bytes.len() > OUTPUT && !self.gathered.is_empty() {
            self.flush()?;
        }
        let fits = bytes.len().min(OUTPUT - self.gathered.len());
        self.gathered.extend_from_slice(bytes.get(..fits).unwrap_or_default());
        Ok(fits)
    }

    fn flush(&mut self) -> io::Result<()> {
        let written = terminal::write_all(&self.gathered, None);
        // `zeroize` of a vector wipes its whole capacity and keeps it.
        self.gathered.zeroize();
        written
    }
}

impl Drop for TerminalWriter {
    fn drop(&mut self) {
        // Not flushed: after a panic this may be half a frame, and the terminal is the shell's again.
        self.gathered.zeroize();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::sync::{Arc, Mutex};

    use ratatui::style::Style;

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);
    impl Sink {
        fn take(&self) -> String {
            String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
        }
    }
    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn text(text: &str) -> impl FnOnce(Rect, &mut Buffer) -> Option<Position> {
        move |_, buffer| {
            buffer.set_string(0, 0, text, Style::default());
            None
        }
    }

    #[test]
    fn only_what_changed_is_written() {
        let sink = Sink::default();
        let mut painter = Painter::with_writer(sink.clone(), (20, 2));
        painter.paint(text("canary_one")).unwrap();
        assert!(sink.take().contains("canary_one"));
        painter.paint(text("canary_two")).unwrap();
        let second = sink.take();
        assert!(!second.contains("canary") && second.contains("tw"), "{second:?}");
    }

    #[test]
    fn after_the_next_paint_no_buffer_holds_what_was_shown() {
        let mut painter = Painter::with_writer(Sink::default(), (20, 2));
        painter.paint(text("canary")).unwrap();
        painter.paint(text("masked")).unwrap();
        for buffer in [&painter.shown, &painter.next] {
            let held: String = buffer.content().iter().map(|cell| cell.symbol()).collect();
            assert!(!held.contains("canary"), "{held:?}");
        }
    }

    #[test]
    fn a_forgotten_screen_is_written_whole() {
        let sink = Sink::default();
        let mut painter = Painter::with_writer(sink.clone(), (20, 2));
        painter.paint(text("same")).unwrap();
        sink.take();
        painter.forget();
        painter.paint(text("same")).unwrap();
        let again = sink.take();
        assert!(again.contains("\x1b[2J") && again.contains("same"), "{again:?}");
    }

    /// vt100 counts each character by itself, like many terminals: an emoji and its tone take four columns.
    #[test]
    fn nothing_stays_of_a_grapheme_that_the_terminal_takes_for_wider() {
        for value in ["👍🏽", "x👩🏿", "a👍🏽b👩🏿"] {
            let sink = Sink::default();
            let mut painter = Painter::with_writer(sink.clone(), (20, 2));
            let side = |cells| std::num::NonZeroU16::new(cells).unwrap();
            let mut screen = vt100::Parser::new(side(2), side(20), 0);
            for shown in [value, "•", value, "z"] {
                painter.paint(text(shown)).unwrap();
                screen.process(sink.take().as_bytes());
            }
            assert_eq!(screen.screen().contents().trim_end(), "z", "of {value:?}");
        }
    }

    #[test]
    fn the_cursor_is_shown_only_where_it_was_put() {
        let sink = Sink::default();
        let mut painter = Painter::with_writer(sink.clone(), (20, 2));
        painter.paint(|_, _| Some(Position { x: 3, y: 1 })).unwrap();
        assert!(sink.take().contains("\x1b[2;4H\x1b[?25h"));
        painter.paint(|_, _| None).unwrap();
        assert!(!sink.take().contains("?25h"));
    }

    #[test]
    fn sizes_no_screen_has_are_survived() {
        for size in [(0, 0), (1, 0), (0, 1), (u16::MAX, u16::MAX)] {
            let mut painter = Painter::with_writer(Sink::default(), (10, 10));
            painter.resize(size);
            painter.paint(|_, _| None).unwrap();
        }
    }
}
