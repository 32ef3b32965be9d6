//! The signals of POSIX.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::{io, thread};

use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::flag::register_conditional_default;
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::emulate_default_handler;

use super::LAST_RESORT;
use crate::tui::{Message, guard};

/// What Ctrl-C sends.
pub const INTERRUPT: i32 = SIGINT;
/// What comes when the terminal is gone.
pub const HANGUP: i32 = SIGHUP;

/// Those that end the program.
const ENDING: [i32; 4] = [SIGTERM, SIGHUP, SIGINT, SIGQUIT];

/// The signal thread; when dropped, every signal does again what it does by default.
pub struct SignalThread {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
    over: Arc<AtomicBool>,
}

impl SignalThread {
    /// Starts listening. `lock` drops every key; it is called at once when the program must end.
    pub fn start(to: Sender<Message>, lock: impl Fn() + Send + 'static) -> io::Result<Self> {
        let over = Arc::new(AtomicBool::new(false));
        for signal in ENDING.into_iter().chain([SIGTSTP]) {
            register_conditional_default(signal, Arc::clone(&over))?;
        }
        let mut signals = Signals::new(ENDING.into_iter().chain([SIGTSTP, SIGCONT, SIGWINCH]))?;
        let handle = signals.handle();
        let listen = move || {
            for signal in signals.forever() {
                if ENDING.contains(&signal) {
                    lock();
                    end_in_time(signal);
                }
                // The loop is gone when this fails.
                let _ = to.send(message(signal));
            }
        };
        let thread = thread::Builder::new().name("signals".into()).spawn(listen)?;
        Ok(Self { handle, thread: Some(thread), over })
    }
}

impl Drop for SignalThread {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn message(signal: i32) -> Message {
    match signal {
        SIGWINCH => Message::Resized,
        SIGCONT => Message::Continued,
        SIGTSTP => Message::Stop,
        signal => Message::End(signal),
    }
}

/// Ends the program with `signal` after a while, whatever the loop does: its terminal may be stuck.
fn end_in_time(signal: i32) {
    let end = move || {
        thread::sleep(LAST_RESORT);
        guard::leave();
        die_of(signal);
    };
    if thread::Builder::new().name("last resort".into()).spawn(end).is_err() {
        guard::leave();
        die_of(signal);
    }
}

/// Ends the process as `signal` does by default, so that whoever waits for it sees why.
pub fn die_of(signal: i32) -> ! {
    let _ = emulate_default_handler(signal);
    // It ends the process; should that fail for a signal it does not know, this does.
    signal_hook::low_level::abort()
}

/// Whether a shell is above us that could continue us after a stop.
///
/// A process group that holds its session's leader has none: stopped, it would stay so.
pub fn can_stop() -> bool {
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Stops the whole job, as Ctrl-Z in a shell does.
///
/// The whole process group, because a program that started us (cargo, git) must stop too for the shell
/// to take over.
pub fn stop_job() {
    // Fails only for a group that does not exist, and ours does.
    let _ = kill_current_process_group(Signal::STOP);
}
