//! What was last seen of a vault, kept outside it, so that an older copy put back is noticed.
//! Not proof against someone who can also change the user's state directory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::deadline::DEADLINE;
use super::encoding::{Digest, Id, from_json, to_json};
use super::error::{Result, VaultError};
use super::root::RootHeader;
use super::storage::{DiskStorage, LockMode, Storage, UnsafeFile, io_error, names, optional};

/// The largest record that is read, in bytes.
const MAX_RECORD: u64 = 1024;
/// How the names of records end.
const SEEN: &str = ".seen";
/// How many bytes tell directories of records apart.
const MARK: usize = 8;
/// It is written where it lies, so that a reader may meet it half-way: then it reads again.
const READ_TRIES: usize = 10;

/// The newest state of a vault that this user's tresor acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    pub vault_id: Id,
    pub generation: u64,
    root: Digest,
    checksum: Digest,
}

impl Seen {
    pub(crate) fn new(vault_id: Id, generation: u64, root: Digest) -> Self {
        Self { vault_id, generation, root, checksum: checksum(vault_id, generation, root) }
    }

    /// Refuses a root that is older than, or not the same as, what was seen.
    pub(crate) fn check(&self, root: &RootHeader, path: &Path) -> Result<()> {
        let header = &root.header;
        if header.vault_id != self.vault_id {
            return Err(VaultError::DifferentVault { path: path.to_owned() });
        }
        if header.generation < self.generation {
            return Err(VaultError::RolledBack { found: header.generation, seen: self.generation });
        }
        if header.generation == self.generation && root.sha256 != self.root {
            return Err(VaultError::Replaced { generation: self.generation });
        }
        Ok(())
    }
}

/// Tells a torn record from a whole one; it has no key and no secrecy.
fn checksum(vault_id: Id, generation: u64, root: Digest) -> Digest {
    let mut bytes = vault_id.0.to_vec();
    bytes.extend_from_slice(&generation.to_le_bytes());
    bytes.extend_from_slice(&root.0);
    Digest::of(&bytes)
}

/// The record of one vault: `<hash of the vault's path>.seen` in the state directory.
#[derive(Clone)]
pub(crate) struct SeenFile {
    directory: PathBuf,
    name: String,
}

impl SeenFile {
    pub(crate) fn new(state: &Path, vault: &Path) -> Self {
        let resolved = resolve(vault);
        let hash = Digest::of(resolved.as_os_str().as_encoded_bytes()).to_string();
        let short: String = hash.chars().take(32).collect();
        Self { directory: state.to_owned(), name: format!("{short}{SEEN}") }
    }

    /// Has something tried in the directory of the records, where no vault's envelopes lie. One at a time,
    /// so that what lies there, or elsewhere with the mark of that directory, is left of one that was killed.
    pub(crate) fn in_scratch<R>(
        &self,
        work: impl FnOnce(&Arc<dyn Storage>, &[u8]) -> Result<R>,
    ) -> Result<R> {
        make_private_dirs(&self.directory)?;
        let storage: Arc<dyn Storage> = Arc::new(DiskStorage::beside(&self.directory));
        let _guard = storage.lock(LockMode::Exclusive, DEADLINE)?;
        storage.make_dir(names::OBJECTS)?;
        let directory = Digest::of(resolve(&self.directory).as_os_str().as_encoded_bytes());
        let worked = work(&storage, &directory.0[..MARK]);
        let _ = std::fs::remove_dir(self.directory.join(names::OBJECTS));
        worked
    }

