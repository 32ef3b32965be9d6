//! X11 under Xvfb, read and written by xclip.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use tresor::service::clipboard::{Clipboard, ClipboardEnv, ClipboardReceipt};

use crate::desk::{self, Desk, Server, plain_env, private_directory, real};
use crate::stories;

struct X11 {
    display: String,
    directory: tempfile::TempDir,
    server: Server,
}

/// Starts an X server of this test's own; it picks its number.
fn start() -> X11 {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp", "-noreset"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb is needed for the real tier");
    let mut number = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
    let display = format!(":{}", number.trim());
    X11 { display, directory: private_directory(), server: Server(server) }
}

impl X11 {
    fn xclip(&self, arguments: &[&str], input: &str) -> Option<String> {
        let mut command = Command::new("xclip");
        command.env("DISPLAY", &self.display).args(arguments);
        desk::text(desk::run(&mut command, input)).filter(|text| !text.is_empty())
    }
}

impl Desk for X11 {
    fn env(&self) -> ClipboardEnv {
        ClipboardEnv {
            display: Some(self.display.clone().into()),
            ..plain_env(self.directory.path())
        }
    }
    fn read(&self) -> Option<String> {
        self.xclip(&["-selection", "clipboard", "-o", "-t", "UTF8_STRING"], "")
    }
    fn read_primary(&self) -> Option<String> {
        self.xclip(&["-selection", "primary", "-o"], "")
    }
    fn types(&self) -> String {
        self.xclip(&["-selection", "clipboard", "-o", "-t", "TARGETS"], "").unwrap_or_default()
    }
    fn write(&self, text: &str) {
        // xclip stays behind to serve, and would keep a pipe open.
        let mut command = Command::new("xclip");
        command.env("DISPLAY", &self.display).args(["-selection", "clipboard", "-i"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        // It goes to the background before the display has said that the selection is its own.
        let deadline = std::time::Instant::now() + Duration::from_secs(5);
        while self.read().as_deref() != Some(text) {
            assert!(std::time::Instant::now() < deadline, "xclip does not get the clipboard");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn copied_and_cleared() {
    if real("x11::copied_and_cleared") {
        stories::copied_and_cleared(&start(), "x11");
    }
}

#[test]
fn newer_contents_are_left_alone() {
    if real("x11::newer_contents_are_left_alone") {
        stories::newer_contents_are_left_alone(&start());
    }
}

#[test]
fn a_value_taken_over_is_cleared() {
    if real("x11::a_value_taken_over_is_cleared") {
        stories::a_value_taken_over_is_cleared(&start());
    }
}

#[test]
fn copying_again_restarts_the_time() {
    if real("x11::copying_again_restarts_the_time") {
        stories::copying_again_restarts_the_time(&start(), 1.5625);
    }
}

#[test]
fn cleared_on_demand() {
    if real("x11::cleared_on_demand") {
        stories::cleared_on_demand(&start());
    }
}

#[test]
fn signals() {
    if real("x11::signals") {
        stories::signals(&start(), 300.125);
    }
}

#[test]
fn the_holder_shows_nothing() {
    if real("x11::the_holder_shows_nothing") {
        stories::the_holder_shows_nothing(&start(), 301.125);
    }
}

#[test]
fn outlives_a_killed_copier() {
    if real("x11::outlives_a_killed_copier") {
        stories::outlives_a_killed_copier(&start(), 3.0625);
    }
}

#[test]
fn a_display_that_goes_away_ends_the_holder() {
    if !real("x11::a_display_that_goes_away_ends_the_holder") {
        return;
    }
    let mut desk = start();
    let mut clipboard = desk::clipboard(desk.env());
    desk::copy(&mut clipboard, desk::CANARY, 302.125);
    desk.server.0.kill().unwrap();
    assert!(matches!(desk::receipt(&mut clipboard), ClipboardReceipt::Kept(_)));
    desk::eventually("the holder ends", || desk::holders(302.125).is_empty());
}

#[test]
fn an_idle_program_is_woken_with_the_receipt() {
    if !real("x11::an_idle_program_is_woken_with_the_receipt") {
        return;
    }
    let desk = start();
    let (sender, woken) = std::sync::mpsc::channel();
    let mut clipboard = desk::clipboard(desk.env()).with_wake(move || sender.send(()).unwrap());
    desk::copy(&mut clipboard, desk::CANARY, 1.0);
    woken.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(clipboard.poll(), Some(ClipboardReceipt::Cleared));
}

#[test]
fn a_long_value_arrives_whole() {
    if !real("x11::a_long_value_arrives_whole") {
        return;
    }
    let desk = start();
    let long = "0123456789abcdef".repeat(65_536);
    let mut clipboard = desk::clipboard(desk.env());
    desk::copy(&mut clipboard, &long, 60.0);
    assert!(desk.read().as_deref() == Some(&long));
    assert_eq!(clipboard.clear_now(), Some(ClipboardReceipt::Cleared));
}
