//! What the stories share: a desktop with an independent reader, and ways to look at a holder.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tresor::service::clipboard::{
    Clipboard, ClipboardEnv, ClipboardReceipt, Osc52Consent, SystemClipboard,
};
use tresor::vault::SensitiveBytes;

pub use crate::told::real;

/// A value that occurs nowhere else.
pub const CANARY: &str = "canary-7c1e hunter2 ünïcödé";

/// A display with a clipboard, and tools of others to read and write it.
pub trait Desk {
    /// The environment a program started on it has.
    fn env(&self) -> ClipboardEnv;
    /// The clipboard's text, read by an independent program; `None` when empty.
    fn read(&self) -> Option<String>;
    /// PRIMARY's text, which must never be ours.
    fn read_primary(&self) -> Option<String>;
    /// The offered types, one a line.
    fn types(&self) -> String;
    /// Copies something else by an independent program.
    fn write(&self, text: &str);
}

/// A clipboard whose holder is the program under test.
pub fn clipboard(env: ClipboardEnv) -> SystemClipboard {
    SystemClipboard::with_exe(env, env!("CARGO_BIN_EXE_tresor"))
}

/// Copies `text` for `seconds`; the report's route in words.
pub fn copy(clipboard: &mut SystemClipboard, text: &str, seconds: f64) -> String {
    let value = SensitiveBytes::copy_of(text.as_bytes());
    let report = clipboard
        .copy(&value, Duration::from_secs_f64(seconds), Osc52Consent::Never)
        .expect("the value is on the clipboard");
    report.route.word().to_owned()
}

/// Waits until `holds`, and fails with `what` after a minute.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(25));
    }
}

/// The receipt, when it comes within a minute.
pub fn receipt(clipboard: &mut SystemClipboard) -> ClipboardReceipt {
    let mut found = None;
    eventually("a receipt", || {
        found = clipboard.poll();
        found.is_some()
    });
    found.unwrap()
}

/// The holders that were started with exactly these seconds: each story uses its own.
pub fn holders(seconds: f64) -> Vec<u32> {
    let wanted = format!("--clear-after\0{seconds}\0");
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse() else { continue };
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        if line.contains("__hold-clipboard") && line.contains(&wanted) {
            found.push(pid);
        }
    }
    found
}

/// A program that is stopped when the test ends.
pub struct Server(pub Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a reader or writer to its end, `input` on its standard input.
pub fn run(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} is needed for the real tier: {error}"));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The output as text, or `None` when the program failed.
pub fn text(output: Output) -> Option<String> {
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

/// A directory readable only by its owner, short enough for sockets.
pub fn private_directory() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("tresor-clip-").tempdir_in("/tmp").unwrap()
}

/// `PATH` and this directory, as every environment here has them.
pub fn plain_env(directory: &Path) -> ClipboardEnv {
    ClipboardEnv {
        runtime_dir: Some(directory.into()),
        home: Some(directory.into()),
        path: std::env::var_os("PATH"),
        ..ClipboardEnv::default()
    }
}
