//! What the application is told once at its start. Not the settings file, which `config::settings` reads.

use std::sync::Arc;
use std::time::Duration;

use crate::vault::{Actor, Random};

/// Whether the terminal's own clipboard (OSC 52), which cannot be cleared, may be used: where nothing
/// better is there, and by tmux beside its buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Osc52 {
    /// Ask once a session.
    #[default]
    Ask,
    /// Use it without asking.
    Always,
    /// Refuse.
    Never,
}

/// Times and tastes, and the randomness the generator draws from.
#[derive(Clone)]
pub struct AppSettings {
    /// Without input for this long the vault locks itself; zero never does.
    pub idle_lock: Duration,
    /// A revealed value hides itself after this long.
    pub reveal: Duration,
    /// The clipboard is cleared after this long.
    pub clear_after: Duration,
    /// Whether OSC 52 may be used.
    pub osc52: Osc52,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// Through whose eyes the vault is seen at first.
    pub actor: Actor,
    /// The key file that was named to unlock with, already visible.
    pub key_file: Option<String>,
    /// Where the generator's randomness comes from.
    pub random: Arc<dyn Random>,
}

impl AppSettings {
    /// The defaults of DESIGN §5 with that randomness.
    pub fn with_random(random: Arc<dyn Random>) -> Self {
        Self {
            idle_lock: Duration::from_secs(300),
            reveal: Duration::from_secs(10),
            clear_after: Duration::from_secs(30),
            osc52: Osc52::Ask,
            mouse: true,
            ascii: false,
            actor: Actor::Owner,
            key_file: None,
            random,
        }
    }
}
