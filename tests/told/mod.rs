//! What a test tells whoever runs it, past the harness, which swallows the words of tests that pass.
#![allow(dead_code)] // not every target says all of it

use std::io::Write;

/// Writes a line, as a figure that was measured.
pub fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).expect("standard error");
}

/// Whether the real tier runs; says so plainly when it does not.
pub fn real(test: &str) -> bool {
    let real = std::env::var_os("TRESOR_REAL").is_some_and(|value| value == "1");
    if !real {
        say(&format!("{test} belongs to the real tier: set TRESOR_REAL=1 to run it"));
    }
    real
}
