//! `run --mask` on a real terminal: the command has one of its own, with size, signals, keys and job control, and
//! its output comes masked. Without `--mask` on a terminal the program is the command.

use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use rustix::process::Signal;

use crate::terminal::Terminal;
use crate::world::{CANARY, World, program, real};

/// The arguments of `run` for a shell's script, with the canary in `$V`.
fn arguments(world: &World, options: &[&str], script: &str) -> Vec<String> {
    let passphrase = world.passphrase_file().display().to_string();
    let mut arguments = vec!["--passphrase-file", &passphrase, "run", "--env", "V=global/canary"];
    arguments.extend(options);
    arguments.extend(["--", "sh", "-c", script]);
    arguments.into_iter().map(str::to_owned).collect()
}

fn run(world: &World, options: &[&str], script: &str) -> Terminal {
    let arguments = arguments(world, options, script);
    world.open(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Waits for the end; the terminal is as it was, and the canary was never on it.
fn ends_masked(mut terminal: Terminal) -> u32 {
    let code = terminal.ends().exit_code();
    assert_eq!(terminal.settings(), Terminal::untouched());
    assert!(
        !String::from_utf8_lossy(&terminal.written()).contains(CANARY),
        "{}",
        terminal.screen()
    );
    code
}

#[test]
fn a_masked_command_has_a_terminal_of_its_own() {
    if !real("a_masked_command_has_a_terminal_of_its_own") {
        return;
    }
    let world = World::with_vault();
    let script = "test -t 0 && test -t 1 && test -t 2 && echo three terminals; stty size; tty; \
                  printf '\\033[31m<%s>\\033[0m\\n' \"$V\"; exit 7";
    let terminal = run(&world, &["--mask"], script);
    terminal.shows("three terminals");
    terminal.shows("40 120");
    terminal.shows("<*****>");
    assert!(String::from_utf8_lossy(&terminal.written()).contains("\x1b[31m<*****>\x1b[0m"));
    assert_eq!(ends_masked(terminal), 7);
}

#[cfg(target_os = "linux")] // /proc
#[test]
fn the_monitor_has_no_secret_in_its_environment_and_its_arguments() {
    if !real("the_monitor_has_no_secret_in_its_environment_and_its_arguments") {
        return;
    }
    let world = World::with_vault();
    let script = "tr '\\0' ' ' </proc/$PPID/cmdline; echo; for f in environ cmdline; do \
                  echo $f=$(tr '\\0' '\\n' </proc/$PPID/$f 2>/dev/null | grep -c -e '^V=' -e $V); done; \
                  echo here=$(env | grep -c \"^V=$V\")";
    let terminal = run(&world, &["--mask"], script);
    terminal.shows("__on-terminal /dev/");
    terminal.shows("here=1");
    assert!(terminal.screen().contains("environ=0") && terminal.screen().contains("cmdline=0"));
    assert_eq!(ends_masked(terminal), 0);
}

#[test]
fn all_output_arrives_and_a_command_that_does_not_start_says_so() {
    if !real("all_output_arrives_and_a_command_that_does_not_start_says_so") {
        return;
    }
    let world = World::with_vault();
    for _ in 0..5 {
        let terminal = run(&world, &["--mask"], "seq 20000; echo $V; echo last");
        terminal.shows("last");
        let written = String::from_utf8_lossy(&terminal.written()).into_owned();
        assert_eq!(written.matches("\r\n").count(), 20_002);
        assert_eq!(ends_masked(terminal), 0);
    }
    let passphrase = world.passphrase_file().display().to_string();
    let nothing = ["--passphrase-file", &passphrase, "run", "--mask", "--env", "V=global/canary"];
    let terminal = world.open(&[&nothing[..], &["--", "./nothing"]].concat());
    terminal.shows("tresor: cannot run ./nothing: No such file");
    assert_eq!(ends_masked(terminal), 127);
}

#[test]
fn a_masked_command_hears_of_sizes_keys_and_signals() {
    if !real("a_masked_command_hears_of_sizes_keys_and_signals") {
        return;
    }
    let world = World::with_vault();
    let wait = "while :; do sleep 0.02; done";
    let sized = format!("trap 'stty size' WINCH; echo ready; {wait}");
    let mut terminal = run(&world, &["--mask"], &sized);
    terminal.shows("ready");
    terminal.resize(30, 100);
    terminal.shows("30 100");
    terminal.keys("<c-c>");
    assert_eq!(ends_masked(terminal), 130);

    for (signal, number) in [(Signal::TERM, 15), (Signal::HUP, 1), (Signal::USR1, 10)] {
        let trapped = format!("trap 'echo heard; exit {number}' {number}; echo ready; {wait}");
        let terminal = run(&world, &["--mask"], &trapped);
        terminal.shows("ready");
        terminal.signal(signal);
        terminal.shows("heard");
        assert_eq!(ends_masked(terminal), number);
    }
    let terminal = run(&world, &["--mask"], &format!("echo ready; {wait}"));
    terminal.shows("ready");
    terminal.signal(Signal::TERM);
    assert_eq!(ends_masked(terminal), 143);

    // Ctrl-C is a byte like any other to what asks for it.
    let raw = "stty raw -echo; printf ready; dd bs=1 count=1 2>/dev/null | od -An -tx1; stty sane";
    let mut terminal = run(&world, &["--mask"], raw);
    terminal.shows("ready");
    terminal.keys("<c-c>");
    terminal.shows("03");
    assert_eq!(ends_masked(terminal), 0);

    // It may ask at the terminal when its input is something else.
    let asks = "read line </dev/tty; echo \"got $line and $(cat)\"";
    let mut words = arguments(&world, &["--mask"], asks).into_iter();
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "echo piped | \"$@\"", "sh"]);
    command.arg(program());
    words.by_ref().for_each(|word| command.arg(word));
    let mut terminal = world.start(command);
    terminal.keys("typed<enter>");
    terminal.shows("got typed and piped");
    assert_eq!(ends_masked(terminal), 0);
}

