//! Keeps the direction of dependency that `src/lib.rs` lays down: reads every path in `src`.
#![allow(clippy::expect_used, clippy::panic)] // helpers of tests stop at once, like tests

mod source;

use source::{files, reaches};

/// A layer of the house, what of ours it may use, and what of others' it may not.
struct Layer {
    name: &'static str,
    may: &'static [&'static str],
    /// Crates, or `std` modules, that would make it something else.
    never: &'static [&'static str],
}

/// What only a layer that draws or reads the terminal may name.
const TERMINAL: [&str; 2] = ["ratatui", "crossterm"];
/// What only a layer that touches the world may name.
const WORLD: [&str; 8] =
    ["arboard", "notify", "signal_hook", "clap", "rustix", "portable_pty", "libc", "directories"];

const LAYERS: [Layer; 8] = [
    Layer { name: "text", may: &[], never: &["serde", "thiserror"] },
    Layer { name: "fault", may: &[], never: &["serde", "thiserror"] },
    Layer {
        name: "vault",
        may: &["text", "fault"],
        never: &["arboard", "notify", "signal_hook", "clap", "toml", "directories", "zxcvbn"],
    },
    Layer { name: "service", may: &["vault", "text", "fault"], never: &["clap", "directories"] },
    Layer { name: "config", may: &["text", "fault"], never: &["arboard", "clap", "rustix"] },
    Layer { name: "app", may: &["vault", "service", "config", "text", "fault"], never: &WORLD },
    // Of service and vault it draws the types that the application's state is made of.
    Layer {
        name: "ui",
        may: &["app", "config", "service", "vault", "text", "fault"],
        never: &WORLD,
    },
    Layer {
        name: "tui",
        may: &["ui", "app", "config", "service", "vault", "text", "fault"],
        never: &["clap"],
    },
];

/// The crate for the console of Windows, and who stands for that console before all others.
const CONSOLE: (&str, &str) = ("crossterm_winapi", "src/service/console");

/// Who may name a terminal library; `cli` hands over to `tui`.
const DRAWS: [&str; 2] = ["ui", "tui"];

/// What cli may use: all but app and ui.
const CLI: Layer = Layer {
    name: "cli",
    may: &["tui", "config", "service", "vault", "text", "fault"],
    never: &["arboard", "notify"],
};

/// Paths in pure layers' source that would read the clock, the environment or the world.
const IMPURE: [&str; 12] = [
    "SystemTime::now",
    "Instant::now",
    "std::env",
    "env::",
    "std::fs",
    "fs::",
    "std::thread",
    "thread::",
    "std::process",
    "process::",
    "std::net",
    "std::io",
];

fn layer_of(file: &str) -> Option<&'static Layer> {
    let name = file.trim_start_matches("src/").split(['/', '.']).next()?;
    LAYERS.iter().chain([&CLI]).find(|layer| layer.name == name)
}

/// Every place where a file's source looks the wrong way.
fn upward(file: &str, source: &str) -> Vec<String> {
    let Some(layer) = layer_of(file) else { return Vec::new() };
    let known = |name: &str| LAYERS.iter().chain([&CLI]).any(|layer| layer.name == name);
    let terminal = |name: &str| TERMINAL.contains(&name) && !DRAWS.contains(&layer.name);
    let console = |name: &str| name == CONSOLE.0 && !file.starts_with(CONSOLE.1);
    let mut found = Vec::new();
    for reach in reaches(file, source) {
        let wrong = match reach.target.strip_prefix("::") {
            Some(foreign) => {
                layer.never.contains(&foreign) || terminal(foreign) || console(foreign)
            }
            None => {
                let target = reach.target.as_str();
                known(target) && target != layer.name && !layer.may.contains(&target)
            }
        };
        if wrong {
            found.push(format!("{file}:{}: {} uses {}", reach.line, layer.name, reach.target));
        }
    }
    found
}

/// Every place where a pure layer reads the clock, the environment or the world outside its tests.
fn impure(file: &str, source: &str) -> Vec<String> {
    let pure = file.starts_with("src/app") || file.starts_with("src/ui");
    if !pure || file.contains("/tests/") || file.ends_with("tests.rs") {
        return Vec::new();
    }
    let product = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = source::tokens(product).into_iter().map(|token| token.text + " ").collect();
    let code = code.replace(" : : ", "::");
    let names = |word: &str| code.split(' ').any(|path| path.contains(word));
    let found = IMPURE.iter().filter(|word| names(word));
    found.map(|word| format!("{file}: {word} in a layer without input and output")).collect()
}

