//! Where the program's bytes go, read from a trace of every call that could carry one out: a value and a
//! passphrase reach the terminal and pipes that are theirs, and no file, argument, environment or log.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use portable_pty::CommandBuilder;

use crate::journeys::{add, paste};
use crate::world::{CANARY, PASSPHRASE, World, program, real, reveal, unlock, write_private};

/// A value that is pasted into the editor and then given up.
const GIVEN_UP: &str = "canary-8c20-given-up";
/// The passphrase that the first is changed for.
const NEWER: &str = "battery-staple-7d-newer";

/// Where a command may carry a secret.
#[derive(PartialEq)]
enum Carries {
    Nothing,
    ToTheTerminal,
    ToACommand,
}

/// The calls that hand bytes to somebody else.
const CALLS: &str = "trace=execve,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg,\
                     symlink,symlinkat,link,linkat,rename,renameat,renameat2,mkdir,mkdirat,prctl,\
                     setxattr,fsetxattr,add_key,memfd_create,openat,ioctl";

/// A command that notes in `trace` what it and its children hand on.
fn traced(trace: &Path, program: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new("strace");
    command.args(["-f", "-qq", "-v", "-y", "-s", "1000000", "-e", CALLS, "-o"]);
    command.args([trace, program]);
    command
}

/// A text as it is, in hexadecimal and in base64 at each of the three places it can have in a group.
fn shapes(text: &str) -> Vec<String> {
    let hex = text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let base64 = ["", "x", "xy"].map(|before| {
        let whole = BASE64_STANDARD_NO_PAD.encode(format!("{before}{text}"));
        // The first and the last group also hold what stands beside.
        whole[4..whole.len() - 4].to_owned()
    });
    [text.to_owned(), hex.to_uppercase(), hex].into_iter().chain(base64).collect()
}

/// The lines of a trace that carry one of the secrets, divided: to a terminal or a pipe, and elsewhere.
fn carried(trace: &Path, secrets: &[&str]) -> (Vec<String>, Vec<String>) {
    let shapes = secrets.iter().flat_map(|secret| shapes(secret)).collect::<Vec<_>>();
    let trace = std::fs::read(trace).expect("a trace");
    let lines = String::from_utf8_lossy(&trace).lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(lines.iter().any(|line| line.contains("execve(")), "nothing was traced");
    let carrying = |line: &String| shapes.iter().any(|shape| line.contains(shape));
    lines.into_iter().filter(carrying).partition(|line| {
        let call = line.split_once(' ').map_or("", |(_pid, call)| call.trim_start());
        let target = ["write(", "writev("].iter().find_map(|name| call.strip_prefix(name));
        let target = target.and_then(|rest| rest.split_once(", ")).map_or("", |(target, _)| target);
        ["</dev/pts/", "</dev/tty", "<pipe:["].iter().any(|theirs| target.contains(theirs))
    })
}

/// The files below a directory that hold one of the secrets.
fn kept(directory: &Path, secrets: &[&str], found: &mut Vec<PathBuf>) {
    let shapes = secrets.iter().flat_map(|secret| shapes(secret)).collect::<Vec<_>>();
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            kept(&path, secrets, found);
        } else if let Ok(bytes) = std::fs::read(&path) {
            let holds = |shape: &String| bytes.windows(shape.len()).any(|w| w == shape.as_bytes());
            if shapes.iter().any(holds) {
                found.push(path);
            }
        }
    }
}

/// Fails unless of the secrets the value is shown, the passphrase is not, and nothing went elsewhere.
fn shows_the_value_alone(trace: &Path, secrets: &[&str]) {
    let (theirs, elsewhere) = carried(trace, secrets);
    assert!(theirs.iter().any(|line| line.contains(CANARY)), "the value is not in the trace");
    assert!(!theirs.iter().any(|line| line.contains(PASSPHRASE)), "the passphrase was shown");
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
}

