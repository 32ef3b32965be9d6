//! What the screen needs before it opens: a terminal, settings, keys, a theme. Opens nothing itself.

use std::ffi::OsString;
use std::io::{IsTerminal, stdin, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::clock::LoopClock;
use super::profiles::Asking;
use super::terminal;
use super::waits::StoreWaits;
use super::watch::Notice;
use crate::app::{AppSettings, KeyOverrides, Keymap};
use crate::config::settings::{ContextKeys, Proxy};
use crate::config::{Chord, KeyCode, Settings, Theme, ThemeError};
use crate::fault::{Fault, FaultKind};
use crate::service::calibrate::Calibration;
use crate::service::surroundings::Surroundings;
use crate::text::visible_path;
use crate::vault::{Actor, Place, SystemRandom, Vault, VaultError};

/// What the screen shows first.
pub enum StartAt {
    /// The vault of that place: unlocking it, or making it when there is none.
    Vault(Place),
    /// A vault of that place that is open already: by a file that was named, or kept unlocked.
    Open(Place, Vault),
    /// A vault that lives in memory only.
    Demo(Vault),
}

/// What the command line and the settings file say.
pub struct Options {
    /// The settings.
    pub settings: Settings,
    /// The file they came from, for messages.
    pub settings_file: PathBuf,
    /// Where the user's own themes lie.
    pub themes: PathBuf,
    /// Where the user's own providers lie.
    pub providers: PathBuf,
    /// Where this runs.
    pub here: Surroundings,
    /// Whose eyes to see with.
    pub actor: Actor,
    /// The key file that was named to unlock with.
    pub key_file: Option<PathBuf>,
    /// How the cost of a new passphrase is found.
    pub calibration: Calibration,
    /// Where the vault's place says that a store waits for a person.
    pub waits: StoreWaits,
    /// Whether `NO_COLOR` is set.
    pub no_color: bool,
    /// `TERM`.
    pub term: Option<OsString>,
}

/// Why the screen did not open, or how it ended.
#[derive(Debug, Error)]
pub enum TuiError {
    /// Standard input or output is no terminal.
    #[error("there is no terminal to draw on")]
    NoTerminal,
    /// The terminal cannot place a cursor.
    #[error("this terminal cannot show screens (TERM is {0})")]
    DumbTerminal(String),
    /// The settings' keys cannot be used.
    #[error("{0}")]
    Keys(String),
    /// The theme cannot be used.
    #[error(transparent)]
    Theme(#[from] ThemeError),
    /// The vault cannot be opened at all.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The terminal failed.
    #[error("the terminal failed: {0}")]
    Terminal(#[from] std::io::Error),
    /// Somebody sent SIGINT.
    #[error("interrupted")]
    Interrupted,
    /// A bug; the terminal is whole again.
    #[error("internal error at {0}")]
    Panicked(String),
}

impl Fault for TuiError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NoTerminal | Self::DumbTerminal(_) => FaultKind::Unsupported,
            Self::Keys(_) => FaultKind::Invalid,
            Self::Theme(error) => error.kind(),
            Self::Vault(error) => error.kind(),
            Self::Interrupted => FaultKind::Interrupted,
            Self::Terminal(_) | Self::Panicked(_) => FaultKind::Internal,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::NoTerminal | Self::DumbTerminal(_) => {
                "use the commands 'tresor --help' lists, or start it in a terminal".into()
            }
            Self::Keys(_) => "the default keys are in the README and on the ? screen".into(),
            Self::Theme(error) => error.help(),
            Self::Vault(error) => error.help(),
            Self::Panicked(_) => {
                "this is a bug in tresor: please report it; the vault is as it was".into()
            }
            Self::Terminal(_) | Self::Interrupted => String::new(),
        }
    }
}

/// What is ready when the screen opens.
pub struct Prepared {
    /// What the application is told.
    pub settings: AppSettings,
    /// The keys.
    pub keymap: Keymap,
    /// The looks.
    pub theme: Theme,
    /// The key file that was named to unlock with.
    pub key_file: Option<PathBuf>,
    /// How the cost of a new passphrase is found.
    pub calibration: Calibration,
    /// Where providers are asked from, and how.
    pub asking: Asking,
    /// Where the vault's place says that a store waits for a person.
    pub waits: StoreWaits,
    /// How changes of other programs are noticed.
    pub notice: Notice,
    /// The session's time.
    pub clock: LoopClock,
}

