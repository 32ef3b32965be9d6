//! What tmux remembers of a session: nothing secret, however it ended; and a window that closes.

use std::time::{Duration, Instant};

use crate::tmux::Tmux;
use crate::world::{CANARY, PASSPHRASE, World, program, real};

#[test]
fn tmux_remembers_nothing_secret_however_it_ended() {
    if !real("tmux_remembers_nothing_secret_however_it_ended") {
        return;
    }
    use rustix::process::Signal;
    let world = World::with_vault();
    let tmux = world.tmux();
    for ending in [None, Some(Signal::TERM), Some(Signal::HUP), Some(Signal::INT)] {
        reveal(&tmux);
        match ending {
            None => tmux.keys(&["q"]),
            Some(signal) => rustix::process::kill_process(tmux.pid(), signal).expect("sent"),
        }
        tmux.remembers_nothing(CANARY, &format!("{ending:?}"));
        tmux.keys(&["-l", "clear\n"]);
        tmux.ask(&["clear-history"]);
    }
}

/// Starts the program in the window and shows the canary.
fn reveal(tmux: &Tmux) {
    tmux.keys(&["-l", &format!("{}\n", program().display())]);
    tmux.shows("Passphrase");
    tmux.keys(&["-l", PASSPHRASE]);
    tmux.keys(&["Enter"]);
    tmux.shows("Scopes");
    tmux.keys(&["-l", "/canary"]);
    tmux.shows("1 of 1");
    tmux.keys(&["Enter"]);
    tmux.shows("╭─ All");
    tmux.keys(&["Enter"]);
    tmux.shows(CANARY);
}

#[test]
fn tmux_remembers_nothing_of_a_stopped_program_and_of_one_that_went_on() {
    if !real("tmux_remembers_nothing_of_a_stopped_program_and_of_one_that_went_on") {
        return;
    }
    let world = World::with_vault();
    let tmux = world.tmux();
    reveal(&tmux);
    tmux.keys(&["C-z"]);
    tmux.remembers_nothing(CANARY, "a stop");
    tmux.keys(&["-l", "clear; fg\n"]);
    tmux.shows("╭─ All");
    tmux.keys(&["Enter"]);
    tmux.shows(CANARY);
    tmux.keys(&["q"]);
    tmux.remembers_nothing(CANARY, "going on and quitting");
}

#[test]
fn a_closed_window_ends_the_program() {
    if !real("a_closed_window_ends_the_program") {
        return;
    }
    let world = World::with_vault();
    let tmux = world.tmux();
    reveal(&tmux);
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
    let tmux = world.tmux();
    reveal(&tmux);
    rustix::process::kill_process(tmux.pid(), rustix::process::Signal::KILL).expect("sent");
    tmux.shows("Killed");
    // Nobody could give the terminal back: this is what the other test looks for.
    assert!(tmux.everything().contains(CANARY));
}
