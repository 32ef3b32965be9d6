//! `tresor lock`: ends what `tresor unlock` began. A UI that has the vault open is not its business.

use clap::Args;
use serde_json::json;

use crate::cli::session::{DONE, Outcome, Session};
use crate::service::unlock_cache;
use crate::vault::ClosedVault;

/// Lock the vault again after 'tresor unlock'
///
/// The next command asks. A terminal UI that has the vault open keeps it until it is locked there.
#[derive(Args)]
pub struct Lock {}

impl Lock {
    pub fn run(&self, session: &Session) -> Outcome {
        let vault_id = ClosedVault::id_at(&session.place()?)?;
        let was_unlocked = unlock_cache::forget(&vault_id)?;
        let line = match was_unlocked {
            true => "Locked",
            false => "It was not kept unlocked",
        };
        session.out.done(line, &json!({"was_unlocked": was_unlocked}))?;
        DONE
    }
}
