//! `tresor trash`: what was deleted and can still be brought back. Changes nothing.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::error::CliError;
use crate::cli::listing::{ListArgs, counted};
use crate::cli::record;
use crate::cli::session::{Outcome, Session};
use crate::text::visible;
use crate::vault::{TrashEntry, TrashId, VaultError};

/// List what was deleted and can be restored
#[derive(Args)]
pub struct Trash {
    #[command(flatten)]
    form: ListArgs,
}

impl Trash {
    pub fn run(&self, session: &Session) -> Outcome {
        let entries = session.open()?.view.trash()?;
        self.form.print(session, &entries, entry, counted("trash"), || {
            let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
            session.out.table(&["NAME", "KIND", "DELETED", "ID"], &rows)?;
            if rows.is_empty() {
                session.out.note("the trash is empty");
            }
            Ok(())
        })
    }
}

fn row(entry: &TrashEntry) -> Vec<String> {
    let kind = entry.summary.kind.word().to_owned();
    let name = entry.summary.name.to_string();
    vec![name, kind, entry.deleted_at.to_string(), record::trash_id(entry.id)]
}

fn entry(entry: &TrashEntry) -> Value {
    let more = json!({
        "id": record::trash_id(entry.id),
        "kind": entry.summary.kind.word(),
        "revision": entry.summary.revision,
        "deleted_at": entry.deleted_at.to_string(),
    });
    record::named(&entry.summary.name, more)
}

/// Finds the one entry whose id begins with `text`: at least four hexadecimal digits.
pub fn by_id(entries: &[TrashEntry], text: &str) -> Result<TrashId, CliError> {
    let wanted = text.to_ascii_lowercase();
    if wanted.len() < 4 || !wanted.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(CliError::invalid(
            format!("'{}' is no id of the trash", visible(text)),
            "'tresor trash' lists the ids; their first four digits or more will do",
        ));
    }
    let mut found = entries.iter().filter(|entry| record::trash_id(entry.id).starts_with(&wanted));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.id),
        (None, _) => Err(VaultError::NotInTrash { what: text.to_owned() }.into()),
        (Some(_), Some(_)) => Err(CliError::invalid(
            format!("several ids begin with {}", visible(text)),
            "give more of its digits",
        )),
    }
}
