//! `tresor delete`: moves secrets to the trash, all or none. `purge` removes them for good.

use std::collections::BTreeSet;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::error::CliError;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::{names, record};
use crate::vault::{Change, Expect, SecretRef, VaultError};

/// Move secrets to the trash
#[derive(Args)]
pub struct Delete {
    /// The secrets: SCOPE/KEY, tresor:// URIs, or SCOPE KEY
    #[arg(value_name = "REF", required = true)]
    words: Vec<String>,
    /// A secret that is not there is no error
    #[arg(long)]
    if_exists: bool,
}

impl Delete {
    pub fn run(&self, session: &Session) -> Outcome {
        let mut names = names::references(&self.words)?;
        // Named twice is deleted once.
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        let opened = session.open()?;
        if self.if_exists {
            names = those_there(session, &opened, names)?;
        }
        let outcomes = match names.is_empty() {
            true => Vec::new(),
            false => {
                let delete =
                    |name: &SecretRef| Change::Delete { name: name.clone(), expect: Expect::Any };
                opened.commit(|| names.iter().map(delete).collect())?.outcomes
            }
        };
        let deleted: Vec<Value> = outcomes
            .iter()
            .map(|outcome| {
                record::named(&outcome.name, json!({"id": outcome.trash.map(record::trash_id)}))
            })
            .collect();
        let lines: Vec<String> = outcomes
            .iter()
            .map(|outcome| {
                let name = &outcome.name;
                format!("Moved {name} to the trash; 'tresor restore {name}' brings it back")
            })
            .collect();
        if session.out.json || !lines.is_empty() {
            session.out.done(&lines.join("\n"), &json!({"deleted": deleted}))?;
        }
        DONE
    }
}

/// Leaves out the names nothing is stored under.
fn those_there(
    session: &Session,
    opened: &Opened<'_>,
    names: Vec<SecretRef>,
) -> Result<Vec<SecretRef>, CliError> {
    let mut there = Vec::new();
    for name in names {
        match opened.view.describe(&name) {
            Ok(_) => there.push(name),
            Err(VaultError::NotFound { .. }) => session.out.note(&format!("no secret {name}")),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(there)
}
