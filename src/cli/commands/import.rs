//! `tresor import`: takes over a file of other programs, after a preview and in one commit.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::cli::error::CliError;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::{input, record};
use crate::fault::Fault;
use crate::service::dotenv::{self, DotenvEntry};
use crate::text::visible;
use crate::vault::{
    Change, Expect, MetadataPatch, Scope, SecretKey, SecretRef, SensitiveBytes, VaultError,
};

/// Formats that are documented and not built yet.
const LATER: [&str; 8] =
    ["pass", "gopass", "keepassxc", "bitwarden", "1password", "csv", "json", "palyra"];

/// Import secrets from a file
///
/// Shows what it would do and asks; then everything is written in one commit, or nothing.
#[derive(Args)]
pub struct Import {
    /// The format: dotenv
    format: String,
    /// The file; - is standard input
    file: PathBuf,
    /// The scope to import into
    #[arg(long)]
    scope: String,
    /// What to do with names that are there
    #[arg(long, value_name = "WHAT", default_value = "skip")]
    on_conflict: OnConflict,
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
}

/// What happens to a name that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnConflict {
    /// Keep what is there
    Skip,
    /// Write a new revision
    Overwrite,
    /// Import under NAME_2, NAME_3 …
    Rename,
}

/// What is done with one entry of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Plan {
    Add(SecretKey),
    Overwrite(u64),
    Rename(SecretKey),
    Skip,
    Empty,
}

impl Import {
    pub fn run(&self, session: &Session) -> Outcome {
        if LATER.contains(&self.format.as_str()) {
            return Err(CliError::not_built(&format!("'import {}'", self.format)));
        }
        if self.format != "dotenv" {
            let message = format!("unknown format '{}'", visible(&self.format));
            return Err(CliError::invalid(message, "choose dotenv"));
        }
        let scope: Scope = self.scope.parse()?;
        let entries = read(&self.file)?;
        let opened = session.open()?;
        opened.check_writable(&scope)?;
        refuse_too_large(&self.file, &entries, opened.vault.max_value()?)?;
        let plans = self.plan(&opened, &scope, &entries)?;
        let rows: Vec<(&DotenvEntry, &Plan)> = entries.iter().zip(&plans).collect();
        preview(session, &scope, &rows);
        let written = plans.iter().filter(|plan| plan.writes()).count();
        if !self.dry_run && written > 0 {
            session.confirm(&format!("Import {written} into {scope}?"))?;
            opened.commit(|| changes(&scope, &rows))?;
        }
        self.report(session, &scope, &rows)
    }

    /// Decides what happens to each entry.
    fn plan(
        &self,
        opened: &Opened<'_>,
        scope: &Scope,
        entries: &[DotenvEntry],
    ) -> Result<Vec<Plan>, CliError> {
        let mut there = std::collections::BTreeMap::new();
        for secret in opened.view.list()?.secrets {
            if secret.name.scope == *scope {
                there.insert(secret.name.key.as_str().to_owned(), secret.revision);
            }
        }
        let mut taken: BTreeSet<String> = there.keys().cloned().collect();
        taken.extend(entries.iter().map(|entry| entry.key.as_str().to_owned()));
        entries
            .iter()
            .map(|entry| match (there.get(entry.key.as_str()), self.on_conflict) {
                _ if entry.value.is_empty() => Ok(Plan::Empty),
                (None, _) => Ok(Plan::Add(entry.key.clone())),
                (Some(_), OnConflict::Skip) => Ok(Plan::Skip),
                (Some(revision), OnConflict::Overwrite) => Ok(Plan::Overwrite(*revision)),
                (Some(_), OnConflict::Rename) => {
                    let free = free_key(&entry.key, &taken)?;
                    taken.insert(free.as_str().to_owned());
                    Ok(Plan::Rename(free))
                }
            })
            .collect()
    }

    fn report(&self, session: &Session, scope: &Scope, rows: &[(&DotenvEntry, &Plan)]) -> Outcome {
        let count = |word: &str| rows.iter().filter(|(_, plan)| plan.word() == word).count();
        let words = ["new", "overwritten", "renamed", "skipped", "empty"];
        let counts = words.map(|word| (word, count(word)));
        let list: Vec<Value> = rows
            .iter()
            .map(|(entry, plan)| {
                let key = plan.target().unwrap_or(&entry.key).clone();
                let more = json!({"line": entry.line, "action": plan.word()});
                record::named(&SecretRef::new(scope.clone(), key), more)
            })
            .collect();
        let mut json = json!({"imported": !self.dry_run, "entries": list});
        if let Value::Object(fields) = &mut json {
            fields.extend(counts.map(|(word, count)| (word.to_owned(), count.into())));
        }
        let said: Vec<String> = counts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(word, count)| format!("{count} {word}"))
            .collect();
        let what = if said.is_empty() { "nothing in the file".to_owned() } else { said.join(", ") };
        let verb = if self.dry_run { "Would import" } else { "Imported" };
        session.out.done(&format!("{verb} into {scope}: {what}"), &json)?;
        DONE
    }
}

