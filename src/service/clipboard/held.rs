//! The places a value can be held in: a desktop clipboard, a tmux buffer. They know no timer.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

#[cfg(target_os = "macos")]
use arboard::SetExtApple;
#[cfg(not(target_os = "macos"))]
use arboard::SetExtLinux;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::Route;
use crate::vault::SensitiveBytes;

/// What is on the clipboard, compared with what was put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Contents {
    /// The value we put there.
    Ours,
    /// Something else, or nothing.
    NotOurs,
    /// It could not be read.
    Unknown(String),
}

/// A place that holds one value.
pub(super) trait Held: Send {
    /// Puts `value` there.
    fn set(&mut self, value: &SensitiveBytes) -> Result<(), String>;
    /// Reads back and compares.
    fn contents(&mut self, value: &SensitiveBytes) -> Contents;
    /// Takes the value off; only called after [`Contents::Ours`].
    fn clear(&mut self) -> Result<(), String>;
}

/// Opens the place of `route`, which is where a route really proves to work.
///
/// `to_terminal` lets tmux hand the value on to the outer terminal's clipboard.
pub(super) fn open(route: Route, to_terminal: bool) -> Result<Box<dyn Held>, String> {
    match route {
        Route::X11 | Route::Wayland | Route::System => Ok(Box::new(Desktop::open()?)),
        Route::Tmux => Ok(Box::new(TmuxBuffer::open(to_terminal)?)),
        Route::Osc52 => Err("the terminal's sequence cannot be held".to_owned()),
    }
}

/// What it means when a read on `route` never answers.
///
/// On a desktop the holder itself answers for its own contents, and at once: whoever is silent is
/// another program. A tmux server may just be busy.
pub(super) fn silence(route: Route) -> Contents {
    match route {
        Route::Tmux => Contents::Unknown("the tmux server does not answer".to_owned()),
        _ => Contents::NotOurs,
    }
}

/// Compares in constant time; lengths may be told apart.
fn same(value: &SensitiveBytes, found: &[u8]) -> Contents {
    if value.with(|plain| bool::from(plain.ct_eq(found))) {
        Contents::Ours
    } else {
        Contents::NotOurs
    }
}

/// The CLIPBOARD of X11, Wayland or the platform. Never PRIMARY.
struct Desktop(arboard::Clipboard);

impl Desktop {
    /// Connects. Every error means that there is no such clipboard: a missing display is not
    /// told apart from an unsupported one.
    fn open() -> Result<Self, String> {
        arboard::Clipboard::new().map(Self).map_err(|error| error.to_string())
    }
}

impl Held for Desktop {
    fn set(&mut self, value: &SensitiveBytes) -> Result<(), String> {
        let set = self.0.set().exclude_from_history();
        match value.with_str(|text| set.text(text)) {
            Some(done) => done.map_err(|error| error.to_string()),
            None => Err("the value is not text".to_owned()),
        }
    }

    fn contents(&mut self, value: &SensitiveBytes) -> Contents {
        match self.0.get().text().map(Zeroizing::new) {
            Ok(text) => same(value, text.as_bytes()),
            // Empty, a picture, or text in no encoding of ours: in each case not our value.
            Err(arboard::Error::ContentNotAvailable | arboard::Error::ConversionFailure) => {
                Contents::NotOurs
            }
            Err(error) => Contents::Unknown(error.to_string()),
        }
    }

    fn clear(&mut self) -> Result<(), String> {
        self.0.clear().map_err(|error| error.to_string())
    }
}

/// A tmux buffer with a random name of its own.
struct TmuxBuffer {
    name: String,
    to_terminal: bool,
}

impl TmuxBuffer {
    /// Asks the server whether it is there.
    fn open(to_terminal: bool) -> Result<Self, String> {
        tmux(&["display-message", "-p", "tresor"], None)?;
        Ok(Self { name: format!("tresor-{:016x}", rand::random::<u64>()), to_terminal })
    }
}

impl Held for TmuxBuffer {
    fn set(&mut self, value: &SensitiveBytes) -> Result<(), String> {
        let name = self.name.as_str();
        let plain = || tmux(&["load-buffer", "-b", name, "-"], Some(value)).map(drop);
        if !self.to_terminal {
            return plain();
        }
        // tmux before 3.2 refuses -w, which hands the value on.
        tmux(&["load-buffer", "-w", "-b", name, "-"], Some(value)).map(drop).or_else(|_| plain())
    }

    fn contents(&mut self, value: &SensitiveBytes) -> Contents {
        match tmux(&["show-buffer", "-b", &self.name], None) {
            Ok(found) => same(value, &found),
            // The server answers that it has no such buffer, or is gone with all buffers.
            Err(_) => Contents::NotOurs,
        }
    }

    fn clear(&mut self) -> Result<(), String> {
        tmux(&["delete-buffer", "-b", &self.name], None).map(drop)
    }
}

/// Runs one tmux command, `input` on its standard input; gives its standard output.
fn tmux(arguments: &[&str], input: Option<&SensitiveBytes>) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut child = Command::new("tmux")
        .args(arguments)
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("tmux does not start: {error}"))?;
    if let (Some(value), Some(mut stdin)) = (input, child.stdin.take()) {
        // A write that fails shows in the exit status and in what is read back.
        let _ = value.with(|plain| stdin.write_all(plain));
    }
    let output = child.stdout.take().map(read_all).unwrap_or_default();
    let status = child.wait().map_err(|error| format!("tmux does not end: {error}"))?;
    if status.success() { Ok(output) } else { Err("the tmux server does not answer".to_owned()) }
}

/// Reads to the end into buffers that are wiped, also when they grow.
fn read_all(mut from: impl Read) -> Zeroizing<Vec<u8>> {
    let mut all = Zeroizing::new(Vec::new());
    let mut chunk = Zeroizing::new(vec![0_u8; 64 * 1024]);
    while let Ok(count @ 1..) = from.read(&mut chunk) {
        // A Vec that grows leaves its old bytes behind: a larger one is filled and the old wiped.
        if all.len() + count > all.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity((all.len() + count) * 2));
            larger.extend_from_slice(&all);
            all = larger;
        }
        all.extend_from_slice(chunk.get(..count).unwrap_or_default());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_same_bytes_are_ours() {
        let value = SensitiveBytes::copy_of(b"hunter2");
        assert_eq!(same(&value, b"hunter2"), Contents::Ours);
        assert_eq!(same(&value, b"hunter3"), Contents::NotOurs);
        assert_eq!(same(&value, b"hunter2\n"), Contents::NotOurs);
        assert_eq!(same(&value, b""), Contents::NotOurs);
    }

    #[test]
    fn reading_keeps_every_byte_over_many_chunks() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
        assert_eq!(read_all(bytes.as_slice()).as_slice(), bytes.as_slice());
    }
}
