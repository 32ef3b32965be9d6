//! The source of an import: which format, which reader, how it is named. Plans nothing.

use std::fs::File;
use std::io;

use clap::ValueEnum;

use super::contents::{Contents, PASSPHRASE_FILE};
use super::{DialectWord, Import};
use crate::cli::error::CliError;
use crate::cli::input;
use crate::cli::progress::Progress;
use crate::cli::prompt::Terminal;
use crate::cli::session::Session;
use crate::fault::{Fault, FaultKind};
use crate::service::import::csv::Dialect;
use crate::service::import::{
    Entry, Found, ImportError, MAX_FILE, bitwarden, csv, dotenv, json, kdbx, palyra, pass,
};
use crate::text::visible;
use crate::vault::{Scope, SensitiveBytes};

/// The largest key file of a KeePass database, in bytes; any file may be one.
const MAX_KEY_FILE: usize = 1024 * 1024;

/// What to do with a source that is no danger where it lies.
const ENCRYPTED: &str = "is as it was, encrypted; keep it as a backup, or delete it";

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// An environment file
    Dotenv,
    /// Names and values, nested ones too, or what tresor exports
    Json,
    /// What Bitwarden, 1Password, KeePassXC, LastPass, browsers and tresor export
    Csv,
    /// Bitwarden's JSON export, not encrypted
    Bitwarden,
    /// A database of KeePass
    Kdbx,
    /// The folder of a store of pass, which gpg decrypts
    Pass,
    /// The folder that holds a vault of palyra and its identity
    Palyra,
}

/// A source that was named.
pub(super) struct Source<'a> {
    import: &'a Import,
    /// Whether it turned out to be encrypted with age.
    was_sealed: bool,
}

impl<'a> Source<'a> {
    /// The source that the command line names; options that say nothing of its format are refused.
    pub(super) fn of(import: &'a Import) -> Result<Self, CliError> {
        let source = Self { import, was_sealed: false };
        let format = import.format;
        let only_for = |is_given: bool, option: &str, is_wanted: bool, whom: &str| match is_given
            && !is_wanted
        {
            true => Err(CliError::invalid(format!("{option} is for {whom} alone"), "leave it out")),
            false => Ok(()),
        };
        let (is_kdbx, is_folder) = (format == Format::Kdbx, source.is_folder());
        only_for(import.dialect.is_some(), "--dialect", format == Format::Csv, "csv")?;
        only_for(import.source_key_file.is_some(), "--source-key-file", is_kdbx, "kdbx")?;
        let has_passphrase = import.source_passphrase_file.is_some();
        only_for(has_passphrase, PASSPHRASE_FILE, !is_folder, "formats of one file")?;
        let may_be_sealed = !is_kdbx && !is_folder;
        only_for(import.open.is_given(), "--identity", may_be_sealed, "files of age")?;
        if import.is_stdin() && is_folder {
            let message = "standard input is no folder, as such a store is";
            return Err(CliError::invalid(message, "name the folder"));
        }
        Ok(source)
    }

    /// Refuses to guess where secrets go that have no scope of their own.
    pub(super) fn check_scope(
        &self,
        scope: Option<&Scope>,
        found: &[Entry],
    ) -> Result<(), CliError> {
        let homeless = found.iter().filter(|entry| entry.scope.is_none()).count();
        match scope.is_none() && homeless > 0 {
            true => {
                let what = format!("{homeless} of its secrets have no scope of their own");
                let help = "say where to put them: --scope project:NAME".to_owned();
                Err(self.error(FaultKind::Invalid, &what, help))
            }
            false => Ok(()),
        }
    }

    /// Reads all of it.
    pub(super) fn read(&mut self, session: &Session) -> Result<Found, CliError> {
        let read = match self.import.format {
            Format::Dotenv => dotenv::read(&self.contents()?),
            Format::Json => json::read(&self.contents()?),
            Format::Csv => {
                let dialect = self.import.dialect.map(DialectWord::dialect);
                csv::read(&self.contents()?, dialect)
            }
            Format::Bitwarden => bitwarden::read(&self.contents()?),
            Format::Kdbx => return self.kdbx(),
            Format::Pass => {
                let mut progress = Progress::new(session.out, "files decrypted");
                pass::read(&self.import.path, &mut pass::gpg::decrypt, &mut |done, all| {
                    progress.at(done, all)
                })
            }
            Format::Palyra => palyra::read(&|file| self.file(file)),
        };
        read.map_err(|error| self.failed(&error))
    }

