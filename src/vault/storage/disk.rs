//! The real directory. Every open is relative to a directory that was itself opened without
//! following links, and everything opened is checked for who may get at it.

mod log;
#[cfg(unix)]
mod unix;
mod unsynced;
#[cfg(windows)]
mod windows;

use std::fs::File;
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[cfg(unix)]
use unix as os;
#[cfg(windows)]
use windows as os;

use super::{LockGuard, LockMode, LogGuard, Storage, UnsafeFile, io_error, names};
use crate::vault::error::{Result, VaultError};
use crate::vault::permissions::{
    Facts, IS_LINK, check_dir, check_file, is_link, read_up_to, restrict,
};
use os::Dir;
use unsynced::Unsynced;

/// Makes the entries of any directory durable, as far as the system does that.
///
/// # Errors
/// What the system says.
pub fn sync_directory(path: &Path) -> io::Result<()> {
    os::sync_directory(path)
}

/// How long to sleep between two tries for the lock.
const LOCK_STEP: Duration = Duration::from_millis(2);
/// The most an intent may say: names of the files of one commit.
const MAX_INTENT: usize = 64 * 1024 * 1024;

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Read,
    Write,
    /// To make its contents durable.
    Sync,
    CreateNew,
    ReadWriteOrCreate,
}

/// A vault directory on disk, or one beside it.
pub(crate) struct DiskStorage {
    path: PathBuf,
    is_vault: bool,
    unsynced: Unsynced,
}

impl DiskStorage {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), is_vault: true, unsynced: Unsynced::default() }
    }

    /// A directory of tresor's that holds no vault.
    pub(crate) fn beside(path: &Path) -> Self {
        Self { is_vault: false, ..Self::new(path) }
    }

    /// Opens the directory part of a name and gives it with the file part.
    fn parent<'a>(&self, name: &'a str) -> Result<(Dir, &'a str)> {
        match name.split_once('/') {
            Some((dir, file)) => Ok((self.open_dir(dir)?, file)),
            None => Ok((self.open_dir(names::TOP)?, name)),
        }
    }

    /// Opens and checks the vault directory, or a directory in it.
    fn open_dir(&self, dir: &str) -> Result<Dir> {
        let top = Dir::open(&self.path).map_err(|e| self.refused("open", names::TOP, e))?;
        self.check_top(&top)?;
        if dir.is_empty() {
            return Ok(top);
        }
        let opened = top.open_dir(dir).map_err(|e| self.refused("open", dir, e))?;
        check_dir(opened.handle(), &self.path(dir))?;
        Ok(opened)
    }

    /// Refuses a directory that others can get at. Where a vault should be and nothing of one is, there is
    /// none: what would make it safe is not said, as it is somebody's other directory.
    fn check_top(&self, top: &Dir) -> Result<()> {
        let of_vault = |file: &String| names::is_ours(file);
        check_dir(top.handle(), &self.path).map_err(|error| match top.entries() {
            Ok(files) if self.is_vault && !files.iter().any(of_vault) => {
                let why = match files.is_empty() {
                    true => "it is empty, but not yours alone",
                    false => "it holds no root.json",
                };
                VaultError::NotAVault { path: self.path.clone(), why }
            }
            _ => error,
        })
    }

    /// Opens and checks a file; gives what is known of it, too.
    fn open_file(&self, name: &str, how: How) -> Result<(File, Facts)> {
        let (dir, file) = self.parent(name)?;
        let opened = dir.open_file(file, how).map_err(|e| self.refused("open", name, e))?;
        let facts = check_file(&opened, &self.path(name))?;
        Ok((opened, facts))
    }

    /// A system error in the vault's words: links are unsafe, the rest is input and output.
    fn refused(&self, verb: &'static str, name: &str, error: io::Error) -> VaultError {
        let path = self.path(name);
        match error.kind() {
            _ if is_link(&error) => VaultError::Unsafe { path, why: IS_LINK.into() },
            ErrorKind::NotADirectory if path.is_symlink() => {
                VaultError::Unsafe { path, why: IS_LINK.into() }
            }
            ErrorKind::NotADirectory if name.is_empty() => {
                VaultError::NotAVault { path, why: "it is not a directory" }
            }
            _ => io_error(verb, &path, error),
        }
    }

    /// Opens a file, or makes it, and locks it, trying for at most `wait`. One that was deleted or
    /// replaced meanwhile locks nobody out: what is no longer `current` is opened anew.
    fn open_locked(
        &self,
        name: &str,
        mode: LockMode,
        wait: Duration,
        current: impl Fn(&File) -> Result<bool>,
    ) -> Result<File> {
        let mut file = self.open_to_lock(name, mode)?;
        let began = Instant::now();
        loop {
            match os::try_lock(&file, mode) {
                Ok(true) if !current(&file)? => file = self.open_to_lock(name, mode)?,
                Ok(true) => return Ok(file),
                Ok(false) if began.elapsed() < wait => std::thread::sleep(LOCK_STEP),
                Ok(false) => return Err(VaultError::Busy),
                Err(error) => return Err(io_error("lock", &self.path(name), error)),
            }
        }
    }

    /// Opens a file to lock it, or makes it. Where nothing can be written, it can still be shared.
    fn open_to_lock(&self, name: &str, mode: LockMode) -> Result<File> {
        let opened = match self.open_file(name, How::ReadWriteOrCreate) {
            Err(VaultError::Io { source, .. })
                if mode == LockMode::Shared && source.kind() == ErrorKind::ReadOnlyFilesystem =>
            {
                self.open_file(name, How::Read)
            }
            opened => opened,
        };
        opened.map(|(file, _)| file)
    }

    /// Whether the open file is the one that bears the lock's name now.
    fn is_lock_file(&self, file: &File) -> Result<bool> {
        let top = self.open_dir(names::TOP)?;
        let held = top.holds(names::LOCK, file);
        held.map_err(|e| io_error("examine", &self.path(names::LOCK), e))
    }

    fn inspect_dir(&self, dir: &str, found: &mut Vec<UnsafeFile>) -> Result<()> {
        let opened = match Dir::open(&self.path(dir)) {
            Ok(opened) => opened,
            Err(error) if error.kind() == ErrorKind::NotFound && !dir.is_empty() => return Ok(()),
            Err(error) => return Err(self.refused("open", dir, error)),
        };
        for entry in opened.entries().map_err(|e| io_error("list", &self.path(dir), e))? {
            let name = if dir.is_empty() { entry.clone() } else { format!("{dir}/{entry}") };
            let facts = opened.facts(&entry);
            let facts = facts.map_err(|e| io_error("examine", &self.path(&name), e))?;
            let is_dir = facts.is_dir() && dir.is_empty();
            let why = if is_dir { facts.unsafe_dir() } else { facts.unsafe_file() };
            if let Some(why) = why {
                found.push(unsafe_one(&name, why));
            }
            if is_dir {
                self.inspect_dir(&name, found)?;
            }
        }
        Ok(())
    }
}

