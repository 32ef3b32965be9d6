//! Changes of the ways in: slots added and removed, and the vault key replaced by another. Not what
//! a slot is (slots), nor how a commit proceeds (commit).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Vault;
use super::commit::{Committed, Transaction};
use super::core::{Snapshot, binding, envelope, kek, read_root};
use super::encoding::{Hex, Id};
use super::envelope::Kek;
use super::error::{Result, VaultError};
use super::index::{Entry, Page};
use super::keys::{ProtectionKey, VaultKeys};
use super::root::Header;
use super::seal::Key;
use super::slots::{MAX_SLOTS, NewSlot, Slot, SlotEntry, SlotId, SlotInfo, SlotKind};
use super::storage::names;
use super::world::random_bytes;
use crate::fault::Fault as _;

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The generation it made.
    pub generation: u64,
    /// Envelopes whose key was wrapped anew.
    pub envelopes: usize,
    /// What could not be tidied up afterwards; the rotation holds all the same.
    pub warnings: Vec<String>,
}

impl Vault {
    /// Adds and removes slots in one commit. The vault key stays: whoever had it still has it.
    ///
    /// `protection` is needed to add a slot that keeps the protection key, once one is there.
    ///
    /// # Errors
    /// `KeepsOut` when no way in would be left or protected secrets would be lost, `OnlyKept`, `NoSlot`,
    /// `NeedsProtectionKey`, `InvalidOption` for too many, and what a commit refuses.
    pub fn change_slots(
        &self,
        add: &[NewSlot],
        remove: &[SlotId],
        protection: Option<&ProtectionKey>,
    ) -> Result<Vec<SlotInfo>> {
        let core = &*self.core;
        core.check_ways_in(protection)?;
        let (keys, header) = (core.keys()?, read_root(&core.place)?.header);
        let had_protection = protects(&header);
        let fresh = Key::random(&*core.place.random)?;
        let protection = match (protection, had_protection) {
            (Some(key), _) => &key.0,
            (None, false) => &fresh,
            (None, true) if add.iter().any(|new| new.kind().protects()) => {
                return Err(VaultError::NeedsProtectionKey);
            }
            (None, true) => &fresh, // wrapped by none of the slots that are added
        };
        // Key derivation is slow; it comes before the lock.
        let added = make_slots(&core.place, &keys, add, protection)?;
        let infos = added.iter().map(SlotEntry::info).collect();
        let mut tx = Transaction::begin(core)?;
        if protects(&tx.header) != had_protection {
            // Another process made the first protecting slot meanwhile, with another key.
            return Err(VaultError::Busy);
        }
        for id in remove {
            let at = tx.header.slots.iter().position(|slot| slot.info().id == Some(*id));
            let at = at.ok_or_else(|| VaultError::NoSlot { id: id.to_string() })?;
            let gone = tx.header.slots.remove(at).info();
            let rest = tx.header.slots.iter().chain(&added).map(SlotEntry::info);
            check_rest(&gone, &rest.collect::<Vec<_>>(), &tx.snapshot)?;
        }
        tx.header.slots.extend(added);
        check_count(&tx.header.slots)?;
        tx.forget = true;
        tx.commit()?;
        Ok(infos)
    }

