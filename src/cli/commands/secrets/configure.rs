//! `tresor secrets configure`: writes a reference to a secret into a config file, and the secret into the
//! vault first if it is given. What the file held is kept in a numbered copy.

use std::fs::Permissions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::cli::error::CliError;
use crate::cli::referring::MAX_FILE;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::{input, names, record};
use crate::fault::{Fault, FaultKind};
use crate::service::config_file::{self, Form};
use crate::service::new_file::NewFile;
use crate::text::{visible, visible_path};
use crate::vault::{Change, Expect, MetadataPatch, SecretRef, SensitiveBytes, VaultError};

/// The most copies that are kept beside a file.
const MOST_COPIES: usize = 999;

/// Write a reference to a secret into a config file
///
/// The file is TOML or a .env file, where every assignment of the name is changed; comments and order stay.
/// What it held is kept as FILE.1, FILE.2 …, for you alone: it may have been the secret itself, so remove the
/// copy when all works.
#[derive(Args)]
pub struct Configure {
    /// The secret: SCOPE/KEY, a tresor:// URI, or SCOPE KEY
    #[arg(value_name = "REF", required = true, num_args = 1..=2)]
    words: Vec<String>,
    /// The config file; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// The place in it: TABLE.KEY in TOML, NAME in a .env file
    #[arg(long, value_name = "PLACE")]
    at: String,
    /// Write the value from standard input into the vault first
    #[arg(long)]
    value_stdin: bool,
    /// Drop one newline at its end
    #[arg(long, requires = "value_stdin")]
    chomp: bool,
}

impl Configure {
    pub fn run(&self, session: &Session) -> Outcome {
        let name = names::reference(&self.words)?;
        let form = Form::of(&self.file).ok_or_else(|| {
            let message = format!("{} is neither TOML nor a .env file", visible_path(&self.file));
            CliError::new(FaultKind::Unsupported, message, "write the reference by hand")
        })?;
        let former = self.former()?;
        let empty = SensitiveBytes::new(Vec::new());
        let text = former.as_ref().unwrap_or(&empty);
        // The file is understood, and can be written, before anything is changed.
        let changed = config_file::with_value(form, text, &self.at, &name.uri())
            .map_err(|error| told(&self.file, &error))?;
        let written = NewFile::begin(&self.file, true).map(drop);
        written.map_err(|error| CliError::file("write", &self.file, &error))?;
        let opened = session.open()?;
        match self.value_stdin {
            true => self.put(&opened, &name)?,
            false => drop(opened.view.describe(&name)?),
        }
        let is_same = former.as_ref().is_some_and(|former| former.is_same(&changed.text));
        let copy = match (&former, is_same) {
            (Some(former), false) => Some(keep_copy(&self.file, former)?),
            _ => None,
        };
        match &former {
            Some(former) if !is_same => replace(&self.file, former, &changed.text)?,
            Some(_) => {}
            None => {
                let written = write(&self.file, &changed.text, None);
                written.map_err(|error| CliError::file("write", &self.file, &error))?;
            }
        }
        self.tell(session, &name, copy.as_deref())?;
        if changed.places > 1 && !is_same {
            let at = visible(&self.at);
            session
                .out
                .note(&format!("{at} stands there {} times: each was changed", changed.places));
        }
        DONE
    }

    /// What the file holds; `None` when it is not there.
    fn former(&self) -> Result<Option<SensitiveBytes>, CliError> {
        match self.file.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            _ => Ok(Some(input::read_file_to_change(&self.file, MAX_FILE)?.0)),
        }
    }

    fn put(&self, opened: &Opened<'_>, name: &SecretRef) -> Result<(), CliError> {
        opened.check_writable(&name.scope)?;
        let max = opened.vault.max_value()?;
        let value = input::read_stdin(max.saturating_add(2))?;
        let value = if self.chomp { input::chomp(value) } else { value };
        if value.len() > max {
            return Err(VaultError::ValueTooLarge { actual: value.len(), max }.into());
        }
        opened.commit(|| {
            let (name, value) = (name.clone(), value.duplicate());
            let (patch, expect) = (MetadataPatch::default(), Expect::Any);
            vec![Change::Write { name, value, patch, expect }]
        })?;
        Ok(())
    }

    fn tell(
        &self,
        session: &Session,
        name: &SecretRef,
        copy: Option<&Path>,
    ) -> Result<(), CliError> {
        let (file, at) = (visible_path(&self.file), visible(&self.at));
        let json = record::named(
            name,
            json!({
                "file": self.file.to_string_lossy(),
                "at": self.at,
                "reference": name.uri(),
                "backup": copy.map(Path::to_string_lossy),
            }),
        );
        session.out.done(&format!("{file}: {at} is {}", name.uri()), &json)?;
        if let Some(copy) = copy {
            session.out.note(&format!("what it held is kept in {}", visible_path(copy)));
        }
        Ok(())
    }
}

fn told(file: &Path, error: &dyn Fault) -> CliError {
    CliError::new(error.kind(), format!("{}: {error}", visible_path(file)), error.help())
}

/// Keeps the former contents under the first number that is free.
fn keep_copy(file: &Path, former: &SensitiveBytes) -> Result<PathBuf, CliError> {
    for number in 1..=MOST_COPIES {
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".{number}"));
        let copy = PathBuf::from(name);
        match write(&copy, former, None) {
            Ok(()) => return Ok(copy),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(CliError::file("write", &copy, &error)),
        }
    }
    let message = format!("there are {MOST_COPIES} copies of {} already", visible_path(file));
    Err(CliError::new(FaultKind::Precondition, message, "remove some of them"))
}

/// Puts the new contents in the file's place, with the permissions it has, if it still holds `former`.
///
/// # Errors
///
/// It was changed meanwhile, or cannot be written; then it is as it was.
pub fn replace(
    file: &Path,
    former: &SensitiveBytes,
    text: &SensitiveBytes,
) -> Result<(), CliError> {
    let (now, permissions) = input::read_file_to_change(file, MAX_FILE)?;
    if !now.is_same(former) {
        let message = format!("{} was changed meanwhile", visible_path(file));
        let help = "the file was left as it is; do it once more";
        return Err(CliError::new(FaultKind::Precondition, message, help));
    }
    write(file, text, Some(permissions)).map_err(|error| CliError::file("write", file, &error))
}

/// Writes a file; only one whose permissions are known may be there already.
fn write(file: &Path, text: &SensitiveBytes, former: Option<Permissions>) -> io::Result<()> {
    let mut new = NewFile::begin(file, former.is_some())?;
    text.with(|bytes| new.write_all(bytes))?;
    if let Some(permissions) = former {
        new.set_permissions(permissions)?;
    }
    new.keep()
}
