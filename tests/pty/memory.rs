//! What the process's memory holds, looked at from outside: the value while it is shown, nothing of it
//! after a lock, and nothing that unlocks while a command goes on without it.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use tresor::vault::{RecoveryCode, SensitiveBytes};

use crate::executable;
use crate::journeys::code_on;
use crate::scan::{forgets, holds_what_is_typed, occurrences};
use crate::terminal::Terminal;
use crate::told::say;
use crate::world::{CANARY, PASSPHRASE, World, program, real, reveal, select_canary};

#[test]
fn after_a_lock_no_value_and_no_passphrase_is_in_memory() {
    if !real("after_a_lock_no_value_and_no_passphrase_is_in_memory") {
        return;
    }
    let world = World::with_vault();
    // What is shown stays until the lock.
    world.configure("[lock]\nreveal = \"10m\"\n");
    let mut terminal = world.unlocked();
    reveal(&mut terminal);
    // Pasted and thrown away again: what a reader of the terminal might keep.
    terminal.keys("e");
    terminal.shows("Edit global/canary");
    terminal.send(b"\x1b[200~pasted-canary-93\x1b[201~");
    terminal.shows("pasted-canary-93");
    let Some(before) = occurrences(&terminal, CANARY) else {
        // Not root: the hardening must have refused, and that is the answer.
        assert!(!rustix::process::geteuid().is_root());
        return;
    };
    assert!(before >= 1, "the scan finds nothing even while the value is shown");
    assert!(occurrences(&terminal, "pasted-canary-93").is_some_and(|count| count >= 1));
    terminal.keys("<c-l>");
    terminal.shows("Passphrase");
    for needle in [CANARY, "pasted-canary-93", PASSPHRASE] {
        forgets(&terminal, needle);
    }
}

/// A recovery code in every form it has: as it is typed, as it is shown, and what it stands for.
fn forms(code: &str) -> [Vec<u8>; 3] {
    let shown = RecoveryCode::parse(&SensitiveBytes::copy_of(code.as_bytes())).expect("a code");
    let shown = shown.shown().expect("its letters").with(<[u8]>::to_vec);
    let (_, bytes) = bech32::decode(code).expect("bech32");
    [code.into(), shown, bytes]
}

#[test]
fn a_recovery_code_is_forgotten_once_it_is_a_way_in_and_once_it_has_opened_the_vault() {
    if !real("a_recovery_code_is_forgotten_once_it_is_a_way_in_and_once_it_has_opened_the_vault") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = world.unlocked();
    terminal.keys("Kac");
    terminal.shows("first the passphrase");
    terminal.keys(&format!("{PASSPHRASE}<enter>"));
    terminal.shows("step 1 of 2");
    let code = code_on(&terminal.screen());
    let [typed, shown, bytes] = forms(&code);
    let Some(before) = occurrences(&terminal, &shown) else {
        assert!(!is_root());
        return;
    };
    assert!(before >= 1, "the scan finds nothing even while the code is shown");
    terminal.keys(&format!("<enter>{code}"));
    terminal.shows("step 2 of 2");
    holds_what_is_typed(&terminal, &typed);
    terminal.keys("<enter>");
    terminal.shows("Added the recovery code");
    let forgets_all = |terminal: &Terminal| {
        for form in [&typed, &shown, &bytes] {
            forgets(terminal, form);
        }
    };
    forgets_all(&terminal);
    terminal.keys("<c-l>");
    terminal.shows("Other ways in");
    terminal.keys(&format!("{code}<enter>"));
    terminal.shows("Scopes");
    forgets_all(&terminal);
    terminal.keys("<c-l>");
    terminal.shows("Other ways in");
    forgets_all(&terminal);
}

