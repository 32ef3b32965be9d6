//! Config files of other programs, read for the references and the secrets in them. Changes none.

use std::path::{Path, PathBuf};

use super::error::CliError;
use super::input;
use crate::service::config_file::Form;
use crate::service::dotenv::readable_assignments;
use crate::service::inline::{self, Inline};
use crate::service::reference::{Reference, Spot, Template};
use crate::text::{is_text, visible};
use crate::vault::SecretRef;

/// The longest file that is read, in bytes.
pub const MAX_FILE: usize = 32 * 1024 * 1024;

/// What one file says about secrets. Nothing secret is in it.
pub struct Referring {
    /// Its path, safe to show.
    pub file: String,
    /// The references in it, in order.
    pub spots: Vec<Spot>,
    /// The secrets that stand in it in clear.
    pub inline: Vec<Inline>,
}

impl Referring {
    /// Reads one file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is too long.
    pub fn read(path: &Path) -> Result<Self, CliError> {
        let text = input::read_plain_file(path, MAX_FILE)?;
        let file = visible(&path.to_string_lossy()).into_owned();
        text.with(|text| Self::of(file, Form::of(path), text))
    }

    /// What is no text has nothing to say.
    fn of(file: String, form: Option<Form>, text: &[u8]) -> Result<Self, CliError> {
        if !is_text(text) {
            return Ok(Self { file, spots: Vec::new(), inline: Vec::new() });
        }
        let inline = match form {
            Some(Form::Dotenv) => inline::find_in_dotenv(text, &readable_assignments(text)?.0),
            _ => inline::find(text),
        };
        Ok(Self { file, spots: Template::parse(text).spots().to_vec(), inline })
    }

    /// Reads several.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`].
    pub fn read_all(paths: &[PathBuf]) -> Result<Vec<Self>, CliError> {
        paths.iter().map(|path| Self::read(path)).collect()
    }

    /// The lines on which it refers to a secret.
    pub fn lines_of(&self, name: &SecretRef) -> Vec<usize> {
        let refers = |spot: &&Spot| match &spot.reference {
            Ok(Reference::Vault(locator)) => locator.name == *name,
            _ => false,
        };
        self.spots.iter().filter(refers).map(|spot| spot.line).collect()
    }
}

/// The references of all files that are none, or lead somewhere or nowhere, in order.
pub fn references(files: &[Referring]) -> Vec<&Reference> {
    files
        .iter()
        .flat_map(|file| &file.spots)
        .filter_map(|spot| spot.reference.as_ref().ok())
        .collect()
}
