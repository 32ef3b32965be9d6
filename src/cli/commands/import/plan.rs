//! What is done with each entry of an import, by what the vault has under its name. Writes nothing.

use std::collections::{BTreeSet, HashMap};

use super::{Import, OnConflict, Placed};
use crate::cli::error::CliError;
use crate::cli::progress::Progress;
use crate::cli::session::{Opened, Session};
use crate::service::import::Entry;
use crate::vault::{Purpose, Secret, SecretKey, SecretRef};

/// How many values are open at once to be compared.
const AT_ONCE: usize = 256;

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
            Self::Same => "same",
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
    /// Decides what happens to each entry.
    pub(super) fn plan(
        &self,
        session: &Session,
        opened: &Opened<'_>,
        placed: &[Placed],
        max: usize,
    ) -> Result<Vec<Plan>, CliError> {
        let mut taken: BTreeSet<SecretRef> =
            opened.view.list()?.secrets.into_iter().map(|secret| secret.name).collect();
        let there = self.there(session, opened, placed)?;
        taken.extend(placed.iter().map(|placed| placed.name.clone()));
        let mut plan = |placed: &Placed| {
            let entry = &placed.entry;
            Ok(match (there.get(&placed.name), self.on_conflict) {
                _ if entry.value.is_empty() => Plan::Empty,
                _ if entry.value.len() > max => Plan::TooLarge,
                (None, _) => Plan::Add,
                (Some(there), _) if there.is_same => Plan::Same,
                (Some(_), OnConflict::Skip) => Plan::Skip,
                (Some(there), OnConflict::Overwrite) => Plan::Overwrite(there.revision),
                (Some(_), OnConflict::Rename) => Plan::Rename(free_key(&placed.name, &mut taken)?),
            })
        };
        placed.iter().map(&mut plan).collect()
    }

    /// What is there of the names, and whether it is the same. A protected value is opened only when it may
    /// be written over or doubled; else it counts as another one.
    fn there<'a>(
        &self,
        session: &Session,
        opened: &Opened<'_>,
        placed: &'a [Placed],
    ) -> Result<HashMap<&'a SecretRef, There>, CliError> {
        let wanted: HashMap<&SecretRef, &'a Placed> =
            placed.iter().map(|placed| (&placed.name, placed)).collect();
        let opens_protected = self.on_conflict != OnConflict::Skip && !self.dry_run;
        let (mut there, mut names) = (HashMap::new(), Vec::new());
        for secret in opened.view.list()?.secrets {
            let Some(placed) = wanted.get(&secret.name) else { continue };
            there.insert(&placed.name, There { revision: secret.revision, is_same: false });
            if !secret.protected || opens_protected {
                names.push(secret.name);
            }
        }
        let view = opened.view.for_purpose(Purpose::Compare);
        let mut progress = Progress::new(session.out, "secrets compared");
        for (round, part) in names.chunks(AT_ONCE).enumerate() {
            for secret in opened.with_protection(|key| view.read_all(part, key))? {
                if let Some(placed) = wanted.get(&secret.name)
                    && let Some(there) = there.get_mut(&placed.name)
                {
                    let is_same = is_same(&secret, &placed.entry);
                    *there = There { revision: secret.metadata.revision, is_same };
                }
            }
            progress.at((round * AT_ONCE + part.len()).min(names.len()), names.len());
        }
        Ok(there)
    }
}

/// Whether writing the entry would change nothing.
fn is_same(secret: &Secret, entry: &Entry) -> bool {
    let mut after = secret.metadata.clone();
    entry.patch.apply_to(&mut after);
    after == secret.metadata && secret.value.with(|there| entry.value.with(|new| there == new))
}

/// `key_2`, `key_3` … whichever is free, and taken from now on.
fn free_key(name: &SecretRef, taken: &mut BTreeSet<SecretRef>) -> Result<SecretKey, CliError> {
    for number in 2_u64.. {
        let key: SecretKey = format!("{}_{number}", name.key).parse()?;
        if taken.insert(SecretRef::new(name.scope.clone(), key.clone())) {
            return Ok(key);
        }
    }
    Ok(name.key.clone())
}
