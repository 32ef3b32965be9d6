//! A terminal of its own for a command, between it and the real one: with job control, so that it can be stopped
//! and continued. Draws nothing and masks nothing.
//!
//! A session needs a leader, and a command that leads one cannot be stopped by Ctrl-Z: its group is an orphan, and
//! the kernel drops the signal (POSIX, "orphaned process group"). So between us and the command there is the
//! [`monitor`], which leads the session and tells what becomes of the command.

pub mod monitor;
pub mod wire;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::getpgrp;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{
    OptionalActions, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr, tcsetwinsize,
};

/// Our end of a new terminal.
pub struct Pty {
    master: OwnedFd,
    path: OsString,
}

/// Whether another job than ours has a terminal. One that is not our session's never stops us.
pub fn is_elsewhere(terminal: impl AsFd) -> bool {
    tcgetpgrp(terminal).is_ok_and(|foreground| foreground != getpgrp())
}

impl Pty {
    /// A new one with the size of a real one, and its settings as well: but not those that another job has given
    /// it for itself.
    pub fn like(real: impl AsFd) -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        fcntl_setfd(&master, FdFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let path = OsString::from_vec(ptsname(&master, Vec::new())?.into_bytes());
        if !is_elsewhere(&real) {
            // On our end these are the settings of the other one.
            tcsetattr(&master, OptionalActions::Now, &tcgetattr(&real)?)?;
        }
        let pty = Self { master, path };
        pty.resize_like(real)?;
        Ok(pty)
    }

    /// Takes on the size of a real one; the command is told by SIGWINCH.
    pub fn resize_like(&self, real: impl AsFd) -> io::Result<()> {
        Ok(tcsetwinsize(&self.master, tcgetwinsize(real)?)?)
    }

    /// Where the command's end is opened.
    pub fn path(&self) -> &OsString {
        &self.path
    }

    /// Our end once more, to read from or to write to.
    pub fn end(&self) -> io::Result<File> {
        Ok(File::from(self.master.try_clone()?))
    }
}
