//! `config.toml`: what a person may set, read strictly. Knows neither which keys do what nor themes.

mod read;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;
use toml::de::DeTable;

use self::read::{Key, Value, duration, section, switch, text, texts};
use super::chord::Chord;
use crate::fault::{Fault, FaultKind};
use crate::text::{line_at, visible, visible_path};

/// The longest settings file, in bytes.
const MAX_FILE: usize = 1024 * 1024;

/// Whether a copy may use the terminal's own escape sequence, which cannot be cleared again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Osc52 {
    /// Ask first: the screen once a session, the command line each time.
    #[default]
    Ask,
    /// Use it where nothing better works.
    Always,
    /// Never.
    Never,
}

/// Whether requests go through a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proxy {
    /// Straight to the provider.
    #[default]
    Never,
    /// Through the one that the environment names (`HTTPS_PROXY`, `ALL_PROXY`).
    Environment,
}

/// The chords of each action of one context, with the line of the file they stand on.
pub type ContextKeys = BTreeMap<String, (Vec<Chord>, usize)>;

/// Everything a person may choose, with the defaults of DESIGN, section 5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `lock.idle`: how long without a key until the vault locks.
    pub idle_lock: Duration,
    /// `lock.reveal`: how long a revealed value stays on the screen.
    pub reveal: Duration,
    /// `clipboard.clear_after`: how long a copied value stays on the clipboard.
    pub clear_after: Duration,
    /// `clipboard.osc52`.
    pub osc52: Osc52,
    /// `network.proxy`.
    pub proxy: Proxy,
    /// `ui.mouse`: whether click and wheel are used.
    pub mouse: bool,
    /// `ui.ascii`: draw with ASCII only.
    pub ascii: bool,
    /// `ui.theme`: a name, looked up by the theme loader.
    pub theme: String,
    /// `references.files`: directories whose files a `file:` reference may name.
    pub reference_files: Vec<PathBuf>,
    /// `references.commands`: what an `exec:` reference may run, word by word: the path of a program and its
    /// arguments. A last word `*` stands for any that follow.
    pub reference_commands: Vec<Vec<String>>,
    /// `[keys.<context>]`: chords by context and action; the names are checked by the binding table.
    pub keys: BTreeMap<String, ContextKeys>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            idle_lock: Duration::from_secs(5 * 60),
            reveal: Duration::from_secs(10),
            clear_after: Duration::from_secs(30),
            osc52: Osc52::default(),
            proxy: Proxy::default(),
            mouse: true,
            ascii: false,
            theme: "terminal".to_owned(),
            reference_files: vec![PathBuf::from("/run/secrets")],
            reference_commands: Vec::new(),
            keys: BTreeMap::new(),
        }
    }
}

/// Why a settings file was not taken.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// A file that was named is not there.
    #[error("no settings file at {}", visible_path(.path))]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read the settings {}: {source}", visible_path(.path))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something in the file is not understood.
    #[error("{}, line {line}: {why}", visible_path(.path))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there; safe to show.
        why: String,
        /// What would be right; empty when the first line says it.
        help: String,
    },
}

impl Fault for SettingsError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Missing { .. } | Self::Invalid { .. } => FaultKind::Invalid,
            Self::Unreadable { source, .. } => FaultKind::of_named_file(source),
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Missing { .. } => "name one that is there, or leave out --config".into(),
            Self::Unreadable { .. } => "check who owns it and its permissions".into(),
            Self::Invalid { help, .. } => help.clone(),
        }
    }
}

pub(crate) use self::read::Wrong;

