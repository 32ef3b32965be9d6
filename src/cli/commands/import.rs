//! `tresor import`: takes over what another program keeps, after a preview and in one commit.

mod contents;
mod plan;
mod report;
mod source;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::bad_places;
use crate::cli::error::CliError;
use crate::cli::opening::OpenArgs;
use crate::cli::session::{Outcome, Session};
use crate::fault::{Fault, FaultKind};
use crate::service::import::{Bad, Entry, Place};
use crate::vault::{Change, Expect, Scope, SecretRef, VaultError};
use plan::Plan;
use source::{Format, Source};

/// Import secrets from another program
///
/// Shows what it would do and asks; then everything is written in one commit, or nothing. The source is
/// never changed. Files of dotenv, json, csv and bitwarden are also read where they are encrypted with age,
/// as 'tresor export' writes them.
///
/// Titles become keys in lower case, with their folders in front: work.github. The one-time password of an
/// entry becomes work.github.otp, a field of it work.github.FIELD.
#[derive(Args)]
pub struct Import {
    /// The format
    format: Format,
    /// The file or folder; - is standard input, for formats of one file
    path: PathBuf,
    /// The scope to import into; without it everything goes where the source itself puts it
    #[arg(long)]
    scope: Option<String>,
    /// Whose CSV file it is, where its header does not tell
    #[arg(long, value_name = "WHOSE")]
    dialect: Option<DialectWord>,
    /// What to do with names that are there with another value
    #[arg(long, value_name = "WHAT", default_value = "skip")]
    on_conflict: OnConflict,
    /// Import the rest when something cannot be read
    #[arg(long)]
    skip_bad: bool,
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    open: OpenArgs,
    /// The passphrase of a KeePass database or of a file of age, in a file; asked for when left out
    #[arg(long, value_name = "FILE", conflicts_with = "identities")]
    source_passphrase_file: Option<PathBuf>,
    /// The key file of a KeePass database
    #[arg(long, value_name = "FILE")]
    source_key_file: Option<PathBuf>,
}

/// Whose CSV file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DialectWord {
    /// Bitwarden
    Bitwarden,
    /// 1Password
    #[value(name = "1password")]
    OnePassword,
    /// KeePassXC
    Keepassxc,
    /// Any other with a column for passwords
    Plain,
    /// What 'tresor export' writes
    Tresor,
}

/// What happens to a name that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnConflict {
    /// Keep what is there
    Skip,
    /// Write a new revision
    Overwrite,
    /// Import under NAME_2, NAME_3 …, unless one of these has the value
    Rename,
}

/// An entry, and where it is to go.
struct Placed {
    name: SecretRef,
    entry: Entry,
}

impl Import {
    pub fn run(&self, session: &Session) -> Outcome {
        let mut source = Source::of(self)?;
        let scope: Option<Scope> = self.scope.as_deref().map(str::parse).transpose()?;
        let mut found = source.read(session)?;
        source.check_scope(scope.as_ref(), &found.entries)?;
        let entries = std::mem::take(&mut found.entries);
        let placed = placed(entries, scope.as_ref(), &mut found.bad);
        self.check_bad(session, &source, &found.bad)?;
        let opened = session.open()?;
        let scopes: BTreeSet<&Scope> = placed.iter().map(|placed| &placed.name.scope).collect();
        for scope in scopes.iter().copied().chain(&scope) {
            opened.check_writable(scope)?;
        }
        let max = opened.vault.max_value()?;
        if !self.skip_bad {
            refuse_too_large(&source, &placed, max)?;
        }
        let plans = self.plan(&opened, &placed, max)?;
        let (plans, nameless): (Vec<_>, Vec<_>) =
            placed.iter().zip(plans).partition(|(_, plan)| plan.is_ok());
        let nameless: Vec<Bad> = nameless.into_iter().filter_map(|(_, bad)| bad.err()).collect();
        self.check_bad(session, &source, &nameless)?;
        found.bad.extend(nameless);
        let rows: Vec<(&Placed, &Plan)> = plans
            .iter()
            .filter_map(|(placed, plan)| Some((*placed, plan.as_ref().ok()?)))
            .collect();
        let into = report::into(scope.as_ref(), &scopes);
        report::preview(session, self.dry_run, &rows)?;
        let written = rows.iter().filter(|(_, plan)| plan.writes()).count();
        if !self.dry_run && written > 0 {
            session.confirm(&format!("Import {written}{into}?"))?;
            opened.commit(|| changes(&rows))?;
        }
        report::notes(session, &found);
        let outcome = report::report(session, self.dry_run, &into, &rows, &found);
        if !self.dry_run && !rows.is_empty() {
            source.advise(session);
        }
        outcome
    }

    /// Refuses what cannot be read, unless the rest is wanted all the same.
    fn check_bad(&self, session: &Session, source: &Source, bad: &[Bad]) -> Result<(), CliError> {
        let Some(first) = bad.first() else { return Ok(()) };
        let told: Vec<String> = bad.iter().map(Bad::to_string).collect();
        if self.skip_bad {
            bad_places::warn(session.out, &told);
            return Ok(());
        }
        let what = bad_places::in_words(&told, "cannot be read");
        let rest = "--skip-bad imports the rest";
        let help = match first.help {
            "" => rest.to_owned(),
            help => format!("{help}; {rest}"),
        };
        Err(source.error(FaultKind::Invalid, &what, help))
    }
}

/// Gives every entry its name; one with the name of another is bad.
fn placed(entries: Vec<Entry>, scope: Option<&Scope>, bad: &mut Vec<Bad>) -> Vec<Placed> {
    let mut places: HashMap<SecretRef, Place> = HashMap::new();
    let mut placed = Vec::with_capacity(entries.len());
    for entry in entries {
        let place = entry.place.clone();
        let Some(scope) = scope.or(entry.scope.as_ref()) else { continue };
        let name = SecretRef::new(scope.clone(), entry.key.clone());
        match places.get(&name) {
            Some(first) => {
                let why = format!("{name} stands at {first} already");
                bad.push(Bad { place, why, help: "leave out --scope, or rename one of the two" });
            }
            None => {
                places.insert(name.clone(), place);
                placed.push(Placed { name, entry });
            }
        }
    }
    placed
}

/// Refuses values the vault does not take while their places are known.
fn refuse_too_large(source: &Source, placed: &[Placed], max: usize) -> Result<(), CliError> {
    let is_too_large = |entry: &Entry| entry.value.len() > max && !entry.is_attachment;
    let Some(Placed { entry, .. }) = placed.iter().find(|placed| is_too_large(&placed.entry))
    else {
        return Ok(());
    };
    let error = VaultError::ValueTooLarge { actual: entry.value.len(), max };
    let help = format!("{}; --skip-bad imports the rest", error.help());
    Err(source.error(error.kind(), &format!("{}: {error}", entry.place), help))
}

fn changes(rows: &[(&Placed, &Plan)]) -> Vec<Change> {
    let write = |(placed, plan): &(&Placed, &Plan)| {
        let (key, expect) = match plan {
            Plan::Add => (&placed.name.key, Expect::Absent),
            Plan::Rename(key) => (key, Expect::Absent),
            Plan::Overwrite(revision) => (&placed.name.key, Expect::Revision(*revision)),
            _ => return None,
        };
        let name = SecretRef::new(placed.name.scope.clone(), key.clone());
        let (value, patch) = (placed.entry.value.duplicate(), placed.entry.patch.clone());
        Some(Change::Write { name, value, patch, expect })
    };
    rows.iter().filter_map(write).collect()
}
