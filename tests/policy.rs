//! Keeps the house's rules that no compiler checks: dependencies, licences, files, scripts.
#![allow(clippy::expect_used, clippy::panic, clippy::string_slice)] // helpers of tests stop at once, like tests

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use source::{files, tokens};

/// Licences a dependency may have: permissive, or weakly reciprocal per file.
const LICENCES: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0", // of data: the roots that Android would be told
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates of which two versions would be wrong, not only large: two terminals, two wipes, two seals.
const ALONE: [&str; 5] =
    ["crossterm", "ratatui-core", "zeroize", "chacha20poly1305", "x509-parser"];

/// The longest file in `src`, in lines.
const LONGEST: usize = 400;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text_of(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn none(found: &[String]) {
    assert!(found.is_empty(), "{}", found.join("\n"));
}

// ---- dependencies ----

/// Dependencies of a manifest without a comment on the line above.
fn without_reason(manifest: &str) -> Vec<String> {
    let (mut inside, mut above, mut found) = (false, "", Vec::new());
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.contains("dependencies");
        } else if inside && line.contains('=') && !line.starts_with('#') && !above.starts_with("# ")
        {
            found.push(format!("no reason above: {line}"));
        }
        above = line;
    }
    found
}

#[test]
fn every_dependency_has_its_reason() {
    none(&without_reason(&text_of("Cargo.toml")));
    let planted =
        "[dependencies]\n# A reason.\na = \"1\"\nb = \"2\"\n\n[dev-dependencies]\nc = \"3\"\n";
    assert_eq!(without_reason(planted).len(), 2, "the check finds nothing any more");
}

/// Packages of a lock file as (name, version, source, whether it has a checksum).
fn locked(lock: &str) -> Vec<(String, String, Option<String>, bool)> {
    let lock: toml::Table = lock.parse().expect("Cargo.lock is TOML");
    let packages = lock["package"].as_array().expect("packages").clone();
    let field = |p: &toml::Value, name: &str| Some(p.get(name)?.as_str()?.to_owned());
    let read = |p: &toml::Value| {
        let (name, version) = (field(p, "name"), field(p, "version"));
        let checksum = field(p, "checksum").is_some();
        (name.expect("name"), version.expect("version"), field(p, "source"), checksum)
    };
    packages.iter().map(read).collect()
}

/// Packages that come from elsewhere than the public registry, or unpinned, or twice.
fn bad_sources(lock: &str) -> Vec<String> {
    let (mut found, mut versions) = (Vec::new(), BTreeMap::<String, BTreeSet<String>>::new());
    for (name, version, source, checksum) in locked(lock) {
        let public = "registry+https://github.com/rust-lang/crates.io-index";
        let ours = ["tresor", "tresor-aead"].contains(&name.as_str()) && source.is_none();
        if !ours && (source.as_deref() != Some(public) || !checksum) {
            found.push(format!("{name} {version} is not pinned to the public registry"));
        }
        versions.entry(name).or_default().insert(version);
    }
    let twice = |name: &&&str| versions.get(**name).is_some_and(|found| found.len() > 1);
    found.extend(ALONE.iter().filter(twice).map(|name| format!("{name} is there twice")));
    found
}

#[test]
fn every_package_comes_from_the_public_registry_and_some_only_once() {
    none(&bad_sources(&text_of("Cargo.lock")));
    let planted = r#"
        [[package]]
        name = "crossterm"
        version = "0.28.0"
        source = "git+https://example.com/crossterm"
        [[package]]
        name = "crossterm"
        version = "0.29.0"
        source = "registry+https://github.com/rust-lang/crates.io-index"
        checksum = "00"
    "#;
    assert_eq!(bad_sources(planted).len(), 2, "the check finds nothing any more");
}

/// Whether an SPDX expression can be met with allowed licences alone.
fn allowed(expression: &str) -> bool {
    // `/` is the old way to write OR; WITH binds tighter than AND, AND tighter than OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    any(&words, &mut at) && at == words.len()
}

fn any(words: &[&str], at: &mut usize) -> bool {
    let mut met = all(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all(words, at);
    }
    met
}

fn all(words: &[&str], at: &mut usize) -> bool {
    let mut met = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at);
    }
    met
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let Some(first) = words.get(*at) else { return false };
    *at += 1;
    if *first == "(" {
        let met = any(words, at);
        *at += 1;
        return met;
    }
    let mut name = (*first).to_owned();
    if words.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", words.get(*at + 1).copied().unwrap_or_default());
        *at += 2;
    }
    LICENCES.contains(&name.as_str())
}

