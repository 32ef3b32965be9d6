//! One program on one pseudo-terminal: what it shows, what it was sent, how it ended.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::termios::LocalModes;

/// How long anything is waited for. A passphrase takes half a second, a busy machine many times that.
const PATIENCE: Duration = Duration::from_secs(60);

struct Seen {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    /// How many of the bytes the emulator has been given.
    shown: usize,
    closed: bool,
}

impl Seen {
    /// Gives the emulator what came, but for a frame that is not complete: like every terminal that knows
    /// synchronized output, it shows a frame at once.
    fn show(&mut self) {
        // The mark itself may have come in two parts.
        let from = self.shown.saturating_sub(8);
        let last = |mark: &[u8]| {
            let at = self.bytes[from..].windows(mark.len()).rposition(|bytes| bytes == mark);
            at.map(|at| from + at)
        };
        let begun = last(b"\x1b[?2026h");
        // Whoever leaves the screen in the middle of a frame does not end it.
        let ended = last(b"\x1b[?2026l").max(last(b"\x1b[?1049l"));
        let until = match begun {
            Some(begun) if Some(begun) > ended && !self.closed => begun.max(self.shown),
            _ => self.bytes.len(),
        };
        self.parser.process(&self.bytes[self.shown..until]);
        self.shown = until;
    }
}

/// A terminal with a program on it.
pub struct Terminal {
    seen: Arc<Mutex<Seen>>,
    writer: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
}

