//! What an import says: the preview of each entry, the report of all. Decides nothing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Placed;
use super::plan::Plan;
use crate::cli::error::CliError;
use crate::cli::record;
use crate::cli::session::{DONE, Outcome, Session};
use crate::service::import::{Bad, Found, Place};
use crate::vault::{Scope, SecretRef};

/// ` into SCOPE`, or how many scopes there are.
pub(super) fn into(scope: Option<&Scope>, scopes: &BTreeSet<&Scope>) -> String {
    let mut all = scopes.iter().copied();
    match (scope.or_else(|| all.next()), scopes.len()) {
        (None, _) => String::new(),
        (Some(scope), 0 | 1) => format!(" into {scope}"),
        (Some(_), count) => format!(" into {count} scopes"),
    }
}

/// Shows what would be done: on standard error, so that standard output has the report alone, unless nothing
/// else is asked for.
pub(super) fn preview(
    session: &Session,
    dry_run: bool,
    rows: &[(&Placed, &Plan)],
) -> Result<(), CliError> {
    for (Placed { name, entry }, plan) in rows {
        let what = match plan {
            Plan::Add => format!("+ {name}"),
            Plan::Overwrite(revision) => format!("~ {name}: over revision {revision}"),
            Plan::Rename(free) => {
                format!("+ {}/{free}: {} is there with another value", name.scope, name.key)
            }
            Plan::Skip => format!("- {name}: there with another value, skipped"),
            Plan::Same => format!("= {name}: there already, the same"),
            Plan::SameAs(key) => format!("= {name}: there already as {key}, the same value"),
            Plan::Empty => format!("- {name}: has no value, left out"),
            Plan::TooLarge => {
                format!("- {name}: a file of {} bytes, too large, left out", entry.value.len())
            }
        };
        let again = match (entry.replaces, &entry.place) {
            (Some(before), Place::Line(line)) => {
                format!(" (line {line}, instead of line {before})")
            }
            _ => String::new(),
        };
        match dry_run && !session.out.json {
            true => session.out.line(&format!("{what}{again}"))?,
            false => session.out.progress(&format!("{what}{again}")),
        }
    }
    Ok(())
}

/// Says what the vault has no place for, and what does less there.
pub(super) fn notes(session: &Session, found: &Found) {
    for what in &found.left_out {
        session.out.note(&format!("left out: {what}"));
    }
    for what in &found.remarks {
        session.out.note(what);
    }
}

/// Says what was done, or would be.
pub(super) fn report(
    session: &Session,
    dry_run: bool,
    into: &str,
    rows: &[(&Placed, &Plan)],
    found: &Found,
) -> Outcome {
    let count = |word: &str| rows.iter().filter(|(_, plan)| plan.word() == word).count();
    let mut counts: Vec<(&str, usize)> =
        Plan::WORDS.iter().map(|word| (*word, count(word))).collect();
    counts.push(("bad", found.bad.len()));
    let list: Vec<Value> = rows.iter().map(|(placed, plan)| row(placed, plan)).collect();
    let bad: Vec<Value> = found.bad.iter().map(wrong).collect();
    let mut json = json!({
        "imported": !dry_run,
        "entries": list,
        "bad_places": bad,
        "left_out": found.left_out,
        "remarks": found.remarks,
    });
    if let Value::Object(fields) = &mut json {
        fields.extend(counts.iter().map(|(word, count)| ((*word).to_owned(), (*count).into())));
    }
    let said: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{count} {}", word.replace('_', " ")))
        .collect();
    let what = if said.is_empty() { "nothing in the source".to_owned() } else { said.join(", ") };
    let verb = if dry_run { "Would import" } else { "Imported" };
    session.out.done(&format!("{verb}{into}: {what}"), &json)?;
    DONE
}

/// One entry for programs.
fn row(Placed { name, entry }: &Placed, plan: &Plan) -> Value {
    let name = match plan {
        Plan::Rename(key) | Plan::SameAs(key) => SecretRef::new(name.scope.clone(), key.clone()),
        _ => name.clone(),
    };
    let mut more = place(&entry.place);
    if let Value::Object(fields) = &mut more {
        fields.insert("action".into(), plan.word().into());
    }
    record::named(&name, more)
}

fn wrong(bad: &Bad) -> Value {
    let mut told = place(&bad.place);
    if let Value::Object(fields) = &mut told {
        fields.insert("why".into(), bad.why.as_str().into());
    }
    told
}

fn place(place: &Place) -> Value {
    match place {
        Place::Line(line) => json!({"line": line}),
        Place::Lines(_, line) => json!({"line": line}),
        Place::Path(path) => json!({"path": path}),
    }
}
