//! A tmux of the tests' own making, a shell script over files, that fails and hangs when it is told to.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tresor::service::clipboard::{
    Clipboard, ClipboardEnv, ClipboardError, ClipboardReceipt, Osc52Consent, Route, SystemClipboard,
};
use tresor::vault::SensitiveBytes;

use crate::desk::{CANARY, clipboard, eventually, plain_env, private_directory, receipt};
use crate::executable;

/// Buffers are files in `buffers`. A file `hang-COMMAND` makes that command hang, `fail-COMMAND` fail;
/// the first lines of `slow-show` make as many looks take a second and find nothing.
const SCRIPT: &str = r#"#!/bin/sh
cd "$HOME" || exit 1
command=$1
echo "$*" >>log
while [ $# -gt 0 ]; do
    [ "$1" = -b ] && name=$2
    last=$1
    shift
done
[ -e "fail-$command" ] && { echo "server exited unexpectedly" >&2; exit 1; }
case $command in
load-buffer) cat >"buffers/$name" ;;
esac
[ -e "hang-$command" ] && exec sleep 600
case $command in
display-message)
    case $last in
    *version*) cat version ;;
    *) echo 1 ;;
    esac
    ;;
list-buffers) ls buffers ;;
delete-buffer) rm "buffers/$name" ;;
show-buffer)
    if [ -s slow-show ]; then
        sed -i 1d slow-show
        exec sleep 1
    fi
    [ -e "buffers/$name" ] || { echo "no buffer $name" >&2; exit 1; }
    exec cat "buffers/$name"
    ;;
esac
"#;

struct Moody {
    directory: tempfile::TempDir,
}

fn start() -> Moody {
    let moody = Moody { directory: private_directory() };
    std::fs::create_dir(moody.path("buffers")).unwrap();
    std::fs::write(moody.path("version"), "3.3a\n").unwrap();
    std::fs::create_dir(moody.path("bin")).unwrap();
    executable::write(&moody.path("bin/tmux"), SCRIPT);
    moody
}

impl Moody {
    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn clipboard(&self) -> SystemClipboard {
        let env = plain_env(self.directory.path());
        let mut path = self.path("bin").into_os_string();
        path.push(":");
        path.push(env.path.clone().unwrap());
        clipboard(ClipboardEnv { tmux: Some("here,1,0".into()), path: Some(path), ..env })
    }

    /// Says how a command behaves from now on.
    fn tell(&self, mood: &str) {
        std::fs::write(self.path(mood), "1\n2\n3\n4\n5\n").unwrap();
    }

