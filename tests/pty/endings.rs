//! Every way a session can end or pause: the terminal is whole, and nothing secret is left on it.

use std::time::Duration;

use portable_pty::CommandBuilder;
use rustix::process::Signal;

use crate::terminal::Terminal;
use crate::world::{CANARY, World, program, real, reveal, select_canary, unlock};

/// The line settings of a terminal nobody changed.
fn untouched(world: &World) -> String {
    let mut command = CommandBuilder::new("sleep");
    command.arg("60");
    world.start(command).settings()
}

/// A terminal with the canary on the screen, and the line settings it should have again.
fn revealed(world: &World) -> (Terminal, String) {
    let mut terminal = world.unlocked();
    reveal(&mut terminal);
    let untouched = untouched(world);
    assert_ne!(terminal.settings(), untouched, "the terminal is not in raw mode");
    (terminal, untouched)
}

#[test]
fn after_quitting_the_terminal_is_whole() {
    if !real("after_quitting_the_terminal_is_whole") {
        return;
    }
    let world = World::with_vault();
    let (mut terminal, untouched) = revealed(&world);
    terminal.keys("q");
    assert!(terminal.ends().success());
    assert_eq!(terminal.settings(), untouched);
    terminal.is_whole(CANARY);
}

#[test]
fn after_a_signal_the_terminal_is_whole_and_the_signal_is_seen() {
    if !real("after_a_signal_the_terminal_is_whole_and_the_signal_is_seen") {
        return;
    }
    for (signal, word) in [(Signal::TERM, "Terminated"), (Signal::HUP, "Hangup")] {
        let world = World::with_vault();
        let (mut terminal, untouched) = revealed(&world);
        terminal.signal(signal);
        let status = terminal.ends();
        assert_eq!(status.signal(), Some(word));
        assert_eq!(terminal.settings(), untouched, "after {word}");
        terminal.is_whole(CANARY);
    }
}

#[test]
fn an_interrupt_from_outside_ends_with_130() {
    if !real("an_interrupt_from_outside_ends_with_130") {
        return;
    }
    let world = World::with_vault();
    let (mut terminal, untouched) = revealed(&world);
    terminal.signal(Signal::INT);
    assert_eq!(terminal.ends().exit_code(), 130);
    assert_eq!(terminal.settings(), untouched);
    terminal.is_whole(CANARY);
}

#[test]
fn ctrl_z_gives_the_shell_a_whole_terminal_and_fg_brings_the_screen_back() {
    if !real("ctrl_z_gives_the_shell_a_whole_terminal_and_fg_brings_the_screen_back") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = shell(&world);
    terminal.keys("B=$(stty -g); stty -a<enter>");
    terminal.shows("isig icanon");
    terminal.keys(&format!("clear; {}<enter>", program().display()));
    unlock(&mut terminal);
    select_canary(&mut terminal);
    reveal(&mut terminal);
    terminal.keys("<c-z>");
    terminal.shows("Stopped");
    terminal.is_whole(CANARY);
    terminal.keys("[ \"$B\" = \"$(stty -g)\" ] && echo same'' settings || stty -a<enter>");
    terminal.shows("same settings");
    terminal.keys("fg<enter>");
    terminal.shows("Scopes");
    assert!(terminal.emulator(vt100::Screen::alternate_screen));
    assert!(!terminal.screen().contains(CANARY), "shown again without being asked");
    // The keys are the program's again.
    reveal(&mut terminal);
    terminal.keys("q");
    terminal.shows("ready$");
    terminal.is_whole(CANARY);
    terminal.keys("exit<enter>");
    terminal.ends();
}

#[test]
fn a_stop_from_outside_is_like_ctrl_z() {
    if !real("a_stop_from_outside_is_like_ctrl_z") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = shell(&world);
    terminal.keys(&format!("{} & echo pid=$! ; fg<enter>", program().display()));
    // In the background the first use of the terminal stops it; `fg` lets it go on.
    unlock(&mut terminal);
    select_canary(&mut terminal);
    reveal(&mut terminal);
    let written = String::from_utf8_lossy(&terminal.written()).into_owned();
    let pid = written.split("pid=").filter_map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<i32>().ok()
    });
    let pid = rustix::process::Pid::from_raw(pid.last().expect("a process id")).expect("not 0");
    rustix::process::kill_process(pid, Signal::TSTP).expect("the program is there");
    terminal.shows("Stopped");
    terminal.is_whole(CANARY);
    terminal.keys("fg<enter>");
    terminal.shows("Scopes");
    terminal.keys("q");
    terminal.shows("ready$");
    terminal.is_whole(CANARY);
    terminal.keys("exit<enter>");
    terminal.ends();
}

#[test]
fn without_a_shell_above_ctrl_z_leaves_the_screen_alone() {
    if !real("without_a_shell_above_ctrl_z_leaves_the_screen_alone") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = world.unlocked();
    terminal.keys("<c-z>");
    // The program still answers: it was not stopped for ever.
    reveal(&mut terminal);
    terminal.keys("q");
    assert!(terminal.ends().success());
}

#[test]
fn without_a_usable_terminal_it_says_so_and_exits_5() {
    if !real("without_a_usable_terminal_it_says_so_and_exits_5") {
        return;
    }
    let world = World::new();
    let output = std::process::Command::new(program())
        .env_clear()
        .envs(world.environment())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("it ends");
    assert_eq!(output.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("tresor: "));
    let mut terminal = world.open_with("TERM=dumb", &[]);
    assert_eq!(terminal.ends().exit_code(), 5);
    assert!(!terminal.written().contains(&0x1b), "a dumb terminal got escape sequences");
}

#[test]
fn while_nothing_happens_nothing_runs() {
    if !real("while_nothing_happens_nothing_runs") {
        return;
    }
    let world = World::with_vault();
    let terminal = world.unlocked();
    let pid = terminal.pid().as_raw_nonzero();
    // Let what the unlocking started come to its end, then count how often any thread was woken.
    let woken = || -> u64 {
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("its threads");
        let status = threads.map(|thread| {
            std::fs::read_to_string(thread.expect("a thread").path().join("status")).unwrap()
        });
        let lines: Vec<String> =
            status.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
        lines
            .iter()
            .filter_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))
            .map(|count| count.trim().parse::<u64>().unwrap())
            .sum()
    };
    std::thread::sleep(Duration::from_secs(3));
    let before = woken();
    std::thread::sleep(Duration::from_secs(10));
    let times = woken() - before;
    // The lock timer in the title may change once; a tick each second would be ten or more.
    assert!(times <= 8, "woken {times} times in ten idle seconds");
}

/// An interactive shell with job control.
fn shell(world: &World) -> Terminal {
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    let mut terminal = world.start(command);
    // Its own bracketed paste would be taken for ours.
    terminal.keys("bind 'set enable-bracketed-paste off'; PS1='rea''dy$ '<enter>");
    terminal.shows("ready$");
    terminal
}
