//! A passphrase slot that costs a guesser less than new ones do is made anew when its passphrase is at
//! hand. Never one that costs more.

use super::Vault;
use super::core::read_root;
use super::error::Result;
use super::secret::SensitiveBytes;
use super::slots::{NewSlot, PassphraseCost, SlotEntry};

impl Vault {
    /// Makes the slot that `passphrase` opens anew, at the least cost of today, where it has less: one
    /// commit, in the journal. Whether there was such a slot. Where there is none, it costs one read.
    ///
    /// # Errors
    /// What a change of slots refuses; the vault is as it was, and open all the same.
    pub fn renew(&self, passphrase: &SensitiveBytes) -> Result<bool> {
        let header = read_root(&self.core.place)?.header;
        for slot in header.slots.iter().filter(|slot| is_weak(slot)) {
            let Some((id, protection)) = slot.opened_by(header.vault_id, passphrase)? else {
                continue;
            };
            let new = NewSlot::PassphraseAt(passphrase.duplicate(), PassphraseCost::LEAST);
            self.change_slots(&[new], &[id], Some(&protection))?;
            return Ok(true);
        }
        Ok(false)
    }
}

fn is_weak(slot: &SlotEntry) -> bool {
    slot.passphrase_cost().is_some_and(PassphraseCost::is_below_the_least)
}
