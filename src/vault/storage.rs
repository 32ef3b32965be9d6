//! The filesystem seam: the few operations the vault needs of a directory, so that faults and power
//! loss can be simulated. Not a place for decisions.

mod disk;
mod memory;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::encoding::Id;
use super::error::{Result, VaultError};

pub(crate) use disk::DiskStorage;
pub use disk::sync_directory;
pub(crate) use memory::MemoryStorage;

/// The names of files in a vault directory.
pub(crate) mod names {
    use super::Id;

    pub(crate) const ROOT: &str = "root.json";
    pub(crate) const ROOT_NEXT: &str = "root.next.json";
    pub(crate) const ROOT_PREV: &str = "root.prev.json";
    pub(crate) const MARKER: &str = "backend.kind";
    /// What the marker says while a vault is being rebuilt there.
    pub(crate) const UNFINISHED: &[u8] = b"unfinished\n";
    /// Where a move to another backend goes, while it is under way.
    pub(crate) const MOVING: &str = "backend.moving";
    pub(crate) const LOCK: &str = "lock";
    pub(crate) const INDEX: &str = "index";
    pub(crate) const OBJECTS: &str = "objects";
    pub(crate) const LOST: &str = "lost";
    pub(crate) const JOURNAL: &str = "journal";
    /// Whose lock is a turn; they stay empty.
    pub(crate) const TURNS: [&str; 4] = ["turn.0", "turn.1", "turn.2", "turn.3"];
    /// Everything that may lie in the vault directory.
    const ALL: [&str; 10] =
        [ROOT, ROOT_NEXT, ROOT_PREV, MARKER, MOVING, LOCK, INDEX, OBJECTS, LOST, JOURNAL];

    /// Whether a file or directory of that name may lie in the vault directory.
    pub(crate) fn is_ours(name: &str) -> bool {
        ALL.contains(&name) || TURNS.contains(&name)
    }

    /// The vault directory itself.
    pub(crate) const TOP: &str = "";

    pub(crate) fn page(id: Id) -> String {
        format!("{INDEX}/{id}{PAGE}")
    }

    pub(crate) fn object(id: Id) -> String {
        format!("{OBJECTS}/{id}{OBJECT}")
    }

    /// An object that is additionally sealed by Windows DPAPI.
    #[cfg(windows)]
    pub(crate) fn dpapi_object(id: Id) -> String {
        format!("{OBJECTS}/{id}{DPAPI}")
    }

    /// The journal of an epoch.
    pub(crate) fn journal(epoch: u64) -> String {
        format!("{JOURNAL}/{epoch}.log")
    }

    /// A journal being rewritten; never read.
    pub(crate) fn journal_next(epoch: u64) -> String {
        format!("{JOURNAL}/{epoch}.next")
    }

    /// A damaged journal that was set aside.
    pub(crate) fn lost_journal(id: Id) -> String {
        format!("{LOST}/{id}.log")
    }

    /// How the names of pages, and of objects of each kind, end.
    pub(crate) const PAGE: &str = ".page";
    pub(crate) const OBJECT: &str = ".json";
    pub(crate) const DPAPI: &str = ".dpapi";

    /// The id of a page or object file name without its directory.
    pub(crate) fn id_of(name: &str) -> Option<Id> {
        [PAGE, OBJECT, DPAPI].into_iter().find_map(|ending| id_with(name, ending))
    }

    /// The id of a file name that ends like this.
    pub(crate) fn id_with(name: &str, ending: &str) -> Option<Id> {
        Id::parse(name.strip_suffix(ending)?)
    }
}

/// What a lock allows beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// One writer, nobody else.
    Exclusive,
    /// Readers that want a still moment.
    Shared,
}

/// A held lock; released when dropped. Its file names the commit in flight.
pub trait LockGuard {
    /// The contents of the lock file.
    fn intent(&mut self) -> Result<Vec<u8>>;
    /// Replaces the contents; not synced.
    fn set_intent(&mut self, bytes: &[u8]) -> Result<()>;
}

