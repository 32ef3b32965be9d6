//! Which routes can lead to the user's clipboard, best first. Whether one works, its holder tells.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::Route;

/// Names the directory of this user that is nobody else's, and need not last.
const RUNTIME_DIR: &str = if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_RUNTIME_DIR" };
/// Names where Windows lies.
const SYSTEM_ROOT: &str = "SystemRoot";

/// What the environment says about clipboards, read in this one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClipboardEnv {
    /// `DISPLAY`.
    pub display: Option<OsString>,
    /// `XAUTHORITY`.
    pub xauthority: Option<OsString>,
    /// `WAYLAND_DISPLAY`.
    pub wayland_display: Option<OsString>,
    /// `XDG_RUNTIME_DIR`; on Windows `LOCALAPPDATA`.
    pub runtime_dir: Option<OsString>,
    /// `HOME`.
    pub home: Option<OsString>,
    /// `SystemRoot`, without which few programs start on Windows.
    pub system_root: Option<OsString>,
    /// `PATH`, where tmux is found.
    pub path: Option<OsString>,
    /// `TMUX`.
    pub tmux: Option<OsString>,
    /// `TERM`.
    pub term: Option<OsString>,
    /// Whether `SSH_TTY` or `SSH_CONNECTION` is set.
    pub ssh: bool,
    /// The terminal that OSC 52 is written to; `None` when there is none.
    pub tty: Option<PathBuf>,
}

impl ClipboardEnv {
    /// Reads the process's environment. Empty variables count as unset.
    pub fn from_process() -> Self {
        let get = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            display: get("DISPLAY"),
            xauthority: get("XAUTHORITY"),
            wayland_display: get("WAYLAND_DISPLAY"),
            runtime_dir: get(RUNTIME_DIR),
            home: get("HOME"),
            system_root: get(SYSTEM_ROOT),
            path: get("PATH"),
            tmux: get("TMUX"),
            term: get("TERM"),
            ssh: get("SSH_TTY").is_some() || get("SSH_CONNECTION").is_some(),
            // A console takes no such sequence from another process's hand.
            tty: cfg!(unix).then(|| PathBuf::from("/dev/tty")),
        }
    }

    /// The variables the holder of `route` may see, and no others.
    ///
    /// The other display's variable is left out, so that arboard cannot take the wrong one.
    pub(super) fn for_holder(&self, route: Route) -> Vec<(&'static str, &OsStr)> {
        let mut vars = match route {
            Route::X11 => vec![("DISPLAY", &self.display), ("XAUTHORITY", &self.xauthority)],
            Route::Wayland => vec![("WAYLAND_DISPLAY", &self.wayland_display)],
            Route::Tmux => vec![("TMUX", &self.tmux)],
            Route::Osc52 | Route::System => Vec::new(),
        };
        vars.extend([
            (RUNTIME_DIR, &self.runtime_dir),
            ("HOME", &self.home),
            (SYSTEM_ROOT, &self.system_root),
            ("PATH", &self.path),
        ]);
        vars.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }

    /// Whether `DISPLAY` names another host, as a forwarded one does (`localhost:10.0`).
    fn display_is_forwarded(&self) -> bool {
        self.display.as_ref().is_some_and(|display| {
            let display = display.to_string_lossy();
            let host = display.split(':').next().unwrap_or_default();
            !host.is_empty() && host != "unix" && !host.starts_with('/')
        })
    }

    /// Whether the terminal may understand OSC 52: none does under these names.
    fn terminal_takes_osc52(&self) -> bool {
        let plain = |term: &OsString| term == "dumb" || term == "linux";
        self.tty.is_some() && self.term.as_ref().is_some_and(|term| !plain(term))
    }
}

/// The routes worth trying in this environment, best first.
///
/// Over SSH only a forwarded X11 display counts: any other display is the far machine's screen,
/// where somebody else may sit. In tmux the buffer takes the place of OSC 52, because tmux keeps
/// what OSC 52 carries in a buffer without a name that nobody deletes.
pub fn candidates(env: &ClipboardEnv) -> Vec<Route> {
    let mut routes = Vec::new();
    if cfg!(any(target_os = "macos", windows)) {
        if !env.ssh {
            routes.push(Route::System);
        }
    } else {
        if env.wayland_display.is_some() && !env.ssh {
            routes.push(Route::Wayland);
        }
        if env.display.is_some() && (!env.ssh || env.display_is_forwarded()) {
            routes.push(Route::X11);
        }
    }
    if env.tmux.is_some() && cfg!(unix) {
        routes.push(Route::Tmux);
    } else if env.terminal_takes_osc52() {
        routes.push(Route::Osc52);
    }
    routes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `"wayland display=:0 tmux ssh tty"`: what is set, in words.
    fn env(words: &str) -> ClipboardEnv {
        let mut env = ClipboardEnv::default();
        for word in words.split_whitespace() {
            let (name, value) = word.split_once('=').unwrap_or((word, "x"));
            let value = Some(OsString::from(value));
            match name {
                "wayland" => env.wayland_display = value,
                "display" => env.display = value,
                "tmux" => env.tmux = value,
                "ssh" => env.ssh = true,
                "tty" => env.tty = Some(PathBuf::from("/dev/tty")),
                "term" => env.term = value,
                _ => assert_eq!(name, "", "unknown word"),
            }
        }
        env
    }

    #[test]
    #[cfg(not(any(target_os = "macos", windows)))]
    fn each_environment_has_its_order() {
        use Route::{Osc52, Tmux, Wayland, X11};
        let table: &[(&str, &[Route])] = &[
            ("", &[]),
            ("display=:0", &[X11]),
            ("wayland=wayland-0", &[Wayland]),
            ("wayland=wayland-0 display=:0 tty term=foot", &[Wayland, X11, Osc52]),
            ("wayland=wayland-0 display=:0 tmux tty term=tmux", &[Wayland, X11, Tmux]),
            ("tmux tty term=tmux-256color", &[Tmux]),
            ("tty term=xterm", &[Osc52]),
            ("tty", &[]),
            ("tty term=dumb", &[]),
            ("tty term=linux", &[]),
            ("ssh tty term=xterm", &[Osc52]),
            ("ssh tmux tty term=tmux", &[Tmux]),
            ("ssh display=:0 tty term=xterm", &[Osc52]),
            ("ssh display=unix:0 tty term=xterm", &[Osc52]),
            ("ssh display=localhost:10.0 tty term=xterm", &[X11, Osc52]),
            ("ssh display=localhost:10.0 tmux tty term=tmux", &[X11, Tmux]),
            ("ssh wayland=wayland-0 display=:0 tmux term=tmux", &[Tmux]),
        ];
        for (words, expected) in table {
            assert_eq!(candidates(&env(words)), *expected, "{words}");
        }
    }

    #[test]
    fn a_holder_sees_only_its_own_display() {
        let mut env = env("wayland=wayland-0 display=:0 tmux ssh");
        env.path = Some(OsString::from("/bin"));
        let names = |route| -> Vec<&str> {
            env.for_holder(route).into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names(Route::X11), ["DISPLAY", "PATH"]);
        assert_eq!(names(Route::Wayland), ["WAYLAND_DISPLAY", "PATH"]);
        assert_eq!(names(Route::Tmux), ["TMUX", "PATH"]);
    }
}
