//! Becomes the command, the same process and another program; or starts it, passes signals on to it and waits
//! for it, where its output is masked.

use std::io::{self, PipeWriter};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitCode};

use rustix::fs::fstat;
use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use rustix::stdio::{stderr, stdout};

use super::masking::{Masking, Way};
use super::piped::Pipes;
use super::signals::Kept;
use super::terminal;
use crate::cli::exit;
use crate::fault::FaultKind;

/// Runs the command; its exit code is ours. Without a mask it only returns when the command did not start: its
/// copies of the values go with the process.
pub fn run(mut command: Command, masking: Option<Masking>) -> io::Result<ExitCode> {
    match masking {
        None => Err(command.exec()),
        Some(masking) if masking.ways.stdout == Way::Terminal => terminal::run(command, &masking),
        Some(masking) => piped(command, &masking),
    }
}

/// Runs it with its output through pipes.
fn piped(mut command: Command, masking: &Masking) -> io::Result<ExitCode> {
    let pipes = Pipes::connect(&mut command, masking)?;
    // A signal that comes from now on, such as Ctrl-C, would end us alone where the command heeds none.
    let early = Kept::heeded()?;
    let mut child = command.spawn()?;
    // Our ends of its pipes, and the values in it, which are wiped; the child has its own.
    drop(command);
    let pid = Pid::from_child(&child);
    let kept = early.map_or_else(Kept::all, Ok)?;
    let listening = kept.passed_to(pid)?;
    let mut streams = pipes.start(masking)?;
    // Not reaped yet, so that no signal meets another process of the same number.
    wait_unreaped(pid);
    drop(listening);
    let status = child.wait()?;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    Ok(exit_code(code, streams.drain(masking)))
}

/// Waits for the end of a process and leaves it to be reaped.
fn wait_unreaped(pid: Pid) {
    let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while matches!(waitid(WaitId::Pid(pid), ended), Err(Errno::INTR)) {}
}

/// Our exit code: the command's, or 1 when it succeeded and its output did not arrive.
pub fn exit_code(code: i32, whole: bool) -> ExitCode {
    match u8::try_from(code).unwrap_or(1) {
        0 if !whole => ExitCode::FAILURE,
        code => ExitCode::from(code),
    }
}

/// Whether standard output and standard error go to the same place.
pub fn outputs_are_one() -> bool {
    match (fstat(stdout()), fstat(stderr())) {
        (Ok(one), Ok(other)) => (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino),
        _ => false,
    }
}

/// Has a pipe hold more, for fewer turns between the command and us; a refusal is none.
pub fn enlarge(pipe: &PipeWriter) {
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, crate::service::mask::CHUNK);
    #[cfg(not(target_os = "linux"))]
    let _ = pipe;
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
