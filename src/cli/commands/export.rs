//! `tresor export`: writes secrets with their values out of the vault, encrypted unless that is not wanted.
//! Changes nothing in it.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::run::variable_name;
use crate::cli::error::CliError;
use crate::cli::progress::Progress;
use crate::cli::sealing::{SealArgs, Whom};
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::streams::named_file;
use crate::cli::{exported, input, record};
use crate::fault::FaultKind;
use crate::service::age::{self, Recipient};
use crate::service::new_file::{Collected, NewFile};
use crate::service::stdio;
use crate::text::{visible, visible_path};
use crate::vault::{Purpose, Scope, Secret, SecretRef, SecretSummary, SystemRandom};

/// The option that gives the passphrase of the file.
const PASSPHRASE_FILE: &str = "--export-passphrase-file";

/// Export secrets with their values
///
/// What is written is encrypted with age: for the recipients that are named, else with a passphrase of its
/// own. 'tresor import' reads it as it is, and so does 'age --decrypt'. Plain text needs --plain.
#[derive(Args)]
pub struct Export {
    /// Only these scopes; without any, all that may be seen
    #[arg(value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The form
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// The file to make; without it, or with -, standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    seal: SealArgs,
    /// Encrypt with the passphrase in this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["recipients", "files"])]
    export_passphrase_file: Option<PathBuf>,
    /// Do not encrypt
    #[arg(long, conflicts_with_all = ["recipients", "files", "export_passphrase_file"])]
    plain: bool,
    /// Leave out protected secrets instead of asking for the passphrase
    #[arg(long)]
    skip_protected: bool,
}

/// A form that other programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// NAME=value; names are made of keys alone
    Dotenv,
    /// Everything, as 'tresor import json' reads it
    Json,
    /// A table; values must be text
    Csv,
}

/// What is written, found out before anybody is asked for a passphrase.
struct Chosen {
    names: Vec<SecretRef>,
    /// The variables of the dotenv form.
    variables: Vec<String>,
    left_out: Vec<SecretRef>,
}

impl Export {
    pub fn run(&self, session: &Session) -> Outcome {
        let scopes =
            self.scopes.iter().map(|scope| scope.parse()).collect::<Result<Vec<Scope>, _>>()?;
        let recipients = self.seal.recipients()?;
        let out = named_file(self.out.as_deref());
        let to_terminal = out.is_none() && io::stdout().is_terminal();
        if to_terminal && !self.plain {
            return Err(CliError::new(
                FaultKind::Refused,
                "an encrypted export is nothing for a terminal",
                "send it to a file with --out FILE, or add --plain to see the values",
            ));
        }
        let new = match out {
            Some(path) => Some(begin(path, self.seal.force)?),
            None => None,
        };
        let opened = session.open()?;
        let chosen = self.choose(&opened, &scopes)?;
        let whom = self.whom(session, recipients)?;
        let secrets = read(session, &opened, &chosen.names)?;
        opened.close();
        self.check(&secrets, to_terminal)?;
        self.warn(session, &chosen);
        match (new, out) {
            (Some(new), Some(path)) => {
                let written = self.write(new, whom.as_ref(), &secrets, &chosen.variables);
                let kept = written.and_then(|new| Ok(new.keep()?));
                kept.map_err(|error| in_file(path, error))?;
                self.report(session, path, whom.as_ref(), &chosen)
            }
            _ => {
                let out = self.write(stdio::Output, whom.as_ref(), &secrets, &chosen.variables);
                out.map_err(|error| CliError::from(io::Error::from(error)))?;
                DONE
            }
        }
    }

    /// For whom it is encrypted; `None` where it is not.
    fn whom(
        &self,
        session: &Session,
        recipients: Vec<Recipient>,
    ) -> Result<Option<Whom>, CliError> {
        match self.plain {
            true => Ok(None),
            false => {
                let file = self.export_passphrase_file.as_deref();
                Whom::find(session, recipients, file, PASSPHRASE_FILE).map(Some)
            }
        }
    }

    /// Which secrets; a scope that holds none is a wrong name.
    fn choose(&self, opened: &Opened<'_>, scopes: &[Scope]) -> Result<Chosen, CliError> {
        scopes.iter().try_for_each(|scope| opened.check_visible(scope))?;
        let mut all = opened.view.list()?.secrets;
        opened.check_filled(scopes, &all)?;
        all.retain(|secret| scopes.is_empty() || scopes.contains(&secret.name.scope));
        let (left_out, wanted): (Vec<SecretSummary>, Vec<SecretSummary>) =
            all.into_iter().partition(|secret| self.skip_protected && secret.protected);
        let names = |all: Vec<SecretSummary>| all.into_iter().map(|one| one.name).collect();
        let names: [Vec<SecretRef>; 2] = [wanted, left_out].map(names);
        let [names, left_out] = names;
        let variables = match self.format {
            Format::Dotenv => variables(&names)?,
            Format::Json | Format::Csv => Vec::new(),
        };
        Ok(Chosen { names, variables, left_out })
    }

