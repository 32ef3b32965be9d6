//! A terminal by termios(3), on standard input and output.

use std::io;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcgetwinsize, tcsetattr,
};

/// Whether `TERM` tells what the terminal can do.
pub const HAS_A_NAME: bool = true;

/// What the terminal was like before.
pub struct Before(Termios);

impl Before {
    /// What it is like now.
    pub fn now() -> io::Result<Self> {
        Ok(Self(tcgetattr(rustix::stdio::stdin())?))
    }

    /// Has keys come byte by byte and unseen. The mouse is asked for by a sequence.
    pub fn make_raw(&self, _mouse: bool) -> io::Result<()> {
        let mut raw = self.0.clone();
        raw.make_raw();
        Ok(tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &raw)?)
    }

    /// Drops what was typed and not read yet, and makes it as it was.
    pub fn restore(&self) {
        let _ = tcflush(rustix::stdio::stdin(), QueueSelector::IFlush);
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.0);
    }
}

/// Writes all of `bytes` to the terminal; with `patience`, gives up when it takes nothing for that long.
pub fn write_all(mut bytes: &[u8], patience: Option<Duration>) -> io::Result<()> {
    let out = rustix::stdio::stdout();
    let timeout = patience.and_then(|patience| Timespec::try_from(patience).ok());
    while !bytes.is_empty() {
        if let Some(timeout) = &timeout
            && poll(&mut [PollFd::new(&out, PollFlags::OUT)], Some(timeout)) == Ok(0)
        {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match rustix::io::write(out, bytes) {
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => {
                poll(&mut [PollFd::new(&out, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Columns and rows, where it knows.
pub fn size() -> Option<(u16, u16)> {
    let size = tcgetwinsize(rustix::stdio::stdout()).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col, size.ws_row))
}
