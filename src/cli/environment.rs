//! The variables tresor reads, all in one place. Their meaning lies with those who ask.

use std::ffi::OsString;

/// Where the vault lies.
pub const VAULT_DIR: &str = "TRESOR_VAULT_DIR";
/// The settings file.
pub const CONFIG: &str = "TRESOR_CONFIG";
/// A key file that unlocks.
pub const KEY_FILE: &str = "TRESOR_KEY_FILE";
/// A file with the passphrase.
pub const PASSPHRASE_FILE: &str = "TRESOR_PASSPHRASE_FILE";
/// A command that prints the passphrase.
pub const PASSPHRASE_COMMAND: &str = "TRESOR_PASSPHRASE_COMMAND";

/// How much a guess of a new passphrase costs: `least`, or measured when it is not set.
pub const PASSPHRASE_COST: &str = "TRESOR_PASSPHRASE_COST";

/// Set to anything: no colours (no-color.org).
pub const NO_COLOR: &str = "NO_COLOR";
/// What the terminal can do.
pub const TERM: &str = "TERM";

/// `0` where git is to ask nothing on a terminal (git(1)).
pub const GIT_TERMINAL_PROMPT: &str = "GIT_TERMINAL_PROMPT";

/// What unlocks the vault and so is not for a command started by `run`.
pub const UNLOCKING: [&str; 3] = [KEY_FILE, PASSPHRASE_FILE, PASSPHRASE_COMMAND];

/// The variable's value; one that is set to nothing counts as not set.
pub fn get(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
