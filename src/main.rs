//! The program: the clipboard's holder, or the command line, in a hardened process.

use std::alloc::System;
use std::process::ExitCode;
use std::sync::Arc;

use signal_hook::consts::SIGXFSZ;
use zeroizing_alloc::ZeroAlloc;

/// Wipes all memory when it is freed. What is ours wipes itself; libraries for HTTP, TLS and OAuth keep
/// tokens in buffers of their own.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    if let Some(code) = tresor::service::clipboard::holder::main_if_asked() {
        return code;
    }
    // What could not be done is no reason not to run; `doctor` says so.
    let _ = tresor::vault::memory::harden_process();
    // A write past the limit on the size of files then fails in words instead of ending the program. A
    // handler, which does nothing, and no `ignore`: a program that `run` becomes would inherit that.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
    tresor::cli::main()
}
