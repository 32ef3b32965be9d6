//! Whole sessions, each in a process and on a terminal of its own, in a world that behaves as it seldom
//! does: without file notification, with a bug.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use portable_pty::CommandBuilder;

use super::*;
use crate::config::Settings;
use crate::service::calibrate::Calibration;
use crate::tui::clock::LoopClock;
use crate::tui::watch::Notice;
use crate::vault::{
    Actor, Expect, MetadataPatch, NewSlot, Random, SensitiveBytes, SystemRandom, Unlock,
    generate_key_file, read_private_file,
};
use terminal::Terminal;

#[allow(dead_code, reason = "the tests of the whole program use the rest")]
#[allow(clippy::string_slice, missing_docs)]
#[path = "../../tests/pty/terminal.rs"]
mod terminal;

#[allow(dead_code, reason = "the tests of the whole program use the rest")]
#[allow(missing_docs)]
#[path = "../../tests/pty/tmux.rs"]
mod tmux;

#[allow(clippy::expect_used, missing_docs)]
#[path = "../../tests/told/mod.rs"]
mod told;

const CANARY: &str = "canary-5d20-value";
/// Tells a child where its home is.
const HOME: &str = "TRESOR_TEST_HOME";

fn place(home: &Path) -> Place {
    Place::on_disk(&home.join("vault"), &home.join("state"))
}

fn key_file(home: &Path) -> PathBuf {
    home.join("key")
}

/// A vault with a key file, and the canary in `global/canary`.
fn with_vault() -> (tempfile::TempDir, Vault) {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let home = tempfile::tempdir().unwrap();
    let key = generate_key_file(&SystemRandom).unwrap();
    let mut file = std::fs::OpenOptions::new();
    let mut file =
        file.write(true).create_new(true).mode(0o600).open(key_file(home.path())).unwrap();
    key.with(|key| file.write_all(key)).unwrap();
    let options = crate::vault::CreateOptions::new(vec![NewSlot::KeyFile(key)]);
    let vault = Vault::create(&place(home.path()), &options).unwrap();
    write(&vault, "global/canary", CANARY);
    (home, vault)
}

fn write(vault: &Vault, name: &str, value: &str) {
    let value = SensitiveBytes::copy_of(value.as_bytes());
    let view = vault.view(Actor::Owner);
    view.write(&name.parse().unwrap(), value, MetadataPatch::default(), Expect::Any).unwrap();
}

/// The words that run the ignored test `name`.
fn child(name: &str) -> Vec<String> {
    let program = std::env::current_exe().unwrap().display().to_string();
    let name = format!("tui::run::tests::{name}");
    let options = ["--exact", "--ignored", "--nocapture", "--test-threads=1"].map(str::to_owned);
    [program, name].into_iter().chain(options).collect()
}

/// What a child has as its environment.
fn environment(home: &Path) -> Vec<(&'static str, String)> {
    let home = home.display().to_string();
    let mut variables = vec![("TERM", "xterm-256color".to_owned()), (HOME, home)];
    // Where a program measured by tests/coverage.sh writes what it ran.
    variables
        .extend(std::env::var("LLVM_PROFILE_FILE").ok().map(|file| ("LLVM_PROFILE_FILE", file)));
    variables
}

/// Runs the ignored test `name` as a process on a terminal.
fn start(name: &str, home: &Path) -> Terminal {
    let mut command = CommandBuilder::from_argv(child(name).into_iter().map(Into::into).collect());
    command.env_clear();
    for (name, value) in environment(home) {
        command.env(name, value);
    }
    Terminal::start(command, 40, 120)
}

/// In the child: a session on the open vault of that home, changed by `change` before it begins.
fn run_changed(change: impl FnOnce(&mut Prepared)) -> Option<Result<Exit, TuiError>> {
    let home = PathBuf::from(std::env::var_os(HOME)?);
    let place = place(&home);
    let key = read_private_file(&key_file(&home), 1024).unwrap();
    let vault = ClosedVault::open(&place).unwrap().unlock(&Unlock::KeyFile(&key)).unwrap();
    let mut prepared = Prepared::new(Options {
        settings: Settings::default(),
        settings_file: home.join("config.toml"),
        themes: home.join("themes"),
        providers: home.join("providers"),
        here: Default::default(),
        actor: Actor::Owner,
        key_file: None,
        calibration: Calibration::Least,
        waits: Default::default(),
        no_color: false,
        term: std::env::var_os("TERM"),
    })
    .unwrap();
    change(&mut prepared);
    let start = Start::Open(facts(&vault).unwrap());
    Some(session(prepared, Some(place), Shared::with(vault), start, false))
}