#[test]
fn every_layer_uses_only_those_below() {
    let sources = files("src", "rs");
    assert!(sources.len() > 15, "only {} files were found", sources.len());
    let found: Vec<String> = sources.iter().flat_map(|(file, text)| upward(file, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_state_machine_and_the_drawing_touch_no_world() {
    let sources = files("src", "rs");
    let found: Vec<String> = sources.iter().flat_map(|(file, text)| impure(file, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_module_of_the_crate_has_its_layer() {
    for (file, _) in files("src", "rs") {
        // What the fuzz targets reach stands beside the house and is in no release.
        let top = ["src/lib.rs", "src/main.rs", "src/fuzzing.rs", "src/aead/lib.rs"];
        let top = top.contains(&file.as_str());
        assert!(top || layer_of(&file).is_some(), "{file} belongs to no layer");
    }
}

#[test]
fn the_crate_documentation_names_every_layer() {
    let text = include_str!("../src/lib.rs");
    for layer in LAYERS.iter().chain([&CLI]) {
        let row = |line: &str| line.starts_with("//! ") && line.contains(layer.name);
        let described =
            text.lines().any(|line| row(line) && (line.contains("->") || line.contains("leaves:")));
        assert!(described, "{} is not described", layer.name);
        assert!(text.contains(&format!("pub mod {};", layer.name)), "{} is gone", layer.name);
    }
}

/// A planted bad import, in each way it can be written, is found.
#[test]
fn a_planted_import_is_found() {
    let planted = [
        ("src/vault/scope.rs", "use crate::service::clipboard;"),
        ("src/vault/scope.rs", "use super::super::app::App;"),
        ("src/vault/mod.rs", "fn f() { super::tui::run() }"),
        ("src/vault/slots/mod.rs", "use crate::{text::visible, cli};"),
        ("src/vault/mod.rs", "mod tests { use super::super::ui; }"),
        ("src/vault/mod.rs", "use ratatui::text::Line;"),
        ("src/service/search.rs", "pub(crate) use crate::config::Chord;"),
        ("src/config/mod.rs", "use crate::vault::Scope;"),
        ("src/app/mod.rs", "use crate::ui::draw;"),
        ("src/app/mod.rs", "let x = ratatui::layout::Rect::ZERO;"),
        ("src/ui/browse.rs", "use crate::{\n    app::{App, event::{Event}},\n    tui::run};"),
        ("src/tui/mod.rs", "use crate::cli::exit;"),
        ("src/cli/run.rs", "use crate::app::Event;"),
        ("src/text.rs", "use crate::fault::Fault;"),
        ("src/cli/prompt/windows.rs", "use crossterm_winapi::Console;"),
    ];
    for (file, text) in planted {
        assert_eq!(upward(file, text).len(), 1, "{file}: {text}");
    }
    assert_eq!(impure("src/app/mod.rs", "let now = std::time::Instant::now();").len(), 1);
    assert_eq!(impure("src/ui/mod.rs", "use std::{fs, io}; fs::read(x)").len(), 1);
    assert_eq!(impure("src/ui/mod.rs", "use std::io;").len(), 1);
}

/// What is allowed, or only looks like an import, is not.
#[test]
fn harmless_lines_are_left_alone() {
    let harmless = [
        ("src/vault/scope.rs", "use super::error::VaultError; use crate::text::visible;"),
        (
            "src/vault/scope.rs",
            "// use crate::app::App;\n/* crate::ui */ let s = \"crate::tui::x\";",
        ),
        ("src/vault/scope.rs", "mod tests { use super::*; use super::super::Scope; }"),
        ("src/vault/scope.rs", "let c = '\"'; let r = r#\"use crate::app::App;\"#;"),
        ("src/app/browse.rs", "use crate::config::{Chord, KeyCode}; use std::time::Instant;"),
        ("src/cli/demo.rs", "crate::tui::run(start, options)"),
        ("src/service/console/keys.rs", "use crossterm_winapi::KeyEventRecord;"),
        ("src/ui/mod.rs", "use ratatui::buffer::Buffer; use crate::app::App;"),
    ];
    for (file, text) in harmless {
        assert_eq!(upward(file, text), Vec::<String>::new(), "{file}: {text}");
    }
    assert!(impure("src/app/mod.rs", "pub fn update(&mut self, now: Instant) {}").is_empty());
    assert!(impure("src/app/mod.rs", "#[cfg(test)] mod t { Instant::now() }").is_empty());
}
