//! Keeps the README true: its keys are the binding table's, its commands and options are the program's.
#![allow(clippy::expect_used)] // helpers of tests stop at once, like tests

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use tresor::app::Context;
use tresor::app::bindings::table;

const README: &str = include_str!("../README.md");

/// The text between a heading and the next one of any level.
fn section(heading: &str) -> &'static str {
    let rest = README.split(&format!("\n{heading}\n")).nth(1).expect("the heading is there");
    rest.split("\n#").next().unwrap_or_default()
}

/// What stands in backticks.
fn quoted(text: &str) -> Vec<String> {
    let arrows = [("↑", "up"), ("↓", "down"), ("←", "left"), ("→", "right")];
    let word = |text: &str| arrows.iter().find(|a| a.0 == text).map_or(text, |a| a.1).to_owned();
    text.split('`').skip(1).step_by(2).map(word).collect()
}

/// Every default key of the browsing screen.
fn bound() -> BTreeSet<String> {
    let browsing = [Context::Browse, Context::List, Context::Global];
    let rows = table().iter().filter(|row| browsing.contains(&row.context));
    rows.flat_map(|row| row.keys).map(|key| (*key).to_owned()).collect()
}

#[test]
fn every_key_in_the_table_is_bound() {
    let rows = section("## Keys").lines().filter(|line| line.starts_with("| `"));
    let cells: Vec<&str> = rows.filter_map(|line| line.split(" | ").next()).collect();
    assert!(cells.len() > 15, "the key table is gone");
    let wrong: Vec<String> =
        cells.iter().flat_map(|cell| quoted(cell)).filter(|key| !bound().contains(key)).collect();
    assert!(wrong.is_empty(), "in the README, but not bound: {wrong:?}");
}

#[test]
fn every_action_of_the_browsing_screen_is_in_the_table() {
    let told: BTreeSet<String> = quoted(section("## Keys")).into_iter().collect();
    let small = ["back", "fold", "help"]; // told by the sentence above the table, or by the hints
    let rows = table().iter().filter(|row| row.context == Context::Browse);
    let missing: Vec<&str> = rows
        .filter(|row| !small.contains(&row.word) && !row.keys.iter().any(|key| told.contains(*key)))
        .map(|row| row.word)
        .collect();
    assert!(missing.is_empty(), "bound, but not in the README: {missing:?}");
}

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tresor"))
        .args(arguments)
        .arg("--help")
        .stdin(Stdio::null())
        .output()
        .expect("tresor runs");
    assert!(output.status.success(), "tresor {arguments:?} --help failed");
    String::from_utf8(output.stdout).expect("help is text")
}

/// Each call of tresor in the README's shell examples: its command and its own options.
fn calls() -> Vec<(String, Vec<String>)> {
    let blocks = README.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines =
        blocks.flat_map(str::lines).map(|line| line.split("  #").next().unwrap_or_default());
    let parts = lines.flat_map(|line| line.split([';', '|', '&', '>'])).map(str::trim);
    let calls = parts.filter_map(|part| part.strip_prefix("tresor "));
    let read = |call: &str| {
        let ours = call.split(" -- ").next().unwrap_or_default();
        let mut words = ours.split_whitespace();
        let mut command = words.next().unwrap_or_default().to_owned();
        if ["keys", "profile", "secrets", "backup"].contains(&&*command) {
            // These have commands of their own.
            command = format!("{command} {}", words.next().unwrap_or_default());
        }
        (command, words.filter(|word| word.starts_with("--")).map(str::to_owned).collect())
    };
    calls.map(read).collect()
}

#[test]
fn every_command_and_option_of_the_examples_exists() {
    let calls = calls();
    assert!(calls.len() > 15, "only {} calls were found", calls.len());
    for (command, options) in calls {
        let text = help(&command.split(' ').collect::<Vec<_>>());
        for option in options {
            assert!(text.contains(&option), "tresor {command} has no {option}");
        }
    }
}

#[test]
fn every_command_is_mentioned() {
    let all = help(&[]);
    let list = all.split("Commands:\n").nth(1).expect("a list of commands");
    let commands = list.split("\n\n").next().unwrap_or_default().lines();
    let names: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 15, "only {names:?}");
    let said = |name: &str| {
        README.contains(&format!("tresor {name}")) || README.contains(&format!("`{name}`"))
    };
    let missing: Vec<&&str> = names.iter().filter(|name| **name != "help" && !said(name)).collect();
    assert!(missing.is_empty(), "not in the README: {missing:?}");
}
