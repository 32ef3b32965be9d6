//! The sealed pages of metadata: which secrets there are and where their envelopes lie.
//! Not the list of pages (root).

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::aad::Fields;
use super::encoding::{Digest, Id};
use super::error::{Result, VaultError};
use super::keys::VaultKeys;
use super::kind::SecretKind;
use super::scope::SecretRef;
use super::seal::Sealed;
use super::secret::{
    Description, RevisionInfo, SecretMetadata, SecretSummary, Timestamp, TrashEntry, TrashId,
};
use super::world::Random;

/// Earlier revisions kept beside the live one; one for OAuth tokens (DESIGN, section 3).
const KEPT: usize = 10;
/// Trash entries stay this long, in seconds: 30 days.
pub(crate) const TRASH_SECONDS: i64 = 30 * 24 * 3600;
/// Pages are padded to a multiple of this many bytes.
const PAGE_STEP: usize = 4096;
/// The first bytes of a page file: a mark and the format.
const MAGIC: &[u8; 8] = b"TRSPAGE\x01";

/// Where one revision lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub revision: u64,
    pub object: Id,
    pub sha256: Digest,
    pub written_at: Timestamp,
}

/// When a secret went into the trash; the generation orders deletions of the same second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deleted {
    pub at: Timestamp,
    pub generation: u64,
}

/// One secret, live or in the trash; `kept` is never empty, the live revision last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub secret_id: Id,
    pub name: SecretRef,
    pub metadata: SecretMetadata,
    pub kept: Vec<Kept>,
    pub deleted: Option<Deleted>,
}

impl Entry {
    /// How many earlier revisions this secret keeps.
    fn keeps(&self) -> usize {
        if self.metadata.kind == SecretKind::OauthToken { 1 } else { KEPT }
    }

    /// Adds a revision as the live one and returns the envelopes that fall out.
    pub(crate) fn push(&mut self, kept: Kept) -> Vec<Id> {
        self.kept.push(kept);
        let surplus = self.kept.len().saturating_sub(self.keeps() + 1);
        self.kept.drain(..surplus).map(|kept| kept.object).collect()
    }

    /// The live revision.
    pub(crate) fn live(&self) -> Result<&Kept> {
        self.kept.last().ok_or(VaultError::Internal { what: "an entry without a revision" })
    }

    /// One line of a list.
    pub(crate) fn into_summary(self) -> SecretSummary {
        let m = self.metadata;
        SecretSummary {
            name: self.name,
            kind: m.kind,
            protected: m.protected,
            revision: m.revision,
            created_at: m.created_at,
            updated_at: m.updated_at,
            expires_at: m.expires_at,
            tags: m.tags.into_iter().map(Into::into).collect(),
            username: m.username.map(Into::into),
            url: m.url.map(Into::into),
        }
    }

    /// Everything known, with the kept revisions newest first.
    pub(crate) fn description(&self) -> Description {
        let info = |k: &Kept| RevisionInfo { revision: k.revision, written_at: k.written_at };
        Description {
            name: self.name.clone(),
            metadata: self.metadata.clone(),
            history: self.kept.iter().rev().map(info).collect(),
        }
    }

    /// The trash entry, if it is one.
    pub(crate) fn into_trash(self) -> Option<TrashEntry> {
        let (id, deleted_at) = (TrashId(self.secret_id.0), self.deleted?.at);
        Some(TrashEntry { id, summary: self.into_summary(), deleted_at })
    }
}

/// All secrets whose locator begins with one byte.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Page {
    pub entries: Vec<Entry>,
}

impl Page {
    /// The live entry of that name.
    pub(crate) fn find(&self, name: &SecretRef) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.deleted.is_none() && entry.name == *name)
    }

    /// Drops trash older than 30 days and returns its envelopes.
    pub(crate) fn sweep(&mut self, now: Timestamp) -> Vec<Id> {
        let old = |entry: &mut Entry| {
            entry.deleted.is_some_and(|deleted| now.since(deleted.at) > TRASH_SECONDS)
        };
        self.entries.extract_if(.., old).flat_map(|entry| objects(&entry)).collect()
    }

    /// How many of its secrets are live.
    pub(crate) fn live(&self) -> u32 {
        let live = self.entries.iter().filter(|entry| entry.deleted.is_none()).count();
        u32::try_from(live).unwrap_or(u32::MAX)
    }

    /// Seals the page: mark, generation (u64-LE), nonce, ciphertext. Entries are sorted by id.
    pub(crate) fn seal(
        &mut self,
        keys: &VaultKeys,
        generation: u64,
        number: u8,
        random: &dyn Random,
    ) -> Result<Vec<u8>> {
        self.entries.sort_by_key(|entry| entry.secret_id);
        let mut plain = Zeroizing::new(
            postcard::to_allocvec(self)
                .map_err(|_| VaultError::Internal { what: "encoding a page" })?,
        );
        // The length is part of the encoding; zeros after it are checked when it is read.
        let padded = plain.len().next_multiple_of(PAGE_STEP);
        plain.resize(padded, 0);
        let sealed = Sealed::new(keys.page(), &aad(keys, generation, number), plain, random)?;
        let mut file = MAGIC.to_vec();
        file.extend_from_slice(&generation.to_le_bytes());
        file.extend(sealed.to_raw());
        Ok(file)
    }

    /// Opens a page file.
    pub(crate) fn open(keys: &VaultKeys, number: u8, what: &str, file: &[u8]) -> Result<Self> {
        let damaged = |why| VaultError::Damaged { what: what.to_owned(), why };
        let (generation, raw) = split(file).ok_or_else(|| damaged("it is no page"))?;
        let plain = Sealed::from_raw(raw)
            .and_then(|sealed| sealed.open(keys.page(), &aad(keys, generation, number)))
            .ok_or_else(|| damaged("its seal does not open"))?;
        let (page, padding): (Self, &[u8]) =
            postcard::take_from_bytes(&plain).map_err(|_| damaged("its contents are malformed"))?;
        let well_formed = plain.len().is_multiple_of(PAGE_STEP)
            && padding.iter().all(|b| *b == 0)
            && page.entries.iter().all(|entry| !entry.kept.is_empty());
        well_formed.then_some(page).ok_or_else(|| damaged("its contents are malformed"))
    }
}

/// A page file's generation and what follows it; `None` when it is no page.
fn split(file: &[u8]) -> Option<(u64, &[u8])> {
    let (generation, raw) = file.strip_prefix(MAGIC)?.split_first_chunk::<8>()?;
    Some((u64::from_le_bytes(*generation), raw))
}

/// The generation a page file says it was written by; believed only when it opens.
pub(crate) fn written_by(file: &[u8]) -> Option<u64> {
    split(file).map(|(generation, _)| generation)
}

/// The envelopes of an entry.
pub(crate) fn objects(entry: &Entry) -> Vec<Id> {
    entry.kept.iter().map(|kept| kept.object).collect()
}

/// `page` (vault id, epoch, generation, page number).
fn aad(keys: &VaultKeys, generation: u64, number: u8) -> Vec<u8> {
    Fields::new("tresor.v1.page")
        .bytes(&keys.vault_id().0)
        .number(keys.epoch())
        .number(generation)
        .number(number.into())
        .done()
}
