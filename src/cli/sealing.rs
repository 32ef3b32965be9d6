//! For whom a file is encrypted: the options and questions that all commands share that make one. Writes no
//! file itself.

use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CliError;
use super::prompt::Terminal;
use super::session::Session;
use super::{input, new_slot};
use crate::fault::Fault;
use crate::service::age::{self, AgeError, For, Recipient};
use crate::service::calibrate::Calibration;
use crate::text::visible;
use crate::vault::{MAX_KEY_MATERIAL, SensitiveBytes};

/// The work factor where the cost of a passphrase is the least: 64 MiB, as for a passphrase of the vault.
const LEAST_WORK: u8 = 16;

/// For whom a file is encrypted.
#[derive(Args)]
pub struct SealArgs {
    /// Encrypt for this recipient, a public key age1…; repeat it for more
    #[arg(long = "to", value_name = "RECIPIENT")]
    recipients: Vec<String>,
    /// Encrypt for the recipients in this file, one a line
    #[arg(long = "to-file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Replace the file that is there
    #[arg(long)]
    pub force: bool,
}

/// For whom a file is to be encrypted, found out.
pub enum Whom {
    Recipients(Vec<Recipient>),
    Passphrase(SensitiveBytes, u8),
}

impl SealArgs {
    /// The recipients that are named; none is no error.
    pub fn recipients(&self) -> Result<Vec<Recipient>, CliError> {
        let mut all = Vec::new();
        for text in &self.recipients {
            // What is no recipient may be a private key, which is not repeated.
            let shown = if text.starts_with("age1") { visible(text) } else { "--to".into() };
            all.push(text.parse().map_err(|error| of(&shown, &error))?);
        }
        for path in &self.files {
            let name = path.to_string_lossy();
            let file = input::read_plain_file(path, MAX_KEY_MATERIAL)?;
            let read = file.with_str(age::recipients).unwrap_or_else(|| age::recipients(""));
            all.extend(read.map_err(|error| of(&visible(&name), &error))?);
        }
        Ok(all)
    }
}

impl Whom {
    /// The recipients, or the passphrase in a file, or one that is asked for twice; `option` names the file.
    pub fn find(
        session: &Session,
        recipients: Vec<Recipient>,
        file: Option<&Path>,
        option: &str,
    ) -> Result<Self, CliError> {
        if !recipients.is_empty() {
            return Ok(Self::Recipients(recipients));
        }
        let passphrase = match file {
            Some(file) => input::read_passphrase_file(file)?,
            None => {
                let terminal = Terminal::open().ok_or_else(|| nobody_to_ask(option))?;
                terminal.say("The file gets a passphrase of its own.\n")?;
                new_slot::ask_passphrase(&terminal)?
            }
        };
        let factor = match session.calibration()? {
            Calibration::Measured => age::WORK_FACTOR,
            Calibration::Least => LEAST_WORK,
        };
        Ok(Self::Passphrase(passphrase, factor))
    }

    /// Lends it to who writes the file.
    pub fn lend(&self) -> For<'_> {
        match self {
            Self::Recipients(all) => For::Recipients(all),
            Self::Passphrase(text, factor) => For::Passphrase(text, *factor),
        }
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Recipients(all) if all.len() == 1 => "encrypted for one recipient".to_owned(),
            Self::Recipients(all) => format!("encrypted for {} recipients", all.len()),
            Self::Passphrase(..) => "encrypted with a passphrase".to_owned(),
        }
    }
}

fn nobody_to_ask(option: &str) -> CliError {
    CliError::invalid(
        "there is no terminal to ask for the file's passphrase on",
        format!("give it with {option} FILE, or name who may read it with --to age1…"),
    )
}

/// An error of age, told of what it is about.
pub fn of(what: &str, error: &AgeError) -> CliError {
    CliError::new(error.kind(), format!("{what}: {error}"), error.help())
}
