//! `tresor log`: who read or changed which secret, and whether the journal is whole. Opens no value.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::error::CliError;
use crate::cli::listing::{ListArgs, by_line};
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::{exit, names, record};
use crate::text::visible;
use crate::vault::doctor::Severity;
use crate::vault::journal::{Entry, Finding, Verification};
use crate::vault::{Actor, SecretRef};

/// Show who read or changed which secret, newest first
///
/// --json prints one object a line, as --ndjson does: sequence, at, actor, action, scope, key, revision, from, saved,
/// detail; null where there is nothing to say. Actions are create, unlock, read, reveal, copy, edit,
/// run, export, compare, write, meta, move, delete, restore, revert, purge, profile, profile-remove,
/// profile-order, slots, rotate, accept and broken; scope and key of a profile are its owner and its
/// name. A change whose commit never came to its end has saved: false.
///
/// --verify looks at every record and exits 9 when some are missing, altered or out of order. Loss is
/// found up to the last change of the vault; reads after it can be cut off unnoticed by whoever can
/// write to the vault's files.
#[derive(Args)]
pub struct Log {
    /// Check that every record follows the one before it, up to the one the last change saw
    #[arg(long, conflicts_with_all = ["limit", "secret", "ndjson"])]
    verify: bool,
    /// Only the newest so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Only of this secret: SCOPE/KEY or a tresor:// URI
    #[arg(long, value_name = "REF")]
    secret: Option<String>,
    #[command(flatten)]
    form: ListArgs,
}

impl Log {
    pub fn run(&self, session: &Session) -> Outcome {
        let secret = match &self.secret {
            Some(text) => Some(names::reference(std::slice::from_ref(text))?),
            None => None,
        };
        let opened = session.open()?;
        if self.verify {
            return verify(session, &opened);
        }
        if let Some(name) = &secret {
            opened.check_visible(&name.scope)?;
        }
        let journal = opened.view.journal()?;
        let of = |entry: &&Entry| secret.as_ref().is_none_or(|name| concerns(entry, name));
        let limit = self.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let entries: Vec<&Entry> = journal.entries.iter().filter(of).take(limit).collect();
        match session.out.json || self.form.ndjson {
            true => by_line(session, &entries, |entry| json(entry))?,
            false => {
                let rows: Vec<Vec<String>> = entries.iter().map(|entry| row(entry)).collect();
                session.out.table(&HEADER, &rows)?;
            }
        }
        if entries.is_empty() {
            session.out.note("nothing is recorded");
        }
        if journal.has_problems {
            session.out.warning("records are missing or altered; see 'tresor log --verify'");
        }
        DONE
    }
}

/// Whether it is about that secret, under its name or the one it had. A profile may bear the same.
fn concerns(entry: &Entry, name: &SecretRef) -> bool {
    let named = entry.name.as_ref() == Some(name) || entry.from.as_ref() == Some(name);
    named && !entry.action.is_about_profile()
}

const HEADER: [&str; 6] = ["TIME", "ACTOR", "ACTION", "NAME", "REVISION", "DETAIL"];

fn row(entry: &Entry) -> Vec<String> {
    let from = entry.from.as_ref().map(|from| format!("from {from}"));
    let given_up = (entry.saved == Some(false)).then(|| "not saved".to_owned());
    let details: Vec<String> =
        [given_up, from, entry.detail.clone()].into_iter().flatten().collect();
    let text = |shown: Option<String>| shown.unwrap_or_else(|| "-".to_owned());
    vec![
        entry.at.to_string(),
        text(entry.actor.as_ref().map(Actor::to_string)),
        entry.action.word().to_owned(),
        text(entry.name.as_ref().map(SecretRef::to_string)),
        text(entry.revision.map(|revision| revision.to_string())),
        details.join("; "),
    ]
}

fn json(entry: &Entry) -> Value {
    let name = entry.name.as_ref();
    json!({
        "sequence": entry.sequence,
        "at": entry.at.to_string(),
        "actor": entry.actor.as_ref().map(Actor::to_string),
        "action": entry.action.word(),
        "scope": name.map(|name| name.scope.as_str()),
        "key": name.map(|name| name.key.as_str()),
        "revision": entry.revision,
        "from": entry.from.as_ref().map(SecretRef::to_string),
        "saved": entry.saved,
        "detail": entry.detail,
    })
}

fn verify(session: &Session, opened: &Opened<'_>) -> Outcome {
    session.only_the_owner("sees a part of the journal only")?;
    let found = opened.vault.verify_journal()?;
    print(session, &found)?;
    match found.has_problems() {
        true => Ok(exit::FINDINGS.into()),
        false => DONE,
    }
}

fn print(session: &Session, found: &Verification) -> Result<(), CliError> {
    if session.out.json {
        let findings: Vec<Value> = found.findings.iter().map(finding).collect();
        return session.out.json(&json!({
            "records": found.records,
            "first": found.range.map(|(first, _)| first),
            "last": found.range.map(|(_, last)| last),
            "pinned": found.pinned,
            "findings": findings,
        }));
    }
    for one in &found.findings {
        let problem = one.severity() == Severity::Problem;
        if problem || !session.out.quiet {
            let glyph = if problem { "✗" } else { "•" };
            session.out.line(&format!("{glyph} {}", visible(&one.to_string())))?;
        }
    }
    if session.out.quiet {
        return Ok(());
    }
    let range = found.range.map(|(first, last)| format!(", {first} to {last}"));
    let pinned = match found.pinned {
        Some(pinned) => format!("the last change saw up to {pinned}"),
        None => "no change has seen any yet".to_owned(),
    };
    session.out.line(&format!("Records: {}{}; {pinned}", found.records, range.unwrap_or_default()))
}

fn finding(found: &Finding) -> Value {
    let severity = record::severity(found.severity());
    json!({"severity": severity, "kind": found.kind.word(), "message": found.to_string()})
}
