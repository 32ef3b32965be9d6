//! Becomes the command: the same process, another program. Nothing of ours stays behind.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use rustix::io::Errno;

use crate::cli::exit;
use crate::fault::FaultKind;

/// Only returns when the command did not start. Its copies of the values go with the process.
pub fn run(mut command: Command) -> io::Result<ExitCode> {
    Err(command.exec())
}

/// Whether two names are those of one variable.
pub fn are_one_variable(one: &str, other: &str) -> bool {
    one == other
}

/// Why a command did not start, by the errors of execve(2): the code, the kind, and what to do.
pub fn not_started(error: &io::Error) -> (u8, FaultKind, &'static str) {
    match Errno::from_io_error(error) {
        // The path leads nowhere. A search path with a part that is no directory ends in NOTDIR.
        Some(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG) => {
            (exit::RUN_NOT_FOUND, FaultKind::NotFound, "check its name, and the search path")
        }
        Some(Errno::TOOBIG) => {
            let help = "hand over fewer or shorter secrets and arguments: --env picks single ones";
            (exit::RUN_FAILED, FaultKind::Invalid, help)
        }
        // The system had no room for it, or the disk failed: no word on the command.
        Some(Errno::AGAIN | Errno::NOMEM | Errno::MFILE | Errno::NFILE | Errno::IO) | None => {
            (exit::RUN_FAILED, FaultKind::Internal, "try again when the system has room")
        }
        // It is there, and is no program for us: forbidden, busy, a directory, of a strange form.
        Some(_) => {
            let help = "check its permissions, and that it is a program for this system";
            (exit::RUN_NOT_EXECUTABLE, FaultKind::Refused, help)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_a_start_has_its_code() {
        use Errno as E;
        let not_found = [E::NOENT, E::NOTDIR, E::LOOP, E::NAMETOOLONG];
        let not_executable = [E::ACCESS, E::PERM, E::NOEXEC, E::TXTBSY, E::ISDIR, E::INVAL];
        let ours = [E::TOOBIG, E::AGAIN, E::NOMEM, E::MFILE, E::NFILE, E::IO];
        let classes = [(127, &not_found[..]), (126, &not_executable), (125, &ours)];
        for (code, errors) in classes {
            for error in errors {
                assert_eq!(not_started(&(*error).into()).0, code, "{error:?}");
            }
        }
        let kind = |error: E| not_started(&error.into()).1;
        assert_eq!((kind(E::NOENT), kind(E::ACCESS)), (FaultKind::NotFound, FaultKind::Refused));
        assert_eq!((kind(E::TOOBIG), kind(E::NOMEM)), (FaultKind::Invalid, FaultKind::Internal));
        // The standard library's own refusals bear no number.
        assert_eq!(not_started(&io::ErrorKind::InvalidInput.into()).0, 125);
    }
}
