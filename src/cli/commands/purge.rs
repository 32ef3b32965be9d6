//! `tresor purge`: removes deleted secrets for good. Asks first.

use clap::Args;
use serde_json::json;

use super::trash;
use crate::cli::error::CliError;
use crate::cli::names;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::vault::{Change, TrashId, VaultError};

/// Remove deleted secrets for good
#[derive(Args)]
pub struct Purge {
    /// All entries of this name: SCOPE/KEY, a tresor:// URI, or SCOPE KEY
    #[arg(
        value_name = "REF",
        required_unless_present_any = ["id", "all"],
        conflicts_with_all = ["id", "all"],
        num_args = 1..=2
    )]
    words: Vec<String>,
    /// One entry, as 'tresor trash' lists it
    #[arg(long, value_name = "ID", conflicts_with = "all")]
    id: Option<String>,
    /// Everything in the trash
    #[arg(long)]
    all: bool,
}

impl Purge {
    pub fn run(&self, session: &Session) -> Outcome {
        let opened = session.open()?;
        let ids = self.entries(&opened)?;
        if !ids.is_empty() {
            let what = match ids.len() {
                1 => "one deleted secret".to_owned(),
                count => format!("{count} deleted secrets"),
            };
            session.confirm(&format!("Remove {what} for good?"))?;
            opened.commit(|| ids.iter().map(|id| Change::Purge { id: *id }).collect())?;
        }
        let line = match ids.len() {
            0 => "The trash is empty".to_owned(),
            1 => "Removed one secret for good".to_owned(),
            count => format!("Removed {count} secrets for good"),
        };
        session.out.done(&line, &json!({"purged": ids.len()}))?;
        DONE
    }

    fn entries(&self, opened: &Opened<'_>) -> Result<Vec<TrashId>, CliError> {
        if let Some(id) = &self.id {
            return Ok(vec![trash::by_id(&opened.view.trash()?, id)?]);
        }
        let name = match self.all {
            true => None,
            false => Some(names::reference(&self.words)?),
        };
        // By the scope alone, before any look-up.
        if let Some(name) = &name {
            opened.check_writable(&name.scope)?;
        }
        let mut entries = opened.view.trash()?;
        if let Some(name) = name {
            entries.retain(|entry| entry.summary.name == name);
            if entries.is_empty() {
                return Err(VaultError::NotInTrash { what: name.to_string() }.into());
            }
        }
        Ok(entries.iter().map(|entry| entry.id).collect())
    }
}
