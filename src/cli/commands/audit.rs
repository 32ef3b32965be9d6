//! `tresor audit`: what wants attention in the vault and in the files that use it. Changes nothing unless
//! it is told to move secrets into the vault.

mod moving;
mod plan;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use serde_json::{Value, json};

use super::secrets::look_up;
use crate::cli::bad_places;
use crate::cli::error::CliError;
use crate::cli::input;
use crate::cli::listing::ListArgs;
use crate::cli::progress::Progress;
use crate::cli::referring::{MAX_FILE, Referring};
use crate::cli::session::{Opened, Outcome, Session};
use crate::cli::{exit, record, when};
use crate::service::audit::{self, Report, Rules};
use crate::service::dotenv::BadLine;
use crate::service::env_files;
use crate::service::new_file::directory;
use crate::service::reference::{Reference, State};
use crate::vault::{Scope, SecretKind, SecretRef};

/// A day in seconds.
const DAY: u64 = 86_400;

/// Look for secrets that are weak, reused, old, expiring, or in clear in files
///
/// With config files it tells the references in them that lead nowhere, the secrets in clear, the lines of
/// .env files that cannot be read, and what no file refers to of the scopes they use. Values are compared by
/// keyed hashes. With --strict it exits 6 when there is something to tell.
#[derive(Args)]
#[command(group = ArgGroup::new("places").args(["files", "scan"]).multiple(true))]
pub struct Audit {
    /// Config files that use the vault
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Look for secrets in the .env and .envrc files of this tree; directories that git ignores are passed over
    #[arg(long, value_name = "DIR")]
    scan: Vec<PathBuf>,
    /// Exit 6 when there is a finding
    #[arg(long, conflicts_with = "move_to")]
    strict: bool,
    /// What was not changed for so long is old
    #[arg(long, value_name = "SPAN", default_value = "365d")]
    old: String,
    /// What stops working within this time is expiring
    #[arg(long, value_name = "SPAN", default_value = "30d")]
    expiring: String,
    /// Move the secrets found in .env files into this scope, and leave references in their place; asks
    /// first
    #[arg(long, value_name = "SCOPE", requires = "places", conflicts_with = "ndjson")]
    move_to: Option<String>,
    /// Move the rest when lines cannot be read, or names have two values
    #[arg(long, requires = "move_to")]
    skip_bad: bool,
    #[command(flatten)]
    form: ListArgs,
}

/// Where is to be looked.
struct Places {
    paths: Vec<PathBuf>,
    /// What a scan found and cannot be read, and why; safe to show.
    not_read: Vec<String>,
}

impl Places {
    fn add_found(&mut self, path: PathBuf) {
        match input::check_plain_file(&path, MAX_FILE) {
            Ok(()) => self.paths.push(path),
            Err(why) => self.not_read.push(why.to_string()),
        }
    }
}

/// The same for one file, however its directory is written; a link is another file than what it leads to.
fn one_spelling(path: &Path) -> PathBuf {
    match (directory(path).canonicalize(), path.file_name()) {
        (Ok(directory), Some(name)) => directory.join(name),
        _ => path.to_owned(),
    }
}

/// One thing to tell.
pub struct Row {
    word: &'static str,
    /// The secret or the place in a file.
    subject: String,
    text: String,
    json: Value,
}

impl Audit {
    pub fn run(&self, session: &Session) -> Outcome {
        let rules = self.rules(session)?;
        let target = self.move_to.as_deref().map(str::parse::<Scope>).transpose()?;
        let places = self.places()?;
        bad_places::warn_of(session.out, &places.not_read);
        if let Some(scope) = &target {
            return moving::run(session, scope, &places, self.skip_bad);
        }
        let files = Referring::read_all(&places.paths)?;
        let opened = session.open()?;
        let report = look(session, &opened, &rules)?;
        let mut rows = in_vault(&report);
        let used = used(&files);
        rows.extend(unused(&opened, &used, !files.is_empty())?);
        rows.extend(unresolved(session, &opened, &files)?);
        rows.extend(files.iter().flat_map(malformed));
        rows.extend(inline(&files));
        self.tell(session, &report, &places.not_read, &rows)?;
        match self.strict && !rows.is_empty() {
            true => Ok(exit::AUDIT_FINDINGS.into()),
            false => Ok(0.into()),
        }
    }

    fn rules(&self, session: &Session) -> Result<Rules, CliError> {
        let days = |span: &str| -> Result<u32, CliError> {
            Ok(u32::try_from(when::span(span)?.as_secs() / DAY).unwrap_or(u32::MAX))
        };
        let (old, expiring) = (days(&self.old)?, days(&self.expiring)?);
        Ok(Rules {
            old_after_days: old,
            expiring_within_days: expiring,
            ..Rules::at(session.now())
        })
    }

    /// The files that were named and those that were found, each once. What was found and cannot be read
    /// refuses nothing.
    fn places(&self) -> Result<Places, CliError> {
        let mut places = Places { paths: self.files.clone(), not_read: Vec::new() };
        for directory in &self.scan {
            if let Err(error) = std::fs::read_dir(directory) {
                return Err(CliError::file("read", directory, &error));
            }
            let (found, failed) = env_files::find(directory);
            places.not_read.extend(failed);
            found.into_iter().for_each(|path| places.add_found(path));
        }
        let mut seen = BTreeSet::new();
        places.paths.retain(|path| seen.insert(one_spelling(path)));
        Ok(places)
    }