/// Reads a file, but no further than tells that it is too long to be one of settings.
fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Settings {
    /// Reads `path`; with `required` false, a file that is not there gives the defaults.
    pub fn load(path: &Path, required: bool) -> Result<Self, SettingsError> {
        let bytes = match bytes_of(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return match required {
                    true => Err(SettingsError::Missing { path: path.to_owned() }),
                    false => Ok(Self::default()),
                };
            }
            Err(source) => {
                return Err(SettingsError::Unreadable { path: path.to_owned(), source });
            }
        };
        Self::from_bytes(&bytes).map_err(|wrong| SettingsError::Invalid {
            path: path.to_owned(),
            line: line_at(&bytes, wrong.at),
            why: wrong.why,
            help: wrong.help,
        })
    }

    /// Reads what stands in a settings file.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Wrong> {
        if bytes.len() > MAX_FILE {
            return Err(Wrong::new(0, "it has more than 1 MiB".into(), "name another file"));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            Wrong::new(error.valid_up_to(), "this is not UTF-8 text".into(), "")
        })?;
        Self::parse(text)
    }

    /// Reads the text of a settings file.
    fn parse(text: &str) -> Result<Self, Wrong> {
        const KNOWN: &str = "clipboard, lock, network, references, ui and keys";
        let document = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            Wrong::new(at, visible(error.message()).into_owned(), "")
        })?;
        let mut settings = Self::default();
        for (name, value) in document.get_ref() {
            let at = name.span().start;
            match name.get_ref().as_ref() {
                "clipboard" => section(name, value, |key, value| settings.clipboard(key, value))?,
                "lock" => section(name, value, |key, value| settings.lock(key, value))?,
                "network" => section(name, value, |key, value| settings.network(key, value))?,
                "ui" => section(name, value, |key, value| settings.ui(key, value))?,
                "references" => section(name, value, |key, value| settings.references(key, value))?,
                "keys" => settings.keys = read_keys(text, value)?,
                other => {
                    return Err(Wrong::unknown(at, other, KNOWN));
                }
            }
        }
        Ok(settings)
    }

    fn clipboard(&mut self, key: &Key<'_>, value: &Value<'_>) -> Result<(), Wrong> {
        match key.get_ref().as_ref() {
            "clear_after" => self.clear_after = duration(key, value)?,
            "osc52" => {
                self.osc52 = match text(key, value)? {
                    "ask" => Osc52::Ask,
                    "always" => Osc52::Always,
                    "never" => Osc52::Never,
                    _ => {
                        return Err(Wrong::at_value(
                            key,
                            value,
                            "\"ask\", \"always\" or \"never\"",
                        ));
                    }
                }
            }
            other => {
                let known = "clipboard.clear_after and clipboard.osc52";
                return Err(Wrong::unknown(key.span().start, other, known));
            }
        }
        Ok(())
    }

    fn lock(&mut self, key: &Key<'_>, value: &Value<'_>) -> Result<(), Wrong> {
        match key.get_ref().as_ref() {
            "idle" => self.idle_lock = duration(key, value)?,
            "reveal" => self.reveal = duration(key, value)?,
            other => {
                return Err(Wrong::unknown(key.span().start, other, "lock.idle and lock.reveal"));
            }
        }
        Ok(())
    }

    fn network(&mut self, key: &Key<'_>, value: &Value<'_>) -> Result<(), Wrong> {
        match key.get_ref().as_ref() {
            "proxy" => {
                self.proxy = match text(key, value)? {
                    "never" => Proxy::Never,
                    "environment" => Proxy::Environment,
                    _ => return Err(Wrong::at_value(key, value, "\"never\" or \"environment\"")),
                }
            }
            other => return Err(Wrong::unknown(key.span().start, other, "network.proxy")),
        }
        Ok(())
    }

    fn references(&mut self, key: &Key<'_>, value: &Value<'_>) -> Result<(), Wrong> {
        let paths = || -> Result<Vec<PathBuf>, Wrong> {
            let paths: Vec<PathBuf> = texts(key, value)?.iter().map(PathBuf::from).collect();
            match paths.iter().all(|path| path.is_absolute()) {
                true => Ok(paths),
                false => Err(Wrong::at_value(key, value, "a list of paths from the root")),
            }
        };
        match key.get_ref().as_ref() {
            "files" => self.reference_files = paths()?,
            "commands" => {
                const WANTED: &str =
                    "a list of commands, each with the path of its program from the root";
                let words = |line: &String| {
                    let words = shell_words::split(line).ok()?;
                    Path::new(words.first()?).is_absolute().then_some(words)
                };
                let lines: Option<Vec<_>> = texts(key, value)?.iter().map(words).collect();
                self.reference_commands =
                    lines.ok_or_else(|| Wrong::at_value(key, value, WANTED))?;
            }
            other => {
                let known = "references.files and references.commands";
                return Err(Wrong::unknown(key.span().start, other, known));
            }
        }
        Ok(())
    }

    fn ui(&mut self, key: &Key<'_>, value: &Value<'_>) -> Result<(), Wrong> {
        match key.get_ref().as_ref() {
            "theme" => self.theme = text(key, value)?.to_owned(),
            "mouse" => self.mouse = switch(key, value)?,
            "ascii" => self.ascii = switch(key, value)?,
            other => {
                let known = "ui.theme, ui.mouse and ui.ascii";
                return Err(Wrong::unknown(key.span().start, other, known));
            }
        }
        Ok(())
    }
}

/// Reads `[keys.<context>]` tables: an action and its chord or chords.
fn read_keys(text: &str, value: &Value<'_>) -> Result<BTreeMap<String, ContextKeys>, Wrong> {
    let mut contexts = BTreeMap::new();
    let table = value.get_ref().as_table().ok_or_else(|| {
        Wrong::new(value.span().start, "'keys' has to be a table".into(), "write [keys.browse]")
    })?;
    for (context, actions) in table {
        let mut keys = ContextKeys::new();
        section(context, actions, |action, value| {
            let line = line_at(text.as_bytes(), action.span().start);
            keys.insert(action.get_ref().to_string(), (chords(action, value)?, line));
            Ok(())
        })?;
        contexts.insert(context.get_ref().to_string(), keys);
    }
    Ok(contexts)
}

fn chords(key: &Key<'_>, value: &Value<'_>) -> Result<Vec<Chord>, Wrong> {
    const WANTED: &str = "a key or a list of keys, such as [\"y\", \"ctrl-c\"]";
    let one = |value: &Value<'_>| {
        let text = value.get_ref().as_str().ok_or_else(|| Wrong::at_value(key, value, WANTED))?;
        text.parse::<Chord>().map_err(|why| {
            let help = "keys are written like y, G, ctrl-c, alt-enter, shift-tab, f5";
            Wrong::new(value.span().start, why, help)
        })
    };
    match value.get_ref().as_array() {
        Some(list) => list.iter().map(one).collect(),
        None => one(value).map(|chord| vec![chord]),
    }
}

/// Reads a whole number with one unit: `30s`, `5m`, `1h`, `30d`, `2w`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        'w' => 7 * 24 * 60 * 60,
        _ => return None,
    };
    let number = text.get(..text.len() - 1)?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number.parse::<u64>().ok()?.checked_mul(unit).map(Duration::from_secs)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