/// What to type to run a shell's script masked, with the canary in `$V`.
fn masked(world: &World, script: &str) -> String {
    let file = world.home().join("script");
    std::fs::write(&file, script).unwrap();
    format!(
        "{} --passphrase-file {} run --mask --env V=global/canary -- sh {}",
        program().display(),
        world.passphrase_file().display(),
        file.display()
    )
}

/// An interactive shell that waits for a command.
fn bash(world: &World) -> Terminal {
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    let mut terminal = world.start(command);
    terminal.keys("bind 'set enable-bracketed-paste off'; PS1='rea''dy$ '<enter>");
    terminal.shows("ready$");
    terminal
}

#[test]
fn a_masked_command_is_stopped_and_goes_on() {
    if !real("a_masked_command_is_stopped_and_goes_on") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = bash(&world);
    let start = masked(&world, "echo started; read line; echo \"got $line $V\"; exit 5");
    terminal.keys(&format!("B=$(stty -g); clear; {start}<enter>"));
    terminal.shows("started");
    for _ in 0..2 {
        terminal.keys("<c-z>");
        terminal.shows("Stopped");
        terminal
            .keys("clear; [ \"$B\" = \"$(stty -g)\" ] && echo same'' settings || stty -a<enter>");
        terminal.shows("same settings");
        terminal.keys("clear; fg; echo ended'' with $?<enter>");
        terminal.shows("run --mask");
        terminal.is_taken();
    }
    terminal.keys("words<enter>");
    terminal.shows("got words *****");
    terminal.shows("ended with 5");
    terminal.keys("exit<enter>");
    terminal.ends();
    assert!(!String::from_utf8_lossy(&terminal.written()).contains(CANARY));
}

/// A line reaches a command that was brought to the foreground while it ran, and it ends.
fn reads_words(terminal: &mut Terminal, words: &str) {
    terminal.shows("run --mask");
    terminal.is_taken();
    terminal.keys(&format!("{words}<enter>"));
    terminal.shows(&format!("read {words}"));
    terminal.shows("ended with 0");
}

#[test]
fn a_masked_command_that_was_stopped_from_elsewhere_hides_what_is_typed() {
    if !real("a_masked_command_that_was_stopped_from_elsewhere_hides_what_is_typed") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = bash(&world);
    let text =
        "echo begun; stty -echo; touch ready; read a; stty echo; echo; echo \"${#a} letters\"";
    let start = masked(&world, text);
    let stop = "(until [ -e ready ]; do sleep 0.1; done; pkill -STOP -P $$ -f 'run --mask')";
    terminal.keys(&format!("cd; clear; {stop} & {start}<enter>"));
    terminal.shows("begun");
    terminal.shows("Stopped");
    terminal.keys("clear; fg %2; echo ended'' with $?<enter>");
    terminal.shows("run --mask");
    terminal.is_taken();
    terminal.keys("swordfish<enter>");
    terminal.shows("9 letters");
    terminal.shows("ended with 0");
    assert!(!terminal.screen().contains("swordfish"), "{}", terminal.screen());
    terminal.keys("exit<enter>");
    terminal.ends();
}

