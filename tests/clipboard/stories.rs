//! The stories every desktop clipboard has to tell, whatever its protocol.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tresor::service::clipboard::{Clipboard, ClipboardReceipt};

use crate::desk::{CANARY, Desk, clipboard, copy, eventually, holders, receipt};

/// Copied, read by others as a secret, and gone at its time with the receipt.
pub fn copied_and_cleared(desk: &dyn Desk, route: &str) {
    let mut clipboard = clipboard(desk.env());
    let start = Instant::now();
    assert_eq!(copy(&mut clipboard, CANARY, 6.0), route);
    assert_eq!(desk.read().as_deref(), Some(CANARY));
    assert!(desk.types().lines().any(|line| line == "x-kde-passwordManagerHint"));
    assert_eq!(desk.read_primary(), None);
    assert_eq!(clipboard.poll(), None);
    eventually("the receipt", || clipboard.poll() == Some(ClipboardReceipt::Cleared));
    assert!(start.elapsed() >= Duration::from_secs(6));
    assert_eq!(desk.read(), None);
    assert_eq!(clipboard.poll(), None);
}

/// What the user copied meanwhile stays.
pub fn newer_contents_are_left_alone(desk: &dyn Desk) {
    let mut clipboard = clipboard(desk.env());
    copy(&mut clipboard, CANARY, 5.0);
    desk.write("mine");
    assert_eq!(clipboard.wait(), ClipboardReceipt::Replaced);
    std::thread::sleep(Duration::from_millis(5200));
    assert_eq!(desk.read().as_deref(), Some("mine"));
}

/// A clipboard manager that took the value over does not keep it past its time.
pub fn a_value_taken_over_is_cleared(desk: &dyn Desk) {
    let mut clipboard = clipboard(desk.env());
    copy(&mut clipboard, CANARY, 6.0);
    desk.write(CANARY);
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(clipboard.poll(), None);
    assert_eq!(receipt(&mut clipboard), ClipboardReceipt::Cleared);
    assert_eq!(desk.read(), None);
}

/// A second copy, even of the same value, is not cleared by the first one's timer.
pub fn copying_again_restarts_the_time(desk: &dyn Desk, seconds: f64) {
    let mut first = clipboard(desk.env());
    copy(&mut first, CANARY, seconds);
    std::thread::sleep(Duration::from_millis(500));
    copy(&mut first, CANARY, 600.0);
    eventually("the former holder leaves", || holders(seconds).is_empty());
    // And from another process, which has no pipe to the former holder.
    let mut second = clipboard(desk.env());
    copy(&mut second, CANARY, 6.0);
    assert_eq!(receipt(&mut first), ClipboardReceipt::Replaced);
    std::thread::sleep(Duration::from_millis(1200));
    assert_eq!(desk.read().as_deref(), Some(CANARY));
    assert_eq!(second.wait(), ClipboardReceipt::Cleared);
    assert_eq!(desk.read(), None);
}

/// An orderly quit or lock takes it off at once.
pub fn cleared_on_demand(desk: &dyn Desk) {
    let mut clipboard = clipboard(desk.env());
    copy(&mut clipboard, CANARY, 600.0);
    let start = Instant::now();
    assert_eq!(clipboard.clear_now(), Some(ClipboardReceipt::Cleared));
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(desk.read(), None);
    assert_eq!(clipboard.clear_now(), None);
    copy(&mut clipboard, CANARY, 600.0);
    desk.write("mine");
    assert_eq!(clipboard.clear_now(), Some(ClipboardReceipt::Replaced));
    assert_eq!(desk.read().as_deref(), Some("mine"));
}

/// SIGTERM, as at the end of a session, clears; SIGHUP, as from a closed terminal, does not.
pub fn signals(desk: &dyn Desk, seconds: f64) {
    let mut clipboard = clipboard(desk.env());
    copy(&mut clipboard, CANARY, seconds);
    let holder = holders(seconds);
    assert_eq!(holder.len(), 1);
    let signal = |name: &str| {
        let pid = holder[0].to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    };
    signal("HUP");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(desk.read().as_deref(), Some(CANARY));
    signal("TERM");
    assert_eq!(receipt(&mut clipboard), ClipboardReceipt::Cleared);
    assert_eq!(desk.read(), None);
}

