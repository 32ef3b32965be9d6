//! `tresor backup`: the whole vault as one encrypted file, checked after it is written; and a new vault of
//! such a file. What is in one is the vault's business.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::export::{begin, in_file};
use crate::cli::error::CliError;
use crate::cli::opening::{OpenArgs, age_error};
use crate::cli::progress::Progress;
use crate::cli::sealing::{SealArgs, Whom};
use crate::cli::session::{DONE, Outcome, Session};
use crate::cli::streams::named_file;
use crate::fault::Fault;
use crate::service::age::{self, AgeError, Opener, Sealed};
use crate::text::visible;
use crate::vault::SystemRandom;
use crate::vault::backup::{self, BackupError, Contents};

/// The option that gives the passphrase of the file.
const PASSPHRASE_FILE: &str = "--backup-passphrase-file";

/// Back up the whole vault to one encrypted file, and restore it
#[derive(Args)]
pub struct Backup {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Create(Create),
    Verify(Verify),
    Restore(Restore),
}

/// Write the whole vault to one encrypted file
///
/// History, trash, protection and journal come along. The file is read back, decrypted and compared before
/// it gets its name. The secrets in it are sealed as in the vault: who has the file and its passphrase still
/// needs what opens the vault.
#[derive(Args)]
struct Create {
    /// The file to make
    file: PathBuf,
    #[command(flatten)]
    seal: SealArgs,
    /// Encrypt with the passphrase in this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["recipients", "files"])]
    backup_passphrase_file: Option<PathBuf>,
}

/// Decrypt a backup, and see that nothing of it is missing or altered
#[derive(Args)]
struct Verify {
    #[command(flatten)]
    from: From,
}

/// Make a new vault of a backup
///
/// It is made where --vault says, where no vault may be, and opens in the ways the old one did; a key in the
/// desktop's keyring is only there where it was. Its secrets are kept in encrypted files, wherever they were.
#[derive(Args)]
struct Restore {
    #[command(flatten)]
    from: From,
}

/// A backup that is read.
#[derive(Args)]
struct From {
    /// The backup
    file: PathBuf,
    #[command(flatten)]
    open: OpenArgs,
    /// Open it with the passphrase in this file
    #[arg(long, value_name = "FILE", conflicts_with = "identities")]
    backup_passphrase_file: Option<PathBuf>,
}

impl Backup {
    pub fn run(&self, session: &Session) -> Outcome {
        session.only_the_owner("cannot back up or restore the vault")?;
        match &self.action {
            Action::Create(create) => create.run(session),
            Action::Verify(verify) => verify.run(session),
            Action::Restore(restore) => restore.run(session),
        }
    }
}

impl Create {
    fn run(&self, session: &Session) -> Outcome {
        let recipients = self.seal.recipients()?;
        if named_file(Some(&self.file)).is_none() {
            let help = "it is read back and compared once it is written: name a file";
            return Err(CliError::invalid("a backup cannot go to standard output", help));
        }
        let new = begin(&self.file, self.seal.force)?;
        let opened = session.open()?;
        let file = self.backup_passphrase_file.as_deref();
        let whom = Whom::find(session, recipients, file, PASSPHRASE_FILE)?;
        let io_error = |error: io::Error| in_file(&self.file, error.into());
        let age_error = |error: AgeError| in_file(&self.file, error);
        let told = |error: BackupError| match error {
            BackupError::Stream(error) => io_error(error),
            error => error.into(),
        };
        let (mut sealer, key) = age::seal(new, &whom.lend(), &SystemRandom).map_err(age_error)?;
        let written = {
            let mut shown = Progress::new(session.out, "parts written");
            let progress = &mut |done, total| shown.at(done, total);
            opened.vault.back_up(&mut sealer, progress).map_err(told)?
        };
        if let Some(why) = opened.vault.take_unrecorded() {
            session.out.warning(&why);
        }
        let new = sealer.finish().map_err(io_error)?;
        let reader = Sealed::read(new.reader().map_err(io_error)?).map_err(age_error)?;
        let mut reader = reader.open(&key).map_err(age_error)?;
        let read = verified(session, &mut reader).map_err(told)?;
        if read != written {
            return Err(BackupError::NotWhole { why: "it is not what was written" }.into());
        }
        new.keep().map_err(io_error)?;
        let line = format!("{}, {}", words("Backed up", &read), whom.words());
        let path = self.file.to_string_lossy();
        session.out.done(
            &format!("{line}, to {}; read back and compared", visible(&path)),
            &described(&read, json!({"file": path})),
        )?;
        DONE
    }
}

impl Verify {
    fn run(&self, session: &Session) -> Outcome {
        let mut reader = self.from.open()?;
        let contents = verified(session, &mut reader).map_err(|error| self.from.told(error))?;
        let made = contents.made_at();
        session.out.done(
            &format!(
                "{}, made at {made}: nothing is missing or altered",
                words("Whole", &contents)
            ),
            &described(&contents, json!({"file": self.from.file.to_string_lossy()})),
        )?;
        DONE
    }
}

impl Restore {
    fn run(&self, session: &Session) -> Outcome {
        let place = session.place()?;
        backup::check_free(&place)?;
        let mut reader = self.from.open()?;
        let restored = {
            let mut shown = Progress::new(session.out, "parts restored");
            let progress = &mut |done, total| shown.at(done, total);
            backup::restore(&mut reader, &place, progress).map_err(|error| self.from.told(error))?
        };
        for warning in &restored.warnings {
            session.out.warning(warning);
        }
        let contents = restored.contents;
        let path = place.path().map(Path::to_string_lossy).unwrap_or_default();
        session.out.done(
            &format!(
                "{}, made at {}, to {}; it opens as it did",
                words("Restored", &contents),
                contents.made_at(),
                visible(&path)
            ),
            &described(&contents, json!({"vault": path})),
        )?;
        DONE
    }
}

impl From {
    /// Opens the file with what was named, or with a passphrase that is asked for.
    fn open(&self) -> Result<Opener<io::BufReader<File>>, CliError> {
        let file =
            File::open(&self.file).map_err(|error| CliError::file("read", &self.file, &error))?;
        let passphrase = self.backup_passphrase_file.as_deref();
        self.open.open(file, &self.file, passphrase, PASSPHRASE_FILE)
    }

    /// What went wrong, told of the file where it is about that.
    fn told(&self, error: BackupError) -> CliError {
        match error {
            BackupError::Stream(error) => age_error(&self.file, error.into()),
            BackupError::Vault(error) => error.into(),
            error => {
                let name = self.file.to_string_lossy();
                CliError::new(error.kind(), format!("{}: {error}", visible(&name)), error.help())
            }
        }
    }
}

fn verified(session: &Session, reader: &mut impl io::Read) -> backup::Result<Contents> {
    let mut shown = Progress::new(session.out, "parts compared");
    backup::verify(reader, &mut |done, total| shown.at(done, total))
}

/// What is in it, for people.
fn words(verb: &str, contents: &Contents) -> String {
    let (envelopes, generation) = (contents.envelopes(), contents.generation());
    format!("{verb}: envelopes {envelopes}, generation {generation}")
}

/// What is in it, for programs.
fn described(contents: &Contents, more: Value) -> Value {
    let mut all = more;
    if let Value::Object(fields) = &mut all {
        fields.insert("vault_id".into(), contents.vault_id().into());
        fields.insert("generation".into(), contents.generation().into());
        fields.insert("made_at".into(), contents.made_at().to_string().into());
        fields.insert("envelopes".into(), contents.envelopes().into());
        fields.insert("bytes".into(), contents.bytes().into());
    }
    all
}
