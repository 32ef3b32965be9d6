//! `tresor passwd`: another passphrase in the place of the one that is there.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::keys::{MAY_NOT, record};
use crate::cli::error::CliError;
use crate::cli::new_slot;
use crate::cli::session::{DONE, Outcome, Session};
use crate::fault::FaultKind;
use crate::service::unlock_cache;
use crate::vault::{SlotId, SlotKind};

/// Change the passphrase
///
/// Asks for the old one, or the recovery code. The vault key stays: 'keys rotate' replaces it when
/// the old passphrase got out.
#[derive(Args)]
pub struct Passwd {
    /// Read the new passphrase from this file
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
}

impl Passwd {
    pub fn run(&self, session: &Session) -> Outcome {
        session.only_the_owner(MAY_NOT)?;
        let opened = session.open_anew()?;
        let slots = opened.vault.slots()?;
        let old: Vec<SlotId> = slots
            .iter()
            .filter(|slot| slot.kind == SlotKind::Passphrase)
            .filter_map(|slot| slot.id)
            .collect();
        if old.len() > 1 {
            let message = "this vault has several passphrases, and nothing tells which to change";
            let help = "add the new one with 'tresor keys add passphrase', remove the old one with 'keys remove'";
            return Err(CliError::new(FaultKind::Precondition, message, help));
        }
        let protection = opened.protection_for_slots()?;
        let new = new_slot::passphrase(self.new_passphrase_file.as_deref())?;
        let new = session.passphrase_slot(new)?;
        let added = opened.vault.change_slots(&[new], &old, protection)?;
        unlock_cache::drop_stale(&opened.vault);
        session.out.note("the vault key is the same; 'tresor keys rotate' replaces it");
        let added: Vec<_> = added.iter().map(record).collect();
        session.out.done("Changed the passphrase", &json!({"added": added}))?;
        DONE
    }
}