/// The holder: a session of its own, nothing secret in argv and environment, no core file.
pub fn the_holder_shows_nothing(desk: &dyn Desk, seconds: f64) {
    let mut clipboard = clipboard(desk.env());
    copy(&mut clipboard, CANARY, seconds);
    let pid = holders(seconds)[0];
    let proc = std::path::PathBuf::from(format!("/proc/{pid}"));
    let read = |file: &str| std::fs::read(proc.join(file));
    let arguments = String::from_utf8(read("cmdline").unwrap()).unwrap();
    assert!(!arguments.contains("canary"), "{arguments}");
    if rustix::process::geteuid().is_root() {
        let environment = String::from_utf8(read("environ").unwrap()).unwrap();
        assert!(environment.contains("PATH=") && !environment.contains("canary"));
        assert_eq!(std::fs::read_link(proc.join("cwd")).unwrap(), std::path::Path::new("/"));
    } else {
        // Not dumpable: not even its own user may look into it.
        assert!(read("environ").is_err());
        assert!(std::fs::read_link(proc.join("cwd")).is_err());
    }
    let stat = String::from_utf8(read("stat").unwrap()).unwrap();
    let session = stat.rsplit(") ").next().unwrap().split(' ').nth(3).unwrap();
    assert_eq!(session, pid.to_string());
    let limits = String::from_utf8(read("limits").unwrap()).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let words: Vec<&str> = core.split_whitespace().collect();
    assert_eq!(words[4], "0", "{core}");
    assert_eq!(clipboard.clear_now(), Some(ClipboardReceipt::Cleared));
}

/// A copier killed with SIGKILL leaves a holder that still keeps its time.
pub fn outlives_a_killed_copier(desk: &dyn Desk, seconds: f64) {
    let env = desk.env();
    // Descriptor 9 is how scripts hold a lock; the holder must not keep it for them.
    let lock = desk.env().runtime_dir.map(std::path::PathBuf::from).unwrap().join("lock");
    let mut copier = Command::new("sh");
    copier
        .args(["-c", "exec \"$@\" 9>\"$0\""])
        .arg(&lock)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "stories::copier", "--ignored", "--nocapture"])
        .env("TRESOR_TEST_COPIER", seconds.to_string())
        .stdout(Stdio::null());
    for (name, value) in [
        ("DISPLAY", &env.display),
        ("WAYLAND_DISPLAY", &env.wayland_display),
        ("XDG_RUNTIME_DIR", &env.runtime_dir),
        ("HOME", &env.home),
    ] {
        match value {
            Some(value) => copier.env(name, value),
            None => copier.env_remove(name),
        };
    }
    let mut copier = copier.spawn().unwrap();
    eventually("the copy", || desk.read().as_deref() == Some(CANARY));
    copier.kill().unwrap();
    copier.wait().unwrap();
    assert_eq!(holders(seconds).len(), 1);
    assert_eq!(desk.read().as_deref(), Some(CANARY));
    if rustix::process::geteuid().is_root() {
        let inherited = format!("/proc/{}/fd/9", holders(seconds)[0]);
        assert_ne!(std::fs::read_link(inherited).ok(), Some(lock));
    }
    eventually("cleared", || desk.read().is_none());
    eventually("the holder ends", || holders(seconds).is_empty());
}

/// The process that `outlives_a_killed_copier` starts and kills; nothing on its own.
#[test]
#[ignore = "started as a process by another test"]
fn copier() {
    let Some(seconds) = std::env::var("TRESOR_TEST_COPIER").ok() else { return };
    let env = tresor::service::clipboard::ClipboardEnv::from_process();
    let mut clipboard = clipboard(env);
    copy(&mut clipboard, CANARY, seconds.parse().unwrap());
    std::thread::sleep(Duration::from_secs(60));
}