    fn tell(
        &self,
        session: &Session,
        report: &Report,
        not_read: &[String],
        rows: &[Row],
    ) -> Result<(), CliError> {
        let left_out: Vec<String> = report.left_out.iter().map(ToString::to_string).collect();
        let document = |findings: Vec<Value>| {
            json!({
                "looked_at": report.looked_at,
                "left_out": left_out,
                "not_read": not_read,
                "count": findings.len(),
                "findings": findings,
            })
        };
        let in_json = |row: &Row| row.json.clone();
        self.form.print(session, rows, in_json, document, || table(session, rows))?;
        if !left_out.is_empty() {
            let help = "a passphrase opens them: --passphrase-file";
            session.out.note(&format!("protected and not looked at: {}; {help}", left_out.len()));
        }
        if rows.is_empty() {
            session.out.note(&format!("nothing found; values looked at: {}", report.looked_at));
        } else if rows.iter().any(|row| row.word == "inline") {
            let help = "'tresor audit --scan DIR --move-to SCOPE' moves what stands in .env files";
            session.out.note(help);
        }
        Ok(())
    }
}

fn table(session: &Session, rows: &[Row]) -> Result<(), CliError> {
    let cells = |row: &Row| vec![row.word.to_owned(), row.subject.clone(), row.text.clone()];
    let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
    session.out.table(&["FINDING", "WHERE", "WHAT"], &cells)
}

/// Audits the vault, with the protection key if a passphrase was named for it.
fn look(session: &Session, opened: &Opened<'_>, rules: &Rules) -> Result<Report, CliError> {
    let key = opened.protection_at_hand()?;
    let mut progress = Progress::new(session.out, "secrets");
    Ok(audit::audit(&opened.view, rules, key, &mut |done, total| progress.at(done, total))?)
}

fn in_vault(report: &Report) -> Vec<Row> {
    let row = |(name, finding): &(SecretRef, audit::Finding)| {
        let mut more = json!({"finding": finding.word(), "text": finding.text()});
        if let (audit::Finding::Reused { with }, Value::Object(more)) = (finding, &mut more) {
            let with: Vec<String> = with.iter().map(ToString::to_string).collect();
            more.insert("with".into(), json!(with));
        }
        let json = record::named(name, more);
        Row { word: finding.word(), subject: name.to_string(), text: finding.text(), json }
    };
    report.findings.iter().map(row).collect()
}

/// The secrets that the files refer to.
fn used(files: &[Referring]) -> BTreeSet<SecretRef> {
    let name = |reference: &Reference| match reference {
        Reference::Vault(locator) => Some(locator.name.clone()),
        _ => None,
    };
    let spots = files.iter().flat_map(|file| &file.spots);
    spots.filter_map(|spot| spot.reference.as_ref().ok().and_then(name)).collect()
}

/// What no file refers to, in the scopes that any refers to: of the others nothing can be said.
fn unused(
    opened: &Opened<'_>,
    used: &BTreeSet<SecretRef>,
    has_files: bool,
) -> Result<Vec<Row>, CliError> {
    if !has_files || used.is_empty() {
        return Ok(Vec::new());
    }
    let scopes: BTreeSet<&Scope> = used.iter().map(|name| &name.scope).collect();
    let secrets = opened.view.list()?.secrets.into_iter().map(|secret| secret.name);
    let idle = secrets.filter(|name| scopes.contains(&name.scope) && !used.contains(name));
    let row = |name: SecretRef| {
        let text = "no file refers to it".to_owned();
        let json = record::named(&name, json!({"finding": "unused", "text": text}));
        Row { word: "unused", subject: name.to_string(), text, json }
    };
    Ok(idle.map(row).collect())
}

fn unresolved(
    session: &Session,
    opened: &Opened<'_>,
    files: &[Referring],
) -> Result<Vec<Row>, CliError> {
    let rows = look_up(session, Some(opened), files)?;
    let wrong = rows.iter().filter(|row| row.state() != State::Resolved);
    let row = |row: &super::secrets::Row<'_>| {
        let text = format!("{} {}: {}", row.reference(), row.state().word(), row.why());
        let mut json = row.json();
        if let Value::Object(fields) = &mut json {
            fields.insert("finding".into(), "unresolved".into());
        }
        let subject = format!("{}:{}", row.file, row.spot.line);
        Row { word: "unresolved", subject, text: text.trim_start().to_owned(), json }
    };
    Ok(wrong.map(row).collect())
}

/// The lines of a file that cannot be read: what stands there was looked at as in any text.
fn malformed(file: &Referring) -> Vec<Row> {
    let row = |bad: &BadLine| {
        let (file, line, text) = (&file.file, bad.line, bad.why.to_owned());
        let json = json!({"finding": "malformed", "file": file, "line": line, "text": text});
        Row { word: "malformed", subject: format!("{file}:{line}"), text, json }
    };
    file.malformed.iter().map(row).collect()
}

/// The secrets in clear.
fn inline(files: &[Referring]) -> Vec<Row> {
    let in_file = |file: &Referring| {
        let row = |one: &crate::service::inline::Inline| {
            let what = match one.kind {
                SecretKind::Other => "a secret in clear".to_owned(),
                kind => format!("{kind} in clear"),
            };
            let what = match one.name.as_str() {
                "" => what,
                name => format!("{name}: {what}"),
            };
            let json = json!({
                "finding": "inline",
                "file": file.file,
                "line": one.line,
                "name": one.name,
                "kind": one.kind.word(),
            });
            let subject = format!("{}:{}", file.file, one.line);
            Row { word: "inline", subject, text: what, json }
        };
        file.inline.iter().map(row).collect::<Vec<_>>()
    };
    files.iter().flat_map(in_file).collect()
}
