//! What each meaning looks like: theme files and the four that come with tresor. Never draws.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::fault::{Fault, FaultKind};
use crate::text::{line_at, visible, visible_path};

/// The themes that come with tresor, by name.
const BUILT_IN: [(&str, &str); 4] = [
    ("terminal", include_str!("../../assets/themes/terminal.toml")),
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("mono", include_str!("../../assets/themes/mono.toml")),
];

/// The theme used when none is named.
pub const DEFAULT_THEME: &str = "terminal";
/// The largest theme file that is read, in bytes.
const MAX_FILE: u64 = 64 * 1024;

/// What a piece of the screen means; a theme gives each a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Plain text, and the ground everything stands on.
    Text,
    /// What matters less: labels, ages, empty states.
    Dim,
    /// What draws the eye: the name in the title, the focused button.
    Accent,
    /// A pane's title.
    Title,
    /// The title of the pane with the focus.
    TitleFocused,
    /// A pane's border.
    Border,
    /// The border of the pane with the focus.
    BorderFocused,
    /// The selected row of the list with the focus.
    Selection,
    /// The bar at the left of that row.
    SelectionMark,
    /// The selected row of a list without the focus.
    SelectionIdle,
    /// Characters that a search matched.
    Match,
    /// What went well.
    Good,
    /// What needs attention soon.
    Warn,
    /// What failed or is gone.
    Bad,
    /// A secret value, masked or shown.
    Secret,
    /// The key of a hint.
    HintKey,
    /// What that key does.
    HintLabel,
}

impl Meaning {
    /// How many meanings there are.
    pub const COUNT: usize = 17;
    /// All meanings, in the order of their declaration.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Text,
        Self::Dim,
        Self::Accent,
        Self::Title,
        Self::TitleFocused,
        Self::Border,
        Self::BorderFocused,
        Self::Selection,
        Self::SelectionMark,
        Self::SelectionIdle,
        Self::Match,
        Self::Good,
        Self::Warn,
        Self::Bad,
        Self::Secret,
        Self::HintKey,
        Self::HintLabel,
    ];
}

/// One of the terminal's own sixteen colours (0–15), its default, or a true colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Colour {
    /// The terminal's own foreground or background.
    Default,
    /// One of the sixteen colours every terminal has, numbered as ECMA-48 does.
    Ansi(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

const COLOUR_NAMES: [&str; 8] =
    ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (name, bright) = match text.strip_prefix("bright-") {
            Some(name) => (name, 8),
            None => (text.as_str(), 0),
        };
        if let Some(index) = COLOUR_NAMES.iter().position(|known| *known == name) {
            return Ok(Self::Ansi(index as u8 + bright));
        }
        if text == "default" {
            return Ok(Self::Default);
        }
        hex(&text).ok_or_else(|| {
            format!(
                "'{}' is not a colour: write \"#rrggbb\", \"default\", or one of {} \
                 (also with \"bright-\" before it)",
                visible(&text),
                COLOUR_NAMES.join(", ")
            )
        })
    }
}

fn hex(text: &str) -> Option<Colour> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let [_, r, g, b] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some(Colour::Rgb(r, g, b))
}

/// The look of one meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paint {
    /// Colour of the text.
    pub fg: Option<Colour>,
    /// Colour behind the text.
    pub bg: Option<Colour>,
    /// Heavier.
    pub bold: bool,
    /// Fainter.
    pub dim: bool,
    /// Slanted.
    pub italic: bool,
    /// Underlined.
    pub underlined: bool,
    /// Foreground and background exchanged.
    pub reversed: bool,
}

/// A look for every meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    paints: [Paint; Meaning::COUNT],
}

/// The form of a theme file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeFile {
    /// The built-in theme that gives what is not named here.
    #[serde(default)]
    extends: Option<String>,
    #[serde(default)]
    styles: BTreeMap<Meaning, Paint>,
}

impl Theme {
    /// The theme of that name: one that comes with tresor, or `<directory>/NAME.toml`.
    ///
    /// # Errors
    ///
    /// No such theme, a file that cannot be read, or one whose contents are wrong (names the line).
    pub fn load(name: &str, directory: &Path) -> Result<Self, ThemeError> {
        if let Some(theme) = Self::built_in(name) {
            return Ok(theme);
        }
        let unknown = || ThemeError::Unknown { name: visible(name).into_owned() };
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
            return Err(unknown());
        }
        let path = directory.join(format!("{name}.toml"));
        match std::fs::metadata(&path) {
            Ok(facts) if facts.is_file() && facts.len() <= MAX_FILE => {}
            Ok(_) => return Err(ThemeError::unreadable(&path, "it is no file of a theme's size")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(unknown()),
            Err(error) => return Err(ThemeError::unreadable(&path, &error.to_string())),
        }
        let text = std::fs::read_to_string(&path)
            .map_err(|error| ThemeError::unreadable(&path, &error.to_string()))?;
        Self::parse(&text, &path)
    }

