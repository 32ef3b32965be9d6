//! Questions on the terminal this process belongs to: a line unseen, a yes or no. Never standard input or
//! output.

#[cfg_attr(unix, path = "prompt/unix.rs")]
#[cfg_attr(windows, path = "prompt/windows.rs")]
mod tty;

use zeroize::Zeroizing;

use super::error::CliError;
use crate::fault::FaultKind;
use crate::vault::SensitiveBytes;
use tty::{Hidden, Tty};

/// The longest line a prompt takes, in bytes; reserved at once, so that nothing is moved unwiped.
const LONGEST: usize = 64 * 1024;

/// The terminal this process belongs to.
pub struct Terminal {
    tty: Tty,
}

impl Terminal {
    /// Opens it; `None` when there is none.
    pub fn open() -> Option<Self> {
        Tty::open().map(|tty| Self { tty })
    }

    /// Writes to the terminal.
    pub fn say(&self, text: &str) -> Result<(), CliError> {
        self.tty.write(text.as_bytes()).map_err(|error| lost(&error))
    }

    /// Writes a secret to the terminal, past every buffer.
    pub fn say_secret(&self, secret: &SensitiveBytes) -> Result<(), CliError> {
        secret.with(|secret| self.tty.write(secret)).map_err(|error| lost(&error))
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
                if first.is_same(&second) {
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
        tty::pass_on();
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

    /// Waits for one byte; Ctrl-C, a signal and the end of the terminal are an interruption.
    fn read_key(&self) -> Result<u8, CliError> {
        match self.tty.read_byte().map_err(|error| lost(&error))? {
            None | Some(0x03) => Err(CliError::interrupted()),
            Some(byte) => Ok(byte),
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
