//! Moves the secrets of `.env` files into the vault and leaves references in their place: one commit
//! first, then file by file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::commands::secrets::replace;
use crate::cli::error::CliError;
use crate::cli::referring::MAX_FILE;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::{input, record};
use crate::fault::{Fault, FaultKind};
use crate::service::config_file::{Form, dotenv_with_values};
use crate::service::dotenv::{Assignment, assignments};
use crate::service::inline;
use crate::text::visible;
use crate::vault::{
    Change, Expect, MetadataPatch, Purpose, Scope, SecretKey, SecretRef, SensitiveBytes,
};

/// One `.env` file with secrets in clear.
struct Source {
    path: PathBuf,
    text: SensitiveBytes,
    moved: Vec<(Assignment, SecretRef)>,
}

/// Moves what is found in the `.env` files among `paths`, after asking.
pub fn run(session: &Session, opened: &Opened<'_>, scope: &Scope, paths: &[PathBuf]) -> Outcome {
    let mut sources = Vec::new();
    for path in paths.iter().filter(|path| Form::of(path) == Some(Form::Dotenv)) {
        sources.extend(source(path, scope)?);
    }
    let moved = || sources.iter().flat_map(|source| &source.moved);
    let (new, same) = settle(opened, moved())?;
    for source in &sources {
        for (assignment, name) in &source.moved {
            let place = format!("{}:{}", shown(&source.path), assignment.line);
            session.out.progress(&format!("> {place} {} to {name}", visible(&assignment.name)));
        }
    }
    let count = moved().count();
    if count > 0 {
        let files = sources.len();
        session.confirm(&format!("Move {count} into {scope}, and change files: {files}?"))?;
        if !new.is_empty() {
            opened.commit(|| new.iter().map(|(name, value)| add(name, value)).collect())?;
        }
        sources.iter().try_for_each(put_references)?;
    }
    tell(session, scope, &sources, same)
}

/// The secrets in clear of one file; `None` when there are none.
fn source(path: &Path, scope: &Scope) -> Result<Option<Source>, CliError> {
    let (text, _) = input::read_file_to_change(path, MAX_FILE)?;
    let found = text.with(assignments).map_err(|error| {
        let message = format!("{}: {error}", shown(path));
        CliError::new(error.kind(), message, "nothing was changed; mend the file, or name others")
    })?;
    let mut moved = Vec::new();
    for assignment in found {
        if assignment.value.with(|value| inline::judge_variable(&assignment.name, value)).is_none()
        {
            continue;
        }
        let key: SecretKey = assignment.name.to_ascii_lowercase().parse()?;
        let name = SecretRef::new(scope.clone(), key);
        moved.push((assignment, name));
    }
    Ok((!moved.is_empty()).then(|| Source { path: path.to_owned(), text, moved }))
}

/// What has to be written, and how many are in the vault already with the same value. Another value
/// under the same name is refused: which of the two is right cannot be told.
fn settle<'m>(
    opened: &Opened<'_>,
    moved: impl Iterator<Item = &'m (Assignment, SecretRef)>,
) -> Result<(BTreeMap<&'m SecretRef, &'m SensitiveBytes>, usize), CliError> {
    let (mut new, mut same) = (BTreeMap::<&SecretRef, &SensitiveBytes>::new(), 0);
    let view = opened.view.for_purpose(Purpose::Compare);
    for (assignment, name) in moved {
        let value = &assignment.value;
        let equal = |other: &SensitiveBytes| other.with(|other| value.with(|value| value == other));
        if let Some(other) = new.get(name) {
            if !equal(other) {
                return Err(two_values(name, "two of these lines"));
            }
            continue;
        }
        match opened.with_protection(|key| view.read_with(name, None, key)) {
            Ok(there) if equal(&there.value) => same += 1,
            Ok(_) => return Err(two_values(name, "the vault and a file")),
            Err(error) if error.kind() == FaultKind::NotFound => {
                new.insert(name, value);
            }
            Err(error) => return Err(error),
        }
    }
    Ok((new, same))
}

fn two_values(name: &SecretRef, places: &str) -> CliError {
    let message = format!("{name} has another value in {places}");
    let help = "nothing was changed; name single files, each with a scope of its own";
    CliError::new(FaultKind::Precondition, message, help)
}

fn add(name: &SecretRef, value: &SensitiveBytes) -> Change {
    Change::Write {
        name: name.clone(),
        value: value.duplicate(),
        patch: MetadataPatch::default(),
        expect: Expect::Absent,
    }
}

fn put_references(source: &Source) -> Result<(), CliError> {
    let values: Vec<(&Assignment, String)> =
        source.moved.iter().map(|(assignment, name)| (assignment, name.uri())).collect();
    let changed = source.text.with(|text| dotenv_with_values(text, &values));
    replace(&source.path, &source.text, &changed)
}

fn tell(session: &Session, scope: &Scope, sources: &[Source], same: usize) -> Outcome {
    let moved: Vec<Value> = sources
        .iter()
        .flat_map(|source| source.moved.iter().map(move |moved| (source, moved)))
        .map(|(source, (assignment, name))| {
            let file = source.path.to_string_lossy();
            record::named(name, json!({"file": file, "line": assignment.line}))
        })
        .collect();
    let count = moved.len();
    let line = match count {
        0 => format!("Nothing to move into {scope}: no secrets in clear in .env files"),
        _ => format!("Moved into {scope}: {count}, of which there already: {same}"),
    };
    session.out.done(&line, &json!({"moved": moved, "same": same}))?;
    if count > 0 {
        session.out.note("'tresor run --env-file FILE -- CMD' fills the references in");
        session.out.note("what was in clear may still be in backups, and in git's history");
    }
    DONE
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}
