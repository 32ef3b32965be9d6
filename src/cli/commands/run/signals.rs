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
/// Those of them that end or stop a program by themselves, once nobody hears them any more.
const ENDING: [i32; 5] = [SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP];

/// Signals that wait until somebody hears them. Until this and who hears them is dropped, none ends or stops us.
pub struct Kept {
    over: Over,
    signals: SignalsInfo<WithRawSiginfo>,
}

/// Whether signals do what they do by themselves, which they do again once this is dropped.
struct Over(Arc<AtomicBool>);

/// Hears signals until it is dropped; then those that end or stop a program do so again.
pub struct Listening {
    over: Over,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Kept {
    /// All that go on to the command.
    pub fn all() -> io::Result<Self> {
        Self::these(&PASSED)
    }

    /// Those that are not ignored here; a command that is started now has them as they are by themselves, and
    /// ignores what is ignored here, as under nohup. `None` where the system does not tell which those are.
    pub fn heeded() -> io::Result<Option<Self>> {
        heeded().map(|signals| Self::these(&signals)).transpose()
    }

    fn these(numbers: &[i32]) -> io::Result<Self> {
        let over = Over(Arc::default());
        for signal in numbers.iter().filter(|number| ENDING.contains(number)) {
            register_conditional_default(*signal, Arc::clone(&over.0))?;
        }
        Ok(Self { over, signals: SignalsInfo::new(numbers)? })
    }

    /// Tells `hear` of each, and whether a process sent it: the kernel sends for the terminal, to all that are
    /// at it.
    pub fn told(self, mut hear: impl FnMut(i32, bool) + Send + 'static) -> io::Result<Listening> {
        let Self { over, mut signals } = self;
        let handle = signals.handle();
        let listen =
            move || signals.forever().for_each(|info| hear(info.si_signo, info.si_code <= 0));
        let thread = thread::Builder::new().name("signals".into()).spawn(listen)?;
        Ok(Listening { over, handle, thread: Some(thread) })
    }

    /// Passes on what is sent to us to a command in our own group of processes, which is not reaped before the
    /// listening is dropped. What comes from the terminal has reached it already, but for what came before it ran.
    pub fn passed_to(mut self, command: Pid) -> io::Result<Listening> {
        let pass = move |number, is_to_pass| {
            if let (true, Some(signal)) = (is_to_pass, Signal::from_named_raw(number)) {
                let _ = kill_process(command, signal);
            }
            // The command is being stopped; so are we, until the shell continues both.
            if number == SIGTSTP && can_stop() {
                let _ = kill_process(getpid(), Signal::STOP);
            }
        };
        self.signals.pending().for_each(|info| pass(info.si_signo, true));
        self.told(pass)
    }
}

/// The signals of [`PASSED`] that this process does not ignore (proc_pid_status(5): the mask `SigIgn`).
fn heeded() -> Option<Vec<i32>> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    let mask = u64::from_str_radix(mask.trim(), 16).ok()?;
    Some(PASSED.into_iter().filter(|signal| mask >> (signal - 1) & 1 == 0).collect())
}

impl Over {
    fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Drop for Over {
    fn drop(&mut self) {
        self.set();
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.over.set();
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_signal_that_comes_before_the_command_runs_reaches_it() {
        let kept = Kept::heeded().unwrap().unwrap();
        kill_process(getpid(), Signal::USR1).unwrap();
        let mut command = Command::new("sleep").arg("600").spawn().unwrap();
        let listening = kept.passed_to(Pid::from_child(&command)).unwrap();
        assert_eq!(command.wait().unwrap().signal(), Some(SIGUSR1));
        drop(listening);
    }
}
