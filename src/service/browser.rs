//! The browser of this machine: whether one can be seen from here, and how a page is opened in it.

use std::ffi::OsString;
use std::io;
use std::process::{Command, Stdio};

/// What is known of where this process runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Somebody is logged in from another machine.
    pub remote: bool,
    /// There is a display to show a browser on.
    pub display: bool,
}

impl Surroundings {
    /// From the environment, asked by `get`.
    pub fn of(get: impl Fn(&str) -> Option<OsString>) -> Self {
        let any = |names: &[&str]| names.iter().any(|name| get(name).is_some());
        Self {
            remote: any(&["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"]),
            display: cfg!(any(target_os = "macos", windows))
                || any(&["DISPLAY", "WAYLAND_DISPLAY"]),
        }
    }
}

/// Opens a page in the user's browser; says only whether one was started.
///
/// # Errors
///
/// There is nothing here that opens pages.
pub fn open(url: &str) -> io::Result<()> {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut child = Command::new(program)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_browser_can_be_seen() {
        let of = |set: &'static [&'static str]| {
            Surroundings::of(|name| set.contains(&name).then(|| "x".into()))
        };
        assert_eq!(of(&["DISPLAY"]), Surroundings { remote: false, display: true });
        assert_eq!(
            of(&["SSH_TTY", "WAYLAND_DISPLAY"]),
            Surroundings { remote: true, display: true }
        );
        assert!(of(&["SSH_CONNECTION"]).remote);
    }
}
