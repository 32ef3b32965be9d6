//! A directory of its own for each test: home, vault, key file, and no terminal.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
#[cfg(unix)]
use std::sync::Once;

use tempfile::TempDir;

/// The directory that a command runs in; removed when dropped.
pub struct Sandbox {
    directory: TempDir,
    with_key: bool,
}

impl Sandbox {
    /// An empty directory.
    pub fn bare() -> Self {
        leave_the_terminal();
        Self { directory: tempfile::tempdir().expect("a directory"), with_key: false }
    }

    /// A directory with a vault that its key file opens.
    pub fn with_vault() -> Self {
        let mut sandbox = Self::bare();
        sandbox.with_key = true;
        let made = sandbox.run(&["init"], b"");
        assert!(made.status.success(), "{made:?}");
        sandbox
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn vault(&self) -> PathBuf {
        self.path().join("vault")
    }

    /// A program in this directory and in a clean environment.
    pub fn command(&self, program: &str) -> Command {
        let program = if program == "tresor" { env!("CARGO_BIN_EXE_tresor") } else { program };
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", path_with_tresor())
            .env("HOME", self.path())
            .env("TRESOR_VAULT_DIR", self.vault())
            .env("TRESOR_PASSPHRASE_COST", "least")
            .envs(coverage())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        fit(&mut command);
        if self.with_key {
            command.env("TRESOR_KEY_FILE", self.path().join("key"));
        }
        command
    }

    /// Runs tresor.
    pub fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        feed(self.command("tresor").args(arguments).spawn().expect("tresor runs"), input)
    }

    /// Runs tresor, which has to succeed, and returns its standard output.
    pub fn ok(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let output = self.run(arguments, input);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        output.stdout
    }
}

/// Where a program measured by tests/coverage.sh writes what it ran.
fn coverage() -> Option<(&'static str, OsString)> {
    let name = "LLVM_PROFILE_FILE";
    Some((name, std::env::var_os(name)?))
}

/// Gives a child its standard input and waits for its output.
pub fn feed(mut child: Child, input: &[u8]) -> Output {
    let mut pipe = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    // A command that reads nothing breaks the pipe, and that is its right.
    let writer = std::thread::spawn(move || drop(pipe.write_all(&input)));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("written");
    output
}

/// The search path, with the directory of the tresor under test in front.
fn path_with_tresor() -> OsString {
    let own = Path::new(env!("CARGO_BIN_EXE_tresor")).parent().expect("a directory").to_owned();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(own).chain(std::env::split_paths(&others));
    std::env::join_paths(all).expect("a search path")
}

/// Parts this process from the terminal the tests were started in, so that nothing asks there.
#[cfg(unix)]
fn leave_the_terminal() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let left = rustix::process::setsid().is_ok() || std::fs::File::open("/dev/tty").is_err();
        assert!(left, "cannot leave the terminal; start the tests by cargo or under setsid");
    });
}

/// Here each command is parted for itself.
#[cfg(windows)]
fn leave_the_terminal() {}

/// Every system's own needs of a command.
#[cfg(unix)]
fn fit(_: &mut Command) {}

/// Without a console to ask on (`DETACHED_PROCESS`), and with what no program of Windows starts without.
#[cfg(windows)]
fn fit(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    command.creation_flags(0x0000_0008);
    let kept = ["SystemRoot", "TEMP", "TMP", "LOCALAPPDATA", "WINEPREFIX"];
    command.envs(kept.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
}
