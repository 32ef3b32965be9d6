//! The program: the clipboard's holder, or the command line, in a hardened process.

use std::process::ExitCode;
use std::sync::Arc;

use signal_hook::consts::SIGXFSZ;
use tresor::vault::memory::WipingAllocator;

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

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