impl Terminal {
    /// Starts `command` on a terminal of that many rows and columns.
    pub fn start(command: CommandBuilder, rows: u16, columns: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let parser = vt100::Parser::new(side(rows), side(columns), 1000);
        let seen =
            Arc::new(Mutex::new(Seen { parser, bytes: Vec::new(), shown: 0, closed: false }));
        let feed = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                let mut seen = feed.lock().unwrap();
                seen.bytes.extend_from_slice(&bytes[..count]);
                seen.show();
            }
            let mut seen = feed.lock().unwrap();
            seen.closed = true;
            seen.show();
        });
        Self { seen, writer, master: pair.master, child }
    }

    /// Types `keys`: plain text, with names of other keys in angle brackets, such as `<enter>`.
    pub fn keys(&mut self, keys: &str) {
        let mut bytes = Vec::new();
        let mut rest = keys;
        while let Some(at) = rest.find('<') {
            let end = rest[at..].find('>').map(|end| at + end).expect("a closing bracket");
            bytes.extend_from_slice(&rest.as_bytes()[..at]);
            bytes.extend_from_slice(named(&rest[at + 1..end]));
            rest = &rest[end + 1..];
        }
        bytes.extend_from_slice(rest.as_bytes());
        self.send(&bytes);
    }

    /// Sends raw bytes.
    pub fn send(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).expect("the terminal takes input");
        self.writer.flush().expect("the terminal takes input");
    }

    /// Presses and releases the left button at a cell, counted from 0.
    pub fn click(&mut self, (column, row): (u16, u16)) {
        let at = format!("{};{}", column + 1, row + 1);
        self.send(format!("\x1b[<0;{at}M\x1b[<0;{at}m").as_bytes());
    }

    /// Turns the wheel over a cell, so many steps towards the user, or away when negative.
    pub fn wheel(&mut self, (column, row): (u16, u16), steps: i32) {
        let button = if steps < 0 { 64 } else { 65 };
        let one = format!("\x1b[<{button};{};{}M", column + 1, row + 1);
        for _ in 0..steps.unsigned_abs() {
            self.send(one.as_bytes());
        }
    }

    /// What is on the screen, one line a row.
    pub fn screen(&self) -> String {
        self.seen.lock().unwrap().parser.screen().contents()
    }

    /// Everything the terminal remembers: the scrollback, then the screen.
    pub fn everything(&self) -> String {
        let mut seen = self.seen.lock().unwrap();
        let screen = seen.parser.screen_mut();
        // It stops at the oldest line there is.
        screen.set_scrollback(usize::MAX);
        let mut all = String::new();
        for back in (0..=screen.scrollback()).rev() {
            screen.set_scrollback(back);
            all += screen.contents().lines().next().unwrap_or_default();
            all.push('\n');
        }
        all + &screen.contents()
    }

    /// Every byte the program has written so far.
    pub fn written(&self) -> Vec<u8> {
        self.seen.lock().unwrap().bytes.clone()
    }

    /// Asks the emulator something.
    pub fn emulator<R>(&self, ask: impl FnOnce(&vt100::Screen) -> R) -> R {
        ask(self.seen.lock().unwrap().parser.screen())
    }

    /// Waits until `holds` of the screen.
    pub fn until(&self, what: &str, holds: impl Fn(&str) -> bool) {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if holds(&screen) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "never: {what}; the screen is\n{screen}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until `text` is on the screen.
    pub fn shows(&self, text: &str) {
        self.until(&format!("'{text}' shown"), |screen| screen.contains(text));
    }

    /// Waits until `text` is not on the screen any more.
    pub fn hides(&self, text: &str) {
        self.until(&format!("'{text}' hidden"), |screen| !screen.contains(text));
    }

    /// The line settings of a terminal that nobody has changed.
    pub fn untouched() -> String {
        let pair = native_pty_system().openpty(PtySize::default()).expect("a pseudo-terminal");
        format!("{:?}", pair.master.get_termios().expect("line settings"))
    }

    /// The terminal's line settings, comparable.
    pub fn settings(&self) -> String {
        format!("{:?}", self.master.get_termios().expect("line settings"))
    }

    /// Waits until the shell that was started here has given the terminal to a command.
    pub fn is_given_away(&self) {
        self.until("the terminal given away", |_| self.is_someone_elses());
    }

    /// Waits until such a command has also taken it: what is typed is its own to show.
    pub fn is_taken(&self) {
        self.until("the terminal taken", |_| self.is_someone_elses() && !self.echoes());
    }

    fn is_someone_elses(&self) -> bool {
        self.master.process_group_leader() != Some(self.pid().as_raw_nonzero().get())
    }

    fn echoes(&self) -> bool {
        let settings = self.master.get_termios().expect("line settings");
        LocalModes::from_bits_retain(settings.local_flags.bits()).contains(LocalModes::ECHO)
    }

    /// The program's process id.
    pub fn pid(&self) -> rustix::process::Pid {
        let pid = self.child.process_id().expect("a process id");
        rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).expect("a process id")
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).expect("the program is there");
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, rows: u16, columns: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.seen.lock().unwrap().parser.screen_mut().set_size(side(rows), side(columns));
        self.master.resize(size).expect("resized");
    }

    /// Waits until the program has ended, and until all it wrote was read.
    pub fn ends(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            let status = self.child.try_wait().expect("a status");
            if let (Some(status), true) = (status, self.seen.lock().unwrap().closed) {
                return status;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "it does not end; the screen is\n{}",
                self.screen()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Fails unless every mode the program switched on was switched off again, and `canary` is nowhere
    /// on the screen or in the scrollback.
    pub fn is_whole(&self, canary: &str) {
        let written = || String::from_utf8_lossy(&self.written()).into_owned();
        // The title is given back last of all.
        self.until("the terminal given back", |_| {
            written().rfind("\x1b[23;0t") > written().rfind("\x1b[?1049h")
        });
        let written = written();
        for mode in ["1049", "2004", "1004", "1000", "1006"] {
            let last = |on: &str| written.rfind(&format!("\x1b[?{mode}{on}"));
            assert!(last("h").is_some(), "?{mode} was never switched on");
            assert!(last("l") > last("h"), "?{mode} stays switched on");
        }
        let cursor = |on: &str| written.rfind(&format!("\x1b[?25{on}"));
        assert!(cursor("h") > cursor("l"), "the cursor stays hidden");
        self.emulator(|screen| {
            assert!(!screen.alternate_screen() && !screen.bracketed_paste());
            assert!(!screen.hide_cursor());
            assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        });
        let all = self.everything();
        assert!(!all.contains(canary), "the terminal remembers it:\n{all}");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A side of a screen; an emulator has no size of 0.
fn side(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).expect("a size")
}

fn named(name: &str) -> &'static [u8] {
    match name {
        "enter" => b"\r",
        "esc" => b"\x1b",
        "tab" => b"\t",
        "up" => b"\x1b[A",
        "down" => b"\x1b[B",
        "left" => b"\x1b[D",
        "home" => b"\x1b[H",
        "end" => b"\x1b[F",
        "backspace" => b"\x7f",
        "focus-out" => b"\x1b[O",
        "focus-in" => b"\x1b[I",
        "c-c" => b"\x03",
        "c-l" => b"\x0c",
        "c-p" => b"\x10",
        "c-s" => b"\x13",
        "c-u" => b"\x15",
        "c-x" => b"\x18",
        "c-z" => b"\x1a",
        other => panic!("no key <{other}>"),
    }
}
