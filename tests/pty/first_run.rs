//! The first run: where a new vault keeps secrets is said, suggested, and chosen.

use crate::journeys::add;
use crate::world::{CANARY, PASSPHRASE, World, real};

#[test]
fn a_first_run_keeps_secrets_where_it_was_told_to() {
    if !real("a_first_run_keeps_secrets_where_it_was_told_to") {
        return;
    }
    let world = World::new();
    let mut terminal = world.open(&[]);
    terminal.shows("Suggested: encrypted files; ");
    // Away from a desktop no store is tried, and the screen says why.
    terminal.shows("there is no desktop session here");
    terminal.shows("not on this system");
    terminal.keys("<tab><tab><down><tab>");
    terminal.keys(&format!("{PASSPHRASE}<enter>{PASSPHRASE}<tab><enter>"));
    terminal.shows("Another way in as well?");
    terminal.keys("<enter>");
    terminal.shows("Scopes");
    terminal.shows("encrypted files");
    add(&mut terminal, "canary", CANARY);
    terminal.keys("q");
    assert!(terminal.ends().success());
    let vault = world.home().join("data/tresor/vault");
    assert_eq!(
        std::fs::read_to_string(vault.join("backend.kind")).unwrap().trim(),
        "encrypted_file"
    );
    assert_eq!(std::fs::read_dir(vault.join("objects")).unwrap().count(), 1);
    assert_eq!(world.read("global/canary"), CANARY);
}