/// A file that grows at its end, under a lock of its own; released when dropped.
pub trait LogGuard {
    /// Its length in bytes.
    fn size(&mut self) -> Result<usize>;
    /// The bytes from `offset` on, at most `length`.
    fn read_at(&mut self, offset: usize, length: usize) -> Result<Vec<u8>>;
    /// Cuts the file at `offset` and adds `bytes` there, in one write; not synced. When that fails,
    /// it is cut at `offset` if that is possible.
    fn put_at(&mut self, offset: usize, bytes: &[u8]) -> Result<()>;
}

/// What was found wrong with a file or directory of the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsafeFile {
    /// The name within the vault; empty for the vault directory.
    pub name: String,
    /// What is wrong with it.
    pub why: String,
    /// Whether [`Storage::mend`] can mend it.
    pub mendable: bool,
}

/// A directory of write-once files with one that is replaced. Names are relative, `dir/file` at most.
pub trait Storage: Send + Sync {
    /// The whole file, owner-only or refused; `Io` with `NotFound` when it is not there.
    fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>>;
    /// Makes a file that must not be there yet, mode 0600; not synced.
    fn create_new(&self, name: &str, bytes: &[u8]) -> Result<()>;
    /// Replaces the contents of a file where it lies, or makes it; not synced. Only for what may be
    /// torn: a rename would make the system write it out at once.
    fn overwrite(&self, name: &str, bytes: &[u8]) -> Result<()>;
    /// Makes the contents of a file durable.
    fn sync_file(&self, name: &str) -> Result<()>;
    /// Makes the entries of a directory durable.
    fn sync_dir(&self, dir: &str) -> Result<()>;
    /// Makes everything written to the file system durable.
    fn sync_all(&self) -> Result<()>;
    /// Replaces `to` by `from`, atomically.
    fn rename(&self, from: &str, to: &str) -> Result<()>;
    /// Removes a file; `false` when it was not there.
    fn remove(&self, name: &str) -> Result<bool>;
    /// The names of the files in a directory; none when it is not there.
    fn list(&self, dir: &str) -> Result<Vec<String>>;
    /// Makes a directory, mode 0700, unless it is there.
    fn make_dir(&self, dir: &str) -> Result<()>;
    /// Takes the lock, trying for at most `wait`; then `Busy`.
    fn lock(&self, mode: LockMode, wait: Duration) -> Result<Box<dyn LockGuard + '_>>;
    /// Opens a file that grows, or makes it empty, and takes its own lock, trying for at most
    /// `wait`; then `Busy`. `Io` with `NotFound` when its directory is not there.
    fn open_log(&self, name: &str, wait: Duration) -> Result<Box<dyn LogGuard + '_>>;
    /// Everything in the vault that others can get at, or that is no plain file.
    fn inspect(&self) -> Result<Vec<UnsafeFile>>;
    /// Takes away what others may do; never follows links.
    fn mend(&self, name: &str) -> Result<()>;
    /// Where a name lies, for messages.
    fn path(&self, name: &str) -> PathBuf;
}

/// Makes a file and makes its contents durable.
pub(crate) fn create_durable(storage: &dyn Storage, name: &str, bytes: &[u8]) -> Result<()> {
    storage.create_new(name, bytes)?;
    storage.sync_file(name)
}

/// Whether an error says that a file or an item is not there.
pub(crate) fn is_missing(error: &VaultError) -> bool {
    match error {
        VaultError::Io { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
        VaultError::NotInStore { .. } => true,
        _ => false,
    }
}

/// Turns "not there" into `None`.
pub(crate) fn optional<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// An input or output error with what was tried on what.
pub(crate) fn io_error(
    verb: &'static str,
    path: &Path,
    source: impl Into<std::io::Error>,
) -> VaultError {
    VaultError::Io { verb, path: path.to_owned(), source: source.into() }
}
