//! What is sent to `run` reaches the command, and what the command makes of it is how `run` ends.

use std::io::Read;
use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::sandbox::Sandbox;

/// A masked command that traps signals and has said that it is ready.
fn ready(sandbox: &Sandbox, trap: &str) -> Child {
    let script = format!("{trap}; echo ready; while :; do sleep 0.02; done");
    let mut command = sandbox.command("tresor");
    command.args(["run", "--env", "A=global/a", "--", "sh", "-c", &script]);
    let mut child = command.spawn().expect("tresor runs");
    let mut said = [0; 6];
    child.stdout.as_mut().expect("its output").read_exact(&mut said).expect("ready");
    assert_eq!(&said, b"ready\n");
    // The handlers come after the start.
    std::thread::sleep(Duration::from_millis(200));
    child
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("it is there");
}

#[test]
fn signals_reach_a_masked_command_and_its_end_is_ours() {
    let sandbox = Sandbox::with_vault();
    sandbox.ok(&["set", "global/a"], b"hunter2");
    for (signal, name) in [
        (Signal::TERM, "TERM"),
        (Signal::INT, "INT"),
        (Signal::HUP, "HUP"),
        (Signal::QUIT, "QUIT"),
        (Signal::USR1, "USR1"),
        (Signal::USR2, "USR2"),
        (Signal::WINCH, "WINCH"),
    ] {
        let child = ready(&sandbox, &format!("trap 'echo heard $A; exit 9' {name}"));
        send(&child, signal);
        let output = super::sandbox::feed(child, b"");
        assert_eq!(output.status.code(), Some(9), "{name}: {output:?}");
        assert_eq!(output.stdout, b"heard *****\n", "{name}");
    }
    let child = ready(&sandbox, ":");
    send(&child, Signal::TERM);
    assert_eq!(super::sandbox::feed(child, b"").status.code(), Some(143));
}
