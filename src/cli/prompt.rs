//! Questions on the controlling terminal: a line unseen, a yes or no. Never standard input or output.

use std::fs::{File, OpenOptions};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{InputModes, LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use zeroize::Zeroizing;

use super::error::CliError;
use super::output::write_fd;
use crate::fault::FaultKind;
use crate::vault::SensitiveBytes;

/// The longest line a prompt takes, in bytes; reserved at once, so that nothing is moved unwiped.
const LONGEST: usize = 64 * 1024;
/// How often a signal that came between two system calls is looked for.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// The terminal this process belongs to.
pub struct Terminal {
    tty: File,
}

impl Terminal {
    /// Opens `/dev/tty`; `None` when there is no controlling terminal.
    pub fn open() -> Option<Self> {
        let tty = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
        rustix::termios::isatty(&tty).then_some(Self { tty })
    }

    /// Writes to the terminal.
    pub fn say(&self, text: &str) -> Result<(), CliError> {
        write_fd(&self.tty, text.as_bytes()).map_err(|error| lost(&error))
    }

    /// Writes a secret to the terminal, past every buffer.
    pub fn say_secret(&self, secret: &SensitiveBytes) -> Result<(), CliError> {
        secret.with(|secret| write_fd(&self.tty, secret)).map_err(|error| lost(&error))
    }

    /// Asks for a line that is not shown.
    pub fn ask_unseen(&self, question: &str) -> Result<SensitiveBytes, CliError> {
        self.hidden(|| self.answer(question))
    }

    /// Asks for the same unseen line twice.
    pub fn ask_twice(&self, question: &str, again: &str) -> Result<SensitiveBytes, CliError> {
        self.hidden(|| {
            for _ in 0..3 {
                let first = self.answer(question)?;
                let second = self.answer(again)?;
                if first.with(|first| second.with(|second| first == second)) {
                    return Ok(first);
                }
                self.say("These are not the same; once more.\n")?;
            }
            Err(CliError::invalid("the two entries differ", "nothing was changed; try again"))
        })
    }

    /// Asks a question whose safe answer is no.
    pub fn confirm(&self, question: &str) -> Result<bool, CliError> {
        self.hidden(|| {
            self.say(&format!("{question} [y/N] "))?;
            let answer = self.read_key();
            let yes = matches!(answer, Ok(b'y' | b'Y'));
            self.say(if yes { "yes\n" } else { "no\n" })?;
            answer.map(|_| yes)
        })
    }

    /// Asks with the echo off. It is off before the question is seen: who answers at once would see
    /// the answer on the screen, and lose it.
    fn hidden<R>(&self, ask: impl FnOnce() -> Result<R, CliError>) -> Result<R, CliError> {
        let hidden = Hidden::begin(&self.tty).map_err(|error| lost(&error))?;
        let answer = ask();
        drop(hidden);
        signals().pass_on();
        answer
    }

    /// Asks for one line; the echo is off.
    fn answer(&self, question: &str) -> Result<SensitiveBytes, CliError> {
        self.say(question)?;
        let line = self.read_line();
        self.say("\n")?;
        line
    }

    /// Reads one line byte by byte; Backspace and Ctrl-U edit, Ctrl-C interrupts.
    fn read_line(&self) -> Result<SensitiveBytes, CliError> {
        let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
        loop {
            match self.read_key()? {
                b'\r' | b'\n' => break,
                0x08 | 0x7f => drop_character(&mut line),
                0x15 => line.clear(),
                0x04 if line.is_empty() => return Err(CliError::interrupted()),
                byte if line.len() < LONGEST => line.push(byte),
                _ => {
                    let help = "give it on standard input instead";
                    return Err(CliError::invalid("that line is longer than 65,536 bytes", help));
                }
            }
        }
        Ok(SensitiveBytes::copy_of(&line))
    }

    /// Waits for one byte, a signal or the end of the terminal.
    fn read_key(&self) -> Result<u8, CliError> {
        let mut byte = Zeroizing::new([0_u8; 1]);
        loop {
            if signals().caught() != 0 {
                return Err(CliError::interrupted());
            }
            match poll(&mut [PollFd::new(&self.tty, PollFlags::IN)], Some(&LOOK)) {
                Ok(0) | Err(Errno::INTR) => continue,
                Ok(_) => {}
                Err(error) => return Err(lost(&error.into())),
            }
            match rustix::io::read(&self.tty, &mut *byte) {
                Ok(0) | Err(Errno::IO) => return Err(CliError::interrupted()),
                Ok(_) if byte[0] == 0x03 => return Err(CliError::interrupted()),
                Ok(_) => return Ok(byte[0]),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(lost(&error.into())),
            }
        }
    }
}

/// Drops the last UTF-8 character, which may be several bytes.
fn drop_character(line: &mut Vec<u8>) {
    while let Some(byte) = line.pop() {
        if byte & 0b1100_0000 != 0b1000_0000 {
            return;
        }
    }
}

fn lost(error: &std::io::Error) -> CliError {
    CliError::new(FaultKind::Internal, format!("cannot use the terminal: {error}"), "")
}

/// Echo and line editing are off for as long as this lives.
struct Hidden<'a> {
    tty: &'a File,
    before: Termios,
}

impl<'a> Hidden<'a> {
    fn begin(tty: &'a File) -> std::io::Result<Self> {
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

    /// Lets a signal that came meanwhile do its work.
    fn pass_on(&self) {
        if let Some(signal) = i32::try_from(self.caught()).ok().filter(|signal| *signal != 0) {
            // When that fails, the interrupted question ends the process all the same.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backspace_takes_a_whole_character() {
        let mut line = "añ日".as_bytes().to_vec();
        for rest in ["añ", "a", "", ""] {
            drop_character(&mut line);
            assert_eq!(line, rest.as_bytes());
        }
    }
}
