//! The ways into the open vault, as the worker lists and changes them. Asks nobody.

use std::path::Path;
use std::sync::mpsc::Sender;

use super::facts::facts;
use super::import::at_home;
use super::opener::with_typed;
use super::shared::{Epoch, Shared};
use super::waits::Words;
use super::worker::{Door, fail, of_key_file};
use super::{Message, failure};
use crate::app::{
    Event, Failure, NewWay, Opener, Outcome, RotationDone, SlotChange, SlotsNow, Ticket,
};
use crate::service::calibrate::Calibration;
use crate::service::keyring::{self, KeyringError};
use crate::service::{unlock_cache, ways_in};
use crate::vault::{
    ClosedVault, MAX_KEY_MATERIAL, NewSlot, Place, ProtectionKey, RecoveryCode, SensitiveBytes,
    SlotInfo, SlotKind, SystemRandom, Unlock, Vault, VaultError, generate_key_file, memory,
    read_private_file,
};

/// The slots as they are now, and what the title says of the vault.
pub fn now(vault: &Vault) -> Result<SlotsNow, Failure> {
    let facts = facts(vault).map_err(fail)?;
    Ok(SlotsNow { slots: vault.slots().map_err(fail)?, facts })
}

/// Makes one change; a new passphrase at what `calibration` finds. The `screen` is told when the keyring
/// waits for a person.
pub fn change(
    vault: &Vault,
    change: SlotChange,
    calibration: Calibration,
    screen: &Sender<Message>,
) -> Result<SlotsNow, Failure> {
    match change {
        SlotChange::Add(NewWay::KeyFile(path), _) => add_key_file(vault, &at_home(&path))?,
        SlotChange::Add(NewWay::Keyring, _) => add_keyring(vault, screen)?,
        SlotChange::Add(way, proof) => {
            let new = match way {
                NewWay::Recovery(code) => NewSlot::Recovery(code),
                NewWay::Passphrase(text) => calibration.slot(text),
                NewWay::KeyFile(_) | NewWay::Keyring => return now(vault),
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
            let before = vault.slots().map_err(fail)?;
            vault.change_slots(&[], &[id], None).map_err(fail)?;
            unlock_cache::drop_stale(vault);
            forget_items(vault, &before, screen)?;
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

/// Adds a key in the desktop's keyring; one made for nothing is removed again. May wait for the desktop.
fn add_keyring(vault: &Vault, screen: &Sender<Message>) -> Result<(), Failure> {
    let id = vault.vault_id();
    let key =
        keyring::make(&id, &|| Words::say(screen), &|_| ()).map_err(|error| failure::of(&error))?;
    let item = key.item();
    vault.change_slots(&[NewSlot::Keyring(key)], &[], None).map(drop).map_err(|error| {
        if !matches!(error, VaultError::Uncertain { .. }) {
            // The failure that is told is why it was made for nothing.
            let _ = keyring::remove(&id, &item, &|| Words::say(screen));
        }
        fail(error)
    })
}

/// Does that on a thread of its own, so that a new vault need not wait for the desktop's prompt; tells by a
/// notice what became of it.
pub fn add_keyring_aside(vault: Vault, answers: Sender<Message>) {
    let to = answers.clone();
    let work = move || {
        let (text, help) = match add_keyring(&vault, &to) {
            Ok(()) => ("The desktop's keyring opens this vault".to_owned(), String::new()),
            Err(failure) => (failure.message, "K adds the keyring later".to_owned()),
        };
        let _ = to.send(Message::Event(Event::Notice(text, help)));
    };
    if let Err(error) = std::thread::Builder::new().name("keyring slot".into()).spawn(work) {
        let text = format!("No key was put into the keyring: {error}");
        let _ = answers.send(Message::Event(Event::Notice(text, String::new())));
    }
}

/// Removes the keyring's items of slots that are gone.
fn forget_items(
    vault: &Vault,
    before: &[SlotInfo],
    screen: &Sender<Message>,
) -> Result<(), Failure> {
    let waiting = || Words::say(screen);
    let after = vault.slots().map_err(fail)?;
    let there = |item: &&String| after.iter().any(|slot| slot.item.as_ref() == Some(*item));
    for item in before.iter().filter_map(|slot| slot.item.as_ref()).filter(|item| !there(item)) {
        keyring::remove(&vault.vault_id(), item, &waiting).map_err(|error| Failure {
            message: format!("the slot is gone, but its item may be left in the keyring: {error}"),
            help: "it opens nothing any more".into(),
            ..failure::of(&error)
        })?;
    }
    Ok(())
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
            (_, Err(_)) => {}
        }
    }
    Ok(known)
}

/// Replaces the vault key.
pub fn rotate(
    vault: &Vault,
    (opener, code): (&Opener, Option<RecoveryCode>),
    door: &Door,
    screen: &Sender<Message>,
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
        Opener::KeyFile | Opener::Keyring => None,
    };
    let protection = proven(vault, proof)?;
    let before = vault.slots().map_err(fail)?;
    let rotated = vault.rotate(&slots, protection.as_ref(), progress).map_err(fail)?;
    unlock_cache::drop_stale(vault);
    let (envelopes, mut warnings) = (rotated.envelopes, rotated.warnings);
    // The keyring's slot is not made anew, and its item opens nothing any more.
    warnings.extend(forget_items(vault, &before, screen).err().map(|failure| failure.message));
    Ok(RotationDone { envelopes, warnings, now: now(vault)? })
}

/// Unlocks by what the desktop's keyring holds, on a thread of its own: the keyring may wait for its
/// prompt, and the passphrase must open the vault meanwhile.
pub fn unlock_by_keyring(
    (place, shared): (Place, Shared),
    ticket: Ticket,
    asked: Epoch,
    answers: Sender<Message>,
) -> Result<(), Failure> {
    let work = move || {
        let opened = open_by_keyring(&place, &answers).and_then(|vault| {
            let facts = facts(&vault).map_err(fail)?;
            match shared.put_first(vault, asked) {
                true => Ok(facts),
                false => Err(fail(VaultError::Locked)),
            }
        });
        let event = match opened {
            Ok(facts) => Event::Done(ticket, Outcome::Unlocked(facts)),
            Err(failure) => Event::Failed(ticket, failure),
        };
        memory::wipe_stack();
        let _ = answers.send(Message::Event(event));
    };
    let begun = std::thread::Builder::new().name("keyring slot".into()).spawn(work);
    begun.map(drop).map_err(|error| {
        failure::of(&KeyringError::Store(keyring::unreachable(&error.to_string())))
    })
}

fn open_by_keyring(place: &Place, screen: &Sender<Message>) -> Result<Vault, Failure> {
    let closed = ClosedVault::open(place).map_err(fail)?;
    let item = closed.slots().into_iter().find_map(|slot| slot.item);
    let item = item.ok_or_else(|| failure::of(&KeyringError::Missing))?;
    let key = keyring::fetch(&closed.vault_id(), &item, &|| Words::say(screen));
    let key = key.map_err(|error| failure::of(&error))?;
    closed.unlock(&Unlock::Keyring(&key)).map_err(fail)
}