/// Everything that is built here, with its licence. In CI, every platform's packages are there.
fn metadata() -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).args(["metadata", "--format-version=1", "--locked", "--offline"]);
    if std::env::var_os("CI").is_none_or(|value| value != "true") {
        cargo.args(["--filter-platform", &host()]);
    }
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("metadata is JSON")
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("rustc prints text");
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.expect("rustc names its host").to_owned()
}

#[test]
fn every_licence_is_allowed() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 50, "only {} packages were found", packages.len());
    let licence = |p: &Value| p["license"].as_str().unwrap_or("none stated").to_owned();
    let refused = packages.iter().filter(|p| !allowed(&licence(p)));
    none(&refused.map(|p| format!("{}: {}", p["name"], licence(p))).collect::<Vec<_>>());
}

#[test]
fn licence_expressions_are_understood() {
    for good in [
        "MIT",
        "GPL-3.0 OR MIT",
        "MIT/Apache-2.0",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
    ] {
        assert!(allowed(good), "{good}");
    }
    for bad in [
        "",
        "none stated",
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR ISC) AND AGPL-3.0",
        "MIT WITH Some-exception",
        "MIT garbage",
    ] {
        assert!(!allowed(bad), "{bad}");
    }
}

// ---- source ----

/// Where there is no safe interface: a page that is locked, an allocator, and what of Windows has no
/// maintained safe crate; one file a concern.
const UNSAFE: [&str; 7] = [
    "src/vault/memory.rs",
    "src/vault/memory/unix.rs",
    "src/vault/memory/windows.rs",
    "src/vault/permissions/windows/acl.rs",
    "src/vault/storage/disk/windows/lock.rs",
    "src/vault/backend/dpapi/protect.rs",
    "src/service/console/system.rs",
];

#[test]
fn unsafe_code_is_in_one_file_a_concern() {
    let bad = |file: &str, text: &str| {
        let used = tokens(text).into_iter().filter(|token| token.text == "unsafe");
        let lines = used.map(|token| format!("{file}:{}: unsafe", token.line));
        if UNSAFE.contains(&file) { Vec::new() } else { lines.collect::<Vec<_>>() }
    };
    for folder in ["src", "tests", "benches", "examples"] {
        none(&files(folder, "rs").iter().flat_map(|(f, text)| bad(f, text)).collect::<Vec<_>>());
    }
    assert_eq!(
        bad("src/ui/mod.rs", "// unsafe\nlet p = unsafe { *q };"),
        ["src/ui/mod.rs:2: unsafe"]
    );
}

#[test]
fn no_file_is_too_long_or_without_its_sentence() {
    let wrong = |file: &str, text: &str| {
        let lines = text.lines().count();
        let long = (lines > LONGEST).then(|| format!("{file} has {lines} lines"));
        let says = ["//! ", "#![doc = include_str!("].iter().any(|begin| text.starts_with(begin));
        let mute = (!says).then(|| format!("{file} does not say what it is"));
        long.into_iter().chain(mute).collect::<Vec<_>>()
    };
    let tests = |file: &str| file.ends_with("tests.rs") || file.contains("/tests/");
    let product: Vec<_> = files("src", "rs").into_iter().filter(|(file, _)| !tests(file)).collect();
    none(&product.iter().flat_map(|(f, text)| wrong(f, text)).collect::<Vec<_>>());
    assert_eq!(wrong("src/a.rs", &"fn f() {}\n".repeat(LONGEST + 1)).len(), 2);
}

/// Every file of the project that is text: as git lists them, or all of them without git.
fn project_files() -> Vec<(String, String)> {
    let git = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output();
    let names = match git {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).expect("names"),
        _ => return files("src", "rs").into_iter().chain(files("tests", "rs")).collect(),
    };
    let read = |name: &str| {
        let bytes = std::fs::read(root().join(name)).ok()?;
        Some((name.to_owned(), String::from_utf8(bytes).ok()?))
    };
    names.lines().filter_map(read).collect()
}

/// Places that exist on one machine only. Written in pieces, so that this file passes too.
fn local_words() -> Vec<String> {
    ["/wo|rk/", "/ro|ot/", "/Us|ers/", "index-u|rl", "replace-wi|th", "artifac|tory"]
        .iter()
        .map(|word| word.replace('|', ""))
        .collect()
}