/// Fails if a file of that home holds one of the secrets, but for the one that the test gave it.
fn keeps_nothing(world: &World, secrets: &[&str]) {
    let mut found = Vec::new();
    kept(world.home(), secrets, &mut found);
    found.retain(|file| *file != world.passphrase_file());
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_trace_finds_what_does_leak() {
    if !real("the_trace_finds_what_does_leak") {
        return;
    }
    let world = World::new();
    let trace = world.home().join("trace");
    for leak in [
        format!("printf %s {CANARY} >leak"),
        format!("printf %s {CANARY} | base64 >leak"),
        format!("printf %s {CANARY} | od -An -v -tx1 | tr -d ' \\n' >leak"),
        format!("LEAK={CANARY} sh -c :"),
        format!("mkdir -p {CANARY}"),
    ] {
        let mut command = traced(&trace, Path::new("/bin/sh"));
        // By its standard input: the argument itself would be found.
        command.args(["-s"]);
        let mut terminal = world.start(command);
        terminal.send(format!("stty -echo; {leak}; exit\r").as_bytes());
        terminal.ends();
        let (_, elsewhere) = carried(&trace, &[CANARY]);
        assert!(!elsewhere.is_empty(), "not found: {leak}");
    }
}

#[test]
fn a_person_at_the_screen_leaves_no_secret_outside_the_vault() {
    if !real("a_person_at_the_screen_leaves_no_secret_outside_the_vault") {
        return;
    }
    let world = World::new();
    let traces = tempfile::tempdir().expect("a directory");
    let trace = traces.path().join("trace");
    let mut terminal = world.start(traced(&trace, &program()));
    terminal.shows("Nobody can recover");
    terminal.keys(&format!("{PASSPHRASE}<enter>{PASSPHRASE}<enter>"));
    terminal.shows("Another way in as well?");
    terminal.keys("<enter>");
    terminal.shows("Scopes");
    add(&mut terminal, "canary", CANARY);
    reveal(&mut terminal);
    terminal.keys("<enter>");
    terminal.hides(CANARY);
    terminal.keys("e");
    terminal.shows("Edit global/canary");
    paste(&mut terminal, GIVEN_UP);
    terminal.shows(GIVEN_UP);
    terminal.keys("<c-l>");
    unlock(&mut terminal);
    terminal.keys("q");
    terminal.ends();
    let secrets = [CANARY, PASSPHRASE, GIVEN_UP];
    shows_the_value_alone(&trace, &secrets);
    keeps_nothing(&world, &secrets);
}

#[test]
fn commands_leave_no_secret_outside_the_vault() {
    if !real("commands_leave_no_secret_outside_the_vault") {
        return;
    }
    let world = World::with_vault();
    let traces = tempfile::tempdir().expect("a directory");
    let file = |name: &str, text: &str| {
        let path = traces.path().join(name);
        write_private(&path, text);
        path.to_string_lossy().into_owned()
    };
    let dotenv = file("a.env", &format!("IMPORTED={GIVEN_UP}\n"));
    let (passphrase, newer) = (file("passphrase", PASSPHRASE), file("newer", NEWER));
    let secrets = [CANARY, PASSPHRASE, GIVEN_UP, NEWER];
    for (at, (arguments, carries, code)) in [
        (&["read", "global/canary"][..], Carries::ToTheTerminal, 0),
        (&["get", "global/canary"], Carries::Nothing, 0),
        (&["import", "dotenv", &dotenv, "--scope", "global", "--yes"], Carries::Nothing, 0),
        (&["read", "global/imported"], Carries::ToTheTerminal, 0),
        (&["meta", "global/canary", "--note", "a note"], Carries::Nothing, 0),
        (&["move", "global/canary", "skill:x/canary"], Carries::Nothing, 0),
        (&["history", "skill:x/canary"], Carries::Nothing, 0),
        (&["delete", "global/imported"], Carries::Nothing, 0),
        (&["restore", "global/imported"], Carries::Nothing, 0),
        (&["doctor"], Carries::Nothing, 0),
        (&["doctor", "--rebuild", "rebuilt"], Carries::Nothing, 0),
        (&["log"], Carries::Nothing, 0),
        (&["log", "--verify"], Carries::Nothing, 0),
        // What it is there for: the command gets the value in its environment.
        (&["run", "--env", "V=skill:x/canary", "--", "true"], Carries::ToACommand, 0),
        (&["unlock", "--for", "1m"], Carries::Nothing, 0),
        (&["lock"], Carries::Nothing, 0),
        (&["keys", "list"], Carries::Nothing, 0),
        (&["keys", "add", "key-file", "key"], Carries::Nothing, 0),
        (&["keys", "remove", "key-file", "--yes"], Carries::Nothing, 0),
        (&["keys", "rotate", "--yes"], Carries::Nothing, 0),
        // A value that does not exist, and a wrong name: errors must not tell more.
        (&["read", "global/none"], Carries::Nothing, 8),
        (&["read", "global/"], Carries::Nothing, 2),
        (&["passwd", "--new-passphrase-file", &newer], Carries::Nothing, 0),
    ]
    .into_iter()
    .enumerate()
    {
        let trace = traces.path().join(format!("trace-{at}"));
        let mut command = traced(&trace, &program());
        // Before the words of a command that follows.
        command.args(["--passphrase-file", &passphrase]);
        command.args(arguments);
        let ended = world.start(command).ends().exit_code();
        // Where the kernel forbids keyrings, these two say so.
        let forbidden = ended == 5 && matches!(arguments[0], "unlock" | "lock");
        assert!(ended == code || forbidden, "{arguments:?} ended with {ended}");
        let (theirs, elsewhere) = carried(&trace, &secrets);
        let to_command = |line: &String| line.contains(" execve(") && line.contains("/true\"");
        let (given, elsewhere) = elsewhere.into_iter().partition::<Vec<_>, _>(to_command);
        assert!(elsewhere.is_empty(), "{arguments:?}: {elsewhere:#?}");
        assert_eq!(
            theirs.len() == 1,
            carries == Carries::ToTheTerminal,
            "{arguments:?}: {theirs:#?}"
        );
        assert_eq!(!given.is_empty(), carries == Carries::ToACommand, "{arguments:?}: {given:#?}");
    }
    keeps_nothing(&world, &secrets);
}

#[test]
fn the_echo_is_off_before_a_question_is_seen() {
    if !real("the_echo_is_off_before_a_question_is_seen") {
        return;
    }
    let world = World::with_vault();
    let trace = world.home().join("trace");
    let mut command = traced(&trace, &program());
    command.args(["read", "global/canary"]);
    let mut terminal = world.start(command);
    terminal.shows("Passphrase: ");
    terminal.keys(&format!("{PASSPHRASE}<enter>"));
    terminal.shows(CANARY);
    assert!(terminal.ends().success());
    let trace = std::fs::read_to_string(&trace).expect("a trace");
    let first = |is: &dyn Fn(&str) -> bool| trace.lines().position(is).expect("a call");
    let off = first(&|line| line.contains("TCSETSF") && !line.contains("|ECHO|"));
    assert!(off < first(&|line| line.contains("Passphrase: ")), "{trace}");
}

#[test]
fn an_editor_started_by_a_command_leaves_no_secret_outside_the_vault() {
    if !real("an_editor_started_by_a_command_leaves_no_secret_outside_the_vault") {
        return;
    }
    let world = World::with_vault();
    let traces = tempfile::tempdir().expect("a directory");
    let trace = traces.path().join("trace");
    let mut command = traced(&trace, &program());
    command.args(["edit", "global/canary"]);
    let mut terminal = world.start(command);
    terminal.shows("Passphrase: ");
    terminal.keys(&format!("{PASSPHRASE}<enter>"));
    terminal.shows(CANARY);
    paste(&mut terminal, GIVEN_UP);
    terminal.shows(GIVEN_UP);
    terminal.keys("<c-s>");
    assert!(terminal.ends().success());
    let secrets = [CANARY, PASSPHRASE, GIVEN_UP];
    shows_the_value_alone(&trace, &secrets);
    assert!(world.read("global/canary").contains(GIVEN_UP), "it was not saved");
    keeps_nothing(&world, &secrets);
}

#[test]
fn a_copy_goes_to_the_clipboard_alone() {
    if !real("a_copy_goes_to_the_clipboard_alone") {
        return;
    }
    let world = World::with_vault();
    let tmux = world.tmux();
    let traces = tempfile::tempdir().expect("a directory");
    let trace = traces.path().join("trace");
    let mut command = CommandBuilder::new("env");
    let variable = format!("TMUX={}", tmux.variable());
    command.arg(variable);
    command.args(traced(&trace, &program()).get_argv().clone());
    command.args(["copy", "global/canary", "--clear-after", "5s"]);
    let mut terminal = world.start(command);
    terminal.shows("Passphrase: ");
    terminal.keys(&format!("{PASSPHRASE}<enter>"));
    terminal.shows("Copied global/canary");
    assert!(terminal.ends().success());
    let (theirs, elsewhere) = carried(&trace, &[CANARY, PASSPHRASE]);
    // By pipes to tmux's client and back, and by the client to its server.
    assert!(!elsewhere.is_empty(), "the copy is not in the trace");
    let to_server = |line: &String| line.contains(" sendmsg(") && line.contains("<socket:[");
    assert!(elsewhere.iter().all(to_server), "{elsewhere:#?}");
    assert!(theirs.iter().all(|line| line.contains("<pipe:[")), "{theirs:#?}");
    keeps_nothing(&world, &[CANARY, PASSPHRASE]);
}
