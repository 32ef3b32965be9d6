//! The real terminal's keys. They go to the command while we are in the foreground; in the background they are
//! somebody else's, and touching the terminal would stop us (POSIX, "terminal access control").

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::service::pty::is_elsewhere;

/// How often it is seen whether a shell has put us into the foreground: it tells nobody who runs already.
const LOOK: Duration = Duration::from_millis(500);

/// The real terminal's keys.
pub struct Keyboard(Arc<Keys>);

struct Keys {
    terminal: File,
    state: Mutex<State>,
    /// Tells that we were continued.
    continued: Condvar,
}

/// Whose the keys are.
#[derive(Default)]
struct State {
    /// The terminal's settings before we changed them; `None` while nothing is to be put back.
    before: Option<Termios>,
    /// Whether they stay the shell's, since we are being stopped.
    is_stopping: bool,
}

impl Keyboard {
    /// Standard input when it is a terminal, else the terminal we are at: a command asks there too.
    pub fn open() -> Option<Self> {
        let input = rustix::stdio::stdin();
        let terminal = match io::stdin().is_terminal() {
            true => File::from(rustix::io::fcntl_dupfd_cloexec(input, 3).ok()?),
            false => OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?,
        };
        Some(Self(Arc::new(Keys::of(terminal))))
    }

    /// Has every key come as it is, if they are ours.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn take(&self) -> io::Result<()> {
        self.0.take()
    }

    /// What is typed goes there from now on.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub fn carry(&self, to: File) -> io::Result<()> {
        let keys = Arc::clone(&self.0);
        thread::Builder::new().name("keyboard".into()).spawn(move || keys.carry(to)).map(drop)
    }

    /// Has every key come as it is again: we were continued.
    pub fn take_again(&self) {
        self.0.state().is_stopping = false;
        // A terminal that is gone sends a signal of its own.
        let _ = self.0.take();
        self.0.continued.notify_all();
    }

    /// Makes the terminal as it was, for whoever comes after us.
    pub fn give_back(&self) {
        let mut state = self.0.state();
        state.is_stopping = true;
        if let Some(before) = state.before.take()
            && !self.0.are_elsewhere()
        {
            let _ = tcsetattr(&self.0.terminal, OptionalActions::Drain, &before);
        }
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.give_back();
    }
}

impl Keys {
    fn of(terminal: File) -> Self {
        Self { terminal, state: Mutex::default(), continued: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn are_elsewhere(&self) -> bool {
        is_elsewhere(&self.terminal)
    }

    /// Has every key come as it is, if they are ours. Whoever had the terminal meanwhile may have left other
    /// settings: nothing is believed that is not seen.
    fn take(&self) -> io::Result<()> {
        let mut state = self.state();
        if state.is_stopping {
            return Ok(());
        }
        if self.are_elsewhere() {
            state.before = None;
            return Ok(());
        }
        let before = tcgetattr(&self.terminal)?;
        let mut raw = before.clone();
        raw.make_raw();
        if before.local_modes == raw.local_modes && before.input_modes == raw.input_modes {
            // By us, or by somebody above us, whose settings they stay.
            return Ok(());
        }
        while let Err(error) = tcsetattr(&self.terminal, OptionalActions::Now, &raw) {
            if error != Errno::INTR {
                return Err(error.into());
            }
        }
        state.before = Some(before);
        Ok(())
    }

    /// Carries what is typed until either end is gone.
    fn carry(&self, mut to: File) {
        let mut bytes = [0; 4096];
        while let Ok(are_there) = self.wait() {
            let count = match are_there.then(|| (&self.terminal).read(&mut bytes)) {
                None => continue,
                Some(Err(error)) if error.kind() == io::ErrorKind::Interrupted => continue,
                Some(Ok(count @ 1..)) => count,
                Some(_) => return,
            };
            if to.write_all(bytes.get(..count).unwrap_or_default()).is_err() {
                return;
            }
        }
    }

    /// Waits a while for keys that are ours, and tells whether there are any.
    fn wait(&self) -> io::Result<bool> {
        let state = self.state();
        if !self.are_ours(&state) {
            drop(self.continued.wait_timeout(state, LOOK));
            return Ok(false);
        }
        drop(state);
        self.take()?;
        let mut terminal = [PollFd::new(&self.terminal, PollFlags::IN)];
        match poll(&mut terminal, Timespec::try_from(LOOK).ok().as_ref()) {
            // They may have become somebody else's meanwhile.
            Ok(count) => Ok(count > 0 && self.are_ours(&self.state())),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn are_ours(&self, state: &State) -> bool {
        !state.is_stopping && !self.are_elsewhere()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use rustix::fs::{Mode, OFlags, open};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    /// The keyboard of a terminal on which `x` was typed, and the end at which it was.
    fn typed() -> (Keyboard, File) {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY;
        let end = open(ptsname(&master, Vec::new()).unwrap(), flags, Mode::empty()).unwrap();
        let keyboard = Keyboard(Arc::new(Keys::of(File::from(end))));
        keyboard.take().unwrap();
        let mut master = File::from(master);
        master.write_all(b"x").unwrap();
        (keyboard, master)
    }

    #[test]
    fn keys_are_left_to_the_shell_while_we_are_being_stopped() {
        let (keyboard, _master) = typed();
        // A busy machine may need more than one turn until the key is there.
        let heard = || (0..100).any(|_| keyboard.0.wait().unwrap());
        assert!(heard());
        keyboard.give_back();
        assert!(!keyboard.0.wait().unwrap());
        keyboard.take_again();
        assert!(heard());
    }
}