    /// Replaces the vault key: every DEK is wrapped anew and every page sealed anew, in one commit;
    /// values are not touched. `slots` are all the ways in there will be. `progress(done, total)`
    /// counts envelopes.
    ///
    /// It helps against a key that got out and is used from now on; not against one who already
    /// copied values, or who keeps an old copy of the vault.
    ///
    /// # Errors
    /// `KeepsOut`, `OnlyKept`, `Protected` when there are protected secrets and no `protection`, and what a
    /// commit refuses.
    pub fn rotate(
        &self,
        slots: &[NewSlot],
        protection: Option<&ProtectionKey>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Rotated> {
        let core = &*self.core;
        core.check_ways_in(protection)?;
        let random = &*core.place.random;
        let epoch = core.keys()?.epoch() + 1;
        let (vault_key, new_protection) =
            (Key::random(random)?, ProtectionKey(Key::random(random)?));
        let keys = Arc::new(VaultKeys::derive(&vault_key, core.vault_id, epoch)?);
        let made = make_slots(&core.place, &keys, slots, &new_protection.0)?;
        check_count(&made)?;
        let mut tx = Transaction::begin(core)?;
        let work = Rewrap { keys: &keys, old: protection, new: &new_protection, slots: &made };
        let done = work.all(&mut tx, progress);
        let (pages, envelopes) = match done {
            Ok(done) => done,
            Err(error) => {
                tx.abandon();
                return Err(error);
            }
        };
        tx.replace_pages(pages, Arc::clone(&keys));
        tx.header.slots = made;
        tx.header.epoch = epoch;
        tx.forget = true;
        let committed = tx.commit();
        // Also after an uncertain end: the root that is there tells whose keys are right.
        if read_root(&core.place).is_ok_and(|root| root.header.epoch == epoch) {
            core.replace_keys(keys);
        }
        match committed {
            Ok(Committed { generation, warnings }) => {
                Ok(Rotated { generation, envelopes, warnings })
            }
            // The new ways in hold: whoever takes this for a failure would throw them away.
            Err(error @ VaultError::StillThere { .. }) => {
                let warnings = vec![format!("{error}; {}", error.help())];
                Ok(Rotated {
                    generation: read_root(&core.place)?.header.generation,
                    envelopes,
                    warnings,
                })
            }
            Err(error) => Err(error),
        }
    }
}

/// Makes the slots that wrap the vault key of `keys`.
fn make_slots(
    place: &super::Place,
    keys: &VaultKeys,
    new: &[NewSlot],
    protection: &Key,
) -> Result<Vec<SlotEntry>> {
    let make = |new| {
        let vault_key = keys.vault_key();
        let slot = Slot::new(new, keys.vault_id(), &vault_key, protection, &*place.random)?;
        Ok(SlotEntry::Known(Box::new(slot)))
    };
    new.iter().map(make).collect()
}

fn protects(header: &Header) -> bool {
    header.slots.iter().any(SlotEntry::protects)
}

fn check_count(slots: &[SlotEntry]) -> Result<()> {
    match slots.len() {
        0 => Err(VaultError::InvalidOption { why: "a vault needs a way to unlock it" }),
        1..=MAX_SLOTS => match slots.iter().any(|slot| opens_alone(slot.kind())) {
            true => Ok(()),
            false => Err(VaultError::InvalidOption {
                why: "the keyring alone is not enough; add a passphrase, a recovery code or a key file",
            }),
        },
        _ => Err(VaultError::InvalidOption { why: "a vault has at most eight slots" }),
    }
}

/// Whether a slot of that kind is enough by itself: a keyring can be lost with its desktop.
fn opens_alone(kind: SlotKind) -> bool {
    !matches!(kind, SlotKind::Keyring | SlotKind::Unknown)
}

/// Refuses to remove what the owner could not do without.
fn check_rest(gone: &SlotInfo, rest: &[SlotInfo], snapshot: &Snapshot<'_>) -> Result<()> {
    let refuse = |why| Err(VaultError::KeepsOut { what: format!("the {} slot", gone.word), why });
    if rest.is_empty() {
        return refuse("it is the last way in");
    }
    if !rest.iter().any(|slot| opens_alone(slot.kind)) {
        return refuse("the keyring would be the only way in");
    }
    if gone.protects && !rest.iter().any(|slot| slot.protects) && any_protected(snapshot)? {
        return refuse("protected secrets could not be opened any more");
    }
    Ok(())
}

fn any_protected(snapshot: &Snapshot<'_>) -> Result<bool> {
    for page in snapshot.pages() {
        if page?.1.entries.iter().any(|entry| entry.metadata.protected) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Wraps every DEK of a vault anew.
struct Rewrap<'a> {
    keys: &'a VaultKeys,
    old: Option<&'a ProtectionKey>,
    new: &'a ProtectionKey,
    slots: &'a [SlotEntry],
}

impl Rewrap<'_> {
    /// Writes every envelope anew, one by one, and gives the pages that name them.
    fn all(
        &self,
        tx: &mut Transaction<'_>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(BTreeMap<u8, Page>, usize)> {
        let mut entries = Vec::new();
        for page in tx.snapshot.pages() {
            entries.extend(page?.1.entries);
        }
        self.check_protected(&entries)?;
        let total = entries.iter().map(|entry| entry.kept.len()).sum();
        let random = &*tx.snapshot.core.place.random;
        let ids: Result<Vec<Id>> = (0..total).map(|_| Ok(Hex(random_bytes(random)?))).collect();
        let ids = ids?;
        tx.reserve(ids.clone())?;
        let (mut ids, mut pages, mut done) = (ids.into_iter(), BTreeMap::new(), 0);
        for mut entry in entries {
            self.entry(tx, &mut entry, &mut ids)?;
            done += entry.kept.len();
            progress(done, total);
            let page: &mut Page = pages.entry(self.keys.locate(&entry.name)?).or_default();
            page.entries.push(entry);
        }
        Ok((pages, total))
    }

    fn check_protected(&self, entries: &[Entry]) -> Result<()> {
        let Some(protected) = entries.iter().find(|entry| entry.metadata.protected) else {
            return Ok(());
        };
        if self.old.is_none() {
            return Err(VaultError::Protected { name: protected.name.clone() });
        }
        match self.slots.iter().any(SlotEntry::protects) {
            true => Ok(()),
            false => Err(VaultError::CannotProtect),
        }
    }

    /// Wraps the DEKs of one secret's envelopes anew and writes them under the next ids.
    fn entry(
        &self,
        tx: &mut Transaction<'_>,
        entry: &mut Entry,
        ids: &mut impl Iterator<Item = Id>,
    ) -> Result<()> {
        let old_keys = Arc::clone(&tx.snapshot.keys);
        let old_key = kek(&old_keys, entry, self.old)?;
        let new_key = kek(self.keys, entry, Some(self.new))?;
        let (old, new) = (
            Kek { key: &old_key, epoch: old_keys.epoch() },
            Kek { key: &new_key, epoch: self.keys.epoch() },
        );
        let mut kept_anew = Vec::with_capacity(entry.kept.len());
        for kept in &entry.kept {
            let bound = binding(&old_keys, entry, kept);
            let random = &*tx.snapshot.core.place.random;
            let former = envelope(kept, &tx.object(kept.object)?)?;
            let damaged = || VaultError::Damaged {
                what: names::object(kept.object),
                why: "its seal does not open",
            };
            let dek = former.unwrap_dek(bound, old).ok_or_else(damaged)?;
            let rewrapped = former.rewrap(bound, tx.generation, &dek, new, random)?;
            let object = ids.next().ok_or(VaultError::Internal { what: "counting envelopes" })?;
            let sha256 = tx.put_reserved(object, &rewrapped.to_bytes()?)?;
            tx.drop_objects([kept.object]);
            kept_anew.push(super::index::Kept { object, sha256, ..*kept });
        }
        entry.kept = kept_anew;
        Ok(())
    }
}
