//! What needs no display: OSC 52, and machines that have no clipboard at all.

use std::time::Duration;

use tresor::fault::{Fault, FaultKind};
use tresor::service::clipboard::{
    Clipboard, ClipboardEnv, ClipboardError, ClipboardReceipt, Osc52Consent, Route, SystemClipboard,
};
use tresor::vault::SensitiveBytes;

use crate::desk::{clipboard, plain_env, private_directory};

const SECONDS: Duration = Duration::from_secs(30);

fn value() -> SensitiveBytes {
    SensitiveBytes::copy_of(b"hunter2")
}

/// An environment with nothing but a dead X display and a file that plays the terminal.
fn terminal_only(directory: &std::path::Path) -> ClipboardEnv {
    let tty = directory.join("tty");
    std::fs::write(&tty, "").unwrap();
    ClipboardEnv {
        display: Some(":4242".into()),
        term: Some("xterm".into()),
        tty: Some(tty),
        ..plain_env(directory)
    }
}

#[test]
fn no_clipboard_is_a_typed_error_with_help() {
    let directory = private_directory();
    let mut clipboard = clipboard(plain_env(directory.path()));
    let error = clipboard.copy(&value(), SECONDS, Osc52Consent::Given).unwrap_err();
    assert_eq!(error, ClipboardError::None(Vec::new()));
    assert_eq!(error.kind(), FaultKind::Unreachable);
    assert!(error.help().contains("tresor read"));
    assert_eq!(clipboard.probe(), Err(ClipboardError::None(Vec::new())));
    assert_eq!(clipboard.route(), None);
    assert_eq!(clipboard.clear_now(), None);
}

#[test]
fn a_dead_display_is_named_and_osc52_asks_first() {
    let directory = private_directory();
    let env = terminal_only(directory.path());
    let tty = env.tty.clone().unwrap();
    let mut clipboard = clipboard(env);
    let never = clipboard.copy(&value(), SECONDS, Osc52Consent::Never).unwrap_err();
    let ClipboardError::None(tried) = never else { panic!("{never}") };
    let routes: Vec<Route> = tried.iter().map(|tried| tried.route).collect();
    assert_eq!(routes, [Route::X11, Route::Osc52]);
    let ask = clipboard.copy(&value(), SECONDS, Osc52Consent::Ask).unwrap_err();
    assert_eq!(ask, ClipboardError::ConsentNeeded);
    assert_eq!(std::fs::read(&tty).unwrap(), b"");

    let report = clipboard.copy(&value(), SECONDS, Osc52Consent::Given).unwrap();
    assert_eq!((report.route, report.clear_after), (Route::Osc52, None));
    assert!(report.limits.contains("cannot be cleared"));
    assert_eq!(std::fs::read(&tty).unwrap(), b"\x1b]52;c;aHVudGVyMg==\x07");
    assert!(matches!(clipboard.wait(), ClipboardReceipt::Kept(_)));
    assert_eq!(clipboard.probe(), Ok(Route::Osc52));
}

#[test]
fn bytes_that_are_no_text_and_texts_too_long_are_refused() {
    let directory = private_directory();
    let mut clipboard = clipboard(terminal_only(directory.path()));
    let binary = SensitiveBytes::copy_of(&[0xff, 0xfe]);
    let error = clipboard.copy(&binary, SECONDS, Osc52Consent::Given).unwrap_err();
    assert_eq!((error.kind(), &error), (FaultKind::Invalid, &ClipboardError::NotText));
    let long = SensitiveBytes::new(vec![b'x'; 74_995]);
    let error = clipboard.copy(&long, SECONDS, Osc52Consent::Given).unwrap_err();
    assert_eq!((error.kind(), &error), (FaultKind::Invalid, &ClipboardError::TooLong));
}

#[test]
fn a_missing_program_is_no_missing_clipboard() {
    let directory = private_directory();
    let env = ClipboardEnv { display: Some(":4242".into()), ..plain_env(directory.path()) };
    let mut clipboard = SystemClipboard::with_exe(env, directory.path().join("gone"));
    let error = clipboard.copy(&value(), SECONDS, Osc52Consent::Given).unwrap_err();
    assert!(matches!(error, ClipboardError::Helper(_)), "{error}");
}

#[test]
fn a_display_that_never_answers_is_given_up() {
    let directory = private_directory();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let number = silent.local_addr().unwrap().port().checked_sub(6000).unwrap();
    let env = ClipboardEnv {
        display: Some(format!("127.0.0.1:{number}").into()),
        ssh: true,
        ..plain_env(directory.path())
    };
    let mut clipboard = clipboard(env);
    let start = std::time::Instant::now();
    let error = clipboard.copy(&value(), SECONDS, Osc52Consent::Given).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(8));
    assert_eq!(error.to_string(), "no clipboard can be reached: X11 clipboard: it does not answer");
}
