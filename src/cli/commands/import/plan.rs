//! What is done with each entry of an import, by what the vault has under its name. Writes nothing.

use std::collections::{BTreeSet, HashMap};

use super::{Import, OnConflict, Placed};
use crate::cli::error::CliError;
use crate::cli::session::Opened;
use crate::service::import::{Bad, Entry};
use crate::vault::{Secret, SecretKey, SecretRef, SecretSummary, VaultError};

/// What is done with one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
    /// It is new.
    Add,
    /// A new revision over that one.
    Overwrite(u64),
    /// Under another name.
    Rename(SecretKey),
    /// Another value is there, which stays.
    Skip,
    /// The same value and metadata are there.
    Same,
    /// The same value is there under another name, of an earlier import.
    SameAs(SecretKey),
    /// It has no value.
    Empty,
    /// A file that the vault has no room for.
    TooLarge,
}

impl Plan {
    /// All of them, as reports call them.
    pub(super) const WORDS: [&str; 7] =
        ["new", "overwritten", "renamed", "skipped", "same", "empty", "too_large"];

    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Add => "new",
            Self::Overwrite(_) => "overwritten",
            Self::Rename(_) => "renamed",
            Self::Skip => "skipped",
            Self::Same | Self::SameAs(_) => "same",
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
        }
    }

    pub(super) fn writes(&self) -> bool {
        matches!(self, Self::Add | Self::Overwrite(_) | Self::Rename(_))
    }
}

/// What the vault has under a name.
struct There {
    revision: u64,
    is_same: bool,
}

impl Import {
    /// Decides what happens to each entry; it is bad where it can have no name.
    pub(super) fn plan(
        &self,
        opened: &Opened<'_>,
        placed: &[Placed],
        max: usize,
    ) -> Result<Vec<Result<Plan, Bad>>, CliError> {
        let kept = opened.view.list()?.secrets;
        let there = self.there(opened, &kept, placed)?;
        let mut taken: BTreeSet<SecretRef> = kept.iter().map(|kept| kept.name.clone()).collect();
        taken.extend(placed.iter().map(|placed| placed.name.clone()));
        let renamed = match self.on_conflict {
            OnConflict::Rename => self.renamed(opened, &kept, (placed, &there, &taken))?,
            OnConflict::Skip | OnConflict::Overwrite => HashMap::new(),
        };
        let mut plan = |placed: &Placed| {
            let entry = &placed.entry;
            Ok(match (there.get(&placed.name), self.on_conflict) {
                _ if entry.value.is_empty() => Plan::Empty,
                _ if entry.value.len() > max => Plan::TooLarge,
                (None, _) => Plan::Add,
                (Some(there), _) if there.is_same => Plan::Same,
                (Some(_), OnConflict::Skip) => Plan::Skip,
                (Some(there), OnConflict::Overwrite) => Plan::Overwrite(there.revision),
                (Some(_), OnConflict::Rename) => match renamed.get(&placed.name) {
                    Some(key) => Plan::SameAs(key.clone()),
                    None => Plan::Rename(
                        free_key(&placed.name, &mut taken).map_err(|_| without_room(placed))?,
                    ),
                },
            })
        };
        Ok(placed.iter().map(&mut plan).collect())
    }

