//! A person at work: a new vault, a secret, its whole life, and somebody else writing meanwhile.

use crate::terminal::Terminal;
use crate::world::{CANARY, PASSPHRASE, World, real, reveal, select_canary, unlock};

/// What a masked value looks like.
const MASK: &str = "••••••••";

#[test]
fn from_an_empty_home_to_a_stored_secret_and_back_out() {
    if !real("from_an_empty_home_to_a_stored_secret_and_back_out") {
        return;
    }
    let world = World::new();
    let mut terminal = world.open(&[]);
    terminal.shows("Nobody can recover");
    terminal.keys(PASSPHRASE);
    terminal.keys("<enter>");
    terminal.keys(PASSPHRASE);
    assert!(!terminal.screen().contains(PASSPHRASE), "the passphrase is on the screen");
    terminal.keys("<enter>");
    terminal.shows("Another way in as well?");
    terminal.keys("<enter>");
    terminal.shows("Scopes");
    add(&mut terminal, "canary", CANARY);
    terminal.shows(MASK);
    terminal.keys("q");
    assert!(terminal.ends().success());
    terminal.is_whole(CANARY);
    assert_eq!(world.read("global/canary"), CANARY);
}

/// Fills the form for a new secret in `global`.
pub fn add(terminal: &mut Terminal, key: &str, value: &str) {
    terminal.keys("a");
    terminal.shows("Add a secret");
    terminal.keys(&format!("global<tab>{key}<tab>"));
    paste(terminal, value);
    terminal.shows(value);
    terminal.keys("<c-s>");
    terminal.shows(&format!("Added global/{key}"));
}

/// Pastes as a terminal does.
pub fn paste(terminal: &mut Terminal, text: &str) {
    terminal.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
}

#[test]
fn a_value_is_shown_and_hidden_and_shown_to_nobody_who_does_not_look() {
    if !real("a_value_is_shown_and_hidden_and_shown_to_nobody_who_does_not_look") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = world.unlocked();
    assert!(!terminal.screen().contains(CANARY));
    reveal(&mut terminal);
    terminal.keys("<enter>");
    terminal.hides(CANARY);
    reveal(&mut terminal);
    terminal.keys("<focus-out>");
    terminal.hides(CANARY);
    terminal.keys("<focus-in>");
    // By itself, after its time.
    reveal(&mut terminal);
    terminal.hides(CANARY);
    terminal.shows(MASK);
    reveal(&mut terminal);
    terminal.keys("<c-l>");
    terminal.hides(CANARY);
    terminal.shows("Passphrase");
}

#[test]
fn who_looked_at_what_is_on_the_activity_screen() {
    if !real("who_looked_at_what_is_on_the_activity_screen") {
        return;
    }
    let world = World::with_vault();
    world.read("global/canary");
    let mut terminal = world.unlocked();
    reveal(&mut terminal);
    terminal.keys("L");
    terminal.shows("Whole: no record is missing or altered");
    terminal.hides(CANARY);
    for line in ["reveal   global/canary", "read     global/canary", "unlock   passphrase"] {
        terminal.shows(line);
    }
    terminal.keys("<esc>");
    terminal.hides("Whole: no record");
    // Somebody cuts it off while the program runs.
    world.set("global/canary", CANARY);
    let log = world.home().join("data/tresor/vault/journal/1.log");
    let file = std::fs::read(&log).unwrap();
    std::fs::write(&log, &file[..file.len() / 2]).unwrap();
    terminal.keys("L");
    terminal.shows("✗ Not whole:");
}

#[test]
fn a_search_finds_in_every_scope_and_leaves_the_list_as_it_was() {
    if !real("a_search_finds_in_every_scope_and_leaves_the_list_as_it_was") {
        return;
    }
    let world = World::with_vault();
    world.set("project:shop:prod/stripe_key", "x");
    world.set("skill:extractor/token", "x");
    let mut terminal = world.open(&[]);
    unlock(&mut terminal);
    terminal.shows("stripe_key");
    terminal.keys("/strpe");
    terminal.shows("1 of 3");
    terminal.shows("▌stripe_key");
    terminal.keys("x");
    terminal.shows("0 of 3");
    terminal.keys("<esc>");
    terminal.shows("token");
    terminal.keys("/stripe<enter>");
    terminal.hides("Search everywhere");
    terminal.shows("▌stripe_key");
}

#[test]
fn without_a_clipboard_copying_says_so_and_nothing_is_lost() {
    if !real("without_a_clipboard_copying_says_so_and_nothing_is_lost") {
        return;
    }
    let world = World::with_vault();
    world.configure("[clipboard]\nosc52 = \"never\"\n");
    let mut terminal = world.unlocked();
    terminal.keys("y");
    terminal.shows("no clipboard can be reached");
    assert!(!terminal.screen().contains(CANARY));
    terminal.keys("<esc>");
    terminal.hides("no clipboard can be reached");
    reveal(&mut terminal);
}

