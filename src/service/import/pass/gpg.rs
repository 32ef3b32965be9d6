//! gpg as a process that decrypts one file: bounded in time and size, its output in wiped memory. Keeps no key, and
//! asks for none itself: gpg's agent does.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{ImportError, Trouble};
use crate::text::visible;
use crate::vault::{MAX_MAX_VALUE, SensitiveBytes};

/// How long one file may take: somebody may have to find and type a passphrase.
const LONGEST: Duration = Duration::from_secs(180);
/// The most bytes of one file, decrypted: more than any vault takes as one value.
const MOST: usize = 2 * MAX_MAX_VALUE as usize;
/// The most that is kept of what gpg says.
const SAID: usize = 4096;

/// Decrypts a file with the `gpg` of the search path.
///
/// # Errors
///
/// What gpg says, or that there is none.
pub fn decrypt(file: &Path) -> Result<SensitiveBytes, Trouble> {
    let mut child = Command::new("gpg")
        .args(["--quiet", "--batch", "--decrypt", "--"])
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Trouble::All(no_gpg(&error)))?;
    let (ended, end) = mpsc::channel();
    let (Some(mut out), Some(said)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Trouble::File("gpg cannot be heard".to_owned()));
    };
    // The threads end with the pipes, which end with the child.
    let reader = thread::spawn(move || {
        let plain = bounded(&mut out, MOST);
        let _ = ended.send(());
        plain
    });
    let listener = thread::spawn(move || heard(said));
    let in_time = !matches!(end.recv_timeout(LONGEST), Err(RecvTimeoutError::Timeout));
    if !in_time {
        let _ = child.kill();
    }
    let status = waited(child);
    let plain = reader.join().map_err(|_| Trouble::File("gpg's output was lost".to_owned()))?;
    let said = listener.join().unwrap_or_default();
    match (plain, status) {
        _ if !in_time => Err(Trouble::File("gpg took longer than three minutes".to_owned())),
        (Ok(Some(plain)), Ok(status)) if status.success() => Ok(plain),
        (Ok(None), _) => Err(Trouble::File("it holds more than 2 MiB".to_owned())),
        _ if said.contains("cancelled") || said.contains("canceled") => Err(Trouble::All(
            ImportError::Interrupted("gpg's question for the passphrase was cancelled"),
        )),
        _ => Err(Trouble::File(last_line(&said))),
    }
}

fn waited(mut child: Child) -> io::Result<ExitStatus> {
    child.wait()
}

fn no_gpg(error: &io::Error) -> ImportError {
    match error.kind() {
        io::ErrorKind::NotFound => ImportError::Unsupported {
            why: "gpg is not installed, and nothing else opens such a store",
            help: "install GnuPG",
        },
        _ => ImportError::Unsupported { why: "gpg cannot be started", help: "try 'gpg --version'" },
    }
}

/// All there is in a buffer that never moves; `None` when it is more than `most`.
fn bounded(from: &mut impl Read, most: usize) -> io::Result<Option<SensitiveBytes>> {
    let mut buffer = Zeroizing::new(vec![0; most + 1]);
    let mut filled = 0;
    while let Some(free) = buffer.get_mut(filled..).filter(|free| !free.is_empty()) {
        match from.read(free) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let plain = buffer.get(..filled).filter(|_| filled <= most);
    Ok(plain.map(SensitiveBytes::copy_of))
}

/// The beginning of what gpg says; the rest is read and dropped, so that it is not held up.
fn heard(mut from: impl Read) -> String {
    let mut said = Vec::with_capacity(SAID);
    let _ = from.by_ref().take(SAID as u64).read_to_end(&mut said);
    let _ = io::copy(&mut from, &mut io::sink());
    String::from_utf8_lossy(&said).into_owned()
}

/// gpg says last what matters.
fn last_line(said: &str) -> String {
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    match last {
        Some(line) => visible(line.trim_start_matches("gpg: ").trim()).into_owned(),
        None => "gpg does not decrypt it".to_owned(),
    }
}