impl Plan {
    fn word(&self) -> &'static str {
        match self {
            Self::Add(_) => "new",
            Self::Overwrite(_) => "overwritten",
            Self::Rename(_) => "renamed",
            Self::Skip => "skipped",
            Self::Empty => "empty",
        }
    }

    fn writes(&self) -> bool {
        !matches!(self, Self::Skip | Self::Empty)
    }

    /// The key that is written under, where it is not the entry's own.
    fn target(&self) -> Option<&SecretKey> {
        match self {
            Self::Add(key) | Self::Rename(key) => Some(key),
            _ => None,
        }
    }
}

/// Reads and parses the file; errors name it and its line, never a value.
fn read(file: &Path) -> Result<Vec<DotenvEntry>, CliError> {
    let bytes = match file == Path::new("-") {
        true => input::read_stdin(dotenv::MAX_FILE)?,
        false => input::read_plain_file(file, dotenv::MAX_FILE)?,
    };
    dotenv::parse(&bytes).map_err(|error| in_file(file, &error.to_string(), &error))
}

/// The error, told of a place in the file that it is about.
fn in_file(file: &Path, what: &str, error: &dyn Fault) -> CliError {
    let name = match file == Path::new("-") {
        true => "standard input".into(),
        false => file.to_string_lossy(),
    };
    CliError::new(error.kind(), format!("{}: {what}", visible(&name)), error.help())
}

/// Refuses values the vault does not take while their lines are known.
fn refuse_too_large(file: &Path, entries: &[DotenvEntry], max: usize) -> Result<(), CliError> {
    let Some(entry) = entries.iter().find(|entry| entry.value.len() > max) else {
        return Ok(());
    };
    let error = VaultError::ValueTooLarge { actual: entry.value.len(), max };
    Err(in_file(file, &format!("line {}: {error}", entry.line), &error))
}

/// `key_2`, `key_3` … whichever is free.
fn free_key(key: &SecretKey, taken: &BTreeSet<String>) -> Result<SecretKey, CliError> {
    let mut numbered = (2_u64..).map(|number| format!("{}_{number}", key.as_str()));
    let free = numbered.find(|name| !taken.contains(name)).unwrap_or_default();
    Ok(free.parse()?)
}

fn changes(scope: &Scope, rows: &[(&DotenvEntry, &Plan)]) -> Vec<Change> {
    let write = |(entry, plan): &(&DotenvEntry, &Plan)| {
        let (key, expect) = match plan {
            Plan::Add(key) | Plan::Rename(key) => (key, Expect::Absent),
            Plan::Overwrite(revision) => (&entry.key, Expect::Revision(*revision)),
            Plan::Skip | Plan::Empty => return None,
        };
        let name = SecretRef::new(scope.clone(), key.clone());
        let value: SensitiveBytes = entry.value.duplicate();
        Some(Change::Write { name, value, patch: MetadataPatch::default(), expect })
    };
    rows.iter().filter_map(write).collect()
}

/// Shows on standard error what would be done, so that standard output has the report alone.
fn preview(session: &Session, scope: &Scope, rows: &[(&DotenvEntry, &Plan)]) {
    for (entry, plan) in rows {
        let key = &entry.key;
        let what = match plan {
            Plan::Add(_) => format!("+ {scope}/{key}"),
            Plan::Overwrite(revision) => format!("~ {scope}/{key}: over revision {revision}"),
            Plan::Rename(free) => format!("+ {scope}/{free}: {key} is there already"),
            Plan::Skip => format!("- {scope}/{key}: there already, skipped"),
            Plan::Empty => format!("- {scope}/{key}: has no value, left out"),
        };
        let again = match entry.replaces {
            Some(line) => format!(" (line {}, instead of line {line})", entry.line),
            None => String::new(),
        };
        session.out.progress(&format!("{what}{again}"));
    }
}
