//! Runs tmux commands and ends each that takes too long: a server that stands still must not keep a
//! client, and the value with it. Knows no buffer of ours.

use std::ffi::OsString;
use std::os::fd::AsFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::pipe::PIPE_BUF;
use zeroize::Zeroizing;

use super::{ClipboardEnv, Route};
use crate::text::visible;
use crate::vault::SensitiveBytes;

/// The longest one command may take: less than a place is waited for, so that its thread is free again.
const LIMIT: Duration = Duration::from_millis(1500);
/// How often an ending client is looked at.
const STEP: Duration = Duration::from_millis(2);
/// What a server that stays silent is reported as.
const SILENT: &str = "the tmux server does not answer";

/// What comes out of a pipe.
type Wiped = Zeroizing<Vec<u8>>;

/// Why a command did not do its work.
pub(super) enum Trouble {
    /// No answer in time; it may still be carried out.
    Silent,
    /// What tmux said, already visible.
    Said(String),
}

impl Trouble {
    /// In words.
    pub(super) fn why(self) -> String {
        match self {
            Self::Silent => SILENT.to_owned(),
            Self::Said(why) => why,
        }
    }
}

/// The way to the server of one environment.
pub(super) struct Client {
    vars: Vec<(&'static str, OsString)>,
}

impl Client {
    /// Nothing is asked yet.
    pub(super) fn new(env: &ClipboardEnv) -> Self {
        let vars = env.for_holder(Route::Tmux).into_iter();
        Self { vars: vars.map(|(name, value)| (name, value.to_owned())).collect() }
    }

    /// Whether there is a buffer of that name.
    pub(super) fn has(&self, name: &str) -> Result<bool, Trouble> {
        let names = self.run(&["list-buffers", "-F", "#{buffer_name}"], None)?;
        Ok(names.split(|byte| *byte == b'\n').any(|found| found == name.as_bytes()))
    }

    /// Deletes the buffer of that name; old servers delete another one when they do not know it.
    pub(super) fn delete(&self, name: &str) -> Result<(), String> {
        self.run(&["delete-buffer", "-b", name], None).map(drop).map_err(Trouble::why)
    }

    /// Runs one command, `input` on its standard input; gives its standard output.
    pub(super) fn run(
        &self,
        arguments: &[&str],
        input: Option<&SensitiveBytes>,
    ) -> Result<Wiped, Trouble> {
        let mut child = Command::new("tmux")
            .args(arguments)
            .env_clear()
            .envs(self.vars.iter().map(|(name, value)| (name, value)))
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| Trouble::Said(format!("tmux does not start: {error}")))?;
        let Some((status, output, said)) = talk(&mut child, input, Instant::now() + LIMIT) else {
            // Its pipes may live on in a server that stands still, so their end is not waited for.
            let _ = child.kill();
            let _ = child.wait();
            return Err(Trouble::Silent);
        };
        if status.success() { Ok(output) } else { Err(Trouble::Said(first_line(&said))) }
    }
}

/// Gives a client its input and hears it to its end: its status, its output and its complaints.
///
/// `None` when it takes longer than until `by`.
fn talk(
    child: &mut Child,
    input: Option<&SensitiveBytes>,
    by: Instant,
) -> Option<(ExitStatus, Wiped, Wiped)> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    if let (Some(value), Some(stdin)) = (input, stdin) {
        value.with(|plain| write_all(&stdin, plain, by))?;
    }
    let output = read_all(stdout?, by)?;
    let said = read_all(stderr?, by)?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some((status, output, said)),
            Ok(None) if Instant::now() < by => thread::sleep(STEP),
            Ok(None) | Err(_) => return None,
        }
    }
}

/// Waits until `fd` is ready for that; false when it is not until `by`.
fn ready(fd: &impl AsFd, flags: PollFlags, by: Instant) -> bool {
    loop {
        let left = by.saturating_duration_since(Instant::now());
        let Ok(left) = Timespec::try_from(left) else { return false };
        match poll(&mut [PollFd::new(fd, flags)], Some(&left)) {
            Ok(count) => return count > 0,
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Writes all of `bytes` to a pipe; `None` when that is not done until `by`.
///
/// A reader that closes early is no failure here: that shows in its status and in what is read back.
fn write_all(pipe: &impl AsFd, bytes: &[u8], by: Instant) -> Option<()> {
    for chunk in bytes.chunks(PIPE_BUF) {
        // A pipe that is ready takes so much without waiting.
        if !ready(pipe, PollFlags::OUT, by) {
            return None;
        }
        let mut left = chunk;
        while !left.is_empty() {
            match rustix::io::write(pipe, left) {
                Ok(count) => left = left.get(count..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(_) => return Some(()),
            }
        }
    }
    Some(())
}

/// Reads a pipe to its end into buffers that are wiped, also when they grow; `None` when the end has
/// not come until `by`.
fn read_all(pipe: impl AsFd, by: Instant) -> Option<Wiped> {
    let mut all = Zeroizing::new(Vec::new());
    let mut chunk = Zeroizing::new(vec![0_u8; 64 * 1024]);
    while ready(&pipe, PollFlags::IN, by) {
        let count = match rustix::io::read(&pipe, chunk.as_mut_slice()) {
            Ok(0) => return Some(all),
            Ok(count) => count,
            Err(Errno::INTR) => continue,
            Err(_) => return None,
        };
        // A Vec that grows leaves its old bytes behind: a larger one is filled and the old wiped.
        if all.len() + count > all.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity((all.len() + count) * 2));
            larger.extend_from_slice(&all);
            all = larger;
        }
        all.extend_from_slice(chunk.get(..count).unwrap_or_default());
    }
    None
}

/// What tmux said, short enough for a status line.
fn first_line(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    match text.lines().next().filter(|line| !line.is_empty()) {
        Some(line) => visible(line).chars().take(120).collect(),
        None => SILENT.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_carries_every_byte_over_many_chunks() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
        let (reading, writing) = std::io::pipe().unwrap();
        let by = Instant::now() + Duration::from_secs(10);
        let sent = bytes.clone();
        let writer = thread::spawn(move || write_all(&writing, &sent, by));
        assert_eq!(read_all(reading, by).unwrap().as_slice(), bytes.as_slice());
        assert_eq!(writer.join().unwrap(), Some(()));
    }

    #[test]
    fn a_pipe_that_nobody_serves_is_waited_for_only_so_long() {
        let (reading, writing) = std::io::pipe().unwrap();
        let soon = || Instant::now() + Duration::from_millis(50);
        assert!(read_all(&reading, soon()).is_none());
        assert_eq!(write_all(&writing, &vec![0; 1024 * 1024], soon()), None);
        drop(reading);
        assert_eq!(write_all(&writing, b"x", soon()), Some(()), "a closed one shows elsewhere");
    }

    #[test]
    fn what_tmux_says_is_one_visible_line() {
        assert_eq!(first_line(b"no server running on /s\nmore"), "no server running on /s");
        assert_eq!(first_line(b"\x1b]0;x\n"), "␛]0;x");
        assert_eq!(first_line(b""), SILENT);
        assert_eq!(first_line(&[b'x'; 500]).len(), 120);
    }
}
