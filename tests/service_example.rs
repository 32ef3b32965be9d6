//! Runs `examples/service.rs` as its readers would: twice over the same state root, no terminal.
#![allow(clippy::expect_used)] // helpers of tests stop at once, like tests

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Cargo builds the examples beside the tests, in `<profile>/examples`.
fn example() -> PathBuf {
    let test = std::env::current_exe().expect("this test");
    let profile = test.parent().and_then(|deps| deps.parent()).expect("the profile's directory");
    profile.join("examples").join("service")
}

fn run(root: &std::path::Path) -> String {
    let output = Command::new(example())
        .arg(root)
        .stdin(Stdio::null())
        .output()
        .expect("the example runs; cargo test builds it");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn a_daemon_stores_and_reads_through_views() {
    let root = tempfile::tempdir().expect("a directory");
    let root = root.path().join("state-root");
    let first = run(&root);
    for line in [
        "provider key      25 bytes",
        "refresh token     21 bytes",
        "skill's config    11 bytes",
        "another skill     skill:summariser may not see skill:extractor",
        "writing there     skill:summariser may not change skill:extractor",
        "it sees           1 secrets",
        "after the lock    the vault is locked",
    ] {
        assert!(first.lines().any(|found| found == line), "no line '{line}' in:\n{first}");
    }
    // The second run opens what the first one made, and finds the same.
    assert_eq!(run(&root), first);
    assert!(root.join("vault/root.json").is_file());
}

#[test]
fn without_a_state_root_it_says_how() {
    let output = Command::new(example()).stdin(Stdio::null()).output().expect("the example runs");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("usage: service STATE_ROOT"));
}
