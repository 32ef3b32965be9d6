//! A session of its own, and signals.

use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Nothing to prepare: the holder parts itself.
pub(in crate::service::clipboard) fn prepare(_: &mut Command) {}

/// Leaves the terminal's session; gives the flag that asks it to end.
pub(in crate::service::clipboard) fn detach() -> Result<Arc<AtomicBool>, String> {
    #[cfg(target_os = "linux")]
    crate::vault::memory::close_inherited();
    // Fails only for a process group leader, which has no terminal of ours to lose.
    let _ = rustix::process::setsid();
    let _ = rustix::process::chdir("/");
    let ended = Arc::new(AtomicBool::new(false));
    let flag = |signal, flag: &Arc<AtomicBool>| {
        signal_hook::flag::register(signal, Arc::clone(flag)).map_err(|error| error.to_string())
    };
    // A handler that sets a flag nobody reads: the signal is ignored.
    flag(SIGHUP, &Arc::new(AtomicBool::new(false)))?;
    flag(SIGTERM, &ended)?;
    flag(SIGINT, &ended)?;
    Ok(ended)
}

/// Asks a holder to end by a signal. It was not reaped yet: the id is still its own.
pub(in crate::service::clipboard) fn ask_to_end(holder: &Child) {
    if let Some(pid) = i32::try_from(holder.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::TERM);
    }
}
