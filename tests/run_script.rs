//! `tests/run.sh` where components may not be installed: what it skips it names, and in CI that is a
//! failure. Its cargo is a stub here, so that nothing is built and only the script is looked at.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod executable;

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const SCRIPT: &str = include_str!("run.sh");

/// What the scripts themselves need, beside the shell.
const TOOLS: [&str; 9] = ["bash", "dirname", "env", "mktemp", "rm", "sed", "sort", "tr", "sleep"];

/// A search path of its own: the tools, and stubs for all that would reach out.
struct World {
    directory: tempfile::TempDir,
}

impl World {
    /// A user with that number on a system with or without apt-get, and none of the components.
    fn new(user: u32, has_apt: bool) -> Self {
        let world = Self { directory: tempfile::tempdir().expect("a directory") };
        let path = std::env::var_os("PATH").expect("PATH");
        for tool in TOOLS {
            let found =
                std::env::split_paths(&path).map(|part| part.join(tool)).find(|p| p.exists());
            symlink(found.expect(tool), world.place(tool)).expect("a link");
        }
        world.stub("cargo", "echo \"cargo $*\"");
        world.stub("id", &format!("echo {user}"));
        if has_apt {
            world.stub("apt-get", &format!("echo \"$*\" >> {}; exit 1", world.log().display()));
        }
        world
    }

    fn place(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Where a stub of apt-get writes what it was asked for.
    fn log(&self) -> PathBuf {
        self.place("apt-get.log")
    }

    fn stub(&self, name: &str, script: &str) {
        executable::write(&self.place(name), &format!("#!/bin/sh\n{script}\n"));
    }

    /// Runs the script for the real tier.
    fn run(&self, ci: Option<&str>) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/run.sh");
        let mut command = Command::new(self.place("bash"));
        command.arg(script).arg("real").env_clear().env("PATH", self.directory.path());
        if let Some(ci) = ci {
            command.env("CI", ci);
        }
        command.stdin(Stdio::null()).output().expect("the script runs")
    }
}

/// The targets of the real tier with what they need, as the script lists them.
fn targets() -> Vec<(&'static str, Vec<&'static str>)> {
    let list = SCRIPT.split("REAL_TARGETS='").nth(1).and_then(|rest| rest.split('\'').next());
    let lines = list.expect("the list").lines().filter_map(|line| line.split_once(':'));
    lines.map(|(target, needs)| (target, needs.split_whitespace().collect())).collect()
}

fn text(output: &Output) -> String {
    String::from_utf8([output.stdout.clone(), output.stderr.clone()].concat()).expect("UTF-8")
}

#[test]
fn what_may_not_be_installed_is_skipped_by_name() {
    assert!(targets().len() >= 2, "the list is gone");
    for (user, has_apt) in [(1000, true), (1000, false), (0, false)] {
        let world = World::new(user, has_apt);
        let output = world.run(None);
        let told = text(&output);
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert!(told.contains("installing is left to you"), "{told}");
        for (target, needs) in targets() {
            let end = format!("  real: {target}: not installed: {}", needs.join(" "));
            let named = |line: &str| line.starts_with("SKIPPED") && line.ends_with(&end);
            assert!(told.lines().any(named), "{end}: {told}");
            let ran = format!("--test {target}");
            assert!(!told.contains(&ran), "{target} was run: {told}");
        }
        let end = format!("parts: 1 passed, 0 failed, {} skipped\n", targets().len());
        assert!(told.ends_with(&end), "{told}");
        assert!(!world.log().exists(), "apt-get was called by user {user}");
    }
}

#[test]
fn in_ci_a_skipped_part_is_a_failure() {
    let world = World::new(1000, true);
    let output = world.run(Some("true"));
    let told = text(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("a part was skipped, and with CI=true that is a failure"), "{told}");
    assert_eq!(world.run(Some("false")).status.code(), Some(0));
}

#[test]
fn what_is_there_is_run_and_its_failure_is_one() {
    let world = World::new(1000, false);
    for need in targets().into_iter().flat_map(|(_, needs)| needs) {
        world.stub(need, "exit 0");
    }
    let told = text(&world.run(Some("true")));
    let end = format!("parts: {} passed, 0 failed, 0 skipped\n", targets().len() + 1);
    assert!(told.ends_with(&end), "{told}");
    world.stub("cargo", "case \"$*\" in *--no-run*) exit 0;; esac; exit 101");
    let failed = world.run(None);
    assert_eq!(failed.status.code(), Some(1), "{}", text(&failed));
}
