//! Starts the command and waits for it: no process becomes another one here. Its values are wiped meanwhile.

use std::io::{self, ErrorKind, PipeWriter};
use std::process::{Command, ExitCode};

use super::masking::{Masking, Way};
use super::piped::Pipes;
use crate::cli::exit;
use crate::fault::FaultKind;
use crate::service::console::system::listen;

/// `ERROR_BAD_EXE_FORMAT` and `ERROR_EXE_MACHINE_TYPE_MISMATCH`: a file that is no program for this system.
const NO_PROGRAM: [i32; 2] = [193, 216];
/// `ERROR_FILENAME_EXCED_RANGE`: what CreateProcess says of arguments or an environment too long.
const TOO_LONG: i32 = 206;

/// Runs the command; its exit code is ours.
pub fn run(mut command: Command, mut masking: Option<Masking>) -> io::Result<ExitCode> {
    // Ctrl-C is the child's to answer, on the same console; we wait for what it makes of it.
    listen(|_| {});
    masking.iter_mut().for_each(without_a_console);
    let pipes =
        masking.as_ref().map(|masking| Pipes::connect(&mut command, masking)).transpose()?;
    let mut child = command.spawn()?;
    // The values in it are wiped, and our ends of its pipes closed; the child has its own.
    drop(command);
    let whole = match (pipes, &masking) {
        (Some(pipes), Some(masking)) => {
            let mut streams = pipes.start(masking)?;
            child.wait()?;
            streams.drain(masking)
        }
        _ => true,
    };
    let code = child.wait()?.code().unwrap_or(1);
    match u8::try_from(code) {
        Ok(0) if !whole => Ok(ExitCode::FAILURE),
        Ok(code) => Ok(ExitCode::from(code)),
        Err(_) => end(code),
    }
}

/// Masks by pipes what was to be masked on a console, and says so.
fn without_a_console(masking: &mut Masking) {
    let ways = &mut masking.ways;
    if ways.stdout == Way::Terminal || ways.stderr == Way::Terminal {
        masking
            .out
            .note("the command writes to a pipe here, not to the console: colours may be missing");
    }
    for way in [&mut ways.stdout, &mut ways.stderr] {
        if *way == Way::Terminal {
            *way = Way::Pipe;
        }
    }
}

/// Both are carried alone.
pub fn outputs_are_one() -> bool {
    false
}

/// Pipes have no size here that could be changed later.
pub fn enlarge(_: &PipeWriter) {}

/// Ends the process with a code that an `ExitCode` does not hold: nothing is left to be dropped but what was
/// wiped before the command began.
#[allow(clippy::disallowed_methods, reason = "codes have 32 bits here, and the keys are gone")]
fn end(code: i32) -> ! {
    std::process::exit(code)
}

/// Whether two names are those of one variable: capitals make no difference here.
pub fn are_one_variable(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Why a command did not start: the code, the kind, and what to do.
pub fn not_started(error: &io::Error) -> (u8, FaultKind, &'static str) {
    let number = error.raw_os_error().unwrap_or(0);
    match error.kind() {
        // Before its kind, which may be that of a name.
        _ if number == TOO_LONG => {
            let help = "hand over fewer or shorter secrets and arguments: --env picks single ones";
            (exit::RUN_FAILED, FaultKind::Invalid, help)
        }
        ErrorKind::NotFound | ErrorKind::InvalidFilename => {
            (exit::RUN_NOT_FOUND, FaultKind::NotFound, "check its name, and the search path")
        }
        ErrorKind::PermissionDenied => {
            let help = "check its permissions, and that it is a program for this system";
            (exit::RUN_NOT_EXECUTABLE, FaultKind::Refused, help)
        }
        _ if NO_PROGRAM.contains(&number) => {
            let help = "check that it is a program for this system";
            (exit::RUN_NOT_EXECUTABLE, FaultKind::Refused, help)
        }
        _ => (exit::RUN_FAILED, FaultKind::Internal, "try again when the system has room"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_a_start_has_its_code() {
        // ERROR_FILE_NOT_FOUND, _PATH_NOT_FOUND, _ACCESS_DENIED, _BAD_EXE_FORMAT, _NOT_ENOUGH_MEMORY.
        for (number, code) in [(2, 127), (3, 127), (5, 126), (193, 126), (206, 125), (8, 125)] {
            assert_eq!(not_started(&io::Error::from_raw_os_error(number)).0, code, "{number}");
        }
        // The standard library's own word for a program that no search finds.
        assert_eq!(not_started(&ErrorKind::NotFound.into()).0, 127);
    }

    #[test]
    fn a_variable_has_one_name_however_it_is_written() {
        assert!(are_one_variable("Path", "PATH") && !are_one_variable("PATH", "PATHS"));
    }
}