fn unsafe_one(name: &str, why: String) -> UnsafeFile {
    UnsafeFile { name: name.to_owned(), mendable: is_mendable(&why), why }
}

/// Whether what is wrong is only what others may do.
fn is_mendable(why: &str) -> bool {
    why.starts_with("others")
}

impl Storage for DiskStorage {
    fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>> {
        let (file, facts) = self.open_file(name, How::Read)?;
        let size = facts.size();
        if size > limit {
            return Err(VaultError::Damaged { what: name.into(), why: "it is too long" });
        }
        let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
        let read = read_up_to(&file, &mut bytes);
        let read = read.map_err(|e| io_error("read", &self.path(name), e))?;
        bytes.truncate(read);
        Ok(bytes)
    }

    fn create_new(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let (mut file, _) = self.open_file(name, How::CreateNew)?;
        self.unsynced.add(name);
        let written = file.write_all(bytes);
        os::start_writing(&file);
        written.map_err(|e| io_error("write", &self.path(name), e))
    }

    fn overwrite(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let Some((mut file, facts)) = super::optional(self.open_file(name, How::Write))? else {
            return self.create_new(name, bytes);
        };
        // Never cut first: a reader must not find it empty.
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let written = file.write_all(bytes).and_then(|()| match facts.size() > length {
            true => file.set_len(length),
            false => Ok(()),
        });
        written.map_err(|e| io_error("write", &self.path(name), e))
    }

    fn sync_file(&self, name: &str) -> Result<()> {
        // An error of writing that nobody has seen yet is told to whoever opens the file next.
        let (file, _) = self.open_file(name, How::Sync)?;
        file.sync_all().map_err(|e| io_error("sync", &self.path(name), e))?;
        self.unsynced.drop(name);
        Ok(())
    }

    fn sync_dir(&self, dir: &str) -> Result<()> {
        self.open_dir(dir)?.sync().map_err(|e| io_error("sync", &self.path(dir), e))
    }

