//! What tmux remembers of a session: nothing secret, however it ended; and a window that closes.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::world::{CANARY, PASSPHRASE, World, program, real};

/// A tmux server of its own with one window.
struct Tmux<'a> {
    world: &'a World,
    socket: PathBuf,
}

impl<'a> Tmux<'a> {
    fn start(world: &'a World) -> Self {
        let tmux = Self { world, socket: world.home().join("tmux") };
        tmux.ask(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            "120",
            "-y",
            "40",
            "bash --norc --noprofile -i",
        ]);
        tmux.ask(&["set-option", "-g", "history-limit", "10000"]);
        tmux
    }

    fn ask(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux")
            .arg("-S")
            .arg(&self.socket)
            .args(arguments)
            .env_clear()
            .envs(self.world.environment())
            .output()
            .expect("tmux is there");
        assert!(output.status.success(), "tmux: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn keys(&self, keys: &[&str]) {
        self.ask(&[&["send-keys"], keys].concat());
    }

    /// Everything: the scrollback and the screen.
    fn everything(&self) -> String {
        self.ask(&["capture-pane", "-p", "-S", "-"])
    }

    fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            let all = self.everything();
            assert!(start.elapsed() < Duration::from_secs(60), "never {what}:\n{all}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn shows(&self, text: &str) {
        self.until(text, |tmux| tmux.everything().contains(text));
    }

    /// Starts the program and shows the canary.
    fn reveal(&self) {
        self.keys(&["-l", &format!("{}\n", program().display())]);
        self.shows("Passphrase");
        self.keys(&["-l", PASSPHRASE]);
        self.keys(&["Enter"]);
        self.shows("Scopes");
        self.keys(&["-l", "/canary"]);
        self.shows("1 of 1");
        self.keys(&["Enter"]);
        self.shows("╭─ All");
        self.keys(&["Enter"]);
        self.shows(CANARY);
    }

    fn pid(&self) -> rustix::process::Pid {
        let shell = self.ask(&["display-message", "-p", "#{pane_pid}"]);
        let children = format!("/proc/{0}/task/{0}/children", shell.trim());
        let children = std::fs::read_to_string(children).expect("the shell's children");
        let pid = children.split_whitespace().next().expect("the program").parse().unwrap();
        rustix::process::Pid::from_raw(pid).expect("not 0")
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        let _ = Command::new("tmux").arg("-S").arg(&self.socket).arg("kill-server").output();
    }
}

#[test]
fn tmux_remembers_nothing_secret_however_it_ended() {
    if !real("tmux_remembers_nothing_secret_however_it_ended") {
        return;
    }
    use rustix::process::Signal;
    let world = World::with_vault();
    let tmux = Tmux::start(&world);
    for ending in [None, Some(Signal::TERM), Some(Signal::HUP), Some(Signal::INT)] {
        tmux.reveal();
        match ending {
            None => tmux.keys(&["q"]),
            Some(signal) => rustix::process::kill_process(tmux.pid(), signal).expect("sent"),
        }
        // What is typed before the program is gone is dropped with it.
        tmux.until("the program gone", |tmux| {
            tmux.ask(&["display-message", "-p", "#{alternate_on}"]).trim() == "0"
        });
        tmux.keys(&["-l", "echo over=$((40+2))\n"]);
        tmux.shows("over=42");
        let all = tmux.everything();
        assert!(!all.contains(CANARY), "after {ending:?} tmux still has it:\n{all}");
        tmux.keys(&["-l", "clear\n"]);
        tmux.ask(&["clear-history"]);
    }
}

#[test]
fn a_closed_window_ends_the_program() {
    if !real("a_closed_window_ends_the_program") {
        return;
    }
    let world = World::with_vault();
    let tmux = Tmux::start(&world);
    tmux.reveal();
    let pid = tmux.pid();
    // The last window: the server goes with it, and so do both ends of the terminal.
    tmux.ask(&["kill-session"]);
    let start = Instant::now();
    while rustix::process::test_kill_process(pid).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(20), "it lives on without a terminal");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_check_would_find_what_a_killed_program_leaves() {
    if !real("the_check_would_find_what_a_killed_program_leaves") {
        return;
    }
    let world = World::with_vault();
    let tmux = Tmux::start(&world);
    tmux.reveal();
    rustix::process::kill_process(tmux.pid(), rustix::process::Signal::KILL).expect("sent");
    tmux.shows("Killed");
    // Nobody could give the terminal back: this is what the other test looks for.
    assert!(tmux.everything().contains(CANARY));
}
