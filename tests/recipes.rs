//! Runs the recipes of the README: each block of shell in its order, in one vault, with bash; what stands
//! below it is what it has to print.
#![cfg(target_os = "linux")] // bash, git, stat as GNU has it
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "cli/sandbox.rs"]
mod sandbox;

use sandbox::{Sandbox, feed};

const README: &str = include_str!("../README.md");

/// Each block of shell of the section, and what it prints.
fn recipes() -> Vec<(&'static str, &'static str)> {
    let section = README.split("\n## Recipes\n").nth(1).expect("a section of recipes");
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1);
    let read = |block: &'static str| {
        let (script, rest) = block.split_once("```\n").expect("an end");
        let printed = rest.split("```text\n").nth(1).and_then(|text| text.split("```").next());
        (script, printed.expect("every recipe tells what it prints"))
    };
    blocks.map(read).collect()
}

#[test]
fn every_recipe_prints_what_stands_below_it() {
    let sandbox = Sandbox::with_vault();
    let recipes = recipes();
    assert!(recipes.len() >= 8, "only {} recipes", recipes.len());
    for (script, printed) in recipes {
        let mut bash = sandbox.command("bash");
        bash.args(["-euo", "pipefail", "-c", script]);
        let output = feed(bash.spawn().expect("bash"), b"");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}\n{told}");
        let stdout = String::from_utf8(output.stdout).expect("UTF-8");
        // An empty last cell leaves a tab, which nobody sees.
        let shown: Vec<&str> = stdout.lines().map(str::trim_end).collect();
        assert_eq!(shown, printed.lines().collect::<Vec<_>>(), "{script}\n{told}");
    }
    sandbox.ok(&["doctor"], b"");
}
