//! tmux's named buffers, on a server of the test's own.

use std::io::Read;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tresor::service::clipboard::{Clipboard, ClipboardEnv, ClipboardReceipt, Osc52Consent, Route};
use tresor::vault::SensitiveBytes;

use crate::desk::{
    self, CANARY, clipboard, copy, eventually, plain_env, private_directory, real, receipt,
};

struct Tmux {
    directory: tempfile::TempDir,
    server: Option<Pid>,
}

fn start() -> Tmux {
    let mut tmux = Tmux { directory: private_directory(), server: None };
    tmux.run(&["new-session", "-d"], "").expect("tmux is needed for the real tier");
    let pid = tmux.run(&["display-message", "-p", "#{pid}"], "").unwrap();
    tmux.server = Pid::from_raw(pid.trim().parse().unwrap());
    tmux
}

impl Tmux {
    fn run(&self, arguments: &[&str], input: &str) -> Option<String> {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(self.directory.path().join("s")).args(["-f", "/dev/null"]);
        desk::text(desk::run(command.args(arguments).env_remove("TMUX"), input))
    }

    fn env(&self) -> ClipboardEnv {
        let socket = self.directory.path().join("s");
        let tmux = format!("{},1,0", socket.display());
        ClipboardEnv { tmux: Some(tmux.into()), ..plain_env(self.directory.path()) }
    }

    /// The newest buffer's text.
    fn buffer(&self) -> Option<String> {
        self.run(&["show-buffer"], "")
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.server.unwrap(), signal).unwrap();
    }

    fn names(&self) -> String {
        self.run(&["list-buffers", "-F", "#{buffer_name}"], "").unwrap()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        // Also one that a failed test has left standing still.
        let _ = self.server.map(|server| kill_process(server, Signal::CONT));
        self.run(&["kill-server"], "");
    }
}

#[test]
fn copied_and_deleted_at_its_time() {
    if !real("tmux::copied_and_deleted_at_its_time") {
        return;
    }
    let tmux = start();
    tmux.run(&["load-buffer", "-"], "before");
    let mut clipboard = clipboard(tmux.env());
    assert_eq!(clipboard.probe(), Ok(Route::Tmux));
    copy(&mut clipboard, CANARY, 5.0);
    assert_eq!(
        tmux.run(&["show-buffer", "-b", tmux.names().lines().next().unwrap()], ""),
        Some(CANARY.into())
    );
    assert!(tmux.names().lines().any(|name| name.starts_with("tresor-")));
    assert_eq!(clipboard.wait(), ClipboardReceipt::Cleared);
    assert!(!tmux.names().contains("tresor-"));
    assert_eq!(tmux.buffer().as_deref(), Some("before"));
}

/// Whether an attached client's terminal gets the value after a copy with that consent.
fn reaches_the_terminal(consent: Osc52Consent) -> bool {
    let tmux = start();
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new("tmux");
    let socket = tmux.directory.path().join("s");
    command.args(["-S", &socket.display().to_string(), "attach"]);
    command.env("TERM", "xterm-256color");
    command.env_remove("TMUX");
    let mut client = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let output = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&output);
    let reading = std::thread::spawn(move || {
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut chunk) {
            seen.lock().unwrap().extend_from_slice(&chunk[..count]);
        }
    });
    let carries = || String::from_utf8_lossy(&output.lock().unwrap()).contains("aHVudGVyMg==");
    eventually("the client", || tmux.run(&["list-clients"], "").is_some_and(|all| !all.is_empty()));
    let mut clipboard = clipboard(tmux.env());
    let value = SensitiveBytes::copy_of(b"hunter2");
    clipboard.copy(&value, Duration::from_secs(60), consent).unwrap();
    match consent {
        Osc52Consent::Given => eventually("handed on", carries),
        _ => std::thread::sleep(Duration::from_millis(500)),
    }
    drop(tmux);
    client.wait().unwrap();
    reading.join().unwrap();
    carries()
}

#[test]
fn the_outer_terminal_gets_it_only_with_consent() {
    if !real("tmux::the_outer_terminal_gets_it_only_with_consent") {
        return;
    }
    assert!(reaches_the_terminal(Osc52Consent::Given));
    assert!(!reaches_the_terminal(Osc52Consent::Ask));
    assert!(!reaches_the_terminal(Osc52Consent::Never));
}

#[test]
fn copying_again_deletes_the_former_buffer() {
    if !real("tmux::copying_again_deletes_the_former_buffer") {
        return;
    }
    let tmux = start();
    let mut clipboard = clipboard(tmux.env());
    copy(&mut clipboard, "first", 600.0);
    copy(&mut clipboard, CANARY, 600.0);
    eventually("one buffer", || tmux.names().lines().count() == 1);
    assert_eq!(tmux.buffer().as_deref(), Some(CANARY));
    assert_eq!(clipboard.clear_now(), Some(ClipboardReceipt::Cleared));
    assert_eq!(tmux.names(), "");
}

#[test]
fn a_buffer_the_user_deleted_or_changed_is_left_alone() {
    if !real("tmux::a_buffer_the_user_deleted_or_changed_is_left_alone") {
        return;
    }
    let tmux = start();
    let mut clipboard = clipboard(tmux.env());
    copy(&mut clipboard, CANARY, 600.0);
    let name = tmux.names().trim().to_owned();
    tmux.run(&["set-buffer", "-b", &name, "mine"], "");
    assert_eq!(receipt(&mut clipboard), ClipboardReceipt::Replaced);
    assert_eq!(tmux.buffer().as_deref(), Some("mine"));
    copy(&mut clipboard, CANARY, 600.0);
    tmux.run(&["kill-server"], "");
    assert_eq!(receipt(&mut clipboard), ClipboardReceipt::Replaced);
}

#[test]
fn a_server_that_stands_still_or_is_killed_is_told_from_a_new_owner() {
    if !real("tmux::a_server_that_stands_still_or_is_killed_is_told_from_a_new_owner") {
        return;
    }
    let tmux = start();
    let mut clipboard = clipboard(tmux.env());
    copy(&mut clipboard, CANARY, 10.0);
    tmux.signal(Signal::STOP);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(clipboard.poll(), None);
    // While it stands still nothing can be loaded, and nothing is loaded later.
    let value = SensitiveBytes::copy_of(CANARY.as_bytes());
    let mut other = desk::clipboard(tmux.env());
    let refused = other.copy(&value, Duration::from_secs(60), Osc52Consent::Never).unwrap_err();
    // On a busy machine the one who asks may have waited long enough before it is over.
    let said = refused.to_string();
    let why = ["the tmux server does not answer", "it does not answer"];
    assert!(why.iter().any(|why| said.contains(why)), "{said}");
    tmux.signal(Signal::CONT);
    assert_eq!(clipboard.wait(), ClipboardReceipt::Cleared);
    assert_eq!(tmux.names(), "");

    copy(&mut clipboard, CANARY, 600.0);
    tmux.signal(Signal::KILL);
    assert_eq!(receipt(&mut clipboard), ClipboardReceipt::Replaced);
}
