//! The copier's end of one holder process. It starts it and hears it; it does not choose the route.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command as Program, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::wire::{Command, Message};
use super::{ClipboardEnv, ClipboardError, ClipboardReceipt, Route, detached, holder, tmux};
use crate::vault::SensitiveBytes;

/// How long a holder may take until the value can be pasted.
const READY: Duration = Duration::from_secs(4);
/// How long a holder may take to end when it is told to, before it is killed.
const ENDED: Duration = Duration::from_secs(3);
/// How often one that says nothing more is looked at.
const POLL: Duration = Duration::from_millis(20);
/// How long clearing now may take: an answer, three read-backs, and some air.
const CLEARED: Duration = Duration::from_secs(4);

/// Called from another thread when a receipt may be waiting.
pub(super) type Wake = Arc<dyn Fn() + Send + Sync>;

/// What every holder is started with.
pub(super) struct Starter<'a> {
    /// The program that becomes the holder.
    pub(super) exe: &'a Path,
    /// The environment that leads to the clipboard.
    pub(super) env: &'a ClipboardEnv,
    /// Whom to wake with the receipt.
    pub(super) wake: Option<Wake>,
}

/// A holder that has its value, and the pipes to it.
pub(super) struct Holder {
    /// The route it holds the value by.
    pub(super) route: Route,
    /// Its tmux buffer's name; empty on other routes.
    pub(super) buffer: String,
    stdin: Option<ChildStdin>,
    messages: Receiver<Message>,
}

/// Why a holder did not take the value.
pub(super) enum StartError {
    /// The route does not work here, and why.
    Route(String),
    /// The helper could not even be started.
    Helper(ClipboardError),
}

impl Starter<'_> {
    /// Starts a holder for `value` and waits until it can be pasted.
    ///
    /// `to_terminal` is whether tmux may hand the value on to the outer terminal, by OSC 52.
    pub(super) fn hold(
        &self,
        route: Route,
        value: &SensitiveBytes,
        clear_after: Duration,
        to_terminal: bool,
    ) -> Result<Holder, StartError> {
        let seconds = clear_after.as_secs_f64().to_string();
        let mut arguments = vec!["--clear-after", &seconds];
        if to_terminal {
            arguments.push("--to-terminal");
        }
        let buffer = if route == Route::Tmux { tmux::new_name() } else { String::new() };
        if !buffer.is_empty() {
            arguments.extend(["--buffer", &buffer]);
        }
        let mut process = self.spawn(route, &arguments)?;
        let length = u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes();
        if let Some(stdin) = process.holder.stdin.as_mut() {
            // A holder that ended says why, or its silence does.
            let _ = stdin.write_all(&length);
            let _ = value.with(|plain| stdin.write_all(plain));
        }
        let holder = process.wait_ready(|| self.take_back(route, &buffer))?;
        Ok(Holder { buffer, ..holder })
    }

    /// Takes off what a holder that is gone may have left; a desktop forgets it with the holder.
    /// Says what is left all the same.
    fn take_back(&self, route: Route, buffer: &str) -> String {
        match route {
            Route::Tmux if tmux::remove(self.env, buffer).is_err() => {
                format!("; the value may still be in its buffer {buffer}")
            }
            Route::System => "; the value may still be on the clipboard".to_owned(),
            _ => String::new(),
        }
    }

    /// Asks a short-lived holder whether `route` works.
    pub(super) fn probe(&self, route: Route) -> Result<(), StartError> {
        self.spawn(route, &["--probe"])?.wait_ready(String::new).map(drop)
    }

    /// Starts a holder with nothing but its route's environment, and a thread that hears it.
    fn spawn(&self, route: Route, arguments: &[&str]) -> Result<Started, StartError> {
        let mut program = Program::new(self.exe);
        detached::prepare(&mut program);
        let mut child = program
            .arg(holder::SUBCOMMAND)
            .args(["--route", route.word()])
            .args(arguments)
            .env_clear()
            .envs(self.env.for_holder(route))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| StartError::Helper(ClipboardError::Helper(error.to_string())))?;
        let (sender, messages) = mpsc::channel();
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let child = Arc::new(Mutex::new(child));
        if let Some(stdout) = stdout {
            let (wake, child) = (self.wake.clone(), Arc::clone(&child));
            thread::spawn(move || hear(stdout, &child, sender, wake));
        }
        let buffer = String::new();
        Ok(Started { holder: Holder { route, buffer, stdin, messages }, child })
    }
}

