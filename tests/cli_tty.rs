//! The command line on a real terminal: prompts, questions, and a terminal that is whole afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::termios::LocalModes;
use tempfile::TempDir;

/// A command on a terminal of its own.
struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    screen: Arc<Mutex<Vec<u8>>>,
    /// Keeps the terminal's other end open, so that its settings can be looked at afterwards.
    _terminal: Box<dyn portable_pty::SlavePty + Send>,
}

impl Session {
    fn start(directory: &Path, arguments: &[&str]) -> Self {
        Self::start_with(directory, &[], arguments)
    }

    /// The same with more variables.
    fn start_with(directory: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let size = PtySize { rows: 24, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_tresor"));
        command.env_clear();
        command.env("HOME", directory);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("TRESOR_VAULT_DIR", directory.join("vault"));
        command.env("TRESOR_PASSPHRASE_COST", "least");
        variables.iter().for_each(|(name, value)| command.env(name, value));
        command.cwd(directory);
        command.args(arguments);
        let child = pair.slave.spawn_command(command).expect("tresor runs");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let screen = Arc::new(Mutex::new(Vec::new()));
        let copy = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut chunk) {
                copy.lock().expect("the screen").extend_from_slice(&chunk[..read]);
            }
        });
        let keyboard = pair.master.take_writer().expect("a keyboard");
        Self { child, master: pair.master, keyboard, screen, _terminal: pair.slave }
    }

    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().expect("the screen")).into_owned()
    }

    /// Waits until `text` has been shown `times` times.
    fn wait_for(&mut self, text: &str, times: usize) -> &mut Self {
        let end = Instant::now() + Duration::from_secs(60);
        while self.screen().matches(text).count() < times {
            assert!(Instant::now() < end, "no '{text}' in: {}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
        self
    }

    /// Waits until the echo is off, and types.
    fn type_unseen(&mut self, text: &str) -> &mut Self {
        let end = Instant::now() + Duration::from_secs(60);
        while self.echoes() {
            assert!(Instant::now() < end, "the echo stays on: {}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
        self.keyboard.write_all(text.as_bytes()).expect("typed");
        self
    }

    fn echoes(&self) -> bool {
        let modes = self.master.get_termios().expect("termios").local_flags.bits();
        LocalModes::from_bits_retain(modes).contains(LocalModes::ECHO | LocalModes::ICANON)
    }

    /// Waits for the end; the terminal has to echo again.
    fn end(&mut self) -> u32 {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                assert!(self.echoes(), "the echo stayed off");
                return status.exit_code();
            }
            assert!(Instant::now() < end, "it does not end: {}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

/// A vault that the key file `key` opens.
fn with_key_file(directory: &Path) {
    assert_eq!(Session::start(directory, &["init", "--key-file", "key"]).end(), 0);
}

fn value(directory: &Path, name: &str) -> Vec<u8> {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tresor"))
        .env("HOME", directory)
        .env("TRESOR_VAULT_DIR", directory.join("vault"))
        .args(["--key-file", "key", "read", name])
        .current_dir(directory)
        .output()
        .expect("tresor runs");
    output.stdout
}

#[test]
fn a_passphrase_is_chosen_twice_and_then_asked_for() {
    let home = directory();
    let mut init = Session::start(home.path(), &["init"]);
    init.wait_for("Nobody can recover it", 1).wait_for("Passphrase: ", 1).type_unseen("one\r");
    init.wait_for("Once more: ", 1).type_unseen("two\r");
    init.wait_for("not the same", 1)
        .wait_for("Passphrase: ", 2)
        .type_unseen("çorrecx\u{7f}t horse\r");
    init.wait_for("Once more: ", 2).type_unseen("çorrect horse\r");
    assert_eq!(init.end(), 0, "{}", init.screen());
    init.wait_for("Strength: ", 1).wait_for("Made a vault", 1);
    assert!(!init.screen().contains("horse") && !init.screen().contains("two"));

    let mut list = Session::start(home.path(), &["list"]);
    list.wait_for("Passphrase: ", 1).type_unseen("wrong\r");
    list.wait_for("That is not the passphrase.", 1).type_unseen("rubbish\u{15}çorrect horse\r");
    assert_eq!(list.end(), 0, "{}", list.screen());
    list.wait_for("no secrets found", 1);

    let mut list = Session::start(home.path(), &["list"]);
    for times in 1..=3 {
        list.wait_for("Passphrase: ", times).type_unseen("wrong\r");
    }
    assert_eq!(list.end(), 3, "{}", list.screen());
}

#[test]
fn a_value_is_asked_twice_and_never_shown() {
    let home = directory();
    with_key_file(home.path());
    let mut set = Session::start(home.path(), &["--key-file", "key", "set", "global/a"]);
    set.wait_for("Value of global/a: ", 1).type_unseen("s3cr3t välue\r");
    set.wait_for("Once more: ", 1).type_unseen("s3cr3t välue\r");
    assert_eq!(set.end(), 0, "{}", set.screen());
    set.wait_for("Saved global/a", 1);
    assert!(!set.screen().contains("s3cr3t"), "{}", set.screen());
    assert_eq!(value(home.path(), "global/a"), "s3cr3t välue".as_bytes());

    let mut empty = Session::start(home.path(), &["--key-file", "key", "set", "global/b"]);
    empty.wait_for("Value of", 1).type_unseen("\r");
    empty.wait_for("Once more: ", 1).type_unseen("\r");
    assert_eq!(empty.end(), 2, "{}", empty.screen());
}

#[test]
fn ctrl_c_and_signals_end_a_prompt_with_the_echo_on() {
    let home = directory();
    with_key_file(home.path());
    let ask = &["--key-file", "key", "set", "global/a"];
    for keys in ["half\u{3}", "\u{4}"] {
        let mut set = Session::start(home.path(), ask);
        set.wait_for("Value of", 1).type_unseen(keys);
        assert_eq!(set.end(), 130, "{}", set.screen());
        set.wait_for("interrupted", 1);
    }
    for signal in ["TERM", "HUP", "INT"] {
        let mut set = Session::start(home.path(), ask);
        set.wait_for("Value of", 1).type_unseen("half");
        let pid = set.child.process_id().expect("a process").to_string();
        let sent = std::process::Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.expect("kill").success());
        assert_ne!(set.end(), 0, "{}", set.screen());
        assert!(!set.screen().contains("half"));
    }
    assert_eq!(value(home.path(), "global/a"), b"");
}

#[test]
fn purging_asks_and_anything_but_yes_is_no() {
    let home = directory();
    with_key_file(home.path());
    let key = |words: &[&'static str]| [&["--key-file", "key"], words].concat();
    let run = |words: &[&'static str]| Session::start(home.path(), &key(words)).end();
    assert_eq!(run(&["set", "global/a", "--generate"]), 0);
    assert_eq!(run(&["delete", "global/a"]), 0);
    for answer in ["n", "\r", "x", "\u{3}"] {
        let mut purge = Session::start(home.path(), &key(&["purge", "--all"]));
        purge.wait_for("for good? [y/N] ", 1).type_unseen(answer);
        assert_eq!(purge.end(), 130, "{}", purge.screen());
    }
    let mut purge = Session::start(home.path(), &key(&["purge", "--all"]));
    purge.wait_for("for good? [y/N] ", 1).type_unseen("y");
    assert_eq!(purge.end(), 0, "{}", purge.screen());
    purge.wait_for("Removed one secret for good", 1);
}

#[test]
fn control_bytes_do_not_reach_a_terminal_unasked() {
    let home = directory();
    with_key_file(home.path());
    let evil = b"x\x1b]0;owned\x07y";
    let mut set = std::process::Command::new(env!("CARGO_BIN_EXE_tresor"))
        .env("HOME", home.path())
        .env("TRESOR_VAULT_DIR", home.path().join("vault"))
        .args(["--key-file", "key", "set", "global/evil"])
        .current_dir(home.path())
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("tresor runs");
    set.stdin.take().expect("a pipe").write_all(evil).expect("written");
    assert!(set.wait().expect("it ends").success());

    let mut read = Session::start(home.path(), &["--key-file", "key", "read", "global/evil"]);
    assert_eq!(read.end(), 6, "{}", read.screen());
    read.wait_for("add --raw", 1);
    assert!(!read.screen().contains('\u{1b}'), "{:?}", read.screen());
    let arguments = &["--key-file", "key", "get", "global/evil", "--reveal"];
    let mut get = Session::start(home.path(), arguments);
    assert_eq!(get.end(), 0);
    get.wait_for("x␛]0;owned␇y", 1);
    assert!(!get.screen().contains('\u{1b}'), "{:?}", get.screen());
    let arguments = &["--key-file", "key", "read", "--raw", "global/evil"];
    let mut raw = Session::start(home.path(), arguments);
    assert_eq!(raw.end(), 0);
    raw.wait_for("\u{1b}]0;owned\u{7}", 1);
}

#[test]
fn a_list_on_a_terminal_has_a_header() {
    let home = directory();
    with_key_file(home.path());
    let set = &["--key-file", "key", "set", "global/a", "--generate", "--kind", "note"];
    assert_eq!(Session::start(home.path(), set).end(), 0);
    let mut list = Session::start(home.path(), &["--key-file", "key", "list"]);
    assert_eq!(list.end(), 0);
    list.wait_for("NAME      KIND", 1).wait_for("global/a  note", 1);
}

#[test]
fn only_help_is_styled_and_not_with_no_color() {
    let home = directory();
    with_key_file(home.path());
    let terminal = [("TERM", "xterm-256color")];
    let plain = [("TERM", "xterm-256color"), ("NO_COLOR", "1")];
    let shown = |variables: &[(&str, &str)], arguments: &[&str], end: &str| {
        let mut session = Session::start_with(home.path(), variables, arguments);
        session.wait_for(end, 1);
        session.end();
        session.screen()
    };
    assert!(shown(&terminal, &["list", "--help"], "Print help").contains('\u{1b}'));
    for (arguments, end) in [
        (&["list", "--help"][..], "Print help"),
        (&["--key-file", "key", "list"], "no secrets found"),
        (&["--key-file", "key", "get", "global/none"], "help: "),
        (&["--key-file", "key", "doctor"], "Checked: "),
        (&["generate"], "to guess"),
    ] {
        let screen = shown(&plain, arguments, end);
        assert!(!screen.contains('\u{1b}'), "{arguments:?}: {screen:?}");
    }
}

#[test]
fn an_actor_that_may_not_write_is_told_so_before_it_types() {
    let home = directory();
    with_key_file(home.path());
    let set = &["--key-file", "key", "set", "global/a", "--generate"];
    assert_eq!(Session::start(home.path(), set).end(), 0);
    for command in ["set", "edit"] {
        let arguments = ["--key-file", "key", "--as", "skill:x", command, "global/a"];
        let mut session = Session::start_with(home.path(), &[("TERM", "xterm")], &arguments);
        assert_eq!(session.end(), 6, "{command}: {}", session.screen());
        session.wait_for("skill:x may not change global", 1);
        let screen = session.screen();
        assert!(!screen.contains("Value of") && !screen.contains("Edit "), "{command}: {screen}");
    }
}
