//! What is done with each entry of an import, by what the vault has under its name. Writes nothing.

use std::collections::{BTreeSet, HashMap};

use super::{Import, OnConflict, Placed};
use crate::cli::error::CliError;
use crate::cli::progress::Progress;
use crate::cli::session::{Opened, Session};
use crate::service::import::Entry;
use crate::vault::{Purpose, Secret, SecretKey, SecretRef, SecretSummary};

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
    /// Decides what happens to each entry.
    pub(super) fn plan(
        &self,
        session: &Session,
        opened: &Opened<'_>,
        placed: &[Placed],
        max: usize,
    ) -> Result<Vec<Plan>, CliError> {
        let kept = opened.view.list()?.secrets;
        let there = self.there(session, opened, &kept, placed)?;
        let mut taken: BTreeSet<SecretRef> = kept.iter().map(|kept| kept.name.clone()).collect();
        taken.extend(placed.iter().map(|placed| placed.name.clone()));
        let renamed = match self.on_conflict {
            OnConflict::Rename => self.renamed(session, opened, &kept, (placed, &there, &taken))?,
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
                    None => Plan::Rename(free_key(&placed.name, &mut taken)?),
                },
            })
        };
        placed.iter().map(&mut plan).collect()
    }

    /// What is there of the names, and whether it is the same.
    fn there<'a>(
        &self,
        session: &Session,
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
        let names = self.opened_names(kept, |name| wanted.contains_key(name));
        compare(session, opened, &names, &mut |secret| {
            if let Some(placed) = wanted.get(&secret.name)
                && let Some(there) = there.get_mut(&placed.name)
            {
                let is_same = is_same(secret, &placed.entry);
                *there = There { revision: secret.metadata.revision, is_same };
            }
        })?;
        Ok(there)
    }

    /// Under which name an earlier import put the value where it met another one: one of `NAME_2`, `NAME_3` …
    /// up to the first that is free.
    fn renamed<'a>(
        &self,
        session: &Session,
        opened: &Opened<'_>,
        kept: &[SecretSummary],
        (placed, there, taken): (&'a [Placed], &HashMap<&SecretRef, There>, &BTreeSet<SecretRef>),
    ) -> Result<HashMap<&'a SecretRef, SecretKey>, CliError> {
        let mut wanted: HashMap<SecretRef, &'a Placed> = HashMap::new();
        for placed in placed {
            if there.get(&placed.name).is_none_or(|there| there.is_same) {
                continue;
            }
            for name in numbered(&placed.name).take_while(|name| taken.contains(name)) {
                wanted.insert(name, placed);
            }
        }
        let names = self.opened_names(kept, |name| wanted.contains_key(name));
        let mut renamed = HashMap::new();
        compare(session, opened, &names, &mut |secret| {
            if let Some(placed) = wanted.get(&secret.name)
                && secret.value.is_same(&placed.entry.value)
            {
                renamed.entry(&placed.name).or_insert_with(|| secret.name.key.clone());
            }
        })?;
        Ok(renamed)
    }

    /// Those of the names whose values may be looked at. A protected value is opened only when it may be
    /// written over or doubled; else it counts as another one.
    fn opened_names(
        &self,
        kept: &[SecretSummary],
        is_wanted: impl Fn(&SecretRef) -> bool,
    ) -> Vec<SecretRef> {
        let opens_protected = self.on_conflict != OnConflict::Skip && !self.dry_run;
        let opened = kept.iter().filter(|kept| !kept.protected || opens_protected);
        opened.map(|kept| &kept.name).filter(|name| is_wanted(name)).cloned().collect()
    }
}

/// Shows every one of the secrets to `with`, a few at a time.
fn compare(
    session: &Session,
    opened: &Opened<'_>,
    names: &[SecretRef],
    with: &mut dyn FnMut(&Secret),
) -> Result<(), CliError> {
    let view = opened.view.for_purpose(Purpose::Compare);
    let mut progress = Progress::new(session.out, "secrets compared");
    for (round, part) in names.chunks(AT_ONCE).enumerate() {
        opened.with_protection(|key| view.read_all(part, key))?.iter().for_each(&mut *with);
        progress.at((round * AT_ONCE + part.len()).min(names.len()), names.len());
    }
    Ok(())
}

/// Whether writing the entry would change nothing.
fn is_same(secret: &Secret, entry: &Entry) -> bool {
    let mut after = secret.metadata.clone();
    entry.patch.apply_to(&mut after);
    after == secret.metadata && secret.value.is_same(&entry.value)
}

/// `key_2`, `key_3` … for as long as they are keys.
fn numbered(name: &SecretRef) -> impl Iterator<Item = SecretRef> {
    let key = |number: u64| format!("{}_{number}", name.key).parse().ok();
    (2..).map_while(key).map(|key| SecretRef::new(name.scope.clone(), key))
}

/// The first of those that is free; it is taken from now on.
fn free_key(name: &SecretRef, taken: &mut BTreeSet<SecretRef>) -> Result<SecretKey, CliError> {
    match numbered(name).find(|name| taken.insert(name.clone())) {
        Some(free) => Ok(free.key),
        // Too long for a number behind it: what the vault says of such a key.
        None => Ok(format!("{}_2", name.key).parse()?),
    }
}