#[test]
fn the_passphrase_of_a_protected_secret_is_forgotten_at_once_and_its_value_when_it_hides() {
    if !real(
        "the_passphrase_of_a_protected_secret_is_forgotten_at_once_and_its_value_when_it_hides",
    ) {
        return;
    }
    let world = World::with_vault();
    let key_file = world.key_file().display().to_string();
    world.tresor(&["keys", "add", "key-file", &key_file], b"");
    world.tresor(&["meta", "global/canary", "--protected"], b"");
    // What is shown stays until it is hidden by hand.
    world.configure("[lock]\nreveal = \"10m\"\n");
    let mut terminal = world.open(&["--key-file", &key_file]);
    terminal.shows("Scopes");
    select_canary(&mut terminal);
    terminal.keys("<enter>");
    terminal.shows("Passphrase");
    terminal.keys(PASSPHRASE);
    if occurrences(&terminal, PASSPHRASE).is_none() {
        assert!(!is_root());
        return;
    }
    holds_what_is_typed(&terminal, PASSPHRASE);
    terminal.keys("<enter>");
    terminal.shows(CANARY);
    forgets(&terminal, PASSPHRASE);
    assert!(occurrences(&terminal, CANARY).is_some_and(|count| count >= 1));
    terminal.keys("<enter>");
    terminal.hides(CANARY);
    forgets(&terminal, CANARY);
}

/// The memory that the program has locked, which is where its keys are, in KiB.
fn locked_memory(terminal: &Terminal) -> u64 {
    let pid = terminal.pid().as_raw_nonzero();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmLck:")).expect("a line");
    line.trim().trim_end_matches(" kB").trim().parse().expect("a number")
}

/// Whether a page of the program is locked and left out of dumps, both: what no library does by itself.
fn has_a_page_for_keys(terminal: &Terminal) -> bool {
    let pid = terminal.pid().as_raw_nonzero();
    let maps = std::fs::read_to_string(format!("/proc/{pid}/smaps")).expect("its maps");
    let mut flags = maps.lines().filter_map(|line| line.strip_prefix("VmFlags:"));
    flags.any(|flags| ["lo", "dd"].iter().all(|flag| flags.split(' ').any(|f| f == *flag)))
}

#[test]
fn the_keys_lie_in_a_locked_page_that_no_dump_holds_until_the_lock() {
    if !real("the_keys_lie_in_a_locked_page_that_no_dump_holds_until_the_lock") {
        return;
    }
    if !is_root() {
        return; // /proc/PID/smaps is root's alone, as it should be
    }
    let world = World::with_vault();
    let mut terminal = world.unlocked();
    assert!(has_a_page_for_keys(&terminal));
    terminal.keys("<c-l>");
    terminal.shows("Passphrase");
    let start = Instant::now();
    while has_a_page_for_keys(&terminal) {
        assert!(start.elapsed() < Duration::from_secs(60), "the keys are still there");
    }
}

#[test]
fn while_the_editor_is_open_nothing_remembers_the_passphrase() {
    if !real("while_the_editor_is_open_nothing_remembers_the_passphrase") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = world.open(&["edit", "global/canary"]);
    terminal.shows("Passphrase: ");
    terminal.keys(&format!("{PASSPHRASE}<enter>"));
    terminal.shows(CANARY);
    let Some(shown) = occurrences(&terminal, CANARY) else {
        assert!(!rustix::process::geteuid().is_root());
        return;
    };
    assert!(shown >= 1, "the scan finds nothing even while the value is shown");
    assert!(locked_memory(&terminal) > 0, "the vault is needed to save");
    forgets(&terminal, PASSPHRASE);
    terminal.keys("<end>-more<c-s>");
    assert!(terminal.ends().success());
    assert_eq!(world.read("global/canary"), format!("{CANARY}-more"));
}

#[test]
fn a_copy_that_waits_holds_no_passphrase_no_key_and_no_value() {
    if !real("a_copy_that_waits_holds_no_passphrase_no_key_and_no_value") {
        return;
    }
    let world = World::with_vault();
    let tmux = world.tmux();
    let variable = format!("TMUX={}", tmux.variable());
    let copy = ["copy", "global/canary", "--clear-after", "10m", "--wait"];
    let mut terminal = world.open_with(&variable, &copy);
    terminal.shows("Passphrase: ");
    terminal.keys(PASSPHRASE);
    holds_what_is_typed(&terminal, PASSPHRASE);
    terminal.keys("<enter>");
    terminal.shows("Copied global/canary");
    if occurrences(&terminal, PASSPHRASE).is_none() {
        assert!(!rustix::process::geteuid().is_root());
        return;
    }
    assert_eq!(locked_memory(&terminal), 0, "the vault's keys are still there");
    forgets(&terminal, PASSPHRASE);
    forgets(&terminal, CANARY);
    terminal.signal(rustix::process::Signal::INT);
    terminal.ends();
}

