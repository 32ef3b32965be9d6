//! tmux's named buffers, on a server of the test's own.

use std::process::Command;

use tresor::service::clipboard::{Clipboard, ClipboardEnv, ClipboardReceipt, Route};

use crate::desk::{self, CANARY, clipboard, copy, eventually, plain_env, private_directory, real};

struct Tmux {
    directory: tempfile::TempDir,
}

fn start() -> Tmux {
    let tmux = Tmux { directory: private_directory() };
    tmux.run(&["new-session", "-d"], "").expect("tmux is needed for the real tier");
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

    fn names(&self) -> String {
        self.run(&["list-buffers", "-F", "#{buffer_name}"], "").unwrap()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
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
    copy(&mut clipboard, CANARY, 1.5);
    assert_eq!(
        tmux.run(&["show-buffer", "-b", tmux.names().lines().next().unwrap()], ""),
        Some(CANARY.into())
    );
    assert!(tmux.names().lines().any(|name| name.starts_with("tresor-")));
    assert_eq!(clipboard.wait(), ClipboardReceipt::Cleared);
    assert!(!tmux.names().contains("tresor-"));
    assert_eq!(tmux.buffer().as_deref(), Some("before"));
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
    assert_eq!(clipboard.wait(), ClipboardReceipt::Replaced);
    assert_eq!(tmux.buffer().as_deref(), Some("mine"));
    copy(&mut clipboard, CANARY, 600.0);
    tmux.run(&["kill-server"], "");
    assert_eq!(clipboard.wait(), ClipboardReceipt::Replaced);
}
