//! `tresor keys rotate`: a new vault key, and every way in made anew.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::keys::{MAY_NOT, record};
use crate::cli::error::CliError;
use crate::cli::progress::Progress;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::unlock::{self, Material};
use crate::cli::{input, new_slot};
use crate::service::{unlock_cache, ways_in};
use crate::vault::{NewSlot, SensitiveBytes, SlotInfo, SlotKind};

/// Replace the vault key: wrap every secret's key anew
///
/// It ends what a key that got out could open from now on. It does not help against one who
/// already copied values, or who keeps an old copy of the vault. A new recovery code takes the
/// place of the old one; ways in that are not given here are named and dropped.
#[derive(Args)]
pub struct Rotate {
    /// Keep this key file as a way in, also when it did not unlock the vault
    #[arg(long, value_name = "FILE")]
    keep_key_file: Vec<PathBuf>,
    /// Write the new recovery code to this new file instead of showing it
    #[arg(long, value_name = "FILE")]
    recovery_out: Option<PathBuf>,
}

impl Rotate {
    pub fn run(&self, session: &Session) -> Outcome {
        session.only_the_owner(MAY_NOT)?;
        let opened = session.open_anew()?;
        let before = opened.vault.slots()?;
        let known = self.known(session, &opened)?;
        let has_recovery = before.iter().any(|slot| slot.kind == SlotKind::Recovery);
        let old_items: Vec<&String> = before.iter().filter_map(|slot| slot.item.as_ref()).collect();
        let dropped = dropped(&before, &known, has_recovery);
        let question = match dropped.as_slice() {
            [] => "Replace the vault key?".to_owned(),
            dropped => format!("Replace the vault key, and drop the slots {}?", dropped.join(", ")),
        };
        session.confirm(&question)?;
        let protection = opened.protection_for_slots()?;
        let slots = known.into_iter().map(|known| known.into_slot(session));
        let mut slots = slots.collect::<Result<Vec<_>, _>>()?;
        let mut made = Vec::new();
        if has_recovery {
            let (slot, file) = new_slot::recovery(self.recovery_out.as_deref())?;
            slots.push(slot);
            made.extend(file);
        }
        if !old_items.is_empty() {
            let (slot, item) = new_slot::keyring(&opened.vault, &session.globals)?;
            slots.push(slot);
            made.extend(item);
        }
        let mut shown = Progress::new(session.out, "envelopes wrapped anew");
        let rotated = opened
            .vault
            .rotate(&slots, protection, &mut |done, total| shown.at(done, total))
            .inspect_err(|error| new_slot::undo(&made, &opened.vault, error, &session.globals))?;
        drop(shown);
        unlock_cache::drop_stale(&opened.vault);
        for item in old_items {
            new_slot::forget(&opened.vault, item, &session.globals);
        }
        for warning in &rotated.warnings {
            session.out.warning(warning);
        }
        if let Some(file) = self.recovery_out.as_ref().filter(|_| has_recovery) {
            session.out.note(&new_slot::remark_on_file(file));
        }
        if !dropped.is_empty() {
            session.out.note(&format!("these slots are gone: {}", dropped.join(", ")));
        }
        session.out.note("what was already copied, and old copies of the vault, open as before");
        // It is done: slots that cannot be read again right now are null, not a failure.
        let slots = opened.vault.slots().ok();
        let slots = slots.map(|slots| slots.iter().map(record).collect::<Vec<_>>());
        let line = format!("Replaced the vault key; envelopes wrapped anew: {}", rotated.envelopes);
        let json = json!({"envelopes": rotated.envelopes, "slots": slots, "dropped": dropped});
        session.out.done(&line, &json)?;
        DONE
    }

    /// The ways in whose secret is at hand.
    fn known(&self, session: &Session, opened: &Opened<'_>) -> Result<Vec<Known>, CliError> {
        let mut known = Vec::new();
        match opened.material() {
            Some(Material::Passphrase(text)) => known.push(Known::Passphrase(copy(text))),
            Some(Material::KeyFile(bytes)) => known.push(Known::KeyFile(copy(bytes))),
            Some(Material::Recovery(_) | Material::Keyring(_)) | None => {}
        }
        if let (Some(Material::KeyFile(_)), Some(text)) =
            (opened.material(), unlock::explicit_passphrase(&session.globals)?)
        {
            // Asked of the vault, so that a wrong one is not made into a way in.
            let material = Material::typed(text)?;
            opened.vault.check(&material.lend())?;
            if let Material::Passphrase(text) = material {
                known.push(Known::Passphrase(text));
            }
        }
        for file in &self.keep_key_file {
            known.push(Known::KeyFile(self.kept(opened, file)?));
        }
        Ok(known)
    }

    fn kept(&self, opened: &Opened<'_>, file: &Path) -> Result<SensitiveBytes, CliError> {
        let material = Material::KeyFile(input::read_key_file(file)?);
        opened.vault.check(&material.lend())?;
        match material {
            Material::KeyFile(bytes) => Ok(bytes),
            _ => Err(CliError::interrupted()),
        }
    }
}

/// A way in that can be made anew.
enum Known {
    Passphrase(SensitiveBytes),
    KeyFile(SensitiveBytes),
}

impl Known {
    fn kind(&self) -> SlotKind {
        match self {
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::KeyFile(_) => SlotKind::KeyFile,
        }
    }

    fn into_slot(self, session: &Session) -> Result<NewSlot, CliError> {
        match self {
            Self::Passphrase(text) => session.passphrase_slot(text),
            Self::KeyFile(bytes) => Ok(NewSlot::KeyFile(bytes)),
        }
    }
}

fn copy(bytes: &SensitiveBytes) -> SensitiveBytes {
    bytes.with(SensitiveBytes::copy_of)
}

/// The words of the slots there will not be any more.
fn dropped(before: &[SlotInfo], known: &[Known], has_recovery: bool) -> Vec<String> {
    let mut again: Vec<SlotKind> = known.iter().map(Known::kind).collect();
    // These are made anew without being asked for.
    again.extend(has_recovery.then_some(SlotKind::Recovery));
    again.push(SlotKind::Keyring);
    ways_in::dropped(before, again).iter().map(|slot| slot.word.clone()).collect()
}
