//! Programs that a test puts there to be run, written by another process: a file that this one has open for
//! writing is open, too, in what another thread is about to start, and until that is another program the file
//! cannot be run ("Text file busy").
#![allow(dead_code)] // not every target does all of it

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Writes a script that its owner may run.
pub fn write(path: &Path, script: &str) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 077; cat >\"$0\" && chmod 700 \"$0\""]).arg(path);
    let mut shell = shell.stdin(Stdio::piped()).spawn().expect("a shell");
    shell.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("written");
    assert!(shell.wait().expect("it ends").success(), "{}", path.display());
}

/// Copies a program so that everybody may run it.
pub fn copy(program: &Path, to: &Path) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "cp \"$0\" \"$1\" && chmod 755 \"$1\""]).args([program, to]);
    assert!(shell.status().expect("a shell").success(), "{}", to.display());
}
