//! Copying where the real tmux is the clipboard: on the screen, and by the command.

use crate::terminal::Terminal;
use crate::tmux::Tmux;
use crate::world::{CANARY, PASSPHRASE, World, at_canary, real};

/// The program in an environment that leads to `tmux`.
fn open(world: &World, tmux: &Tmux, arguments: &[&str]) -> Terminal {
    world.open_with(&format!("TMUX={}", tmux.variable()), arguments)
}

/// The one buffer's contents. A former one is deleted a moment after the next copy.
fn buffer(tmux: &Tmux) -> String {
    tmux.until("one buffer", |tmux| tmux.buffers().len() == 1);
    let names = tmux.buffers();
    assert!(names[0].starts_with("tresor-"), "{names:?}");
    tmux.ask(&["show-buffer", "-b", &names[0]])
}

#[test]
fn a_copy_is_in_tmux_only_until_its_time_or_a_key_or_the_end() {
    if !real("a_copy_is_in_tmux_only_until_its_time_or_a_key_or_the_end") {
        return;
    }
    let world = World::with_vault();
    world.configure("[clipboard]\nclear_after = \"5s\"\n");
    let tmux = world.tmux();
    let mut terminal = at_canary(open(&world, &tmux, &[]));
    terminal.keys("y");
    terminal.shows("Copy to the terminal as well?");
    terminal.shows("paste with prefix");
    // The focused answer is the safe one.
    terminal.keys("<enter>");
    terminal.shows("Copied canary to a tmux buffer");
    assert_eq!(buffer(&tmux), CANARY);
    assert!(!terminal.screen().contains(CANARY));
    terminal.shows("Clipboard cleared");
    assert!(tmux.buffers().is_empty());
    // By a key, before its time.
    terminal.keys("y");
    terminal.shows("Copied canary to a tmux buffer");
    assert_eq!(buffer(&tmux), CANARY);
    terminal.keys("<c-x>");
    terminal.shows("Clipboard cleared");
    assert!(tmux.buffers().is_empty());
    // At the end of the program.
    terminal.keys("y");
    terminal.shows("Copied canary to a tmux buffer");
    terminal.keys("q");
    assert!(terminal.ends().success());
    assert!(tmux.buffers().is_empty());
    terminal.is_whole(CANARY);
}

#[test]
fn the_terminal_gets_it_after_a_yes_and_is_then_said_to_keep_it() {
    if !real("the_terminal_gets_it_after_a_yes_and_is_then_said_to_keep_it") {
        return;
    }
    let world = World::with_vault();
    let tmux = world.tmux();
    let mut terminal = at_canary(open(&world, &tmux, &[]));
    terminal.keys("y");
    terminal.shows("Copy to the terminal as well?");
    terminal.keys("<tab><enter>");
    terminal.shows("and to the terminal, which keeps it");
    assert_eq!(buffer(&tmux), CANARY);
    terminal.keys("<c-x>");
    terminal.shows("The tmux buffer is deleted; the terminal keeps its copy");
    assert!(tmux.buffers().is_empty());
}

#[test]
fn the_command_names_the_keys_and_waits_for_the_receipt() {
    if !real("the_command_names_the_keys_and_waits_for_the_receipt") {
        return;
    }
    let world = World::with_vault();
    let tmux = world.tmux();
    let copy = ["copy", "global/canary", "--clear-after", "4s", "--wait"];
    let mut terminal = open(&world, &tmux, &copy);
    terminal.shows("Passphrase: ");
    terminal.keys(&format!("{PASSPHRASE}<enter>"));
    terminal.shows("Copied global/canary to the tmux buffer; paste with prefix");
    assert_eq!(buffer(&tmux), CANARY);
    assert!(terminal.ends().success());
    let screen = terminal.screen();
    assert!(screen.contains("\nCleared\n") && screen.contains("in tmux only"), "{screen}");
    assert!(tmux.buffers().is_empty());
}
