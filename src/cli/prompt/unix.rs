//! `/dev/tty`, and the signals that would leave it without its echo.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{InputModes, LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use zeroize::Zeroizing;

/// How often a signal that came between two system calls is looked for.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// The controlling terminal.
pub struct Tty(File);

impl Tty {
    /// Opens it; `None` when there is none.
    pub fn open() -> Option<Self> {
        let tty = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
        rustix::termios::isatty(&tty).then_some(Self(tty))
    }

    /// Writes, past every buffer.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        (&self.0).write_all(bytes)
    }

    /// Waits for one byte; `None` after a signal and at the end of the terminal.
    pub fn read_byte(&self) -> io::Result<Option<u8>> {
        let mut byte = Zeroizing::new([0_u8; 1]);
        loop {
            if signals().caught() != 0 {
                return Ok(None);
            }
            match poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&LOOK)) {
                Ok(0) | Err(Errno::INTR) => continue,
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
            match rustix::io::read(&self.0, &mut *byte) {
                Ok(0) | Err(Errno::IO) => return Ok(None),
                Ok(_) => return Ok(Some(byte[0])),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Echo and line editing are off for as long as this lives.
pub struct Hidden<'a> {
    tty: &'a File,
    before: Termios,
}

impl<'a> Hidden<'a> {
    /// Switches them off; what was typed before is dropped.
    pub fn begin(Tty(tty): &'a Tty) -> io::Result<Self> {
        signals().hold();
        let before = tcgetattr(tty)?;
        let mut unseen = before.clone();
        unseen
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        unseen.input_modes.remove(InputModes::IXON);
        // Flush: what was typed before the question is no answer to it.
        tcsetattr(tty, OptionalActions::Flush, &unseen)?;
        Ok(Self { tty, before })
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        // A terminal that is gone cannot be restored.
        let _ = tcsetattr(self.tty, OptionalActions::Flush, &self.before);
        signals().release();
    }
}

/// Signals that would end the process with the echo off wait until it is on again.
struct Signals {
    /// While true, a signal does what it does by default.
    by_default: Arc<AtomicBool>,
    /// The signal that came meanwhile, or 0.
    caught: Arc<AtomicUsize>,
}

impl Signals {
    fn hold(&self) {
        self.by_default.store(false, Ordering::SeqCst);
    }

    fn release(&self) {
        self.by_default.store(true, Ordering::SeqCst);
    }

    fn caught(&self) -> usize {
        self.caught.load(Ordering::SeqCst)
    }

    fn pass_on(&self) {
        if let Some(signal) = i32::try_from(self.caught()).ok().filter(|signal| *signal != 0) {
            // When that fails, the interrupted question ends the process all the same.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    }
}

/// Lets a signal that came meanwhile do its work.
pub fn pass_on() {
    signals().pass_on();
}

/// The handlers, registered at the first question.
fn signals() -> &'static Signals {
    static SIGNALS: OnceLock<Signals> = OnceLock::new();
    SIGNALS.get_or_init(|| {
        let by_default = Arc::new(AtomicBool::new(true));
        let caught = Arc::new(AtomicUsize::new(0));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            use signal_hook::flag::{register_conditional_default, register_usize};
            let number = usize::try_from(signal).unwrap_or(0);
            // Only forbidden signals fail to register, and these are not.
            let _ = register_conditional_default(signal, Arc::clone(&by_default));
            let _ = register_usize(signal, Arc::clone(&caught), number);
        }
        Signals { by_default, caught }
    })
}
