//! The ways into the open vault, as the worker lists and changes them. Asks nobody.

use std::path::Path;

use super::import::at_home;
use super::worker::{Door, facts, fail, of_key_file, with_typed};
use crate::app::{Failure, NewWay, Opener, RotationDone, SlotChange, SlotsNow};
use crate::service::calibrate::Calibration;
use crate::service::{unlock_cache, ways_in};
use crate::vault::{
    MAX_KEY_MATERIAL, NewSlot, ProtectionKey, RecoveryCode, SensitiveBytes, SlotInfo, SlotKind,
    SystemRandom, Unlock, Vault, VaultError, generate_key_file, read_private_file,
};

/// The slots as they are now, and what the title says of the vault.
pub fn now(vault: &Vault) -> Result<SlotsNow, Failure> {
    let facts = facts(vault).map_err(fail)?;
    Ok(SlotsNow { slots: vault.slots().map_err(fail)?, facts })
}

/// Makes one change; a new passphrase at what `calibration` finds.
pub fn change(
    vault: &Vault,
    change: SlotChange,
    calibration: Calibration,
) -> Result<SlotsNow, Failure> {
    match change {
        SlotChange::Add(NewWay::KeyFile(path), _) => add_key_file(vault, &at_home(&path))?,
        SlotChange::Add(way, proof) => {
            let new = match way {
                NewWay::Recovery(code) => NewSlot::Recovery(code),
                NewWay::Passphrase(text) => calibration.slot(text),
                NewWay::KeyFile(_) => return now(vault),
            };
            let protection = proven(vault, proof.as_ref())?;
            vault.change_slots(&[new], &[], protection.as_ref()).map_err(fail)?;
        }
        SlotChange::Replace { old, new, proof } => {
            let protection = proven(vault, Some(&proof))?;
            let new = [calibration.slot(new)];
            vault.change_slots(&new, &[old], protection.as_ref()).map_err(fail)?;
            unlock_cache::drop_stale(vault);
        }
        SlotChange::Remove(id) => {
            vault.change_slots(&[], &[id], None).map_err(fail)?;
            unlock_cache::drop_stale(vault);
        }
    }
    now(vault)
}

/// The key of protected secrets, by what was typed.
fn proven(vault: &Vault, proof: Option<&SensitiveBytes>) -> Result<Option<ProtectionKey>, Failure> {
    let key = proof.map(|proof| with_typed(proof, |unlock| vault.protection_key(unlock)));
    key.transpose().map_err(fail)
}

/// Adds a key file, which is made if it is not there; one made for nothing is removed again.
fn add_key_file(vault: &Vault, path: &Path) -> Result<(), Failure> {
    let is_new = std::fs::symlink_metadata(path).is_err();
    if is_new {
        let key = generate_key_file(&SystemRandom).map_err(fail)?;
        ways_in::write_key_file(path, &key).map_err(|source| {
            fail(VaultError::Io { verb: "make", path: path.to_owned(), source })
        })?;
    }
    let key = read_private_file(path, MAX_KEY_MATERIAL).map_err(of_key_file)?;
    let added = vault.change_slots(&[NewSlot::KeyFile(key)], &[], None);
    added.map(drop).map_err(|error| {
        if is_new && !matches!(error, VaultError::Uncertain { .. }) {
            let _ = std::fs::remove_file(path);
        }
        fail(error)
    })
}

/// Checks what was typed, or the key file, and names the slots that a rotation would drop with it.
pub fn would_drop(
    vault: &Vault,
    opener: &Opener,
    key_file: Option<&Path>,
) -> Result<Vec<SlotInfo>, Failure> {
    let before = vault.slots().map_err(fail)?;
    let mut again: Vec<SlotKind> =
        known(vault, opener, key_file)?.iter().map(NewSlot::kind).collect();
    if before.iter().any(|slot| slot.kind == SlotKind::Recovery) {
        again.push(SlotKind::Recovery);
    }
    Ok(ways_in::dropped(&before, again).into_iter().cloned().collect())
}

/// The ways in whose secret is at hand, each asked of the vault, so that no wrong one is made.
fn known(vault: &Vault, opener: &Opener, key_file: Option<&Path>) -> Result<Vec<NewSlot>, Failure> {
    let mut known = Vec::new();
    if let Opener::Typed(typed) = opener {
        with_typed(typed, |unlock| vault.check(unlock)).map_err(fail)?;
        if !RecoveryCode::looks_like(typed) {
            known.push(NewSlot::Passphrase(typed.duplicate()));
        }
    }
    if let Some(path) = key_file {
        let key = read_private_file(path, MAX_KEY_MATERIAL).map_err(of_key_file);
        let fits = |key: &SensitiveBytes| vault.check(&Unlock::KeyFile(key)).map_err(fail);
        match (opener, key.and_then(|key| fits(&key).map(|()| key))) {
            (_, Ok(key)) => known.push(NewSlot::KeyFile(key)),
            (Opener::KeyFile, Err(failure)) => return Err(failure),
            // It does not open this vault, and is named among those that are dropped.
            (Opener::Typed(_), Err(_)) => {}
        }
    }
    Ok(known)
}

/// Replaces the vault key.
pub fn rotate(
    vault: &Vault,
    opener: &Opener,
    door: &Door,
    code: Option<RecoveryCode>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<RotationDone, Failure> {
    let mut slots = known(vault, opener, door.key_file.as_deref())?;
    for slot in &mut slots {
        if let NewSlot::Passphrase(text) = slot {
            *slot = door.calibration.slot(text.duplicate());
        }
    }
    slots.extend(code.map(NewSlot::Recovery));
    let proof = match opener {
        Opener::Typed(typed) => Some(typed),
        Opener::KeyFile => None,
    };
    let protection = proven(vault, proof)?;
    let rotated = vault.rotate(&slots, protection.as_ref(), progress).map_err(fail)?;
    unlock_cache::drop_stale(vault);
    let (envelopes, warnings) = (rotated.envelopes, rotated.warnings);
    Ok(RotationDone { envelopes, warnings, now: now(vault)? })
}
