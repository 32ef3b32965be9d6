//! Wayland's data-control under a headless sway, read and written by wl-clipboard.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};

use tresor::service::clipboard::ClipboardEnv;

use crate::desk::{self, Desk, Server, eventually, plain_env, private_directory, real};
use crate::stories;

/// The user `nobody`: sway refuses to run as root.
const NOBODY: u32 = 65534;
const SOCKET: &str = "wayland-1";

struct Wayland {
    directory: tempfile::TempDir,
    _server: Server,
}

/// Starts a compositor of this test's own, without screen and keyboard.
fn start() -> Wayland {
    let directory = private_directory();
    let path = directory.path();
    std::fs::write(path.join("config"), "xwayland disable\n").unwrap();
    let mut command = if rustix::process::geteuid().is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        let mut command = Command::new("setpriv");
        command.args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--no-new-privs",
            "sway",
        ]);
        command
    } else {
        Command::new("sway")
    };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
    let server =
        Server(sway(&mut command, path).spawn().expect("sway is needed for the real tier"));
    eventually("sway's socket", || path.join(SOCKET).exists());
    Wayland { directory, _server: server }
}

fn sway<'a>(command: &'a mut Command, directory: &Path) -> &'a mut Command {
    command
        .arg("-c")
        .arg(directory.join("config"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", directory)
        .env("XDG_RUNTIME_DIR", directory)
        .env("WLR_BACKENDS", "headless")
        .env("WLR_LIBINPUT_NO_DEVICES", "1")
        .env("WLR_RENDERER", "pixman")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
}

impl Wayland {
    fn client(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("XDG_RUNTIME_DIR", self.directory.path())
            .env("WAYLAND_DISPLAY", SOCKET);
        command
    }

    fn paste(&self, arguments: &[&str]) -> Option<String> {
        desk::text(desk::run(&mut self.client("wl-paste", arguments), ""))
    }
}

impl Desk for Wayland {
    fn env(&self) -> ClipboardEnv {
        ClipboardEnv { wayland_display: Some(SOCKET.into()), ..plain_env(self.directory.path()) }
    }
    fn read(&self) -> Option<String> {
        self.paste(&["--no-newline"])
    }
    fn read_primary(&self) -> Option<String> {
        self.paste(&["--no-newline", "--primary"])
    }
    fn types(&self) -> String {
        self.paste(&["--list-types"]).unwrap_or_default()
    }
    fn write(&self, text: &str) {
        let mut command = self.client("wl-copy", &[]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("wl-copy is needed for the real tier");
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        eventually("wl-copy", || self.read().as_deref() == Some(text));
    }
}

#[test]
fn copied_and_cleared() {
    if real("wayland::copied_and_cleared") {
        stories::copied_and_cleared(&start(), "wayland");
    }
}

#[test]
fn newer_contents_are_left_alone() {
    if real("wayland::newer_contents_are_left_alone") {
        stories::newer_contents_are_left_alone(&start());
    }
}

#[test]
fn a_value_taken_over_is_cleared() {
    if real("wayland::a_value_taken_over_is_cleared") {
        stories::a_value_taken_over_is_cleared(&start());
    }
}

#[test]
fn copying_again_restarts_the_time() {
    if real("wayland::copying_again_restarts_the_time") {
        stories::copying_again_restarts_the_time(&start(), 1.53125);
    }
}

#[test]
fn cleared_on_demand() {
    if real("wayland::cleared_on_demand") {
        stories::cleared_on_demand(&start());
    }
}

#[test]
fn signals() {
    if real("wayland::signals") {
        stories::signals(&start(), 300.25);
    }
}

#[test]
fn the_holder_shows_nothing() {
    if real("wayland::the_holder_shows_nothing") {
        stories::the_holder_shows_nothing(&start(), 301.25);
    }
}

#[test]
fn outlives_a_killed_copier() {
    if real("wayland::outlives_a_killed_copier") {
        stories::outlives_a_killed_copier(&start(), 3.03125);
    }
}
