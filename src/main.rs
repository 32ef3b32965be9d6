//! The program: the clipboard's holder, or the command line, in a hardened process.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = tresor::service::clipboard::holder::main_if_asked() {
        return code;
    }
    // What could not be done is no reason not to run; `doctor` says so.
    let _ = tresor::vault::memory::harden_process();
    tresor::cli::main()
}