impl Prepared {
    /// Checks the terminal, the keys and the theme.
    pub fn new(options: Options) -> Result<Self, TuiError> {
        check_terminal(options.term.as_deref().map(|term| term.to_string_lossy()).as_deref())?;
        let mut chosen = options.settings;
        let keymap = Keymap::with_overrides(&overrides(std::mem::take(&mut chosen.keys))).map_err(
            |error| {
                let file = visible_path(&options.settings_file);
                TuiError::Keys(format!("{file}, {error}"))
            },
        )?;
        let theme = theme(&chosen.theme, &options.themes, options.no_color)?;
        let asking = Asking {
            providers: options.providers,
            proxy: chosen.proxy == Proxy::Environment,
            here: options.here.clone(),
        };
        let settings = AppSettings {
            chosen,
            actor: options.actor,
            key_file: options.key_file.as_deref().map(show_path),
            keyring: false,
            opens_browser: options.here.display && !options.here.remote,
            random: Arc::new(SystemRandom),
        };
        let (key_file, calibration, waits) = (options.key_file, options.calibration, options.waits);
        let (notice, clock) = (Notice::default(), LoopClock::new());
        Ok(Self { settings, keymap, theme, key_file, calibration, asking, waits, notice, clock })
    }
}

/// A terminal on both sides that can place a cursor.
fn check_terminal(term: Option<&str>) -> Result<(), TuiError> {
    if !stdin().is_terminal() || !stdout().is_terminal() {
        return Err(TuiError::NoTerminal);
    }
    match term {
        None | Some("") if terminal::HAS_A_NAME => Err(TuiError::DumbTerminal("not set".into())),
        Some("dumb") => Err(TuiError::DumbTerminal("dumb".into())),
        _ => Ok(()),
    }
}

fn theme(name: &str, directory: &Path, no_color: bool) -> Result<Theme, ThemeError> {
    // Loaded all the same, so that a wrong name is not found out later.
    let named = Theme::load(name, directory)?;
    Ok(if no_color { Theme::mono() } else { named })
}

/// The bindings of the settings, `ctrl-L` read as the `ctrl-l` that terminals send.
fn overrides(keys: std::collections::BTreeMap<String, ContextKeys>) -> KeyOverrides {
    let plain = |chord: Chord| match chord {
        Chord { code: KeyCode::Char(c), ctrl: true, alt } => {
            Chord { code: KeyCode::Char(c.to_ascii_lowercase()), ctrl: true, alt }
        }
        other => other,
    };
    let mut contexts = keys;
    for (chords, _) in contexts.values_mut().flat_map(|actions| actions.values_mut()) {
        chords.iter_mut().for_each(|chord| *chord = plain(*chord));
    }
    contexts
}

/// Columns and rows of the terminal; 80 by 24 where it does not know.
pub fn terminal_size() -> (u16, u16) {
    terminal::size().unwrap_or((80, 24))
}

/// A path as people write it: the home directory as `~`, foreign bytes visible.
pub fn show_path(path: &Path) -> String {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    let short = match home.and_then(|home| path.strip_prefix(home).ok().map(Path::to_owned)) {
        Some(rest) => Path::new("~").join(rest),
        None => path.to_owned(),
    };
    visible_path(&short)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn capital_letters_with_ctrl_are_what_terminals_send() {
        let written = |text: &str| (vec![text.parse::<Chord>().unwrap()], 1);
        let actions: ContextKeys = [("lock", "ctrl-L"), ("quit", "Q"), ("x", "alt-X")]
            .map(|(a, k)| (a.into(), written(k)))
            .into();
        let read = overrides(BTreeMap::from([("global".to_owned(), actions)]));
        let chord = |action: &str| read["global"][action].0[0].to_string();
        assert_eq!(
            (chord("lock"), chord("quit"), chord("x")),
            ("ctrl-l".into(), "Q".into(), "alt-X".into())
        );
    }

    #[test]
    fn without_colour_the_theme_is_mono_but_a_wrong_name_is_still_told() {
        let nowhere = Path::new("/nonexistent");
        assert_eq!(theme("dark", nowhere, true).unwrap(), Theme::mono());
        assert_ne!(theme("dark", nowhere, false).unwrap(), Theme::mono());
        assert!(theme("no-such-theme", nowhere, true).is_err());
    }

    #[test]
    fn a_missing_terminal_is_unsupported_and_a_bug_is_internal() {
        assert_eq!(TuiError::NoTerminal.kind(), FaultKind::Unsupported);
        assert_eq!(TuiError::DumbTerminal("dumb".into()).kind(), FaultKind::Unsupported);
        assert_eq!(TuiError::Panicked("x".into()).kind(), FaultKind::Internal);
        assert_eq!(TuiError::Interrupted.kind(), FaultKind::Interrupted);
    }
}