#[test]
#[ignore = "the child of without_notification_a_change_of_another_process_appears_all_the_same"]
fn a_session_without_notification() {
    let notice = Notice { asked_for: false, every: Duration::from_millis(200) };
    let Some(exit) = run_changed(|prepared| prepared.notice = notice) else { return };
    assert!(matches!(exit, Ok(Exit::Quit { .. })));
}

#[test]
fn without_notification_a_change_of_another_process_appears_all_the_same() {
    let (home, vault) = with_vault();
    let mut terminal = start("a_session_without_notification", home.path());
    terminal.shows("canary");
    terminal.shows("Other programs' changes appear");
    write(&vault, "global/from_elsewhere", "x");
    terminal.shows("from_elsewhere");
    // And not only once.
    write(&vault, "global/once_more", "x");
    terminal.shows("once_more");
    terminal.keys("q");
    assert!(terminal.ends().success());
}

/// Randomness with a bug, and the value that the standard message of its panic would quote.
struct Bug;

impl Random for Bug {
    fn fill(&self, _: &mut [u8]) -> crate::vault::Result<()> {
        panic!("a value in the message: {CANARY}");
    }
}

#[test]
#[ignore = "the child of a_bug_gives_the_terminal_back_and_says_no_value"]
fn a_session_with_a_bug() {
    let Some(exit) = run_changed(|prepared| prepared.settings.random = Arc::new(Bug)) else {
        return;
    };
    let Err(error) = exit else { panic!("it ended in order") };
    println!("tresor: {error}");
}

#[test]
fn a_bug_gives_the_terminal_back_and_says_no_value() {
    let (home, _vault) = with_vault();
    let mut terminal = start("a_session_with_a_bug", home.path());
    terminal.shows("▌canary");
    terminal.keys("<enter>");
    terminal.shows(CANARY);
    assert_ne!(terminal.settings(), Terminal::untouched(), "the terminal is not in raw mode");
    // The generator draws from it at once.
    terminal.keys("gn");
    assert!(terminal.ends().success());
    assert_eq!(terminal.settings(), Terminal::untouched());
    terminal.is_whole(CANARY);
    let all = terminal.everything();
    assert!(all.contains("tresor: internal error at src/tui/run_tests.rs:"), "{all}");
}

#[test]
fn tmux_remembers_nothing_after_a_bug() {
    if !told::real("tmux_remembers_nothing_after_a_bug") {
        return;
    }
    let (home, _vault) = with_vault();
    let mut environment = environment(home.path());
    environment.push(("PATH", std::env::var("PATH").unwrap()));
    environment.push(("LANG", "C.UTF-8".to_owned()));
    let tmux = tmux::Tmux::start(home.path(), environment);
    tmux.keys(&["-l", &format!("{}\n", child("a_session_with_a_bug").join(" "))]);
    tmux.shows("▌canary");
    tmux.keys(&["Enter"]);
    tmux.shows(CANARY);
    tmux.keys(&["-l", "gn"]);
    tmux.remembers_nothing(CANARY, "a bug");
    assert!(tmux.everything().contains("tresor: internal error at src/tui/run_tests.rs:"));
}

/// How long the machine of a child slept: an hour, from the moment that its home says so.
fn asleep() -> Duration {
    let home = std::env::var_os(HOME).map(PathBuf::from).unwrap_or_default();
    Duration::from_secs(if home.join("slept").exists() { 3600 } else { 0 })
}

#[test]
#[ignore = "the child of the_first_key_after_a_sleep_finds_the_vault_locked"]
fn a_session_on_a_machine_that_sleeps() {
    let sleeps = |prepared: &mut Prepared| {
        let clock = std::mem::replace(&mut prepared.clock, LoopClock::new());
        prepared.clock = clock.with_sleep(asleep);
    };
    let Some(exit) = run_changed(sleeps) else { return };
    assert!(matches!(exit, Ok(Exit::Quit { .. })));
}

#[test]
fn the_first_key_after_a_sleep_finds_the_vault_locked() {
    let (home, _vault) = with_vault();
    let mut terminal = start("a_session_on_a_machine_that_sleeps", home.path());
    terminal.shows("canary");
    std::fs::write(home.path().join("slept"), "").unwrap();
    terminal.keys("y");
    terminal.shows("Locked: the machine was asleep");
    let screen = terminal.screen();
    assert!(!screen.contains("canary") && !screen.contains('•'), "{screen}");
    terminal.keys("<esc>");
    assert!(terminal.ends().success());
}
