//! The bytes of a source that is one file, decrypted where age encrypted them. Knows no format.

use std::path::Path;

use super::Import;
use crate::cli::error::CliError;
use crate::cli::input;
use crate::cli::opening::age_error;
use crate::cli::streams::{STANDARD_INPUT, named_file};
use crate::service::age;
use crate::service::import::MAX_FILE;
use crate::text::visible_path;
use crate::vault::SensitiveBytes;

/// The option that gives the passphrase of the file.
pub(super) const PASSPHRASE_FILE: &str = "--source-passphrase-file";

/// What is in the file.
pub(super) struct Contents {
    pub bytes: SensitiveBytes,
    /// Whether the file itself is encrypted.
    pub was_sealed: bool,
}

/// How long an encrypted file may be.
const MAX_SEALED: usize = age::longest(MAX_FILE);

impl Import {
    /// The file as it lies there.
    pub(super) fn bytes(&self) -> Result<SensitiveBytes, CliError> {
        input::read_source(named_file(Some(&self.path)), MAX_FILE)
    }

    /// What is in the file, whether it is encrypted or not.
    pub(super) fn contents(&self) -> Result<Contents, CliError> {
        let too_long = || input::too_long(self.shown_path(), MAX_FILE);
        let bytes = input::read_source_up_to(named_file(Some(&self.path)), MAX_SEALED)?;
        let bytes = bytes.ok_or_else(too_long)?;
        if bytes.with(age::is_sealed) {
            let bytes = bytes.with(|file| self.opened(file))?;
            return Ok(Contents { bytes, was_sealed: true });
        }
        let opens = [
            (self.open.is_given(), "--identity"),
            (self.source_passphrase_file.is_some(), PASSPHRASE_FILE),
        ];
        if let Some((_, option)) = opens.into_iter().find(|(is_given, _)| *is_given) {
            let name = visible_path(self.shown_path());
            let message = format!("{name} is not encrypted with age, so {option} opens nothing");
            return Err(CliError::invalid(message, "leave it out, or name another file"));
        }
        match bytes.len() > MAX_FILE {
            true => Err(too_long()),
            false => Ok(Contents { bytes, was_sealed: false }),
        }
    }

    fn opened(&self, file: &[u8]) -> Result<SensitiveBytes, CliError> {
        let path = self.shown_path();
        let passphrase = self.source_passphrase_file.as_deref();
        let opener = self.open.open(file, path, passphrase, PASSPHRASE_FILE)?;
        let read = input::read_all(opener, MAX_FILE);
        let read = read.map_err(|error| age_error(path, error.into()))?;
        read.ok_or_else(|| input::too_long(path, MAX_FILE))
    }

    pub(super) fn is_stdin(&self) -> bool {
        named_file(Some(&self.path)).is_none()
    }

    /// What errors call it.
    pub(super) fn shown_path(&self) -> &Path {
        named_file(Some(&self.path)).unwrap_or(Path::new(STANDARD_INPUT))
    }
}