/// A command as a user without rights: nobody for root, whoever runs the tests otherwise.
fn unprivileged(program: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(if is_root() { "setpriv" } else { "env" });
    if is_root() {
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    }
    command.arg(program);
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn a_program_of_the_same_user_reads_no_memory_and_a_crash_leaves_no_core() {
    if !real("a_program_of_the_same_user_reads_no_memory_and_a_crash_leaves_no_core") {
        return;
    }
    let world = World::new();
    // Where nobody may go as well.
    let everybodys = tempfile::tempdir().expect("a directory");
    let everyone = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(everybodys.path(), everyone).expect("its mode");
    let copy = everybodys.path().join("tresor");
    executable::copy(&program(), &copy);
    let mut demo = unprivileged(&copy);
    demo.arg("demo");
    let terminal = world.start(demo);
    terminal.shows("Scopes");
    let mut sleeper = unprivileged(Path::new("sleep"));
    sleeper.arg("60");
    let sleeper = world.start(sleeper);
    let may_read = |of: &Terminal, file: &str| {
        let path = format!("/proc/{}/{file}", of.pid().as_raw_nonzero());
        let mut reader = unprivileged(Path::new("head"));
        reader.args(["-c", "1", &path]);
        world.start(reader).ends().success()
    };
    for file in ["environ", "mem", "maps"] {
        assert!(!may_read(&terminal, file), "{file} can be read");
    }
    assert!(may_read(&sleeper, "environ"), "the check would find nothing");
    let limits = format!("/proc/{}/limits", terminal.pid().as_raw_nonzero());
    let limits = std::fs::read_to_string(limits).expect("its limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    assert_eq!(core.and_then(|line| line.split_whitespace().nth(4)), Some("0"));
}

/// Starts a command that waits for its input, in an environment in which crashes leave cores.
fn waiting(world: &World, program: &Path, arguments: &[&str]) -> Child {
    Command::new("sh")
        .args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\""])
        .arg(program)
        .args(arguments)
        .env_clear()
        .envs(world.environment())
        .current_dir(world.home())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

/// Waits until the process is `program`, in the state S of one that waits; then it gets a SIGSEGV.
/// Whether the system says that it left a core.
fn crashed(mut child: Child, program: &str) -> bool {
    let start = Instant::now();
    let waits = || {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("its state");
        stat.contains(&format!("({program}) S"))
    };
    while !waits() {
        assert!(start.elapsed() < Duration::from_secs(20), "{program} never waits");
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = rustix::process::Pid::from_child(&child);
    // Rust's own handler takes the first for a full stack, finds that it is none, and steps aside.
    let status = loop {
        rustix::process::kill_process(pid, rustix::process::Signal::SEGV).expect("sent");
        std::thread::sleep(Duration::from_millis(50));
        if let Some(status) = child.try_wait().expect("its state") {
            break status;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{program} does not crash");
    };
    assert_eq!(status.signal(), Some(11), "{program}");
    status.core_dumped()
}

#[test]
fn a_crash_leaves_no_core_where_others_leave_one() {
    if !real("a_crash_leaves_no_core_where_others_leave_one") {
        return;
    }
    let world = World::with_vault();
    // Its input is read before anything else is done.
    let set = ["set", "global/new", "--value-stdin", "--passphrase-file", "passphrase"];
    assert!(!crashed(waiting(&world, &program(), &set), "tresor"), "it left a core");
    let cores = || {
        let names = std::fs::read_dir(world.home()).expect("the home").flatten();
        names.filter(|entry| entry.file_name().to_string_lossy().starts_with("core")).count()
    };
    assert_eq!(cores(), 0);
    if !crashed(waiting(&world, Path::new("cat"), &[]), "cat") {
        // Nothing to compare with.
        say("this system keeps no cores of any program");
    }
}