#[test]
fn a_masked_command_runs_in_the_background() {
    if !real("a_masked_command_runs_in_the_background") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = bash(&world);
    let text = "echo begun; until [ -e go ]; do sleep 0.1; done; echo \"went $V\"; read a; echo \"read $a\"";
    let start = masked(&world, text);
    // From its beginning; it hears of signals there.
    terminal.keys(&format!("cd; B=$(stty -g); clear; {start} &<enter>"));
    terminal.shows("begun");
    terminal.keys("clear; kill %1; wait %1; echo killed'' with $?<enter>");
    terminal.shows("killed with 143");
    // From its beginning, and brought to the foreground: its terminal is as any.
    terminal.keys(&format!("clear; touch go; {start} &<enter>"));
    terminal.shows("went *****");
    terminal.keys("clear; fg; echo ended'' with $?<enter>");
    reads_words(&mut terminal, "first");
    terminal.keys("rm go<enter>");
    // Stopped in the foreground, continued in the background, and brought back while it runs.
    terminal.keys(&format!("clear; {start}<enter>"));
    terminal.shows("begun");
    terminal.keys("<c-z>");
    terminal.shows("Stopped");
    terminal.keys("clear; bg; touch go<enter>");
    terminal.shows("went *****");
    terminal.keys("[ \"$B\" = \"$(stty -g)\" ] && echo same'' settings || stty -a<enter>");
    terminal.shows("same settings");
    terminal.keys("clear; fg; echo ended'' with $?<enter>");
    reads_words(&mut terminal, "second");
    terminal.keys("exit<enter>");
    terminal.ends();
    assert!(!String::from_utf8_lossy(&terminal.written()).contains(CANARY));
}

#[test]
fn a_command_masked_into_a_file_shares_our_terminal() {
    if !real("a_command_masked_into_a_file_shares_our_terminal") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = bash(&world);
    let script = world.home().join("script");
    let text = "n=0; trap 'n=$((n+1)); echo int $n >&2' INT; echo $V; echo started >&2\n\
                while read line; do echo \"got $line\" >&2; [ $line != end ] || exit 5; done";
    std::fs::write(&script, text).unwrap();
    let start = format!(
        "{} --passphrase-file {} run --env V=global/canary -- bash {} >out",
        program().display(),
        world.passphrase_file().display(),
        script.display()
    );
    terminal.keys(&format!("clear; {start}<enter>"));
    terminal.shows("started");
    terminal.keys("<c-c>");
    terminal.shows("int 1");
    terminal.keys("<c-z>");
    terminal.shows("Stopped");
    terminal.keys("clear; fg; echo ended'' with $?<enter>");
    terminal.hides("Stopped");
    terminal.shows("> out");
    terminal.is_given_away();
    terminal.keys("one<enter>");
    terminal.shows("got one");
    terminal.keys("end<enter>");
    terminal.shows("ended with 5");
    // The key reached the command once, not once more by us.
    assert!(!terminal.everything().contains("int 2"));
    terminal.keys("cat out; exit<enter>");
    terminal.shows("*****");
    terminal.ends();
    assert!(!String::from_utf8_lossy(&terminal.written()).contains(CANARY));
}

#[test]
fn what_could_become_a_value_is_held_for_a_moment_only() {
    if !real("what_could_become_a_value_is_held_for_a_moment_only") {
        return;
    }
    let world = World::with_vault();
    for options in [&["--mask"][..], &["--mask", "--quiet"]] {
        let mut terminal = run(&world, options, "printf canary-4f1; read line; echo $line");
        terminal.shows("canary-4f1");
        let start = Instant::now();
        terminal.keys("ca<enter>");
        terminal.shows("ca\n");
        assert!(start.elapsed() < Duration::from_secs(20));
        assert_eq!(ends_masked(terminal), 0);
    }
}

#[test]
fn on_a_terminal_the_program_becomes_the_command() {
    if !real("on_a_terminal_the_program_becomes_the_command") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = run(&world, &[], "echo \"<$$ $V>\"");
    terminal.shows(&format!("<{} {CANARY}>", terminal.pid().as_raw_nonzero()));
    assert_eq!(terminal.ends().exit_code(), 0);
    // Of two streams the one that is no terminal is masked.
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "\"$@\" | cat", "sh"]);
    command.arg(program());
    let script = "echo \"out $V\"; test -t 2 && echo \"err $V\" >&2";
    arguments(&world, &[], script).into_iter().for_each(|word| command.arg(word));
    let mut terminal = world.start(command);
    terminal.shows("out *****");
    terminal.shows(&format!("err {CANARY}"));
    assert_eq!(terminal.ends().exit_code(), 0);
}

#[test]
fn what_a_masked_command_leaves_behind_is_not_waited_for() {
    if !real("what_a_masked_command_leaves_behind_is_not_waited_for") {
        return;
    }
    let world = World::with_vault();
    let start = Instant::now();
    let terminal = run(&world, &["--mask"], "trap '' HUP; sleep 60 & echo $V");
    terminal.shows("*****");
    assert_eq!(ends_masked(terminal), 0);
    assert!(start.elapsed() < Duration::from_secs(20));
}
