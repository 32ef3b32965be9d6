//! The process between us and a command with a terminal of its own: it leads the session, starts the command in a
//! group of the terminal's foreground, passes signals on, and tells when it stops or ends. It opens no vault.
//!
//! `tresor __on-terminal PATH STREAMS COMMAND ARGUMENT…`, STREAMS of the letters `i`, `o` and `e`: which of the
//! command's streams are that terminal; the others are the monitor's own. The first of its own outputs that is not
//! the command's is the socket to us. The environment's changes come over that, so that none of it is secret.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};
use std::thread;

use rustix::io::{Errno, fcntl_dupfd_cloexec};
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, ioctl_tiocsctty, kill_process, kill_process_group, setsid,
    waitid,
};
use rustix::termios::tcsetpgrp;

use super::wire::{self, Record};
use crate::vault::memory;

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "__on-terminal";

/// Runs the monitor when the first argument asks for it; `None` otherwise.
pub fn main_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != SUBCOMMAND {
        return None;
    }
    let _ = memory::harden_process();
    match monitor(arguments) {
        Ok(()) => Some(ExitCode::SUCCESS),
        Err(_) => Some(ExitCode::FAILURE),
    }
}

fn monitor(mut arguments: impl Iterator<Item = OsString>) -> io::Result<()> {
    let mut next = || arguments.next().ok_or(io::ErrorKind::InvalidInput);
    let (path, streams, program) = (next()?, next()?, next()?);
    let streams = streams.to_string_lossy().into_owned();
    let control = control(&streams)?;
    setsid()?;
    // The first terminal that a session's leader opens is the session's.
    let terminal = OpenOptions::new().read(true).write(true).open(path)?;
    let _ = ioctl_tiocsctty(&terminal);
    let mut command = Command::new(program);
    command.args(arguments).process_group(0);
    connect(&mut command, &terminal, &streams)?;
    wire::receive_environment(&control, |name, value| {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    })?;
    let child = match command.spawn() {
        Ok(child) => child,
        // A refusal of the standard library has no number: what holds a zero byte is invalid.
        Err(error) => {
            let number = error.raw_os_error().unwrap_or(Errno::INVAL.raw_os_error());
            return Record::Failed(number).send(&control);
        }
    };
    // The values in it are wiped.
    drop(command);
    let child = Pid::from_child(&child);
    // A refusal is the command's own: it has left the terminal, or ended.
    let _ = tcsetpgrp(&terminal, child);
    // It may have asked the terminal for something before that, and been stopped for it.
    let _ = kill_process_group(child, Signal::CONT);
    Record::Started.send(&control)?;
    // Only what is the command's own keeps the terminal open, so that we see when the last of it is gone.
    drop(terminal);
    let records = control.try_clone()?;
    thread::Builder::new().name("waiting".into()).spawn(move || report(child, &records))?;
    pass(&control, child);
    // The session ends with its leader: the kernel hangs up on whoever is left at the terminal.
    Ok(())
}

/// The socket to us, out of the way of the command.
fn control(streams: &str) -> io::Result<UnixStream> {
    let own = |free| if free { rustix::stdio::stdout() } else { rustix::stdio::stderr() };
    let socket = fcntl_dupfd_cloexec(own(streams.contains('o')), 3)?;
    Ok(UnixStream::from(socket))
}

/// Gives the command the terminal for each stream that is to be one.
fn connect(command: &mut Command, terminal: &File, streams: &str) -> io::Result<()> {
    let stream = |letter| -> io::Result<Stdio> {
        Ok(if streams.contains(letter) { terminal.try_clone()?.into() } else { Stdio::inherit() })
    };
    command.stdin(stream('i')?).stdout(stream('o')?).stderr(stream('e')?);
    Ok(())
}

/// Passes signals on until there will be no more: the command's output was read to its end, or we are gone.
fn pass(mut control: &UnixStream, child: Pid) {
    let mut byte = [0];
    while control.read_exact(&mut byte).is_ok() {
        // The command is never reaped here, so that its number stays its own.
        let _ = match Signal::from_named_raw(i32::from(byte[0])) {
            // What stops and continues it does so to all that it started.
            Some(signal @ (Signal::CONT | Signal::TSTP)) => kill_process_group(child, signal),
            Some(signal) => kill_process(child, signal),
            None => Ok(()),
        };
    }
}

/// Tells what becomes of the command.
fn report(child: Pid, mut control: &UnixStream) {
    let seen = WaitIdOptions::EXITED | WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT;
    loop {
        let status = match waitid(WaitId::Pid(child), seen) {
            Ok(Some(status)) => status,
            Err(Errno::INTR) => continue,
            _ => return,
        };
        let record = match (status.stopped(), status.exit_status(), status.terminating_signal()) {
            (true, ..) => Record::Stopped,
            (_, Some(code), _) => Record::Exited(code),
            (.., signal) => Record::Killed(signal.unwrap_or(0)),
        };
        if record == Record::Stopped {
            // Seen once, so that it is not seen again.
            let _ = waitid(WaitId::Pid(child), WaitIdOptions::STOPPED | WaitIdOptions::NOHANG);
        }
        if record.send(&mut control).is_err() || record != Record::Stopped {
            return;
        }
    }
}
