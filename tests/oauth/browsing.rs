//! The browser, played by `provider/browser.mjs`.

use std::process::Command;

use crate::provider::file;

/// Runs the browser with these words and settings; gives what it prints.
fn run(words: &[&str], settings: &[(&str, &str)]) -> String {
    let mut node = Command::new("node");
    node.arg(file("browser.mjs")).args(words).envs(settings.iter().copied());
    let output = node.output().expect("node runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.is_empty(), "{words:?}: {told}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Enters a device's code and says yes or no to it: `approve` or `deny`.
pub fn enters(event: &serde_json::Value, decision: &str) {
    let text = |member: &str| event[member].as_str().expect(member).to_owned();
    run(&["device", &text("verification_uri"), &text("user_code"), decision], &[]);
}

/// Signs in on a page, says yes or no, and goes where it is sent; gives the status that it gets there.
pub fn comes_back(page: &str, decision: &str) -> String {
    run(&["code", page, decision], &[])
}

/// The same, but with another state than the one it was sent with.
pub fn comes_back_with_state(page: &str, state: &str) -> String {
    run(&["code", page, "approve"], &[("STATE", state)])
}

/// Signs in on a page, says yes, and gives the address it is sent to instead of going there.
pub fn ends_at(page: &str) -> String {
    run(&["code", page, "approve", "print"], &[])
}

/// Says no, and gives the address it is sent to.
pub fn ends_denied_at(page: &str) -> String {
    run(&["code", page, "deny", "print"], &[])
}
