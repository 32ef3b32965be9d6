//! The command on a terminal of its own, and its output through the mask to the real one. What is typed goes the
//! other way untouched: the command's terminal makes signals and echoes of it.

use std::io::{self, IsTerminal, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGCONT, SIGKILL, SIGWINCH};

use super::keyboard::Keyboard;
use super::masking::{Masking, Way};
use super::piped::{Pipes, Streams, Target};
use super::signals::Kept;
use super::start::exit_code;
use crate::service::mask::HOLD;
use crate::service::pty::wire::{self, Record};
use crate::service::pty::{Pty, monitor};
use crate::tui::{can_stop, stop_job};

/// What happens while the command runs.
enum Event {
    Signal(i32),
    Command(Record),
    /// The monitor is gone, and not by itself.
    Lost,
}

/// A command on a terminal.
struct Running {
    pty: Pty,
    monitor: Child,
    control: UnixStream,
    screen: Streams,
    pipes: Streams,
    keyboard: Option<Keyboard>,
}

/// Runs it; its exit code is ours.
pub fn run(command: Command, masking: &Masking) -> io::Result<ExitCode> {
    let keyboard = Keyboard::open();
    let pty = Pty::like(rustix::stdio::stdout())?;
    let (control, theirs) = UnixStream::pair()?;
    let mut start = monitored(&command, &pty, masking, theirs)?;
    let pipes = Pipes::connect(&mut start, masking)?;
    let monitor = start.spawn()?;
    // Our ends of what is the command's.
    drop(start);
    wire::send_environment(&control, command.get_envs())?;
    // The values in it are wiped.
    drop(command);
    let mut screen = Streams::default();
    screen.carry(Target::Stdout, pty.end()?, masking)?;
    let pipes = pipes.start(masking)?;
    let (tell, events) = channel();
    let heard = tell.clone();
    // Nobody listens any more when these fail.
    let listening = Kept::all()?.told(move |signal, _| drop(heard.send(Event::Signal(signal))))?;
    hear(control.try_clone()?, tell)?;
    if let Some(keyboard) = &keyboard {
        keyboard.take()?;
    }
    let running = Running { pty, monitor, control, screen, pipes, keyboard };
    let end = running.until_the_end(&events, masking);
    drop(listening);
    running.finish(end, masking)
}

/// The monitor of that command, which is to be started.
fn monitored(
    command: &Command,
    pty: &Pty,
    masking: &Masking,
    control: UnixStream,
) -> io::Result<Command> {
    let input = io::stdin().is_terminal();
    let errors = masking.ways.stderr == Way::Terminal;
    let streams = format!("o{}{}", if input { "i" } else { "" }, if errors { "e" } else { "" });
    let mut monitor = Command::new(std::env::current_exe()?);
    monitor.args([monitor::SUBCOMMAND.as_ref(), pty.path().as_os_str(), streams.as_ref()]);
    monitor.arg(command.get_program()).args(command.get_args());
    monitor.stdout(Stdio::from(std::os::fd::OwnedFd::from(control)));
    if input {
        monitor.stdin(Stdio::null());
    }
    if errors {
        monitor.stderr(Stdio::null());
    }
    Ok(monitor)
}

/// Has what becomes of the command told as events.
fn hear(control: UnixStream, tell: Sender<Event>) -> io::Result<()> {
    let hear = move || {
        while let Some(record) = Record::receive(&control) {
            let _ = tell.send(Event::Command(record));
        }
        let _ = tell.send(Event::Lost);
    };
    thread::Builder::new().name("monitor".into()).spawn(hear).map(drop)
}

impl Running {
    fn until_the_end(&self, events: &Receiver<Event>, masking: &Masking) -> Record {
        loop {
            match events.recv() {
                Ok(Event::Command(Record::Started)) => {
                    if let Err(error) = self.connect_keyboard() {
                        masking.out.warning(&format!("the command hears no keys: {error}"));
                    }
                }
                Ok(Event::Command(Record::Stopped)) => self.stop(),
                Ok(Event::Command(end)) => return end,
                Ok(Event::Signal(SIGWINCH)) => self.resize(),
                Ok(Event::Signal(SIGCONT)) => self.go_on(),
                Ok(Event::Signal(signal)) => self.send(signal),
                Ok(Event::Lost) | Err(_) => {
                    masking
                        .out
                        .warning("the process between the command and the terminal was ended");
                    return Record::Killed(SIGKILL);
                }
            }
        }
    }

    /// What is typed goes to the command from now on: a key that came to its terminal before that could stop
    /// or end nobody.
    fn connect_keyboard(&self) -> io::Result<()> {
        match &self.keyboard {
            Some(keyboard) => keyboard.carry(self.pty.end()?),
            None => Ok(()),
        }
    }

    /// Stops with the command, as the shell above expects, and gives it the terminal back.
    fn stop(&self) {
        if !can_stop() {
            // Nobody could continue us: the command goes on at once.
            return self.send(SIGCONT);
        }
        // What it wrote last is shown before the shell takes over.
        thread::sleep(HOLD + Duration::from_millis(10));
        if let Some(keyboard) = &self.keyboard {
            keyboard.give_back();
        }
        // Returns when we are continued, and the signal of that is one of the events.
        stop_job();
    }

    /// Goes on with the command: we were continued.
    fn go_on(&self) {
        if let Some(keyboard) = &self.keyboard {
            keyboard.take_again();
        }
        self.resize();
        self.send(SIGCONT);
    }

    fn resize(&self) {
        let _ = self.pty.resize_like(rustix::stdio::stdout());
    }

    /// Sends the command a signal. A monitor that is gone has been noticed, or will be.
    fn send(&self, signal: i32) {
        let _ = u8::try_from(signal).map(|number| (&self.control).write_all(&[number]));
    }

    /// Shows the rest of the output, ends the session, and gives the terminal back.
    fn finish(mut self, end: Record, masking: &Masking) -> io::Result<ExitCode> {
        let shown = self.screen.finish(masking);
        // With the monitor its session ends; before that the output has to be read: the kernel drops it.
        let _ = self.control.shutdown(Shutdown::Write);
        self.monitor.wait()?;
        let whole = self.pipes.finish(masking) && shown;
        drop(self.keyboard.take());
        match end {
            Record::Failed(number) => Err(io::Error::from_raw_os_error(number)),
            Record::Killed(signal) => Ok(exit_code(128 + signal, whole)),
            Record::Exited(code) => Ok(exit_code(code, whole)),
            Record::Started | Record::Stopped => Ok(ExitCode::FAILURE),
        }
    }
}
