//! A new vault out of what is left of a damaged one: every envelope that opens, under the names that
//! pages and journal tell. Changes nothing in the old vault, and guesses no value.

mod choose;
mod envelopes;
mod source;
mod write;

use super::backend::BackendKind;
use super::encoding::{Digest, Id};
use super::error::{Result, VaultError};
use super::place::Place;
use super::raise::check_empty;
use super::scope::SecretRef;
use super::secret::SecretMetadata;
use super::seen::resolve;
use super::slots::Unlock;
use source::Source;

/// What became of one secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// All that was known of it is there.
    Whole,
    /// Its value is there, but not every earlier revision.
    Incomplete,
    /// Its newest revision is lost; the newest that is left took its place.
    Older,
    /// Nothing of it is left.
    Lost,
}

/// One secret of the old vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its name.
    pub name: SecretRef,
    /// What became of it.
    pub fate: Fate,
    /// The newest revision that is there; `None` when nothing is left.
    pub revision: Option<u64>,
    /// How many earlier revisions are there.
    pub earlier: usize,
    /// Whether it lies in the trash.
    pub deleted: bool,
    /// What is to be said of it: why something is not there, or why it lies in the trash.
    pub remarks: Vec<String>,
}

/// A file that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// The file, or the part of the vault.
    pub what: String,
    /// What is wrong with it.
    pub why: String,
    /// Whether a secret may be missing for it.
    pub is_loss: bool,
}

/// What was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Every secret that is known to have been there, by name.
    pub pieces: Vec<Piece>,
    /// Files that could not be used.
    pub unused: Vec<Unused>,
    /// Live secrets in the new vault.
    pub secrets: usize,
    /// Secrets in its trash.
    pub trash: usize,
    /// Envelopes in it.
    pub envelopes: usize,
    /// The generation it begins with.
    pub generation: u64,
    /// What could not be done afterwards; the new vault is whole all the same.
    pub warnings: Vec<String>,
}

impl Rebuilt {
    /// Whether something of the old vault is not in the new one, or may not be.
    pub fn has_losses(&self) -> bool {
        let lost = |piece: &Piece| piece.fate != Fate::Whole;
        self.pieces.iter().any(lost) || self.unused.iter().any(|unused| unused.is_loss)
    }
}

/// An envelope of this vault: one that opens, or that a page vouches for.
struct Found {
    object: Id,
    sha256: Digest,
    secret_id: Id,
    revision: u64,
    generation: u64,
    name: SecretRef,
    /// What its header says; `None` when it is protected and its key is not at hand.
    metadata: Option<SecretMetadata>,
}

impl Unused {
    /// A file that cannot be used, for that reason.
    fn new(what: impl Into<String>, error: &VaultError) -> Self {
        Self { what: what.into(), why: why(error), is_loss: false }
    }
}

/// Why a file cannot be used, without its name.
fn why(error: &VaultError) -> String {
    match error {
        VaultError::Damaged { why, .. } => (*why).to_owned(),
        error => error.to_string(),
    }
}

/// Builds a new vault at `into` out of everything that is left at `old`. It keeps the id, the keys and
/// the ways in, and its generation is past every one that is known of: it can take the old one's place.
///
/// `names` are tried as well: an envelope opens only under its name, and where a page is lost the
/// name may be nowhere else. `progress(done, total)` counts envelopes.
///
/// # Errors
/// What an unlock refuses; `Unsafe` when others can get at the old vault; `NotEmpty` when anything is
/// at `into`; `Damaged` when no root is left to unlock; and `Io`, after which nothing is left of what
/// was begun.
pub fn rebuild(
    old: &Place,
    with: &Unlock<'_>,
    into: &Place,
    names: &[SecretRef],
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Rebuilt> {
    check_apart(old, into)?;
    check_empty(into)?;
    let source = Source::open(old, with)?;
    let _still = source.keep_still()?;
    let (pages, unreadable) = source.pages()?;
    let chronicle = source.chronicle();
    let lost = source.lost_records(&chronicle);
    let mut known = chronicle.names.clone();
    known.extend(pages.told.values().map(|told| told.entry.name.clone()));
    known.extend(names.iter().cloned());
    let (found, unopened) = envelopes::look(&source, &pages, &known, progress)?;
    let (picked, left) = choose::choose(&source, &pages, &chronicle, found, unopened)?;
    let newest = picked.iter().map(|one| one.generation).max().unwrap_or(0);
    let mut header = source.header.clone();
    header.generation = source.next_generation(&pages, newest)?;
    // What is saved is independent of any store of the system.
    (header.backend, header.retired_backend) = (BackendKind::EncryptedFile, None);
    let mut rebuilt = Rebuilt {
        pieces: Vec::with_capacity(picked.len()),
        unused: [source.unused.clone(), lost, unreadable, left].concat(),
        secrets: 0,
        trash: 0,
        envelopes: 0,
        generation: header.generation,
        warnings: Vec::new(),
    };
    let mut entries = Vec::with_capacity(picked.len());
    for one in picked {
        rebuilt.pieces.push(one.piece);
        let Some(entry) = one.entry else { continue };
        rebuilt.envelopes += entry.kept.len();
        let place = if entry.deleted.is_some() { &mut rebuilt.trash } else { &mut rebuilt.secrets };
        *place += 1;
        entries.push(entry);
    }
    rebuilt.warnings = write::write(&source, &header, entries, into)?;
    Ok(rebuilt)
}

/// Refuses a new place within the old one: nothing there is to change.
fn check_apart(old: &Place, into: &Place) -> Result<()> {
    let (Some(old), Some(new)) = (old.path(), into.path()) else { return Ok(()) };
    match resolve(new).starts_with(resolve(old)) {
        true => {
            Err(VaultError::InvalidOption { why: "the new vault cannot lie within the old one" })
        }
        false => Ok(()),
    }
}
