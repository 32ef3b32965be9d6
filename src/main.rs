//! The program: the clipboard's holder, or the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = tresor::service::clipboard::holder::main_if_asked() {
        return code;
    }
    ExitCode::SUCCESS
}