fn machine_words(file: &str, text: &str) -> Vec<String> {
    // `~/work/shop` is a path of nobody's machine: a word counts only where a path begins.
    let begins = |at: usize| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"~._-$}".contains(c))
    };
    let named = |word: &String| text.match_indices(word.as_str()).any(|(at, _)| begins(at));
    let found = local_words().into_iter().filter(named);
    found.map(|word| format!("{file} names {word}")).collect()
}

#[test]
fn no_file_names_a_machine() {
    let all = project_files();
    assert!(all.iter().any(|(name, _)| name == "Cargo.toml" || name == "src/lib.rs"));
    none(&all.iter().flat_map(|(f, text)| machine_words(f, text)).collect::<Vec<_>>());
    let planted = format!("see {}me/notes", local_words()[0]);
    assert_eq!(machine_words("README.md", &planted).len(), 1);
    assert!(machine_words("README.md", &format!("see ~{}me", local_words()[0])).is_empty());
}

// ---- files every project has ----

#[test]
fn the_public_files_are_there() {
    for file in ["LICENSE", "LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md", "SECURITY.md"] {
        assert!(text_of(file).len() > 200, "{file} says too little");
    }
    let version = env!("CARGO_PKG_VERSION");
    assert!(text_of("CHANGELOG.md").contains(&format!("## [{version}]")), "no entry for {version}");
}

/// Relative targets of a Markdown text's links and pictures that do not exist.
fn dead_links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let local = targets.filter(|t| !t.contains("://") && !t.starts_with('#'));
    let path = |t: &str| t.split('#').next().unwrap_or_default().to_owned();
    let dead = local.map(path).filter(|t| !root().join(t).exists());
    dead.map(|t| format!("nothing at {t}")).collect()
}

#[test]
fn links_of_the_documents_lead_somewhere() {
    for file in ["README.md", "CHANGELOG.md", "SECURITY.md"] {
        none(&dead_links(&text_of(file)));
    }
    assert_eq!(dead_links("![a](screenshots/nothing.png) [b](#there) [c](Cargo.toml)").len(), 1);
}

#[test]
fn the_readme_names_the_two_commands() {
    let readme = text_of("README.md");
    for command in ["cargo run --release", "cargo run --release -- demo", "tests/run.sh"] {
        assert!(readme.contains(command), "README.md does not name {command}");
    }
    assert!(text_of(".ci/run").contains("tests/run.sh"), ".ci/run does not call the test command");
}

// ---- test tiers ----

/// The targets in tests/run.sh's list, and the test files with tests of that tier, where they differ.
fn unlisted(script: &str, tests: &[(String, String)]) -> Vec<String> {
    let list = script.split("REAL_TARGETS='").nth(1).and_then(|rest| rest.split('\'').next());
    let listed: BTreeSet<&str> =
        list.unwrap_or_default().lines().filter_map(|line| Some(line.split_once(':')?.0)).collect();
    let markers = [["TRESOR", "_REAL"].concat(), ["real", "(\""].concat()];
    let gated = |(file, text): &&(String, String)| {
        file != "tests/told/mod.rs" && markers.iter().any(|marker| text.contains(marker))
    };
    let target = |file: &str| match file.split(['/', '.']).collect::<Vec<_>>()[..] {
        ["src", ..] => "lib".to_owned(),
        [_, target, ..] => target.to_owned(),
        _ => String::new(),
    };
    let real: BTreeSet<String> = tests.iter().filter(gated).map(|(f, _)| target(f)).collect();
    let real: BTreeSet<&str> = real.iter().map(String::as_str).collect();
    real.symmetric_difference(&listed)
        .map(|t| format!("real tier and its list differ: {t}"))
        .collect()
}

#[test]
fn the_real_tier_runs_every_real_test() {
    none(&unlisted(&text_of("tests/run.sh"), &[files("src", "rs"), files("tests", "rs")].concat()));
    let marker = ["TRESOR", "_REAL"].concat();
    let gated = |file: &str| (file.to_owned(), marker.clone());
    let plain = ("tests/other.rs".to_owned(), String::new());
    let tests = [gated("tests/pty.rs"), gated("src/tui/run.rs"), plain];
    let script = "REAL_TARGETS='\nclipboard: Xvfb\n'";
    assert_eq!(unlisted(script, &tests).len(), 3, "the check finds nothing any more");
}

#[test]
fn no_test_is_ignored_without_a_reason() {
    let bare = ["#[ign", "ore]"].concat();
    for folder in ["src", "tests"] {
        let found = files(folder, "rs").into_iter().filter(|(_, text)| text.contains(&bare));
        none(&found.map(|(file, _)| format!("{file} ignores a test silently")).collect::<Vec<_>>());
    }
}
