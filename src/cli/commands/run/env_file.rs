//! `run --env-file`: the assignments of `.env` files, with the references in their values filled in. Sets no
//! variable itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::error::CliError;
use crate::cli::session::{Opened, Session};
use crate::cli::{bad_places, input, resolve};
use crate::fault::Fault;
use crate::service::dotenv::{self, Assignment};
use crate::service::inline;
use crate::service::mask::SHORTEST;
use crate::service::reference::{Reference, Spot, Template};
use crate::text::{visible, visible_path};
use crate::vault::{Purpose, SensitiveBytes};

/// What several files assign; of two assignments to one name the later counts.
#[derive(Default)]
pub struct EnvFiles {
    assigned: BTreeMap<String, Assigned>,
}

/// One assignment, and where it stands.
struct Assigned {
    place: String,
    assignment: Assignment,
    spots: Vec<Spot>,
}

/// One variable that is to be set.
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where it is assigned, in words.
    pub place: String,
    /// Its value, filled in.
    pub value: SensitiveBytes,
    /// What was filled in: each reference in words, and its value.
    pub secrets: Vec<(String, SensitiveBytes)>,
}

impl EnvFiles {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or a line of it that is no assignment.
    pub fn read(paths: &[PathBuf]) -> Result<Self, CliError> {
        let mut files = Self::default();
        paths.iter().try_for_each(|path| files.add(path))?;
        Ok(files)
    }

    fn add(&mut self, path: &Path) -> Result<(), CliError> {
        let file = visible_path(path);
        let text = input::read_plain_file(path, dotenv::MAX_FILE)?;
        let told = |error: dotenv::DotenvError| {
            CliError::new(error.kind(), format!("{file}: {error}"), error.help())
        };
        let (found, bad) = text.with(dotenv::readable_assignments).map_err(told)?;
        if let Some(first) = bad.first() {
            let lines: Vec<String> = bad.iter().map(ToString::to_string).collect();
            let message = format!("{file}: {}", bad_places::in_words(&lines, "cannot be read"));
            return Err(CliError::new(first.kind(), message, first.help()));
        }
        for assignment in found {
            let mut spots = assignment.value.with(|value| Template::parse(value).into_spots());
            // Lines are those of the file, not of the value.
            spots.iter_mut().for_each(|spot| spot.line += assignment.line - 1);
            let assigned = Assigned { place: file.clone(), assignment, spots };
            self.assigned.insert(assigned.assignment.name.clone(), assigned);
        }
        Ok(())
    }

    /// Whether nothing is assigned.
    pub fn is_empty(&self) -> bool {
        self.assigned.is_empty()
    }

    /// The names of the variables, with the files that assign them.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.assigned.iter().map(|(name, assigned)| (name.as_str(), assigned.place.as_str()))
    }

    /// The references in all of them.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.assigned.values().flat_map(|assigned| resolve::references(&assigned.spots))
    }

    /// What looks like a reference, with the files it stands in.
    pub fn spots(&self) -> Vec<(&str, &Spot)> {
        let all = self.assigned.values();
        all.flat_map(|one| one.spots.iter().map(|spot| (one.place.as_str(), spot))).collect()
    }

    /// Fills the references in.
    ///
    /// # Errors
    ///
    /// All references that lead nowhere, at once.
    pub fn fill(
        self,
        session: &Session,
        opened: Option<&Opened<'_>>,
    ) -> Result<Vec<Variable>, CliError> {
        let values = resolve::values_at(session, opened, &self.spots(), Purpose::Run)?;
        let mut values = values.into_iter();
        Ok(self.assigned.into_values().map(|one| one.filled(&mut values)).collect())
    }
}

impl Assigned {
    fn filled(self, values: &mut impl Iterator<Item = SensitiveBytes>) -> Variable {
        let values: Vec<SensitiveBytes> = values.take(self.spots.len()).collect();
        let filled = self
            .assignment
            .value
            .with(|text| Template::parse(text).fill(&values.iter().collect::<Vec<_>>()));
        // Usernames and other fields are no secrets, and words that occur anywhere.
        let secret = |(spot, value): (&Spot, SensitiveBytes)| match &spot.reference {
            Ok(Reference::Vault(locator)) if !super::is_value(locator) => None,
            Ok(reference) => Some((reference.to_string(), value)),
            Err(_) => None,
        };
        let mut secrets: Vec<_> = self.spots.iter().zip(values).filter_map(secret).collect();
        let Assigned { place, assignment, .. } = self;
        // One that is too short to be masked is told, as a secret of the vault is.
        let is_short_password = |value: &[u8]| {
            (1..SHORTEST).contains(&value.len()) && inline::names_password(&assignment.name)
        };
        let in_clear = |value: &[u8]| {
            inline::judge_variable(&assignment.name, value).is_some() || is_short_password(value)
        };
        if assignment.value.with(in_clear) {
            let what = format!("{} in {place}", visible(&assignment.name));
            secrets.push((what, assignment.value.duplicate()));
        }
        Variable { name: assignment.name, place, value: filled, secrets }
    }
}
