//! The bytes of a source that is one file, decrypted where age encrypted them. Knows no format.

use std::path::Path;

use super::Import;
use crate::cli::error::CliError;
use crate::cli::input;
use crate::cli::opening::age_error;
use crate::service::age;
use crate::service::import::MAX_FILE;
use crate::text::{visible, visible_path};
use crate::vault::SensitiveBytes;

/// The option that gives the passphrase of the file.
pub(super) const PASSPHRASE_FILE: &str = "--source-passphrase-file";

/// What is in the file.
pub(super) struct Contents {
    pub bytes: SensitiveBytes,
    /// Whether the file itself is encrypted.
    pub was_sealed: bool,
}

impl Import {
    /// The file as it lies there.
    pub(super) fn bytes(&self) -> Result<SensitiveBytes, CliError> {
        match self.is_stdin() {
            true => input::read_stdin(MAX_FILE),
            false => input::read_plain_file(&self.path, MAX_FILE),
        }
    }

    /// What is in the file, whether it is encrypted or not.
    pub(super) fn contents(&self) -> Result<Contents, CliError> {
        let bytes = self.bytes()?;
        let was_sealed = bytes.with(age::is_sealed);
        let opens = [
            (self.open.is_given(), "--identity"),
            (self.source_passphrase_file.is_some(), PASSPHRASE_FILE),
        ];
        match opens.into_iter().find(|(is_given, _)| *is_given) {
            _ if was_sealed => {
                Ok(Contents { bytes: bytes.with(|file| self.opened(file))?, was_sealed })
            }
            None => Ok(Contents { bytes, was_sealed }),
            Some((_, option)) => {
                let name = visible_path(self.shown_path());
                let message =
                    format!("{name} is not encrypted with age, so {option} opens nothing");
                Err(CliError::invalid(message, "leave it out, or name another file"))
            }
        }
    }

    fn opened(&self, file: &[u8]) -> Result<SensitiveBytes, CliError> {
        let path = self.shown_path();
        let passphrase = self.source_passphrase_file.as_deref();
        let opener = self.open.open(file, path, passphrase, PASSPHRASE_FILE)?;
        let read = input::read_all(opener, MAX_FILE);
        read.map_err(|error| age_error(path, error.into()))?.ok_or_else(|| {
            let name = path.to_string_lossy();
            let message = format!("{} holds more than {MAX_FILE} bytes", visible(&name));
            CliError::invalid(message, "split it into several files")
        })
    }

    pub(super) fn is_stdin(&self) -> bool {
        self.path == Path::new("-")
    }

    /// What errors call it.
    pub(super) fn shown_path(&self) -> &Path {
        match self.is_stdin() {
            true => Path::new("standard input"),
            false => &self.path,
        }
    }
}