    fn contents(&mut self) -> Result<SensitiveBytes, CliError> {
        let Contents { bytes, was_sealed } = self.import.contents()?;
        self.was_sealed = was_sealed;
        Ok(bytes)
    }

    fn failed(&self, error: &ImportError) -> CliError {
        self.error(error.kind(), &error.to_string(), error.help())
    }

    /// A KeePass database; its passphrase is asked for when it is known to be one.
    fn kdbx(&self) -> Result<Found, CliError> {
        let file = self.import.bytes()?;
        kdbx::check(&file).map_err(|error| self.failed(&error))?;
        let key_file = self.import.source_key_file.as_deref();
        let key_file = key_file.map(|path| input::read_plain_file(path, MAX_KEY_FILE));
        let key_file = key_file.transpose()?;
        let passphrase = match &self.import.source_passphrase_file {
            Some(path) => Some(input::read_passphrase_file(path)?),
            None => self.ask(key_file.is_some())?,
        };
        let key = kdbx::Key { passphrase: passphrase.as_ref(), key_file: key_file.as_ref() };
        kdbx::read(&file, &key).map_err(|error| self.failed(&error))
    }

    /// Asks for the database's passphrase. With a key file there may be none.
    fn ask(&self, has_key_file: bool) -> Result<Option<SensitiveBytes>, CliError> {
        match Terminal::open() {
            Some(terminal) => {
                let name = self.import.shown_path().to_string_lossy();
                let question = format!("Passphrase of {}: ", visible(&name));
                let answer = terminal.ask_unseen(&question)?;
                Ok(Some(answer).filter(|answer| !(has_key_file && answer.is_empty())))
            }
            None if has_key_file => Ok(None),
            None => {
                let what = "its passphrase is asked for, and there is no terminal to ask on";
                let help = "give --source-passphrase-file FILE, --source-key-file FILE or both";
                Err(self.error(FaultKind::Locked, what, help.to_owned()))
            }
        }
    }

    /// A file of a folder, by its path in it.
    fn file(&self, name: &str) -> io::Result<SensitiveBytes> {
        let file = File::open(self.import.path.join(name))?;
        let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, "it has more than 32 MiB");
        input::read_all(&file, MAX_FILE)?.ok_or_else(too_large)
    }

    fn is_folder(&self) -> bool {
        matches!(self.import.format, Format::Pass | Format::Palyra)
    }

    /// The error, told of a place in the source that it is about.
    pub(super) fn error(&self, kind: FaultKind, what: &str, help: String) -> CliError {
        let name = self.import.shown_path().to_string_lossy();
        CliError::new(kind, format!("{}: {what}", visible(&name)), help)
    }

    /// Says how to get rid of it.
    pub(super) fn advise(&self, session: &Session) {
        if self.import.is_stdin() {
            return;
        }
        let path = self.import.path.to_string_lossy();
        let word = shell_words::quote(&path);
        let (shown, word) = (visible(&path), visible(&word));
        let on_linux = cfg!(target_os = "linux");
        let advice = match self.import.format {
            _ if self.was_sealed => ENCRYPTED.to_owned(),
            Format::Kdbx => "is as it was; keep it as a backup, or delete it".to_owned(),
            Format::Pass if on_linux => {
                format!("is as it was, encrypted; 'rm -r {word}' removes it")
            }
            Format::Pass => ENCRYPTED.to_owned(),
            Format::Palyra if on_linux => format!(
                "is as it was, and its key lies beside it; 'find {word} -type f -exec shred -u {{}} +' removes both, when palyra needs neither"
            ),
            Format::Palyra => {
                "is as it was, and its key lies beside it; delete both, when palyra needs neither"
                    .to_owned()
            }
            _ if on_linux => {
                format!("still holds them in plain text; 'shred -u {word}' removes it")
            }
            _ => "still holds them in plain text; delete it".to_owned(),
        };
        session.out.note(&format!("{shown} {advice}, once you saw that all is here"));
    }
}

impl DialectWord {
    fn dialect(self) -> Dialect {
        match self {
            Self::Bitwarden => Dialect::Bitwarden,
            Self::OnePassword => Dialect::OnePassword,
            Self::Keepassxc => Dialect::KeePassXc,
            Self::Plain => Dialect::Plain,
            Self::Tresor => Dialect::Tresor,
        }
    }
}