    /// Refuses what the form cannot hold, and what a terminal would obey.
    fn check(&self, secrets: &[Secret], to_terminal: bool) -> Result<(), CliError> {
        match self.format {
            Format::Json => return Ok(()),
            Format::Dotenv => exported::check_text(secrets, "a .env file")?,
            Format::Csv => {
                exported::check_text(secrets, "CSV")?;
                exported::check_tags(secrets)?;
            }
        }
        let is_plain = |secret: &&Secret| {
            let metadata = &secret.metadata;
            let texts = [&metadata.username, &metadata.url, &metadata.note];
            let mut texts = texts.into_iter().flatten().chain(&metadata.tags);
            secret.value.with(record::is_plain)
                && (self.format == Format::Dotenv
                    || texts.all(|text| record::is_plain(text.as_bytes())))
        };
        match secrets.iter().find(|secret| to_terminal && !is_plain(secret)) {
            None => Ok(()),
            Some(secret) => Err(CliError::new(
                FaultKind::Refused,
                format!("{} holds bytes a terminal may obey", secret.name),
                "use --format json, or send it to a file with --out FILE",
            )),
        }
    }

    fn warn(&self, session: &Session, chosen: &Chosen) {
        if !chosen.left_out.is_empty() {
            let names: Vec<String> = chosen.left_out.iter().map(ToString::to_string).collect();
            session.out.warning(&format!("protected, and left out: {}", names.join(", ")));
        }
        if self.plain {
            session.out.warning("this is not encrypted: whoever gets at it reads every value");
        }
    }

    /// Writes all of it, and gives back what it wrote to.
    fn write<W: Write>(
        &self,
        to: W,
        whom: Option<&Whom>,
        secrets: &[Secret],
        variables: &[String],
    ) -> age::Result<W> {
        match whom {
            None => {
                let mut to = Collected::new(to);
                self.write_form(&mut to, secrets, variables)?;
                Ok(to.finish()?)
            }
            Some(whom) => {
                let (mut to, _) = age::seal(to, &whom.lend(), &SystemRandom)?;
                self.write_form(&mut to, secrets, variables)?;
                Ok(to.finish()?)
            }
        }
    }

    fn write_form(
        &self,
        to: &mut impl Write,
        secrets: &[Secret],
        variables: &[String],
    ) -> io::Result<()> {
        match self.format {
            Format::Dotenv => exported::dotenv(to, secrets, variables),
            Format::Json => exported::json(to, secrets),
            Format::Csv => exported::csv(to, secrets),
        }
    }

    fn report(
        &self,
        session: &Session,
        path: &Path,
        whom: Option<&Whom>,
        chosen: &Chosen,
    ) -> Outcome {
        let (count, path) = (chosen.names.len(), path.to_string_lossy());
        let how = whom.map_or_else(|| "not encrypted".to_owned(), Whom::words);
        let secrets = if count == 1 { "secret" } else { "secrets" };
        let left_out: Vec<String> = chosen.left_out.iter().map(ToString::to_string).collect();
        session.out.done(
            &format!("Exported {count} {secrets} to {}, {how}", visible(&path)),
            &json!({
                "file": path,
                "count": count,
                "encrypted": whom.is_some(),
                "left_out": left_out,
            }),
        )?;
        DONE
    }
}

/// Begins a file, in the words of commands that make one.
pub fn begin(path: &Path, replaces: bool) -> Result<NewFile, CliError> {
    input::check_no_link(path)?;
    NewFile::begin(path, replaces).map_err(|error| in_file(path, error.into()))
}

/// What went wrong with the file that is made.
pub fn in_file(path: &Path, error: age::AgeError) -> CliError {
    match error {
        age::AgeError::Io(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let message = format!("{} is already there", visible_path(path));
            let help = "choose another name, or replace it with --force";
            CliError::new(FaultKind::Precondition, message, help)
        }
        age::AgeError::Io(error) => CliError::file("make", path, &error),
        error => error.into(),
    }
}

/// All values, as they were at one moment.
fn read(
    session: &Session,
    opened: &Opened<'_>,
    names: &[SecretRef],
) -> Result<Vec<Secret>, CliError> {
    let view = opened.view.for_purpose(Purpose::Export);
    let shown = RefCell::new(Progress::new(session.out, "secrets read"));
    let told = |done, total| shown.borrow_mut().at(done, total);
    opened.with_protection(|key| view.read_all_told(names, key, &told))
}

/// The variable of each secret; two for one variable are refused.
fn variables(names: &[SecretRef]) -> Result<Vec<String>, CliError> {
    let mut taken = std::collections::BTreeMap::new();
    let mut variables = Vec::with_capacity(names.len());
    for name in names {
        let variable = variable_name(&name.key);
        if !variable.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
            return Err(CliError::invalid(
                format!("{name} would be {variable}, and a variable begins with a letter or _"),
                "rename it with 'tresor move', or use --format json",
            ));
        }
        if let Some(other) = taken.insert(variable.clone(), name) {
            return Err(CliError::invalid(
                format!("{other} and {name} would both be {variable}"),
                "export one scope at a time, rename one with 'tresor move', or use --format json",
            ));
        }
        variables.push(variable);
    }
    Ok(variables)
}
