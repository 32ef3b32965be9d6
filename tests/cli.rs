//! Runs the real binary over `tests/cmd/*.case`: each file is a story of commands, exit codes and output.
//!
//! ```text
//! @ vault                      make a vault with a key file first ('@ bare' makes nothing); with 'everywhere'
//!                              behind it, it runs on other systems than Linux too
//! # a remark
//! $ tresor set global/a        a command; words as in a shell, but no shell
//! % sh -c 'tresor list'        the same, but only on Unix; nothing later rests on it
//! < hel\x00lo\n                its standard input, with escapes; none is an empty one
//! = 2                          its exit code; none is 0
//! > Saved global/a             its standard output, all of it
//! ! tresor: note: …            its standard error, all of it
//! ```
//!
//! `[..]` stands for anything in a line, a line `...` for any lines. Times, ids and the test's directory
//! are shown as `[TIME]`, `[ID]` and `[DIR]`. `UPDATE_CASES=1` rewrites what does not fit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods)] // modes are set as another program would

#[path = "cli/case.rs"]
mod case;
#[cfg(unix)]
mod executable;
// Other users, and the modes that keep them out.
#[cfg(unix)]
#[path = "cli/others.rs"]
mod others;
#[cfg(unix)]
mod owner_only;
#[path = "cli/sandbox.rs"]
mod sandbox;
// What a child got is seen by `env`, `sh` and /proc.
#[cfg(target_os = "linux")]
#[path = "cli/secrecy.rs"]
mod secrecy;
// Signals to a command whose output is masked.
#[cfg(unix)]
#[path = "cli/signals.rs"]
mod signals;
mod told;
#[path = "cli/values.rs"]
mod values;

use std::cmp::Reverse;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use case::Case;

#[test]
fn every_case_holds() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .expect("tests/cmd")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "case"))
        .collect();
    // The long ones first, so that none of them is waited for in the end.
    files.sort_by_key(|file| Reverse(std::fs::metadata(file).expect("a file").len()));
    let ended = run_all(&files);
    let steps: usize = ended.iter().flatten().sum();
    let failures: Vec<String> = ended.into_iter().filter_map(Result::err).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert!(steps > 100, "only {steps} steps were run");
    told::say(&format!("{steps} steps of tests/cmd were run"));
}

/// Runs the files, two at a time for each core: all at once, the commands would be so slow that their own
/// deadlines come near.
fn run_all(files: &[PathBuf]) -> Vec<Result<usize, String>> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let queue = Mutex::new(files.iter());
    // The queue is held only while the next one is taken.
    let next = || queue.lock().expect("no panic").next();
    let work = || std::iter::from_fn(next).map(|file| Case::run(file)).collect::<Vec<_>>();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2 * cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    })
}

#[test]
fn every_command_and_every_exit_code_has_a_case() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    let all: String = std::fs::read_dir(directory)
        .expect("tests/cmd")
        .map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("text"))
        .collect();
    let help = sandbox::Sandbox::bare().run(&["--help"], b"");
    let help = String::from_utf8(help.stdout).expect("UTF-8");
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .map_while(|line| line.strip_prefix("  "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() >= 20, "{commands:?}");
    for command in commands {
        let runs = format!("tresor {command}");
        let mut steps = all.lines().filter(|line| line.starts_with(['$', '%']));
        assert!(steps.any(|step| step.contains(&runs)), "no case runs '{runs}'");
    }
    for code in [1, 2, 3, 4, 5, 6, 7, 8, 9, 125, 126, 127] {
        assert!(all.contains(&format!("\n= {code}\n")), "no case exits {code}");
    }
}