#[test]
fn the_terminals_own_clipboard_is_used_only_after_a_yes() {
    if !real("the_terminals_own_clipboard_is_used_only_after_a_yes") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = world.unlocked();
    let sent =
        |terminal: &Terminal| String::from_utf8_lossy(&terminal.written()).contains("\x1b]52;");
    terminal.keys("y");
    terminal.shows("Do not copy");
    terminal.keys("<enter>");
    terminal.hides("Do not copy");
    assert!(!sent(&terminal), "copied although the answer was no");
    terminal.keys("y");
    terminal.shows("Copy anyway");
    terminal.keys("<tab><enter>");
    terminal.until("the sequence sent", |_| sent(&terminal));
    terminal.shows("Copied");
    assert!(!terminal.screen().contains(CANARY));
}

#[test]
fn locked_means_locked_until_the_right_passphrase() {
    if !real("locked_means_locked_until_the_right_passphrase") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = world.unlocked();
    reveal(&mut terminal);
    terminal.keys("<c-l>");
    terminal.shows("Unlock");
    assert!(!terminal.screen().contains(CANARY) && !terminal.screen().contains("Scopes"));
    terminal.keys("wrong<enter>");
    terminal.until("a wrong passphrase said as such", |screen| {
        screen.to_lowercase().contains("not the passphrase")
    });
    unlock(&mut terminal);
    select_canary(&mut terminal);
    reveal(&mut terminal);
}

#[test]
fn a_key_file_accepts_an_older_copy_and_leads_back_from_a_lock() {
    if !real("a_key_file_accepts_an_older_copy_and_leads_back_from_a_lock") {
        return;
    }
    let world = World::new();
    world.tresor_by_file(&["init"], b"");
    world.tresor_by_file(&["set", "global/older", "--value-stdin"], b"x");
    let root = world.home().join("data/tresor/vault/root.json");
    let backup = std::fs::read(&root).unwrap();
    world.tresor_by_file(&["set", "global/newer", "--value-stdin"], b"x");
    std::fs::write(&root, backup).unwrap();
    let mut terminal = world.open(&["--key-file", &world.key_file().to_string_lossy()]);
    terminal.shows("An older copy of the vault lies here");
    terminal.keys("y");
    terminal.shows("This copy of the vault is accepted");
    terminal.shows("▌older");
    assert!(!terminal.screen().contains("newer"));
    terminal.keys("<c-l>");
    terminal.shows("Enter alone takes the key file");
    assert!(!terminal.screen().contains("older"));
    terminal.keys("<enter>");
    terminal.shows("▌older");
}

#[test]
fn an_edit_is_saved_as_a_new_revision() {
    if !real("an_edit_is_saved_as_a_new_revision") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = world.unlocked();
    terminal.keys("e");
    terminal.shows(CANARY);
    terminal.keys("<end>");
    paste(&mut terminal, "-and\nq d <second> line");
    terminal.shows("q d <second> line");
    terminal.keys("<c-s>");
    terminal.shows(MASK);
    terminal.shows("Revision");
    assert_eq!(world.read("global/canary"), format!("{CANARY}-and\nq d <second> line"));
}

#[test]
fn what_another_process_writes_appears_and_an_edit_in_progress_stays() {
    if !real("what_another_process_writes_appears_and_an_edit_in_progress_stays") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = world.unlocked();
    world.set("global/from_elsewhere", "x");
    terminal.shows("from_elsewhere");
    select_canary(&mut terminal);
    terminal.keys("e");
    terminal.shows(CANARY);
    terminal.keys("<end>-mine");
    terminal.shows(&format!("{CANARY}-mine"));
    world.set("global/canary", "theirs");
    // The editor is told, and what was typed is still there.
    terminal.until("a word about the newer revision", |screen| {
        screen.contains(&format!("{CANARY}-mine")) && screen.to_lowercase().contains("changed")
    });
    assert_eq!(world.read("global/canary"), "theirs");
}

#[test]
fn the_screen_follows_the_size_of_the_terminal() {
    if !real("the_screen_follows_the_size_of_the_terminal") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = world.unlocked();
    for (rows, columns) in [(24, 80), (5, 20), (2, 8), (1, 1), (40, 120)] {
        terminal.resize(rows, columns);
        // A key and its answer at every size: the program is alive.
        terminal.keys("jk");
    }
    terminal.shows("Scopes");
    reveal(&mut terminal);
}

#[test]
fn the_demo_needs_no_passphrase_and_stores_nothing() {
    if !real("the_demo_needs_no_passphrase_and_stores_nothing") {
        return;
    }
    let world = World::new();
    let mut terminal = world.open(&["demo"]);
    terminal.shows("Scopes");
    terminal.shows("demo");
    terminal.keys("q");
    assert!(terminal.ends().success());
    let stored = ["data", "state"].map(|place| world.home().join(place).exists());
    assert_eq!(stored, [false, false]);
}

#[test]
fn the_editor_alone_ends_with_the_edit() {
    if !real("the_editor_alone_ends_with_the_edit") {
        return;
    }
    let world = World::with_vault();
    let edit = |keys: &str| {
        let mut terminal = world.open(&["edit", "global/canary"]);
        terminal.shows("assphrase");
        terminal.keys(&format!("{PASSPHRASE}<enter>"));
        terminal.shows(CANARY);
        terminal.keys(keys);
        assert!(terminal.ends().success());
        terminal.is_whole(CANARY);
        world.read("global/canary")
    };
    assert_eq!(edit("<esc>"), CANARY);
    assert_eq!(edit("<end>-more<c-s>"), format!("{CANARY}-more"));
}

