//! What opens an encrypted file: the options and questions that all commands share that read one. Reads no
//! file of secrets itself.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CliError;
use super::input;
use super::prompt::Terminal;
use super::sealing::of;
use crate::fault::FaultKind;
use crate::service::age::{self, AgeError, FileKey, Identity, Opener, Sealed, With};
use crate::text::visible_path;

/// How often a person may try.
const TRIES: usize = 3;

/// What opens a file.
#[derive(Args)]
pub struct OpenArgs {
    /// Open it with the private keys in this file, as age-keygen writes it; repeat it for more
    #[arg(long = "identity", value_name = "FILE")]
    identities: Vec<PathBuf>,
}

impl OpenArgs {
    /// Whether keys were named.
    pub fn is_given(&self) -> bool {
        !self.identities.is_empty()
    }

    /// Opens the file of that path, which `from` reads: with the identities, or with the passphrase in
    /// `file`, which `option` names, or with one that is asked for.
    pub fn open<R: Read>(
        &self,
        from: R,
        path: &Path,
        file: Option<&Path>,
        option: &str,
    ) -> Result<Opener<BufReader<R>>, CliError> {
        let told = |error: AgeError| age_error(path, error);
        let sealed = Sealed::read(from).map_err(told)?;
        let key = self.key(&sealed, &visible_path(path), file, option)?;
        sealed.open(&key).map_err(told)
    }

    fn key<R: Read>(
        &self,
        sealed: &Sealed<R>,
        name: &str,
        file: Option<&Path>,
        option: &str,
    ) -> Result<FileKey, CliError> {
        let told = |error: AgeError| of(name, &error);
        if !sealed.wants_passphrase() || self.is_given() {
            return sealed.key(&With::Identities(&self.identities()?)).map_err(told);
        }
        if let Some(file) = file {
            let passphrase = input::read_passphrase_file(file)?;
            return sealed.key(&With::Passphrase(&passphrase)).map_err(told);
        }
        let terminal = Terminal::open().ok_or_else(|| {
            let message = format!("{name} has a passphrase, and there is no terminal to ask on");
            CliError::new(FaultKind::Locked, message, format!("give it with {option} FILE"))
        })?;
        for _ in 1..TRIES {
            let passphrase = terminal.ask_unseen(&format!("Passphrase of {name}: "))?;
            match sealed.key(&With::Passphrase(&passphrase)) {
                Err(AgeError::WrongPassphrase) => terminal.say("That is not its passphrase.\n")?,
                found => return found.map_err(told),
            }
        }
        let passphrase = terminal.ask_unseen(&format!("Passphrase of {name}: "))?;
        sealed.key(&With::Passphrase(&passphrase)).map_err(told)
    }

    fn identities(&self) -> Result<Vec<Identity>, CliError> {
        let mut all = Vec::new();
        for path in &self.identities {
            let file = input::read_key_file(path)?;
            let read = age::identities(&file);
            all.extend(read.map_err(|error| of(&visible_path(path), &error))?);
        }
        Ok(all)
    }
}

/// What is wrong with an encrypted file, by its path.
pub fn age_error(path: &Path, error: AgeError) -> CliError {
    match error {
        AgeError::Io(error) => CliError::file("read", path, &error),
        error => of(&visible_path(path), &error),
    }
}