    fn sync_all(&self) -> Result<()> {
        let top = self.open_dir(names::TOP)?;
        match top.sync_file_system() {
            Some(synced) => synced.map_err(|e| io_error("sync", &self.path, e))?,
            None => return self.unsynced.sync(self),
        }
        self.unsynced.clear();
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (from_dir, from_file) = self.parent(from)?;
        let renamed = match (from.contains('/'), to.contains('/')) {
            (false, false) => from_dir.rename(from_file, &from_dir, to),
            _ => {
                let (to_dir, to_file) = self.parent(to)?;
                from_dir.rename(from_file, &to_dir, to_file)
            }
        };
        renamed.map_err(|e| io_error("replace", &self.path(to), e))?;
        self.unsynced.rename(from, to);
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<bool> {
        let (dir, file) = self.parent(name)?;
        self.unsynced.drop(name);
        match dir.remove(file) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(io_error("remove", &self.path(name), error)),
        }
    }

    fn list(&self, dir: &str) -> Result<Vec<String>> {
        match super::optional(self.open_dir(dir))? {
            Some(opened) => opened.entries().map_err(|e| io_error("list", &self.path(dir), e)),
            None => Ok(Vec::new()),
        }
    }

    fn make_dir(&self, dir: &str) -> Result<()> {
        let path = self.path(dir);
        match os::make_dir(&path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(io_error("make", &path, error))
            }
            _ => self.open_dir(dir).map(drop),
        }
    }

    fn lock(&self, mode: LockMode, wait: Duration) -> Result<Box<dyn LockGuard + '_>> {
        let file = self.open_locked(names::LOCK, mode, wait, |file| self.is_lock_file(file))?;
        Ok(Box::new(DiskLock { file, path: self.path(names::LOCK) }))
    }

    fn open_log(&self, name: &str, wait: Duration) -> Result<Box<dyn LogGuard + '_>> {
        let path = self.path(name);
        let current =
            |file: &File| os::is_linked(file, &path).map_err(|e| io_error("examine", &path, e));
        let file = self.open_locked(name, LockMode::Exclusive, wait, current)?;
        // What is put there may be made durable with the rest.
        self.unsynced.add(name);
        Ok(Box::new(log::DiskLog::new(file, path)?))
    }

    fn inspect(&self) -> Result<Vec<UnsafeFile>> {
        let mut found = Vec::new();
        let facts = os::facts_of(&self.path).map_err(|e| io_error("examine", &self.path, e))?;
        if let Some(why) = facts.unsafe_dir() {
            found.push(unsafe_one(names::TOP, why));
        }
        self.inspect_dir(names::TOP, &mut found)?;
        Ok(found)
    }

    fn mend(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        let steps = name.split('/').filter(|step| !step.is_empty());
        let file = os::open_to_mend(&self.path, steps);
        let file = file.map_err(|e| self.refused("open", name, e))?;
        let facts = Facts::of(&file).map_err(|e| io_error("examine", &path, e))?;
        let is_dir = facts.is_dir();
        let why = if is_dir { facts.unsafe_dir() } else { facts.unsafe_file() };
        match why {
            Some(why) if !is_mendable(&why) => Err(VaultError::Unsafe { path, why }),
            Some(_) => restrict(&file, is_dir).map_err(|e| io_error("mend", &path, e)),
            None => Ok(()),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        // Piece by piece: Windows knows no `/` in the longest form of its paths.
        let mut path = self.path.clone();
        path.extend(name.split('/').filter(|step| !step.is_empty()));
        path
    }
}

/// The lock file, held until dropped.
struct DiskLock {
    file: File,
    path: PathBuf,
}

impl LockGuard for DiskLock {
    fn intent(&mut self) -> Result<Vec<u8>> {
        let mut read = || {
            let size = usize::try_from(self.file.metadata()?.len()).unwrap_or(0);
            let mut bytes = vec![0; size.min(MAX_INTENT)];
            self.file.seek(SeekFrom::Start(0))?;
            let length = read_up_to(&self.file, &mut bytes)?;
            bytes.truncate(length);
            Ok(bytes)
        };
        read().map_err(|e: io::Error| io_error("read", &self.path, e))
    }

    fn set_intent(&mut self, bytes: &[u8]) -> Result<()> {
        let mut write = || {
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(bytes)?;
            // Cut last: the same intent written again is never torn.
            self.file.set_len(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
        };
        write().map_err(|e| io_error("write", &self.path, e))
    }
}
