//! A directory of its own for each test: home, vault, key file, and a search path with tresor and the links
//! that name it for a helper. Nothing of the user's own is within reach.

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Once;

use tempfile::TempDir;

/// Such a directory.
pub struct Home {
    directory: TempDir,
}

impl Home {
    /// One with an empty vault that its key file opens.
    pub fn new() -> Self {
        leave_the_terminal();
        let home = Self { directory: tempfile::tempdir().unwrap() };
        std::fs::create_dir(home.path("bin")).unwrap();
        for name in ["tresor", "git-credential-tresor", "docker-credential-tresor"] {
            symlink(env!("CARGO_BIN_EXE_tresor"), home.path("bin").join(name)).unwrap();
        }
        home.ok(&["tresor", "init", "-q"], "");
        home
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A program in a clean environment.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let own = std::iter::once(self.path("bin"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(own.chain(std::env::split_paths(&path))).unwrap();
        command
            .current_dir(self.directory.path())
            .env_clear()
            .envs(self.variables())
            .env("PATH", path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn variables(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("HOME", self.directory.path().into()),
            ("TRESOR_VAULT_DIR", self.path("vault").into()),
            ("TRESOR_KEY_FILE", self.path("key").into()),
            ("TRESOR_PASSPHRASE_COST", "least".into()),
            ("GIT_TERMINAL_PROMPT", "0".into()),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("LC_ALL", "C.UTF-8".into()),
        ]
    }

    /// Runs a program with that on its standard input.
    pub fn run(&self, words: &[&str], input: &str) -> Output {
        self.finish(self.command(words[0]).args(&words[1..]), input)
    }

    /// Runs a command that was made further.
    pub fn finish(&self, command: &mut Command, input: &str) -> Output {
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        // What reads nothing breaks the pipe, and that is its right.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// The same, which has to succeed, and its standard output.
    pub fn ok(&self, words: &[&str], input: &str) -> String {
        let output = self.run(words, input);
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The names in the vault.
    pub fn names(&self) -> Vec<String> {
        let listed = self.ok(&["tresor", "list", "-q"], "");
        listed.lines().filter_map(|line| Some(line.split('\t').next()?.to_owned())).collect()
    }
}

/// The interpreter with the packages of requirements.txt.
pub fn python() -> PathBuf {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/helpers/venv/bin/python");
    assert!(python.exists(), "no {}: tests/run.sh real makes it", python.display());
    python
}

/// A script beside this file.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/helpers").join(name)
}

/// Parts this process from the terminal the tests were started in, so that nothing asks there.
fn leave_the_terminal() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let left = rustix::process::setsid().is_ok() || std::fs::File::open("/dev/tty").is_err();
        assert!(left, "cannot leave the terminal; start the tests by cargo or under setsid");
    });
}
