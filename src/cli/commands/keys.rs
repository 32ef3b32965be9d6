//! `tresor keys`: the ways in, listed, added and removed. Rotation lies beside it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::rotate::Rotate;
use crate::cli::error::CliError;
use crate::cli::new_slot::{self, Made};
use crate::cli::session::{DONE, Outcome, Session};
use crate::service::unlock_cache;
use crate::text::visible;
use crate::vault::{ClosedVault, NewSlot, SlotId, SlotInfo, SlotKind, Vault, VaultError};

/// The fewest letters that name a slot.
const SHORTEST_ID: usize = 4;

/// What another actor than the owner is told.
pub const MAY_NOT: &str = "may not change the ways in";

/// List, add and remove the ways to unlock the vault, and replace its key
#[derive(Args)]
pub struct Keys {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// List the ways in
    List,
    /// Add a way in
    #[command(subcommand)]
    Add(Add),
    /// Remove a way in; the vault key stays, so rotate it when the removed one got out
    Remove {
        /// Its id as 'keys list' shows it, or its kind if there is one of that kind
        slot: String,
    },
    /// Replace the vault key
    Rotate(Rotate),
}

#[derive(Subcommand)]
enum Add {
    /// Another passphrase
    Passphrase {
        /// Read the new passphrase from this file
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// A recovery code on paper, for when the passphrase is forgotten
    Recovery {
        /// Write the code to this new file instead of showing it
        #[arg(long, value_name = "FILE")]
        recovery_out: Option<PathBuf>,
    },
    /// A key file, made if it is not there
    #[command(name = "key-file", alias = "key_file")]
    KeyFile {
        /// The file
        file: PathBuf,
    },
    /// A key in the desktop's keyring
    Keyring,
}

impl Keys {
    pub fn run(&self, session: &Session) -> Outcome {
        match &self.what {
            What::List => list(session),
            What::Add(add) => add.run(session),
            What::Remove { slot } => remove(session, slot),
            What::Rotate(rotate) => rotate.run(session),
        }
    }
}

/// Lists the slots; they stand in the open, so that nothing is asked.
fn list(session: &Session) -> Outcome {
    let slots = ClosedVault::open(&session.place()?)?.slots();
    if session.out.json {
        let slots: Vec<Value> = slots.iter().map(record).collect();
        session.out.json(&json!({"slots": slots}))?;
        return DONE;
    }
    let rows: Vec<Vec<String>> = slots.iter().map(row).collect();
    session.out.table(&["Id", "Kind", "Protected secrets", "Cost of a guess"], &rows)?;
    DONE
}

/// One slot as JSON.
pub fn record(slot: &SlotInfo) -> Value {
    json!({
        "id": slot.id.map(|id| id.to_string()),
        "kind": slot.word,
        "protects": slot.protects,
        "memory_kib": slot.cost.map(|(memory, _)| memory),
        "iterations": slot.cost.map(|(_, iterations)| iterations),
    })
}

fn row(slot: &SlotInfo) -> Vec<String> {
    let id = slot.id.map_or_else(|| "-".to_owned(), |id| id.to_string().chars().take(8).collect());
    let protects = if slot.protects { "opens them" } else { "-" };
    let cost = slot.cost.map(|(memory, passes)| format!("{} MiB, {passes} passes", memory / 1024));
    vec![id, slot.word.clone(), protects.into(), cost.unwrap_or_else(|| "-".into())]
}

impl Add {
    fn run(&self, session: &Session) -> Outcome {
        session.only_the_owner(MAY_NOT)?;
        let opened = session.open_anew()?;
        // The old secret is asked for before a new one is made up.
        let protection = match self {
            Self::Passphrase { .. } | Self::Recovery { .. } => opened.protection_for_slots()?,
            Self::KeyFile { .. } | Self::Keyring => None,
        };
        let (new, made) = self.make(session, &opened.vault)?;
        let kind = new.kind();
        let added = opened
            .vault
            .change_slots(&[new], &[], protection)
            .inspect_err(|error| new_slot::undo(&made, &opened.vault, error, &session.globals))?;
        if let Self::Recovery { recovery_out: Some(file) } = self {
            session.out.note(&new_slot::remark_on_file(file));
        }
        let added: Vec<Value> = added.iter().map(record).collect();
        session.out.done(&format!("Added the {} slot", kind.word()), &json!({"added": added}))?;
        DONE
    }

    /// Makes the new secret, and says what that left outside the vault.
    fn make(&self, session: &Session, vault: &Vault) -> Result<(NewSlot, Vec<Made>), CliError> {
        match self {
            Self::Passphrase { new_passphrase_file } => {
                let passphrase = new_slot::passphrase(new_passphrase_file.as_deref())?;
                Ok((session.passphrase_slot(passphrase)?, Vec::new()))
            }
            Self::Recovery { recovery_out } => new_slot::recovery(recovery_out.as_deref()),
            Self::KeyFile { file } => new_slot::key_file(file),
            Self::Keyring => new_slot::keyring(vault, &session.globals),
        }
    }
}

fn remove(session: &Session, slot: &str) -> Outcome {
    session.only_the_owner(MAY_NOT)?;
    let opened = session.open_anew()?;
    let found = find(&opened.vault.slots()?, slot)?;
    let word = found.1.word();
    session.confirm(&format!("Remove the {word} slot?"))?;
    let item = opened.vault.slots()?.into_iter().find(|slot| slot.id == Some(found.0));
    opened.vault.change_slots(&[], &[found.0], None)?;
    unlock_cache::drop_stale(&opened.vault);
    if let Some(item) = item.and_then(|slot| slot.item) {
        new_slot::forget(&opened.vault, &item, &session.globals);
    }
    session
        .out
        .note("the vault key is the same: 'tresor keys rotate' ends what the removed one opened");
    session
        .out
        .done(&format!("Removed the {word} slot"), &json!({"removed": found.0.to_string()}))?;
    DONE
}

/// The slot of that id, or the only one of that kind.
fn find(slots: &[SlotInfo], wanted: &str) -> Result<(SlotId, SlotKind), CliError> {
    let word = wanted.replace('-', "_");
    let is_id = |slot: &SlotInfo| {
        wanted.len() >= SHORTEST_ID && slot.id.is_some_and(|id| id.to_string().starts_with(wanted))
    };
    let found: Vec<(SlotId, SlotKind)> = slots
        .iter()
        .filter(|slot| is_id(slot) || slot.word == word)
        .filter_map(|slot| Some((slot.id?, slot.kind)))
        .collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(VaultError::NoSlot { id: visible(wanted).into_owned() }.into()),
        _ => Err(CliError::invalid(
            format!("there are several slots '{}'", visible(wanted)),
            "name one by its id, as 'tresor keys list' shows it",
        )),
    }
}