    /// Whether there is a record of the same vault at another place.
    pub(crate) fn has_other_of(&self, vault: Id) -> Result<bool> {
        let is_other = |name: &String| name.ends_with(SEEN) && !name.starts_with(self.place());
        for name in self.names()?.into_iter().filter(is_other) {
            let other = Self { directory: self.directory.clone(), name };
            if other.read()?.is_some_and(|seen| seen.vault_id == vault) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The vaults that were at this place before others took it, and may have left something elsewhere.
    pub(crate) fn formers(&self) -> Result<Vec<Id>> {
        let begin = format!("{}.", self.place());
        let former = |name: String| Id::parse(name.strip_prefix(&begin)?.strip_suffix(SEEN)?);
        Ok(self.names()?.into_iter().filter_map(former).collect())
    }

    /// Keeps a copy of the record as that of a former vault.
    pub(crate) fn keep_as_former(&self) -> Result<()> {
        let Some(seen) = self.read()? else { return Ok(()) };
        let former = format!("{}.{}{SEEN}", self.place(), seen.vault_id);
        DiskStorage::beside(&self.directory).overwrite(&former, &to_json(&seen)?)
    }

    /// Forgets a former vault; one that is not known is no error.
    pub(crate) fn forget_former(&self, vault: Id) -> Result<()> {
        let former = format!("{}.{vault}{SEEN}", self.place());
        DiskStorage::beside(&self.directory).remove(&former).map(drop)
    }

    fn names(&self) -> Result<Vec<String>> {
        DiskStorage::beside(&self.directory).list(names::TOP)
    }

    /// What the names of all records of this place begin with.
    fn place(&self) -> &str {
        self.name.strip_suffix(SEEN).unwrap_or(&self.name)
    }

    /// The record, or `None` when there is none, or only a torn one: "not checked here".
    pub(crate) fn read(&self) -> Result<Option<Seen>> {
        let storage = DiskStorage::beside(&self.directory);
        for _ in 0..READ_TRIES {
            let bytes = optional(storage.read(&self.name, MAX_RECORD))?;
            let Some(bytes) = bytes else { return Ok(None) };
            let seen = from_json::<Seen>(&self.name, &bytes).ok();
            let whole = |s: &Seen| s.checksum == checksum(s.vault_id, s.generation, s.root);
            if let Some(seen) = seen.filter(whole) {
                return Ok(Some(seen));
            }
            std::thread::yield_now();
        }
        Ok(None)
    }

    /// What others can get at in the directory of records.
    pub(crate) fn inspect(&self) -> Result<Vec<UnsafeFile>> {
        match self.directory.exists() {
            true => DiskStorage::beside(&self.directory).inspect(),
            false => Ok(Vec::new()),
        }
    }

    /// Takes away what others may do there; says what it did.
    pub(crate) fn mend(&self) -> Result<Vec<String>> {
        let storage = DiskStorage::beside(&self.directory);
        let mut done = Vec::new();
        for found in self.inspect()?.into_iter().filter(|found| found.mendable) {
            storage.mend(&found.name)?;
            done.push(format!(
                "{}: only its owner has access now",
                storage.path(&found.name).display()
            ));
        }
        Ok(done)
    }

    /// Replaces the record. Called under the vault's lock.
    pub(crate) fn write(&self, seen: &Seen) -> Result<()> {
        make_private_dirs(&self.directory)?;
        DiskStorage::beside(&self.directory).overwrite(&self.name, &to_json(seen)?)
    }
}

/// One spelling for each place: absolute, and with its deepest existing ancestor's links resolved.
/// The vault directory itself is no link, or it is refused.
pub(crate) fn resolve(vault: &Path) -> PathBuf {
    let absolute = std::path::absolute(vault).unwrap_or_else(|_| vault.to_owned());
    for ancestor in absolute.ancestors().skip(1) {
        let below = absolute.strip_prefix(ancestor).unwrap_or(Path::new(""));
        if let Ok(ancestor) = ancestor.canonicalize() {
            return ancestor.join(below).components().collect();
        }
    }
    absolute
}

/// Makes a directory for its owner only, with the parents it needs.
pub(crate) fn make_private_dirs(path: &Path) -> Result<()> {
    super::permissions::make_private_dirs(path).map_err(|e| io_error("make", path, e))
}
