//! The program: hands over to the command line, which hands over to the UI.

use std::process::ExitCode;

fn main() -> ExitCode {
    tresor::cli::main()
}
