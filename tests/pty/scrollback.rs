//! What tmux remembers of a session: nothing secret, however it ended; and a window that closes.

use std::time::{Duration, Instant};

use crate::tmux::Tmux;
use crate::world::{CANARY, World, real};

#[test]
fn tmux_remembers_nothing_secret_however_it_ended() {
    if !real("tmux_remembers_nothing_secret_however_it_ended") {
        return;
    }
    use rustix::process::Signal;
    let world = World::with_vault();
    let tmux = Tmux::start(&world);
    for ending in [None, Some(Signal::TERM), Some(Signal::HUP), Some(Signal::INT)] {
        tmux.reveal();
        match ending {
            None => tmux.keys(&["q"]),
            Some(signal) => rustix::process::kill_process(tmux.pid(), signal).expect("sent"),
        }
        remembers_nothing(&tmux, &format!("{ending:?}"));
        tmux.keys(&["-l", "clear\n"]);
        tmux.ask(&["clear-history"]);
    }
}

/// Waits until the program has left the terminal, and fails if the canary is still somewhere.
fn remembers_nothing(tmux: &Tmux<'_>, after: &str) {
    // What is typed before the program is gone is dropped with it.
    tmux.until("the terminal left", |tmux| {
        tmux.ask(&["display-message", "-p", "#{alternate_on}"]).trim() == "0"
    });
    tmux.keys(&["-l", "echo over=$((40+2))\n"]);
    tmux.shows("over=42");
    let all = tmux.everything();
    assert!(!all.contains(CANARY), "after {after} tmux still has it:\n{all}");
}

#[test]
fn tmux_remembers_nothing_of_a_stopped_program_and_of_one_that_went_on() {
    if !real("tmux_remembers_nothing_of_a_stopped_program_and_of_one_that_went_on") {
        return;
    }
    let world = World::with_vault();
    let tmux = Tmux::start(&world);
    tmux.reveal();
    tmux.keys(&["C-z"]);
    remembers_nothing(&tmux, "a stop");
    tmux.keys(&["-l", "clear; fg\n"]);
    tmux.shows("╭─ All");
    tmux.keys(&["Enter"]);
    tmux.shows(CANARY);
    tmux.keys(&["q"]);
    remembers_nothing(&tmux, "going on and quitting");
}

#[test]
fn a_closed_window_ends_the_program() {
    if !real("a_closed_window_ends_the_program") {
        return;
    }
    let world = World::with_vault();
    let tmux = Tmux::start(&world);
    tmux.reveal();
    let pid = tmux.pid();
    // The last window: the server goes with it, and so do both ends of the terminal.
    tmux.ask(&["kill-session"]);
    let start = Instant::now();
    while rustix::process::test_kill_process(pid).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(20), "it lives on without a terminal");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_check_would_find_what_a_killed_program_leaves() {
    if !real("the_check_would_find_what_a_killed_program_leaves") {
        return;
    }
    let world = World::with_vault();
    let tmux = Tmux::start(&world);
    tmux.reveal();
    rustix::process::kill_process(tmux.pid(), rustix::process::Signal::KILL).expect("sent");
    tmux.shows("Killed");
    // Nobody could give the terminal back: this is what the other test looks for.
    assert!(tmux.everything().contains(CANARY));
}