/// The recovery code as a person copies it from the screen: spaced letters in groups.
pub fn code_on(screen: &str) -> String {
    let pieces = screen.lines().flat_map(|row| row.split('│'));
    let spaced = |piece: &&str| piece.trim().len() > 8 && piece.split("  ").all(is_group);
    let letters: Vec<&str> = pieces.filter(spaced).collect();
    let letters = letters.join(" ");
    letters.split_whitespace().collect()
}

/// `q p z r`, or nothing between two groups.
fn is_group(text: &str) -> bool {
    let text = text.trim();
    text.split(' ').all(|letter| letter.len() <= 1)
}

#[test]
fn a_recovery_code_a_new_passphrase_and_a_new_vault_key() {
    if !real("a_recovery_code_a_new_passphrase_and_a_new_vault_key") {
        return;
    }
    const OTHER: &str = "another-horse-and-its-battery";
    let world = World::with_vault();
    let mut terminal = world.unlocked();
    terminal.keys("K");
    terminal.shows("one way in");
    terminal.keys("ac");
    terminal.shows("first the passphrase");
    terminal.keys(&format!("{PASSPHRASE}<enter>"));
    let code = copy_code(&mut terminal);
    terminal.shows("Added the recovery code");
    terminal.keys("<c-l>");
    terminal.shows("Other ways in");
    terminal.keys(&format!("{code}<enter>"));
    terminal.shows("Scopes");
    // Another passphrase, proven by the code.
    terminal.keys("K");
    terminal.shows("2 ways in");
    terminal.keys("p");
    terminal.shows("first the old one");
    terminal.keys(&format!("{code}<enter>"));
    terminal.shows("Change the passphrase");
    terminal.hides("first the old one");
    terminal.keys(&format!("{OTHER}<enter>{OTHER}<enter>"));
    terminal.shows("Changed the passphrase");
    // Another vault key, and with it another code.
    terminal.keys("R");
    terminal.shows("Replace the vault key: first");
    terminal.keys(&format!("{OTHER}<enter>"));
    terminal.shows("Replace it");
    terminal.keys("y");
    let new = copy_code(&mut terminal);
    assert_ne!(new, code);
    terminal.shows("Replaced the vault key");
    terminal.keys("<c-l>");
    terminal.shows("Other ways in");
    terminal.keys(&format!("{code}<enter>"));
    terminal.shows("not the recovery code of this vault");
    terminal.keys(&format!("<c-u>{new}<enter>"));
    terminal.shows("Scopes");
    select_canary(&mut terminal);
    reveal(&mut terminal);
    terminal.keys("q");
    assert!(terminal.ends().success());
    terminal.is_whole(CANARY);
    assert!(!terminal.everything().contains(&new), "the code is in the scrollback");
}

/// Copies the code from the screen, and types it back.
fn copy_code(terminal: &mut Terminal) -> String {
    terminal.shows("step 1 of 2");
    let code = code_on(&terminal.screen());
    assert_eq!(code.len(), 45, "{code} on\n{}", terminal.screen());
    terminal.keys("<enter>");
    terminal.shows("step 2 of 2");
    let spaced: Vec<String> = code.chars().map(String::from).collect();
    assert!(!terminal.screen().contains(&spaced[7..11].join(" ")), "the code is still there");
    terminal.keys(&format!("{code}<enter>"));
    terminal.hides("step 2 of 2");
    code
}

#[test]
fn what_is_kept_unlocked_opens_the_screen_and_a_lock_there_ends_it_everywhere() {
    if !real("what_is_kept_unlocked_opens_the_screen_and_a_lock_there_ends_it_everywhere") {
        return;
    }
    let world = World::with_vault();
    let keep = || world.tresor(&["unlock", "--for", "10m"], b"");
    assert!(!world.opens_unasked());
    keep();
    let mut terminal = world.open(&[]);
    terminal.shows("Scopes");
    select_canary(&mut terminal);
    reveal(&mut terminal);
    terminal.keys("q");
    assert!(terminal.ends().success());
    assert!(world.opens_unasked(), "leaving the screen is no lock");
    let mut terminal = world.open(&[]);
    terminal.shows("Scopes");
    // Nothing that would outlast it.
    terminal.keys("K");
    terminal.shows("one way in");
    terminal.keys("a");
    terminal.shows("Add which way in?");
    terminal.keys("f");
    terminal.shows("~/.config/tresor/key");
    terminal.keys("<enter>");
    terminal.shows("only kept unlocked");
    terminal.keys("<c-l>");
    terminal.shows("Passphrase");
    assert!(!world.opens_unasked(), "a lock by key");
    world.configure("[lock]\nidle = \"1s\"\n");
    keep();
    let terminal = world.open(&[]);
    terminal.shows("Locked after");
    assert!(!world.opens_unasked(), "a lock because nobody typed");
}
