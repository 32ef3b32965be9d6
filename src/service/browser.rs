//! The browser of this machine: how a page is opened in it.

use std::io;
use std::process::{Command, Stdio};

/// What opens a page, and what it is told before the address: never a shell, which would read it its own way.
const OPENER: (&str, &[&str]) = if cfg!(target_os = "macos") {
    ("open", &[])
} else if cfg!(windows) {
    ("rundll32", &["url.dll,FileProtocolHandler"])
} else {
    ("xdg-open", &[])
};

/// Opens a page in the user's browser; says only whether one was started.
///
/// # Errors
///
/// There is nothing here that opens pages.
pub fn open(url: &str) -> io::Result<()> {
    let (program, arguments) = OPENER;
    let mut child = Command::new(program)
        .args(arguments)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // Its end is of no interest, but it is waited for: nothing of it shall be left.
    let waiting = std::thread::Builder::new().spawn(move || {
        let _ = child.wait();
    });
    waiting.map(drop)
}
