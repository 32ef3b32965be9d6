//! Which files were made and not yet made durable: for systems that cannot sync a whole file system.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::vault::error::Result;
use crate::vault::storage::{Storage, optional};

/// Names of files.
#[derive(Default)]
pub(super) struct Unsynced(Mutex<BTreeSet<String>>);

impl Unsynced {
    fn names(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, name: &str) {
        self.names().insert(name.to_owned());
    }

    pub(super) fn drop(&self, name: &str) {
        self.names().remove(name);
    }

    pub(super) fn clear(&self) {
        self.names().clear();
    }

    pub(super) fn rename(&self, from: &str, to: &str) {
        let mut names = self.names();
        if names.remove(from) {
            names.insert(to.to_owned());
        }
    }

    /// Makes each of them durable, and the directories they are in. What failed stays to be done.
    pub(super) fn sync(&self, storage: &dyn Storage) -> Result<()> {
        let names = self.names().clone();
        let mut directories = BTreeSet::new();
        for name in &names {
            directories.insert(name.rsplit_once('/').map_or("", |(dir, _)| dir));
            // One that somebody else removed meanwhile has nothing to keep.
            optional(storage.sync_file(name))?;
            self.drop(name);
        }
        directories.into_iter().try_for_each(|dir| storage.sync_dir(dir))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::vault::storage::MemoryStorage;

    #[test]
    fn what_was_made_is_remembered_until_it_is_durable_or_gone() {
        let unsynced = Unsynced::default();
        for name in ["index/a", "index/b", "root.next.json", "objects/c"] {
            unsynced.add(name);
        }
        unsynced.drop("index/a");
        unsynced.rename("root.next.json", "root.json");
        unsynced.rename("elsewhere", "objects/d");
        let left: Vec<String> = unsynced.names().iter().cloned().collect();
        assert_eq!(left, ["index/b", "objects/c", "root.json"]);
        unsynced.sync(&MemoryStorage::default()).unwrap();
        assert!(unsynced.names().is_empty());
    }
}
