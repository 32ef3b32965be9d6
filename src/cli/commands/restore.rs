//! `tresor restore`: brings back a deleted secret, or the value of a kept revision.

use clap::Args;
use serde_json::json;

use super::trash;
use crate::cli::error::CliError;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::{names, record};
use crate::vault::{Change, Expect, SecretRef, TrashId, VaultError};

/// Bring back a deleted secret, or the value of an earlier revision
///
/// Takes the secret of that name that was deleted last; --id names another.
#[derive(Args)]
pub struct Restore {
    /// The secret: SCOPE/KEY, a tresor:// URI, or SCOPE KEY
    #[arg(value_name = "REF", required_unless_present = "id", num_args = 1..=2)]
    words: Vec<String>,
    /// The entry of the trash, as 'tresor trash' lists it
    #[arg(long, value_name = "ID", conflicts_with = "revision")]
    id: Option<String>,
    /// The value of this kept revision, written as a new one
    #[arg(long, value_name = "N")]
    revision: Option<u64>,
}

impl Restore {
    pub fn run(&self, session: &Session) -> Outcome {
        let name = match self.words.is_empty() {
            true => None,
            false => Some(names::reference(&self.words)?),
        };
        let opened = session.open()?;
        // By the scope alone, before any look-up.
        if let Some(name) = &name {
            opened.check_writable(&name.scope)?;
        }
        let receipt = match (name, self.revision) {
            (Some(name), Some(revision)) => opened.commit(|| {
                vec![Change::Revert { name: name.clone(), revision, expect: Expect::Any }]
            })?,
            (name, _) => {
                let id = self.entry(&opened, name.as_ref())?;
                opened.commit(|| vec![Change::Restore { id }])?
            }
        };
        let Some(outcome) = receipt.outcomes.first() else {
            return DONE;
        };
        let line = format!("Restored {}, revision {}", outcome.name, outcome.revision);
        let json = record::named(&outcome.name, json!({"revision": outcome.revision}));
        session.out.done(&line, &json)?;
        DONE
    }

    /// The entry of the trash: by id, or the newest of that name.
    fn entry(&self, opened: &Opened<'_>, name: Option<&SecretRef>) -> Result<TrashId, CliError> {
        let mut entries = opened.view.trash()?;
        if let Some(name) = name {
            entries.retain(|entry| entry.summary.name == *name);
        }
        match (&self.id, entries.first(), name) {
            (Some(id), _, _) => trash::by_id(&entries, id),
            (None, Some(newest), _) => Ok(newest.id),
            (None, None, name) => {
                let what = name.map(ToString::to_string).unwrap_or_default();
                Err(VaultError::NotInTrash { what }.into())
            }
        }
    }
}
