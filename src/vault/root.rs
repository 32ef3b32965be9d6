//! `root.json`: the plaintext header and the sealed list of pages; the one commit point.
//! Not the pages themselves, and not how a commit proceeds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::backend::BackendKind;
use super::encoding::{Digest, Id, from_json, to_json};
use super::error::{Result, VaultError};
use super::keys::VaultKeys;
use super::seal::Sealed;
use super::secret::MAX_MAX_VALUE;
use super::slots::{MAX_SLOTS, SlotEntry};
use super::world::Random;

/// The largest root that is read: far above the pages and superseded files of any real commit.
pub(crate) const MAX_ROOT: u64 = 64 * 1024 * 1024;
const WHAT: &str = "root.json";

/// The per-vault limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    pub max_value: u32,
}

/// The plaintext header, in file order.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub format: u64,
    pub vault_id: Id,
    pub generation: u64,
    pub epoch: u64,
    pub backend: BackendKind,
    pub retired_backend: Option<BackendKind>,
    pub limits: Limits,
    pub slots: Vec<SlotEntry>,
    checksum: Digest,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RootFile {
    header: Header,
    sealed: Sealed,
}

/// Where a page lies, what it must hash to, and how many live secrets it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PageRef {
    pub file: Id,
    pub sha256: Digest,
    pub live: u32,
}

/// A file that the commit of this root replaced and that may be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Superseded {
    Object(Id),
    Page(Id),
}

/// What the root seals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RootList {
    pub pages: BTreeMap<u8, PageRef>,
    pub superseded: Vec<Superseded>,
    /// The journal's sequence number and hash at this commit.
    pub journal: Option<(u64, Digest)>,
    /// Room for later formats; carried unchanged.
    pub extensions: BTreeMap<String, Vec<u8>>,
}

/// A root as read: the header, and the list still sealed.
pub(crate) struct RootHeader {
    pub header: Header,
    sealed: Sealed,
    /// The hash of the whole file, as `.seen` records it.
    pub sha256: Digest,
}

impl Header {
    /// A first header, generation 0: the first commit makes it 1.
    pub(crate) fn new(vault_id: Id, backend: BackendKind, max_value: u32) -> Result<Self> {
        if max_value == 0 || max_value > MAX_MAX_VALUE {
            return Err(VaultError::InvalidOption { why: "values may have 1 byte to 1 MiB" });
        }
        Ok(Self {
            format: super::FORMAT,
            vault_id,
            generation: 0,
            epoch: 1,
            backend,
            retired_backend: None,
            limits: Limits { max_value },
            slots: Vec::new(),
            checksum: Digest::of(&[]),
        })
    }

    /// SHA-256 of the header with a checksum of zeros; tells damage from a wrong passphrase.
    fn sum(&self) -> Result<Digest> {
        let blank = Self { checksum: super::encoding::Hex([0; 32]), ..self.clone() };
        Ok(Digest::of(&to_json(&blank)?))
    }

    /// Seals `list` under this header and gives the bytes of the file.
    pub(crate) fn seal(
        mut self,
        keys: &VaultKeys,
        list: &RootList,
        random: &dyn Random,
    ) -> Result<Vec<u8>> {
        self.checksum = self.sum()?;
        let plain = postcard::to_allocvec(list)
            .map_err(|_| VaultError::Internal { what: "encoding the root" })?;
        let sealed = Sealed::new(keys.root(), &to_json(&self)?, plain.into(), random)?;
        to_json(&RootFile { header: self, sealed })
    }

    fn check(&self) -> Result<()> {
        let damaged = |why| Err(VaultError::Damaged { what: WHAT.into(), why });
        if self.checksum != self.sum()? {
            return damaged("its header does not match its checksum");
        }
        if self.slots.len() > MAX_SLOTS {
            return damaged("it has more than eight slots");
        }
        if self.limits.max_value == 0 || self.limits.max_value > MAX_MAX_VALUE {
            return damaged("its limits are out of range");
        }
        Ok(())
    }
}

impl RootHeader {
    /// Reads the file's bytes: format, canonical form, checksum. Needs no key.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        check_format(bytes)?;
        let file: RootFile = from_json(WHAT, bytes)?;
        file.header.check()?;
        Ok(Self { header: file.header, sealed: file.sealed, sha256: Digest::of(bytes) })
    }

    /// Opens the list.
    pub(crate) fn open(&self, keys: &VaultKeys) -> Result<RootList> {
        let damaged = |why| VaultError::Damaged { what: WHAT.into(), why };
        if self.header.epoch != keys.epoch() || self.header.vault_id != keys.vault_id() {
            return Err(VaultError::KeysChanged);
        }
        let plain = self
            .sealed
            .open(keys.root(), &to_json(&self.header)?)
            .ok_or_else(|| damaged("its seal does not open"))?;
        postcard::from_bytes(&plain).map_err(|_| damaged("its list is malformed"))
    }
}

/// Refuses a newer format before anything else of it is read.
fn check_format(bytes: &[u8]) -> Result<()> {
    #[derive(Deserialize)]
    struct Outer<'a> {
        #[serde(borrow)]
        header: &'a RawValue,
    }
    #[derive(Deserialize)]
    struct Inner {
        format: u64,
    }
    let found = serde_json::from_slice::<Outer>(bytes)
        .and_then(|outer| serde_json::from_str::<Inner>(outer.header.get()));
    match found {
        Ok(Inner { format }) if format > super::FORMAT => {
            Err(VaultError::NewerFormat { found: format, known: super::FORMAT })
        }
        Ok(Inner { format: super::FORMAT }) => Ok(()),
        _ => Err(VaultError::Damaged { what: WHAT.into(), why: "it is not a root" }),
    }
}
