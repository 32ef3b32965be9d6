//! The program: the clipboard's holder, the monitor of a command on a terminal, or the command line, in a hardened process.

use std::process::ExitCode;

use tresor::vault::memory::WipingAllocator;

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

fn main() -> ExitCode {
    if let Some(code) = tresor::service::clipboard::holder::main_if_asked() {
        return code;
    }
    #[cfg(unix)]
    if let Some(code) = tresor::service::pty::monitor::main_if_asked() {
        return code;
    }
    // What could not be done is no reason not to run; `doctor` says so.
    let _ = tresor::vault::memory::harden_process();
    #[cfg(unix)]
    survive_the_size_limit();
    tresor::cli::main()
}

/// Has a write past the limit on the size of files fail in words instead of ending the program. By a
/// handler, which does nothing, and no `ignore`: a program that `run` becomes would inherit that.
#[cfg(unix)]
fn survive_the_size_limit() {
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
}
