//! The detached process that holds one value on the clipboard and clears it at its time. It never
//! opens the vault; the value comes by standard input, never by an argument or the environment.
//!
//! `tresor __hold-clipboard --clear-after SECONDS --route x11|wayland|tmux|system [--buffer NAME]
//! [--to-terminal] [--probe]`
//!
//! It outlives the process that started it: it has a session of its own, ignores SIGHUP, and a
//! closed pipe only means that nobody hears its receipt. SIGTERM and SIGINT clear at once. arboard
//! keeps a copy of the value that nobody can wipe; this process is therefore not dumpable, leaves
//! no core, and ends as soon as the value is off.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use super::held::{self, Way};
use super::place::Place;
use super::turn::Turn;
use super::watch::{Deadline, watch};
use super::wire::{Command, MAX_VALUE, Message};
use super::{ClipboardEnv, ClipboardReceipt, Route, detached};
use crate::service::stdio;
use crate::vault::{SensitiveBytes, memory};

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "__hold-clipboard";

/// Runs the holder when the first argument asks for it; `None` otherwise.
///
/// Call it before anything else: the holder reads no configuration and no vault.
pub fn main_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != SUBCOMMAND {
        return None;
    }
    let message = match Options::parse(arguments) {
        Some(options) => hold(&options).unwrap_or_else(Message::Failed),
        None => Message::Failed("these are not the holder's arguments".to_owned()),
    };
    let done = matches!(
        message,
        Message::Ready | Message::Receipt(ClipboardReceipt::Cleared | ClipboardReceipt::Replaced)
    );
    tell(&message);
    // The exit code of FaultKind::Unreachable; the copier reads the message instead.
    Some(if done { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

/// The holder's own arguments; none of them is secret.
#[derive(Debug, PartialEq)]
struct Options {
    clear_after: Duration,
    way: Way,
    /// Only tell whether the route works.
    probe: bool,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let way = Way { route: Route::Osc52, buffer: String::new(), to_terminal: false };
        let mut options = Self { clear_after: Duration::ZERO, way, probe: false };
        while let Some(name) = arguments.next() {
            match name.to_str()? {
                "--to-terminal" => options.way.to_terminal = true,
                "--probe" => options.probe = true,
                "--route" => options.way.route = Route::from_word(arguments.next()?.to_str()?)?,
                "--buffer" => options.way.buffer = arguments.next()?.to_str()?.to_owned(),
                "--clear-after" => {
                    let seconds = arguments.next()?.to_str()?.parse().ok()?;
                    options.clear_after = Duration::try_from_secs_f64(seconds).ok()?;
                }
                _ => return None,
            }
        }
        let named = !options.way.buffer.is_empty() || options.probe;
        match options.way.route {
            Route::Osc52 => None,
            Route::Tmux => named.then_some(options),
            _ => Some(options),
        }
    }
}

/// Everything from the first byte to the receipt.
fn hold(options: &Options) -> Result<Message, String> {
    let ended = detached::detach()?;
    memory::harden_process();
    let ended = || ended.load(Ordering::Relaxed);
    if options.probe {
        return held::open(&options.way).map(|_| Message::Ready);
    }
    let value = read_value().ok_or("the value did not arrive")?;
    let commands = listen();
    let way = options.way.clone();
    let place = Place::open(value, way.route, move || held::open(&way))?;
    if ended() {
        return Err("it was told to end".to_owned());
    }
    let turn = Turn::take(&ClipboardEnv::from_process(), options.way.route);
    if let Err(why) = place.set(&ended) {
        return Err(take_back(&place, why));
    }
    let deadline = Deadline::after(options.clear_after);
    tell(&Message::Ready);
    let lost = || turn.is_lost();
    Ok(Message::Receipt(watch(&place, &deadline, &commands, &lost, &ended)))
}

/// Takes off what may have been put there before it failed; a desktop does that when we end.
fn take_back(place: &Place, why: String) -> String {
    if !place.outlives_us() {
        return why;
    }
    match place.clear() {
        ClipboardReceipt::Kept(_) => format!("{why}; the value may still be there"),
        ClipboardReceipt::Cleared | ClipboardReceipt::Replaced => why,
    }
}

/// Reads the length and the value, past the standard library's buffer, which nobody wipes.
fn read_value() -> Option<SensitiveBytes> {
    let mut length = [0_u8; 8];
    stdio::Input.read_exact(&mut length).ok()?;
    let length = u64::from_be_bytes(length);
    if length > MAX_VALUE {
        return None;
    }
    let mut bytes = zeroize::Zeroizing::new(vec![0_u8; usize::try_from(length).ok()?]);
    stdio::Input.read_exact(&mut bytes).ok()?;
    Some(SensitiveBytes::new(std::mem::take(&mut *bytes)))
}

/// Turns the bytes that follow the value into commands; ends with the pipe, and nothing else does.
fn listen() -> Receiver<Command> {
    let (sender, commands) = mpsc::channel();
    thread::spawn(move || {
        let mut byte = [0_u8; 1];
        while stdio::Input.read_exact(&mut byte).is_ok() {
            if let Some(command) = Command::from_byte(byte[0]) {
                let _ = sender.send(command);
            }
        }
    });
    commands
}

/// Tells the copier, who may be gone.
fn tell(message: &Message) {
    let _ = stdio::Output.write_all(message.line().as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Option<Options> {
        Options::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn arguments_are_read_or_refused_as_a_whole() {
        let read = parse("--clear-after 30 --route x11");
        let way = Way { route: Route::X11, buffer: String::new(), to_terminal: false };
        let clear_after = Duration::from_secs(30);
        assert_eq!(read, Some(Options { clear_after, way, probe: false }));
        let tmux = parse("--route tmux --buffer tresor-1 --to-terminal");
        assert!(tmux.is_some_and(|tmux| tmux.way.buffer == "tresor-1" && tmux.way.to_terminal));
        assert!(parse("--route tmux --probe").is_some_and(|options| options.probe));
        assert!(parse("--route wayland --probe").is_some_and(|options| options.probe));
        for bad in [
            "",
            "--route",
            "--route osc52",
            "--route primary",
            "--route tmux",
            "--route tmux --buffer",
            "--route x11 --clear-after",
            "--route x11 --clear-after -1",
            "--route x11 --clear-after NaN",
            "--route x11 --clear-after 1e300",
            "--route x11 hunter2",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
