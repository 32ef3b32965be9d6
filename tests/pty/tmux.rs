//! A tmux server of the test's own, with one window, and what it remembers.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A tmux server of its own with one window.
pub struct Tmux {
    socket: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Tmux {
    /// Starts it with an interactive shell in its window. What it needs lies below `home`.
    pub fn start(home: &Path, environment: Vec<(&'static str, String)>) -> Self {
        let tmux = Self { socket: home.join("tmux"), environment };
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

    /// Runs a tmux command, which must succeed; gives its output.
    pub fn ask(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux")
            .arg("-S")
            .arg(&self.socket)
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .output()
            .expect("tmux is there");
        assert!(output.status.success(), "tmux: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Presses keys in the window.
    pub fn keys(&self, keys: &[&str]) {
        self.ask(&[&["send-keys"], keys].concat());
    }

    /// Everything: the scrollback and the screen.
    pub fn everything(&self) -> String {
        self.ask(&["capture-pane", "-p", "-S", "-"])
    }

    /// Waits until `holds`.
    pub fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            let all = self.everything();
            assert!(start.elapsed() < Duration::from_secs(60), "never {what}:\n{all}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until `text` is in the window or its scrollback.
    pub fn shows(&self, text: &str) {
        self.until(text, |tmux| tmux.everything().contains(text));
    }

    /// Waits until the program has left the terminal, and fails if `secret` is still somewhere.
    pub fn remembers_nothing(&self, secret: &str, after: &str) {
        // What is typed before the program is gone is dropped with it.
        self.until("the terminal left", |tmux| {
            tmux.ask(&["display-message", "-p", "#{alternate_on}"]).trim() == "0"
        });
        self.keys(&["-l", "echo over=$((40+2))\n"]);
        self.shows("over=42");
        let all = self.everything();
        assert!(!all.contains(secret), "after {after} tmux still has it:\n{all}");
    }

    /// The value of `TMUX` for a program that runs in it.
    pub fn variable(&self) -> String {
        format!("{},1,0", self.socket.display())
    }

    /// Its buffers, by name.
    pub fn buffers(&self) -> Vec<String> {
        let names = self.ask(&["list-buffers", "-F", "#{buffer_name}"]);
        names.lines().map(str::to_owned).collect()
    }

    /// The program in the window.
    pub fn pid(&self) -> rustix::process::Pid {
        let shell = self.ask(&["display-message", "-p", "#{pane_pid}"]);
        let children = format!("/proc/{0}/task/{0}/children", shell.trim());
        let children = std::fs::read_to_string(children).expect("the shell's children");
        let pid = children.split_whitespace().next().expect("the program").parse().unwrap();
        rustix::process::Pid::from_raw(pid).expect("not 0")
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = Command::new("tmux").arg("-S").arg(&self.socket).arg("kill-server").output();
    }
}
