//! The detail pane: what is known about the selected secret, and its value while it is revealed.

use std::time::Instant;

use super::event::Ticket;
use crate::vault::{Description, SecretRef, SensitiveBytes};

/// A value on screen for a while.
pub struct Shown {
    /// Whose.
    pub name: SecretRef,
    /// Which revision.
    pub revision: u64,
    /// The value; draw with `text::visible_lines`, or as binary when it is not UTF-8.
    pub value: SensitiveBytes,
    /// When it appeared.
    pub since: Instant,
    /// When it hides itself.
    pub until: Instant,
    /// Only a peek: gone with the next key.
    pub peek: bool,
}

/// The state of the detail pane.
#[derive(Default)]
pub struct Detail {
    /// The last description that came; belongs to the selection only if its name is the selected one.
    pub description: Option<Description>,
    /// The description asked for and not there yet; at most one at a time.
    pub wanted: Option<(Ticket, SecretRef)>,
    /// The revealed value.
    pub shown: Option<Shown>,
    /// Lines scrolled away at the top.
    pub scroll: usize,
}
