//! Keeps `assets/config.toml` and `assets/keys.toml` what they say they are: the defaults, written out.
//! `UPDATE_ASSETS=1` writes them anew from the settings' defaults and the binding table.
#![allow(clippy::expect_used, missing_docs)] // helpers of tests stop at once, like tests

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tresor::app::bindings::table;
use tresor::app::{Context, Keymap};
use tresor::config::Settings;
use tresor::config::settings::{Osc52, Proxy};

fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name)
}

/// Compares a file with what it has to be, or writes it.
fn keep(name: &str, text: &str) {
    let path = asset(name);
    if std::env::var_os("UPDATE_ASSETS").is_some() {
        std::fs::write(&path, text).expect("written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(there, text, "assets/{name} is not the defaults; UPDATE_ASSETS=1 writes it anew");
}

fn time(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

fn config() -> String {
    let Settings { idle_lock, reveal, clear_after, osc52, proxy, mouse, ascii, theme, .. } =
        Settings::default();
    let osc52 = match osc52 {
        Osc52::Ask => "ask",
        Osc52::Always => "always",
        Osc52::Never => "never",
    };
    let proxy = match proxy {
        Proxy::Never => "never",
        Proxy::Environment => "environment",
    };
    format!(
        "\
# tresor's settings with their defaults: what is left out stays as it is here.
# The keys are in keys.toml beside this file; its tables belong into the same settings file.

[lock]
idle = \"{}\"  # the vault locks itself after this long without a key
reveal = \"{}\"  # how long a revealed value stays on the screen

[clipboard]
clear_after = \"{}\"  # how long a copied value stays on the clipboard
osc52 = \"{osc52}\"  # the terminal's own clipboard, which cannot be cleared: ask, always or never

[network]
proxy = \"{proxy}\"  # environment: requests to OAuth providers go through the proxy that it names

[ui]
theme = \"{theme}\"  # a built-in theme, or a file of the themes directory
mouse = {mouse}  # click and wheel; false leaves them to the terminal
ascii = {ascii}  # draw with ASCII only
",
        time(idle_lock),
        time(reveal),
        time(clear_after),
    )
}

/// The table; rows with a sequence such as `g g` are remarks, since the file takes single keys only.
fn keys() -> String {
    let mut text = "\
# tresor's keys with their defaults, in the form of the settings file: copy what you change.
# A sequence such as \"g g\" cannot be written there; those rows are remarks.
"
    .to_owned();
    for (context, word, title) in Context::ALL {
        let rows = table().iter().filter(|row| row.context == context);
        let _ = write!(text, "\n# {title}\n[keys.{word}]\n");
        for row in rows {
            let keys: Vec<String> = row.keys.iter().map(|key| format!("\"{key}\"")).collect();
            let remark = if row.keys.iter().any(|key| key.contains(' ')) { "# " } else { "" };
            let _ = writeln!(
                text,
                "{remark}{} = [{}]  # {}",
                row.word,
                keys.join(", "),
                row.description
            );
        }
    }
    text
}

#[test]
fn the_settings_are_the_defaults() {
    keep("config.toml", &config());
    let read = Settings::load(&asset("config.toml"), true).expect("it is read");
    assert_eq!(read, Settings::default());
}

#[test]
fn the_keys_are_the_defaults() {
    keep("keys.toml", &keys());
    let read = Settings::load(&asset("keys.toml"), true).expect("it is read");
    let written: usize = read.keys.values().map(|actions| actions.len()).sum();
    let single = table().iter().filter(|row| row.keys.iter().all(|key| !key.contains(' ')));
    assert_eq!(written, single.count());
    let keymap = Keymap::with_overrides(&read.keys).expect("no key means two things");
    assert!(keymap == Keymap::default(), "they bind something else than the table");
}
