//! A directory in this process's memory: for the demo and for tests. Nothing of it is durable.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{LockGuard, LockMode, LogGuard, Storage, UnsafeFile, io_error, names};
use crate::vault::error::Result;

/// Files by name.
#[derive(Default)]
pub(crate) struct MemoryStorage {
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    lock: Mutex<Vec<u8>>,
    log: Mutex<()>,
    turn: Mutex<()>,
}

impl MemoryStorage {
    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for MemoryStorage {
    fn read(&self, name: &str, _limit: u64) -> Result<Vec<u8>> {
        let missing = || io_error("open", &self.path(name), std::io::ErrorKind::NotFound);
        self.files().get(name).cloned().ok_or_else(missing)
    }

    fn create_new(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut files = self.files();
        if files.contains_key(name) {
            return Err(io_error("make", &self.path(name), std::io::ErrorKind::AlreadyExists));
        }
        files.insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn overwrite(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.files().insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn sync_file(&self, _name: &str) -> Result<()> {
        Ok(())
    }

    fn sync_dir(&self, _dir: &str) -> Result<()> {
        Ok(())
    }

    fn sync_all(&self) -> Result<()> {
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let mut files = self.files();
        let missing = || io_error("replace", &self.path(to), std::io::ErrorKind::NotFound);
        let bytes = files.remove(from).ok_or_else(missing)?;
        files.insert(to.to_owned(), bytes);
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<bool> {
        Ok(self.files().remove(name).is_some())
    }

    fn list(&self, dir: &str) -> Result<Vec<String>> {
        let inside = |name: &String| match name.rsplit_once('/') {
            Some((parent, file)) => (parent == dir).then(|| file.to_owned()),
            None => dir.is_empty().then(|| name.clone()),
        };
        Ok(self.files().keys().filter_map(inside).collect())
    }

    fn make_dir(&self, _dir: &str) -> Result<()> {
        Ok(())
    }

    fn lock(&self, _mode: LockMode, _wait: Duration) -> Result<Box<dyn LockGuard + '_>> {
        Ok(Box::new(MemoryLock(self.lock.lock().unwrap_or_else(PoisonError::into_inner))))
    }

    fn open_log(&self, name: &str, _wait: Duration) -> Result<Box<dyn LogGuard + '_>> {
        // The journal is written to while somebody has a turn.
        let lock = if names::TURNS.contains(&name) { &self.turn } else { &self.log };
        let held = lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.files().entry(name.to_owned()).or_default();
        Ok(Box::new(MemoryLog { storage: self, name: name.to_owned(), _held: held }))
    }

    fn inspect(&self) -> Result<Vec<UnsafeFile>> {
        Ok(Vec::new())
    }

    fn mend(&self, _name: &str) -> Result<()> {
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from("(in memory)").join(if name.is_empty() { names::TOP } else { name })
    }
}

struct MemoryLock<'a>(MutexGuard<'a, Vec<u8>>);

impl LockGuard for MemoryLock<'_> {
    fn intent(&mut self) -> Result<Vec<u8>> {
        Ok(self.0.clone())
    }

    fn set_intent(&mut self, bytes: &[u8]) -> Result<()> {
        *self.0 = bytes.to_vec();
        Ok(())
    }
}

struct MemoryLog<'a> {
    storage: &'a MemoryStorage,
    name: String,
    _held: MutexGuard<'a, ()>,
}

impl MemoryLog<'_> {
    fn with<R>(&self, use_it: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        use_it(self.storage.files().entry(self.name.clone()).or_default())
    }
}

impl LogGuard for MemoryLog<'_> {
    fn size(&mut self) -> Result<usize> {
        Ok(self.with(|bytes| bytes.len()))
    }

    fn read_at(&mut self, offset: usize, length: usize) -> Result<Vec<u8>> {
        Ok(self.with(|bytes| bytes.iter().skip(offset).take(length).copied().collect()))
    }

    fn put_at(&mut self, offset: usize, bytes: &[u8]) -> Result<()> {
        self.with(|file| {
            file.truncate(offset);
            file.extend_from_slice(bytes);
        });
        Ok(())
    }
}
