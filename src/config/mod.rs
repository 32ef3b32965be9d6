//! Paths, settings, key chords and theme files: what a person may choose. Nothing here acts on it.

pub mod chord;
pub mod paths;
pub mod settings;
pub mod theme;

pub use chord::{Chord, KeyCode};
pub use settings::{Settings, SettingsError};
pub use theme::{Meaning, Theme, ThemeError};
