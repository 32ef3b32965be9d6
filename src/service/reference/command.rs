//! Runs a program that a reference names: an allowed one, with nothing of our environment, for a second
//! at most. Knows no shell.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::{MAX_VALUE, Unresolved, read_value};
use crate::text::{visible, without_newline};
use crate::vault::SensitiveBytes;

/// How long a program may take.
pub const TIME_LIMIT: Duration = Duration::from_secs(1);
/// How often it is looked whether it ended.
const POLL: Duration = Duration::from_millis(5);

/// What the program prints, without its last newline.
pub fn output(
    words: &[String],
    allowed: &[Vec<String>],
    limit: Duration,
) -> Result<SensitiveBytes, Unresolved> {
    check(words, allowed)?;
    let (program, arguments) =
        words.split_first().ok_or_else(|| Unresolved::failed("it names no program"))?;
    let mut command = Command::new(program);
    command.args(arguments).env_clear();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| not_started(&error))?;
    let read = read_until(&mut child, Instant::now() + limit);
    // Whatever happened, nothing of it runs on.
    end(&mut child);
    let (status, bytes) = read?;
    if !status.success() {
        return Err(Unresolved::failed(format!("the program ended with {status}")));
    }
    match without_newline(&bytes) {
        [] => Err(Unresolved::missing("the program printed nothing")),
        value => Ok(SensitiveBytes::copy_of(value)),
    }
}

/// Refuses what is not allowed or not there, and runs nothing.
///
/// The words count as well as the program: whoever wrote the reference chose them.
pub fn check(words: &[String], allowed: &[Vec<String>]) -> Result<(), Unresolved> {
    let is_allowed = |line: &Vec<String>| match line.split_last() {
        Some((last, first)) if last == "*" => !first.is_empty() && words.starts_with(first),
        _ => line == words,
    };
    if !allowed.iter().any(is_allowed) {
        let why = "the command is not allowed; 'references.commands' in the settings names those";
        return Err(Unresolved::blocked(why));
    }
    match words.first().is_some_and(|program| Path::new(program).exists()) {
        true => Ok(()),
        false => Err(Unresolved::missing("there is no such program")),
    }
}

/// Ends the program and, where there are groups of processes, what it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// All that it prints, and how it ended, unless that takes too long or is too much.
fn read_until(
    child: &mut Child,
    end: Instant,
) -> Result<(ExitStatus, Zeroizing<Vec<u8>>), Unresolved> {
    let late = || Unresolved::failed("the program took more than its time");
    let mut pipe = child.stdout.take().ok_or_else(|| Unresolved::failed("there is no pipe"))?;
    let (told, read) = mpsc::channel();
    // The pipe may be held open by what the program left behind: then this thread is left behind, too.
    let reader = move || {
        let done = read_value(&mut pipe);
        // Nobody waits any more when it came too late.
        let _ = told.send(done);
    };
    std::thread::Builder::new()
        .spawn(reader)
        .map_err(|error| Unresolved::failed(format!("no thread: {error}")))?;
    let left = end.saturating_duration_since(Instant::now());
    let bytes = read.recv_timeout(left).map_err(|_| late())?;
    let bytes = bytes.map_err(|error| Unresolved::failed(error.to_string()))?;
    if bytes.len() > MAX_VALUE {
        return Err(Unresolved::failed("the program printed more than 1 MiB"));
    }
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok((status, bytes)),
            Ok(None) if Instant::now() < end => std::thread::sleep(POLL),
            Ok(None) => return Err(late()),
            Err(error) => return Err(Unresolved::failed(error.to_string())),
        }
    }
}

fn not_started(error: &std::io::Error) -> Unresolved {
    match error.kind() {
        std::io::ErrorKind::NotFound => Unresolved::missing("there is no such program"),
        std::io::ErrorKind::PermissionDenied => Unresolved::blocked("the program may not be run"),
        _ => Unresolved::failed(visible(&error.to_string()).into_owned()),
    }
}
