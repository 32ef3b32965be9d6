//! Where vault, state and configuration lie when nobody says otherwise. Creates nothing.

use std::path::PathBuf;

use directories::ProjectDirs;

/// The three places tresor uses, by the conventions of the platform.
///
/// On Linux they follow the XDG base directory specification (0.8), and so
/// `XDG_DATA_HOME`, `XDG_STATE_HOME` and `XDG_CONFIG_HOME` where these are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The default vault: `~/.local/share/tresor/vault`, `%LOCALAPPDATA%\tresor\data\vault`.
    pub vault: PathBuf,
    /// What was last seen of each vault (`.seen` files): `~/.local/state/tresor`.
    pub state: PathBuf,
    /// The directory of `config.toml`, `themes` and `providers`: `~/.config/tresor`.
    pub config: PathBuf,
}

impl Paths {
    /// Asks the platform; `None` when the user has no home directory.
    pub fn of_the_platform() -> Option<Self> {
        let dirs = ProjectDirs::from("", "", "tresor")?;
        let state = match dirs.state_dir() {
            Some(state) => state.to_owned(),
            // macOS and Windows know no state directory.
            None => dirs.data_local_dir().join("state"),
        };
        Some(Self {
            // Of two data directories of Windows the one that is not copied to other machines: file by
            // file, that would tear a vault.
            vault: dirs.data_local_dir().join("vault"),
            state,
            config: dirs.config_dir().to_owned(),
        })
    }

    /// The settings file that is read when no other is named.
    pub fn settings_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// Where the user's own providers lie.
    pub fn providers(&self) -> PathBuf {
        self.config.join("providers")
    }

    /// Where the user's own themes lie.
    pub fn themes(&self) -> PathBuf {
        self.config.join("themes")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_three_places_are_ours_and_apart() {
        let paths = Paths::of_the_platform().expect("a home directory");
        let (vault, settings) = match cfg!(windows) {
            true => ("tresor/data/vault", "tresor/config/config.toml"),
            false => ("tresor/vault", "tresor/config.toml"),
        };
        assert!(paths.vault.ends_with(vault), "{paths:?}");
        assert!(paths.settings_file().ends_with(settings), "{paths:?}");
        assert_ne!(paths.state, paths.config);
        assert!(!paths.state.starts_with(&paths.vault));
    }
}