impl Holder {
    /// The receipt, when there is one; never blocks.
    pub(super) fn poll(&mut self) -> Option<ClipboardReceipt> {
        match self.messages.try_recv() {
            Ok(Message::Receipt(receipt)) => Some(receipt),
            Ok(_) | Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(ended_early()),
        }
    }

    /// Waits for the receipt.
    pub(super) fn wait(self) -> ClipboardReceipt {
        match self.messages.recv() {
            Ok(Message::Receipt(receipt)) => receipt,
            _ => ended_early(),
        }
    }

    /// Asks it to clear what is still ours, and waits for the receipt.
    pub(super) fn clear_now(mut self) -> ClipboardReceipt {
        self.say(Command::Clear);
        match self.messages.recv_timeout(CLEARED) {
            Ok(Message::Receipt(receipt)) => receipt,
            Err(RecvTimeoutError::Timeout) => {
                ClipboardReceipt::Kept("the helper that holds it does not answer".to_owned())
            }
            _ => ended_early(),
        }
    }

    /// Ends it because a newer copy has taken over.
    pub(super) fn replace(mut self) {
        // A tmux buffer has a name of its own and would stay: it is deleted.
        self.say(if self.route == Route::Tmux { Command::Clear } else { Command::Leave });
    }

    /// Whether it ends within that time; what it says meanwhile is not heard.
    fn has_ended(&self, within: Duration) -> bool {
        let until = Instant::now() + within;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.messages.recv_timeout(left) {
                Ok(_) => {}
                Err(error) => return error == RecvTimeoutError::Disconnected,
            }
        }
    }

    fn say(&mut self, command: Command) {
        if let Some(stdin) = self.stdin.as_mut() {
            // A holder that has ended has left its receipt already.
            let _ = stdin.write_all(&[command.byte()]);
        }
    }
}

/// A holder that has not said yet whether its route works.
struct Started {
    holder: Holder,
    /// Locked by who hears it only to reap it, after its last word.
    child: Arc<Mutex<Child>>,
}

impl Started {
    /// Waits until the value can be pasted. One that is late is ended; `left` then takes off what it
    /// left and says what it could not.
    fn wait_ready(self, left: impl FnOnce() -> String) -> Result<Holder, StartError> {
        let why = match self.holder.messages.recv_timeout(READY) {
            Ok(Message::Ready) => return Ok(self.holder),
            Ok(Message::Failed(why)) => why,
            Ok(Message::Receipt(_)) => "its helper ended at once".to_owned(),
            Err(RecvTimeoutError::Disconnected) => {
                let why = format!("it ended before it was ready{}", left());
                return Err(StartError::Helper(ClipboardError::Helper(why)));
            }
            Err(RecvTimeoutError::Timeout) => {
                self.end();
                format!("it does not answer{}", left())
            }
        };
        Err(StartError::Route(why))
    }

    /// Ends it: told to, it takes off what it has put there; only then is it killed.
    fn end(mut self) {
        self.holder.say(Command::Clear);
        // Without its pipe it waits for nothing more from us.
        self.holder.stdin = None;
        let endings: [fn(&mut Child); 2] =
            [|child| detached::ask_to_end(child), |child| drop(child.kill())];
        for end in endings {
            end(&mut self.child.lock().unwrap_or_else(PoisonError::into_inner));
            if self.holder.has_ended(ENDED) {
                return;
            }
        }
    }
}

/// Passes on what the holder says until it ends, reaps it, and wakes who waits for the receipt.
fn hear(stdout: ChildStdout, child: &Mutex<Child>, sender: Sender<Message>, wake: Option<Wake>) {
    for line in BufReader::new(stdout).lines() {
        let Ok(line) = line else { break };
        if let Some(message) = Message::parse(&line) {
            // Nobody may listen any more; the holder still has to be reaped.
            let _ = sender.send(message);
        }
    }
    // Not in one wait: who ends one that hangs needs the lock too.
    let is_running = || {
        let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(child.try_wait(), Ok(None))
    };
    while is_running() {
        thread::sleep(POLL);
    }
    // The closed channel is the receipt of a holder that left none: before the wake.
    drop(sender);
    if let Some(wake) = wake {
        wake();
    }
}

fn ended_early() -> ClipboardReceipt {
    ClipboardReceipt::Kept("the helper that held it ended early".to_owned())
}
