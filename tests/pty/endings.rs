//! Every way a session can end or pause: the terminal is whole, and nothing secret is left on it.

use std::time::Duration;

use portable_pty::{CommandBuilder, ExitStatus};
use rustix::process::{Pid, Signal, kill_process};

use crate::terminal::Terminal;
use crate::world::{CANARY, World, at_canary, program, real, reveal};

/// Ends a session that shows the canary, and fails unless the terminal is as it was before.
fn ended_by(end: impl FnOnce(&mut Terminal)) -> ExitStatus {
    let world = World::with_vault();
    let mut terminal = world.unlocked();
    reveal(&mut terminal);
    assert_ne!(terminal.settings(), Terminal::untouched(), "the terminal is not in raw mode");
    end(&mut terminal);
    let status = terminal.ends();
    assert_eq!(terminal.settings(), Terminal::untouched(), "after {status:?}");
    terminal.is_whole(CANARY);
    status
}

#[test]
fn after_quitting_the_terminal_is_whole() {
    if !real("after_quitting_the_terminal_is_whole") {
        return;
    }
    assert!(ended_by(|terminal| terminal.keys("q")).success());
    assert!(ended_by(|terminal| terminal.keys("<c-c><c-c>")).success());
    assert!(ended_by(|terminal| terminal.keys(":q<enter>")).success());
}

#[test]
fn after_a_signal_the_terminal_is_whole_and_the_signal_is_seen() {
    if !real("after_a_signal_the_terminal_is_whole_and_the_signal_is_seen") {
        return;
    }
    for (signal, word) in [(Signal::TERM, "Terminated"), (Signal::HUP, "Hangup")] {
        let status = ended_by(|terminal| terminal.signal(signal));
        assert_eq!(status.signal(), Some(word));
    }
}

#[test]
fn an_interrupt_from_outside_ends_with_130() {
    if !real("an_interrupt_from_outside_ends_with_130") {
        return;
    }
    assert_eq!(ended_by(|terminal| terminal.signal(Signal::INT)).exit_code(), 130);
}

#[test]
fn the_check_would_find_what_has_scrolled_away() {
    if !real("the_check_would_find_what_has_scrolled_away") {
        return;
    }
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", &format!("echo {CANARY}; yes filler | head -500; echo over")]);
    let mut terminal = World::new().start(command);
    terminal.ends();
    assert!(!terminal.screen().contains(CANARY) && terminal.screen().contains("over"));
    assert!(terminal.everything().contains(CANARY));
}

/// Stops a session that shows the canary, in a shell that started it by `start`, and brings it back.
/// The terminal is whole while it is stopped and when it has ended.
fn stopped_by(start: &str, stop: impl FnOnce(&mut Terminal)) {
    let world = World::with_vault();
    let mut terminal = shell(&world);
    terminal.keys("B=$(stty -g); stty -a<enter>");
    terminal.shows("isig icanon");
    terminal.keys(&format!("clear; {start}<enter>"));
    let mut terminal = at_canary(terminal);
    reveal(&mut terminal);
    stop(&mut terminal);
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
fn ctrl_z_gives_the_shell_a_whole_terminal_and_fg_brings_the_screen_back() {
    if !real("ctrl_z_gives_the_shell_a_whole_terminal_and_fg_brings_the_screen_back") {
        return;
    }
    stopped_by(&program().display().to_string(), |terminal| terminal.keys("<c-z>"));
}

#[test]
fn a_stop_from_outside_is_like_ctrl_z() {
    if !real("a_stop_from_outside_is_like_ctrl_z") {
        return;
    }
    // In the background the first use of the terminal stops it; `fg` lets it go on.
    let start = format!("{} & echo pid=$! ; fg", program().display());
    stopped_by(&start, |terminal| {
        let written = String::from_utf8_lossy(&terminal.written()).into_owned();
        let pid = written.split("pid=").filter_map(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<i32>().ok()
        });
        let pid = Pid::from_raw(pid.last().expect("a process id")).expect("not 0");
        kill_process(pid, Signal::TSTP).expect("the program is there");
    });
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
