//! A home of its own with the program in it: nothing of the user's is seen or touched.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use portable_pty::CommandBuilder;

use crate::terminal::Terminal;
use crate::tmux::Tmux;
pub use crate::told::real;

/// The passphrase of every vault here.
pub const PASSPHRASE: &str = "correct-horse-battery-staple";
/// A value that occurs nowhere else.
pub const CANARY: &str = "canary-4f1d-value";

/// A temporary home.
pub struct World {
    home: tempfile::TempDir,
}

impl World {
    /// An empty home.
    pub fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a home") }
    }

    /// A home with a vault, and the canary in `global/canary`.
    pub fn with_vault() -> Self {
        let world = Self::new();
        world.tresor(&["init"], b"");
        world.set("global/canary", CANARY);
        world
    }

    /// The home directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// What every process here has as its environment.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        let home = self.home().to_string_lossy().into_owned();
        vec![
            ("HOME", home.clone()),
            ("XDG_DATA_HOME", format!("{home}/data")),
            ("XDG_STATE_HOME", format!("{home}/state")),
            ("XDG_CONFIG_HOME", format!("{home}/config")),
            ("PATH", path),
            ("TERM", "xterm-256color".into()),
            ("LANG", "C.UTF-8".into()),
            ("TRESOR_PASSPHRASE_COST", "least".into()),
        ]
    }

    /// Runs a command of the CLI with the passphrase at hand; it must succeed.
    pub fn tresor(&self, arguments: &[&str], input: &[u8]) -> Output {
        let passphrase = self.passphrase_file();
        write_private(&passphrase, PASSPHRASE);
        self.run(arguments, "--passphrase-file", &passphrase, input)
    }

    /// The same with a key file at hand, which is made if it is not there.
    pub fn tresor_by_file(&self, arguments: &[&str], input: &[u8]) -> Output {
        self.run(arguments, "--key-file", &self.key_file(), input)
    }

    /// Where the passphrase is, once a command needed it.
    pub fn passphrase_file(&self) -> PathBuf {
        self.home().join("passphrase")
    }

    /// Where the key file is.
    pub fn key_file(&self) -> PathBuf {
        self.home().join("key")
    }

    fn run(&self, arguments: &[&str], opener: &str, file: &Path, input: &[u8]) -> Output {
        let mut child = Command::new(program())
            .args(arguments)
            .args([opener.as_ref(), file.as_os_str()])
            .env_clear()
            .envs(self.environment())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        child.stdin.take().expect("its input").write_all(input).expect("it reads its input");
        let output = child.wait_with_output().expect("it ends");
        assert!(
            output.status.success(),
            "tresor {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output
    }

    /// Whether a command opens the vault with nothing at hand, and no terminal to ask on.
    pub fn opens_unasked(&self) -> bool {
        let mut command = Command::new("setsid");
        command.arg("--wait").arg(program()).arg("list");
        command.env_clear().envs(self.environment()).stdin(Stdio::null());
        let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        ended.expect("the program starts").success()
    }

    /// Writes the settings file.
    pub fn configure(&self, text: &str) {
        let directory = self.home().join("config/tresor");
        std::fs::create_dir_all(&directory).expect("a config directory");
        std::fs::write(directory.join("config.toml"), text).expect("a settings file");
    }

    /// Stores a value by another process.
    pub fn set(&self, name: &str, value: &str) {
        self.tresor(&["set", name, "--value-stdin"], value.as_bytes());
    }

    /// Reads a value by another process.
    pub fn read(&self, name: &str) -> String {
        String::from_utf8(self.tresor(&["read", name], b"").stdout).expect("text")
    }

    /// The screen on a terminal of its own.
    pub fn open(&self, arguments: &[&str]) -> Terminal {
        let mut command = CommandBuilder::new(program());
        command.args(arguments);
        self.start(command)
    }

    /// The same in an environment with one more variable.
    pub fn open_with(&self, variable: &str, arguments: &[&str]) -> Terminal {
        let mut command = CommandBuilder::new("env");
        command.args([variable.as_ref(), program().as_os_str()]);
        command.args(arguments);
        self.start(command)
    }

    /// Any command on a terminal, with this home's environment.
    pub fn start(&self, mut command: CommandBuilder) -> Terminal {
        command.env_clear();
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        command.cwd(self.home());
        Terminal::start(command, 40, 120)
    }

    /// A tmux server of this home.
    pub fn tmux(&self) -> Tmux {
        Tmux::start(self.home(), self.environment())
    }

    /// The unlocked screen with the canary's secret selected.
    pub fn unlocked(&self) -> Terminal {
        at_canary(self.open(&[]))
    }
}

/// Unlocks the screen and selects the canary's secret.
pub fn at_canary(mut terminal: Terminal) -> Terminal {
    unlock(&mut terminal);
    select_canary(&mut terminal);
    terminal
}

/// Types the passphrase into the unlock screen.
pub fn unlock(terminal: &mut Terminal) {
    terminal.shows("Passphrase");
    terminal.keys(&format!("{PASSPHRASE}<enter>"));
    terminal.shows("Scopes");
}

/// Goes to the canary's secret by the search.
pub fn select_canary(terminal: &mut Terminal) {
    terminal.keys("/");
    terminal.shows("Search everywhere");
    terminal.keys("canary");
    terminal.until("the canary found and described", |screen| {
        screen.contains("▌canary") && screen.contains("Revision")
    });
    terminal.keys("<enter>");
    terminal.hides("Search everywhere");
}

/// Shows the canary on the screen.
pub fn reveal(terminal: &mut Terminal) {
    terminal.keys("<enter>");
    terminal.shows(CANARY);
}

/// The program under test.
pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_tresor"))
}

/// Writes a file that is its owner's alone.
pub fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::OpenOptionsExt;
    let file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).expect("a private file");
}