    fn buffers(&self) -> Vec<PathBuf> {
        let found = std::fs::read_dir(self.path("buffers")).unwrap();
        found.map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Moody {
    fn drop(&mut self) {
        // What was told to hang is left by whoever had to be killed.
        for client in clients(self) {
            let pid = client.file_name().and_then(|name| name.to_str()?.parse().ok());
            let _ = pid.and_then(Pid::from_raw).map(|pid| kill_process(pid, Signal::KILL));
        }
    }
}

fn copy(clipboard: &mut SystemClipboard, seconds: f64) -> Result<(), ClipboardError> {
    let value = SensitiveBytes::copy_of(CANARY.as_bytes());
    clipboard.copy(&value, Duration::from_secs_f64(seconds), Osc52Consent::Never).map(drop)
}

/// Why tmux did not take the value.
fn refused(clipboard: &mut SystemClipboard) -> String {
    match copy(clipboard, 60.0) {
        Err(ClipboardError::None(tried)) => tried[0].why.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn it_is_handed_on_only_with_consent_and_the_report_says_so() {
    for (consent, handed_on) in
        [(Osc52Consent::Ask, false), (Osc52Consent::Never, false), (Osc52Consent::Given, true)]
    {
        let moody = start();
        let mut clipboard = moody.clipboard();
        let value = SensitiveBytes::copy_of(CANARY.as_bytes());
        let report = clipboard.copy(&value, Duration::from_secs(60), consent).unwrap();
        assert_eq!((report.route, report.to_terminal), (Route::Tmux, handed_on), "{consent:?}");
        assert_eq!(report.limits.contains("keeps it"), consent != Osc52Consent::Never);
        let log = std::fs::read_to_string(moody.path("log")).unwrap();
        assert_eq!(log.contains("load-buffer -w -b tresor-"), handed_on, "{consent:?}: {log}");
        assert_eq!(log.contains("load-buffer -b tresor-"), !handed_on, "{consent:?}: {log}");
        assert_eq!(clipboard.clear_now(), Some(ClipboardReceipt::Cleared));
    }
}

#[test]
fn the_report_names_the_keys_that_paste_in_that_tmux() {
    let moody = start();
    let mut clipboard = moody.clipboard();
    let value = SensitiveBytes::copy_of(CANARY.as_bytes());
    let mut paste = || {
        let seconds = Duration::from_secs(60);
        clipboard.copy(&value, seconds, Osc52Consent::Ask).unwrap().paste
    };
    assert_eq!(paste(), "prefix ]");
    std::fs::write(moody.path("version"), "3.4\n").unwrap();
    let typed = paste();
    let name = typed.strip_prefix("prefix :pasteb -b ").expect("the name is typed");
    assert!(moody.path("buffers").join(name).exists(), "{typed}");
}

#[test]
fn a_buffer_that_somebody_deleted_is_told_from_a_server_that_fails() {
    let moody = start();
    let mut clipboard = moody.clipboard();
    copy(&mut clipboard, 600.0).unwrap();
    std::fs::remove_file(&moody.buffers()[0]).unwrap();
    assert_eq!(receipt(&mut clipboard), ClipboardReceipt::Replaced);

    let begun = Instant::now();
    copy(&mut clipboard, 2.0).unwrap();
    moody.tell("fail-show-buffer");
    moody.tell("fail-list-buffers");
    let kept = receipt(&mut clipboard);
    assert_eq!(kept, ClipboardReceipt::Kept("server exited unexpectedly".to_owned()));
    assert!(begun.elapsed() >= Duration::from_secs(2), "given up before its time");
}

#[test]
fn a_server_that_fails_for_a_while_is_cleared_at_its_time() {
    let moody = start();
    let mut clipboard = moody.clipboard();
    copy(&mut clipboard, 8.0).unwrap();
    moody.tell("fail-show-buffer");
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(clipboard.poll(), None);
    std::fs::remove_file(moody.path("fail-show-buffer")).unwrap();
    assert_eq!(receipt(&mut clipboard), ClipboardReceipt::Cleared);
    assert!(moody.buffers().is_empty());
}

#[test]
fn a_holder_that_is_late_takes_off_what_it_has_put_there() {
    let moody = start();
    moody.tell("slow-show");
    assert_eq!(refused(&mut moody.clipboard()), "it does not answer");
    assert!(moody.buffers().is_empty(), "the value was left behind");
}

#[test]
fn after_a_holder_that_had_to_be_killed_the_copier_takes_it_off() {
    let moody = start();
    moody.tell("hang-show-buffer");
    assert_eq!(refused(&mut moody.clipboard()), "it does not answer");
    assert!(moody.buffers().is_empty(), "the value was left behind");
}

#[test]
fn a_load_that_hangs_is_taken_off_and_its_client_ended() {
    let moody = start();
    moody.tell("hang-load-buffer");
    // On a busy machine the one who asks may have waited long enough before it is over.
    let why = refused(&mut moody.clipboard());
    assert!(["the tmux server does not answer", "it does not answer"].contains(&&*why), "{why}");
    assert!(moody.buffers().is_empty(), "the value was left behind");
    eventually("the client ended", || clients(&moody).is_empty());
}

/// Commands of this tmux that still run.
fn clients(moody: &Moody) -> Vec<PathBuf> {
    let home = format!("HOME={}", moody.directory.path().display());
    let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let holds = |path: &PathBuf, file: &str, text: &str| {
        let read = std::fs::read(path.join(file)).unwrap_or_default();
        String::from_utf8_lossy(&read).contains(text)
    };
    processes.filter(|at| holds(at, "environ", &home) && holds(at, "cmdline", "sleep")).collect()
}

#[test]
fn what_cannot_be_taken_off_is_said() {
    let moody = start();
    moody.tell("hang-show-buffer");
    moody.tell("hang-list-buffers");
    let why = refused(&mut moody.clipboard());
    let buffer = moody.buffers()[0].file_name().unwrap().to_string_lossy().into_owned();
    let said = format!("it does not answer; the value may still be in its buffer {buffer}");
    assert_eq!(why, said);
}