    /// What is there of the names, and whether it is the same.
    fn there<'a>(
        &self,
        opened: &Opened<'_>,
        kept: &[SecretSummary],
        placed: &'a [Placed],
    ) -> Result<HashMap<&'a SecretRef, There>, CliError> {
        let wanted: HashMap<&SecretRef, &'a Placed> =
            placed.iter().map(|placed| (&placed.name, placed)).collect();
        let mut there = HashMap::new();
        for secret in kept {
            let Some(placed) = wanted.get(&secret.name) else { continue };
            there.insert(&placed.name, There { revision: secret.revision, is_same: false });
        }
        let secrets = self.to_compare(kept, |name| wanted.contains_key(name));
        opened.compare(&secrets, &mut |secret| {
            if let Some(placed) = wanted.get(&secret.name)
                && let Some(there) = there.get_mut(&placed.name)
            {
                let is_same = is_same(&secret, &placed.entry);
                *there = There { revision: secret.metadata.revision, is_same };
            }
        })?;
        Ok(there)
    }

    /// Under which name an earlier import put the value where it met another one: one of `NAME_2`, `NAME_3` …
    /// up to the first that is free.
    fn renamed<'a>(
        &self,
        opened: &Opened<'_>,
        kept: &[SecretSummary],
        (placed, there, taken): (&'a [Placed], &HashMap<&SecretRef, There>, &BTreeSet<SecretRef>),
    ) -> Result<HashMap<&'a SecretRef, SecretKey>, CliError> {
        let mut wanted: HashMap<SecretRef, &'a Placed> = HashMap::new();
        for placed in placed {
            if there.get(&placed.name).is_none_or(|there| there.is_same) {
                continue;
            }
            let names = (2..).map_while(|number| numbered(&placed.name, number).ok());
            for name in names.take_while(|name| taken.contains(name)) {
                wanted.insert(name, placed);
            }
        }
        let secrets = self.to_compare(kept, |name| wanted.contains_key(name));
        let mut renamed = HashMap::new();
        opened.compare(&secrets, &mut |secret| {
            if let Some(placed) = wanted.get(&secret.name)
                && secret.value.is_same(&placed.entry.value)
            {
                renamed.entry(&placed.name).or_insert_with(|| secret.name.key.clone());
            }
        })?;
        Ok(renamed)
    }

    /// Those of the secrets that are wanted and whose values may be looked at. A protected value is opened only when it may be
    /// written over or doubled; else it counts as another one.
    fn to_compare<'a>(
        &self,
        kept: &'a [SecretSummary],
        is_wanted: impl Fn(&SecretRef) -> bool,
    ) -> Vec<&'a SecretSummary> {
        let opens_protected = self.on_conflict != OnConflict::Skip && !self.dry_run;
        let is_open = |kept: &&SecretSummary| !kept.protected || opens_protected;
        kept.iter().filter(|kept| is_wanted(&kept.name)).filter(is_open).collect()
    }
}

/// Whether writing the entry would change nothing.
fn is_same(secret: &Secret, entry: &Entry) -> bool {
    let mut after = secret.metadata.clone();
    entry.patch.apply_to(&mut after);
    after == secret.metadata && secret.value.is_same(&entry.value)
}

/// `key_2`, `key_3` … for as long as they are keys.
fn numbered(name: &SecretRef, number: u64) -> Result<SecretRef, VaultError> {
    let key = format!("{}_{number}", name.key).parse()?;
    Ok(SecretRef::new(name.scope.clone(), key))
}

/// An entry that cannot have another name.
fn without_room(placed: &Placed) -> Bad {
    let why = format!(
        "{} is there with another value, and its key is too long for a number",
        placed.name
    );
    Bad { place: placed.entry.place.clone(), why, help: "shorten its name there" }
}

/// The first of those that is free; it is taken from now on.
///
/// # Errors
///
/// The key is too long for a number that is free.
fn free_key(name: &SecretRef, taken: &mut BTreeSet<SecretRef>) -> Result<SecretKey, VaultError> {
    let mut number = 2;
    loop {
        let free = numbered(name, number)?;
        if taken.insert(free.clone()) {
            return Ok(free.key);
        }
        number += 1;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_free_key_is_one_that_is_neither_taken_nor_too_long() {
        let named = |length: usize| format!("global/{}", "k".repeat(length)).parse().unwrap();
        let (name, mut taken): (SecretRef, _) = (named(126), BTreeSet::new());
        for number in 2..10 {
            let free = free_key(&name, &mut taken).unwrap();
            assert_eq!(free.to_string(), format!("{}_{number}", name.key));
        }
        assert!(matches!(free_key(&name, &mut taken), Err(VaultError::InvalidKey { .. })));
        assert!(free_key(&named(127), &mut taken).is_err());
    }
}
