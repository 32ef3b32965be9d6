//! Where this process runs: whose screen is near, and whether anybody sits before it.

use std::ffi::OsString;
use std::path::Path;

/// What is known of where this process runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Somebody is logged in from another machine.
    pub remote: bool,
    /// There is a display to show a browser on.
    pub display: bool,
    /// It is a container, which has no desktop of its own and may be gone tomorrow.
    pub container: bool,
}

impl Surroundings {
    /// From the environment, asked by `get`, and from what container engines leave behind.
    pub fn of(get: impl Fn(&str) -> Option<OsString>) -> Self {
        let any = |names: &[&str]| names.iter().any(|name| get(name).is_some());
        // Docker's, Podman's, and systemd's container interface.
        let marks = ["/.dockerenv", "/run/.containerenv"];
        Self {
            remote: any(&["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"]),
            display: cfg!(any(target_os = "macos", windows))
                || any(&["DISPLAY", "WAYLAND_DISPLAY"]),
            container: any(&["container"]) || marks.iter().any(|mark| Path::new(mark).exists()),
        }
    }

    /// Whether this is a desktop session of this machine.
    ///
    /// # Errors
    /// Why it is none, as the end of a sentence.
    pub fn desktop(&self) -> Result<(), &'static str> {
        match self {
            Self { remote: true, .. } => Err("this is a login from another machine"),
            Self { display: false, .. } => Err("there is no desktop session here"),
            Self { container: true, .. } => Err("this runs in a container"),
            Self { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &'static [&'static str]) -> Surroundings {
        Surroundings::of(|name| set.contains(&name).then(|| "x".into()))
    }

    #[test]
    fn where_a_browser_can_be_seen() {
        assert!(of(&["DISPLAY"]).display && !of(&["DISPLAY"]).remote);
        let over_ssh = of(&["SSH_TTY", "WAYLAND_DISPLAY"]);
        assert!(over_ssh.remote && over_ssh.display);
        assert!(of(&["SSH_CONNECTION"]).remote);
        assert!(of(&["container"]).container);
    }

    #[test]
    fn a_desktop_is_near_and_lasts() {
        let near = Surroundings { display: true, ..Surroundings::default() };
        assert_eq!(near.desktop(), Ok(()));
        for not in [
            Surroundings { remote: true, ..near.clone() },
            Surroundings { container: true, ..near.clone() },
            Surroundings { display: false, ..near },
        ] {
            assert!(not.desktop().is_err());
        }
    }
}
