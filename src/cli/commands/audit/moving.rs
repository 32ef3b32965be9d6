//! Moves the secrets of `.env` files into the vault and leaves references in their place: one commit
//! first, then file by file.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Places;
use super::plan::{Bad, Moved, Plan, Source, is_env_file};
use crate::cli::commands::secrets::replace;
use crate::cli::error::CliError;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::{bad_places, record};
use crate::service::config_file::dotenv_with_values;
use crate::service::dotenv::Assignment;
use crate::text::{visible, visible_path};
use crate::vault::{Change, Expect, MetadataPatch, Scope, SecretRef, SensitiveBytes};

/// Moves what is found in the `.env` files among `places`, after asking. What is bad is left out, or nothing is
/// moved at all.
pub fn run(session: &Session, scope: &Scope, places: &Places, skip_bad: bool) -> Outcome {
    for other in places.paths.iter().filter(|path| !is_env_file(path)) {
        session
            .out
            .note(&format!("only .env files are changed: {} is left alone", visible_path(other)));
    }
    let mut plan = Plan::read(&places.paths, scope);
    let opened = session.open()?;
    opened.check_writable(scope)?;
    plan.settle(&opened)?;
    if let (Some(refusal), false) = (plan.refusal(), skip_bad) {
        return Err(refusal);
    }
    let left_out: Vec<String> = plan.bad.iter().map(Bad::told).collect();
    bad_places::warn(session.out, &left_out);
    for (source, moved) in plan.moved() {
        let place = format!("{}:{}", visible_path(&source.path), moved.assignment.line);
        let (from, to) = (visible(&moved.assignment.name), &moved.name);
        session.out.progress(&format!("> {place} {from} to {to}"));
    }
    let count = plan.moved().count();
    if count > 0 {
        let files = plan.sources.len();
        session.confirm(&format!("Move {count} into {scope}, and change files: {files}?"))?;
        write(&opened, &plan)?;
        put_all_references(&plan, scope)?;
    }
    tell(session, scope, &plan, &places.not_read)
}

/// Writes what is not there yet, in one commit.
fn write(opened: &Opened<'_>, plan: &Plan) -> Result<(), CliError> {
    let values = plan.moved().map(|(_, moved)| (&moved.name, &moved.assignment.value));
    let new: BTreeMap<&SecretRef, &SensitiveBytes> =
        values.filter(|(name, _)| !plan.there.contains(*name)).collect();
    if !new.is_empty() {
        opened.commit(|| new.iter().map(|(name, value)| add(name, value)).collect())?;
    }
    Ok(())
}

fn add(name: &SecretRef, value: &SensitiveBytes) -> Change {
    Change::Write {
        name: name.clone(),
        value: value.duplicate(),
        patch: MetadataPatch::default(),
        expect: Expect::Absent,
    }
}

fn put_all_references(plan: &Plan, scope: &Scope) -> Result<(), CliError> {
    plan.sources.iter().enumerate().try_for_each(|(done, source)| {
        let changed = plan.sources.iter().take(done);
        put_references(source).map_err(|error| stopped(&error, changed, scope))
    })
}

/// What stopped the changes, which files have references already, and where the values are.
fn stopped<'a>(
    error: &CliError,
    changed: impl Iterator<Item = &'a Source>,
    scope: &Scope,
) -> CliError {
    let changed: Vec<String> = changed.map(|source| visible_path(&source.path)).collect();
    let changed = match changed.is_empty() {
        true => "no file was changed".to_owned(),
        false => format!("changed already: {}", changed.join(", ")),
    };
    let rest = format!("the values are in {scope} as well, and the same command does the rest");
    CliError::new(error.kind(), format!("{error}; {changed}; {rest}"), error.help())
}

fn put_references(source: &Source) -> Result<(), CliError> {
    let moved = source.moved.iter();
    let values: Vec<(&Assignment, String)> =
        moved.map(|moved| (&moved.assignment, moved.name.uri())).collect();
    let changed = source.text.with(|text| dotenv_with_values(text, &values));
    replace(&source.path, &source.text, &changed)
}

fn tell(session: &Session, scope: &Scope, plan: &Plan, not_read: &[String]) -> Outcome {
    let row = |(source, moved): (&Source, &Moved)| {
        let file = source.path.to_string_lossy();
        record::named(&moved.name, json!({"file": file, "line": moved.assignment.line}))
    };
    let moved: Vec<Value> = plan.moved().map(row).collect();
    let left_out = |bad: &Bad| json!({"file": bad.file, "line": bad.line, "why": bad.why});
    let left_out: Vec<Value> = plan.bad.iter().map(left_out).collect();
    let same = plan.moved().filter(|(_, moved)| plan.there.contains(&moved.name)).count();
    let count = moved.len();
    let line = match count {
        0 if left_out.is_empty() => {
            format!("Nothing to move into {scope}: no assignments of secrets in .env files")
        }
        0 => format!("Nothing moved into {scope}: what could be was left out"),
        _ => format!("Moved into {scope}: {count}, of which there already: {same}"),
    };
    let document =
        json!({"moved": moved, "same": same, "left_out": left_out, "not_read": not_read});
    session.out.done(&line, &document)?;
    if count > 0 {
        session.out.note("'tresor run --env-file FILE -- CMD' fills the references in");
        session.out.note("what was in clear may still be in backups, and in git's history");
    }
    DONE
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    use std::path::Path;

    use crate::fault::FaultKind;

    #[test]
    fn where_it_stopped_the_files_changed_and_the_values_are_told() {
        let scope: Scope = "project:shop".parse().unwrap();
        let error = CliError::new(FaultKind::Refused, "cannot write b.env", "make room");
        let text = || SensitiveBytes::new(Vec::new());
        let source = |path: &Path| Source { path: path.into(), text: text(), moved: Vec::new() };
        let sources = [source(Path::new("a.env"))];
        let told = |sources: &[Source]| {
            let error = stopped(&error, sources.iter(), &scope);
            assert_eq!(error.help(), "make room");
            error.to_string()
        };
        let end = "the values are in project:shop as well, and the same command does the rest";
        assert_eq!(told(&[]), format!("cannot write b.env; no file was changed; {end}"));
        assert_eq!(told(&sources), format!("cannot write b.env; changed already: a.env; {end}"));
    }
}