    /// One of the themes that come with tresor: `terminal`, `dark`, `light`, `mono`.
    pub fn built_in(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Self::parse(text, Path::new(name)).ok()
    }

    /// The names of the themes that come with tresor.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The theme on the terminal's own colours.
    pub fn terminal() -> Self {
        Self::built_in(DEFAULT_THEME).unwrap_or_else(Self::plain)
    }

    /// The theme without any colour, for NO_COLOR.
    pub fn mono() -> Self {
        Self::built_in("mono").unwrap_or_else(Self::plain)
    }

    /// Reads the text of a theme file; `path` is named in errors.
    ///
    /// # Errors
    ///
    /// [`ThemeError::Invalid`] with the line for a syntax error, an unknown name or a wrong value.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ThemeError> {
        let file: ThemeFile = toml::from_str(text).map_err(|error| ThemeError::Invalid {
            path: path.to_owned(),
            line: line_at(text.as_bytes(), error.span().map_or(0, |span| span.start)),
            why: visible(error.message().trim()).into_owned(),
        })?;
        let mut theme = match file.extends.as_deref() {
            None => Self::plain(),
            Some(name) => Self::built_in(name).ok_or_else(|| ThemeError::Invalid {
                path: path.to_owned(),
                line: line_at(text.as_bytes(), text.find("extends").unwrap_or(0)),
                why: format!(
                    "'{}' does not come with tresor, so it cannot be extended",
                    visible(name)
                ),
            })?,
        };
        for (meaning, paint) in file.styles {
            theme.paints[meaning as usize] = paint;
        }
        Ok(theme)
    }

    /// The look of one meaning.
    pub fn paint(&self, meaning: Meaning) -> Paint {
        self.paints[meaning as usize]
    }

    /// The least that is usable: selection and focus by attributes alone.
    fn plain() -> Self {
        let mut theme = Self { paints: [Paint::default(); Meaning::COUNT] };
        let bold = Paint { bold: true, ..Paint::default() };
        for meaning in [Meaning::TitleFocused, Meaning::SelectionIdle, Meaning::HintKey] {
            theme.paints[meaning as usize] = bold;
        }
        theme.paints[Meaning::Selection as usize] = Paint { reversed: true, ..Paint::default() };
        theme.paints[Meaning::Match as usize] = Paint { underlined: true, ..bold };
        theme
    }
}

/// Why a theme cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThemeError {
    /// Nothing of that name comes with tresor or lies in the themes directory.
    Unknown {
        /// The name asked for, made visible.
        name: String,
    },
    /// The file is there but cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The reason.
        why: String,
    },
    /// The file says something a theme cannot say.
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The reason.
        why: String,
    },
}

impl ThemeError {
    fn unreadable(path: &Path, why: &str) -> Self {
        Self::Unreadable { path: path.to_owned(), why: visible(why).into_owned() }
    }
}

impl fmt::Display for ThemeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name } => write!(f, "there is no theme '{name}'"),
            Self::Unreadable { path, why } => {
                write!(f, "cannot read {}: {why}", visible_path(path))
            }
            Self::Invalid { path, line, why } => {
                write!(f, "{}, line {line}: {why}", visible_path(path))
            }
        }
    }
}

impl std::error::Error for ThemeError {}

impl Fault for ThemeError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Unreadable { .. } => FaultKind::Refused,
            Self::Unknown { .. } | Self::Invalid { .. } => FaultKind::Invalid,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Unknown { .. } => {
                let names: Vec<_> = Theme::names().collect();
                format!(
                    "use one of {}, or put NAME.toml into the themes directory",
                    names.join(", ")
                )
            }
            Self::Unreadable { .. } => "mend the file, or choose another theme".into(),
            Self::Invalid { .. } => "correct that line, or choose another theme".into(),
        }
    }
}

#[cfg(test)]
#[path = "theme_tests.rs"]
mod tests;
