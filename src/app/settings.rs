//! What the application is told once at its start. Reads no file.

use std::sync::Arc;

use crate::config::Settings;
pub use crate::config::settings::Osc52;
use crate::vault::{Actor, Random};

/// What a person chose, through whose eyes the vault is seen, and the generator's randomness.
#[derive(Clone)]
pub struct AppSettings {
    /// Times and tastes.
    pub chosen: Settings,
    /// Through whose eyes the vault is seen at first.
    pub actor: Actor,
    /// The key file that was named to unlock with, already visible.
    pub key_file: Option<String>,
    /// Whether the desktop's keyring is asked first for a vault that is locked at the start.
    pub keyring: bool,
    /// Whether a page to sign in on is opened without being asked for.
    pub opens_browser: bool,
    /// Where the generator's randomness comes from.
    pub random: Arc<dyn Random>,
}

impl AppSettings {
    /// The defaults of DESIGN §5, for the owner, with that randomness.
    pub fn with_random(random: Arc<dyn Random>) -> Self {
        let (chosen, actor) = (Settings::default(), Actor::Owner);
        Self { chosen, actor, key_file: None, keyring: false, opens_browser: false, random }
    }
}
