//! Signals that are sent to us while a command runs. What is done with them is said by who listens.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use rustix::process::{Pid, Signal, getpid, kill_process};
use signal_hook::consts::{
    SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIGWINCH,
};
use signal_hook::flag::register_conditional_default;
use signal_hook::iterator::exfiltrator::raw::WithRawSiginfo;
use signal_hook::iterator::{Handle, SignalsInfo};

use crate::tui::can_stop;

/// All that go on to the command.
const PASSED: [i32; 9] =
    [SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGTSTP];

/// Hears signals until it is dropped; then those that end or stop a program do so again.
pub struct Listening {
    over: Arc<AtomicBool>,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    /// Tells `hear` of each, and whether a process sent it: the kernel sends for the terminal, to all that are
    /// at it.
    pub fn start(mut hear: impl FnMut(i32, bool) + Send + 'static) -> io::Result<Self> {
        let over = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP] {
            register_conditional_default(signal, Arc::clone(&over))?;
        }
        let mut signals = SignalsInfo::<WithRawSiginfo>::new(PASSED)?;
        let handle = signals.handle();
        let listen =
            move || signals.forever().for_each(|info| hear(info.si_signo, info.si_code <= 0));
        let thread = thread::Builder::new().name("signals".into()).spawn(listen)?;
        Ok(Self { over, handle, thread: Some(thread) })
    }

    /// Passes on what is sent to us to a command in our own group of processes, which is not reaped before this
    /// is dropped. What comes from the terminal has reached it already.
    pub fn pass_to(command: Pid) -> io::Result<Self> {
        Self::start(move |number, sent| {
            if let (true, Some(signal)) = (sent, Signal::from_named_raw(number)) {
                let _ = kill_process(command, signal);
            }
            // The command is being stopped; so are we, until the shell continues both.
            if number == SIGTSTP && can_stop() {
                let _ = kill_process(getpid(), Signal::STOP);
            }
        })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
