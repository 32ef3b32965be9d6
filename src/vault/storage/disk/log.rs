//! A real file that grows at its end, locked until dropped. Knows nothing of what is in it.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use super::os;
use crate::vault::error::Result;
use crate::vault::storage::{LogGuard, io_error};

/// The open file; its lock ends with it.
pub(super) struct DiskLog {
    file: File,
    path: PathBuf,
    /// Its length: nobody else changes it while it is locked.
    size: usize,
}

impl DiskLog {
    pub(super) fn new(file: File, path: PathBuf) -> Result<Self> {
        let size = file.metadata().and_then(|metadata| narrow(metadata.len()));
        let size = size.map_err(|e| io_error("examine", &path, e))?;
        Ok(Self { file, path, size })
    }

    fn cut(&mut self, offset: usize) -> io::Result<()> {
        self.file.set_len(wide(offset)?)?;
        self.size = offset;
        Ok(())
    }

    /// Writes all of `bytes` from `offset` on.
    fn write(&mut self, offset: usize, mut bytes: &[u8]) -> io::Result<()> {
        let mut at = wide(offset)?;
        while !bytes.is_empty() {
            match os::write_at(&self.file, bytes, at) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => {
                    bytes = bytes.get(n..).unwrap_or_default();
                    at += wide(n)?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.size = narrow(at)?;
        Ok(())
    }
}

fn wide(offset: usize) -> io::Result<u64> {
    u64::try_from(offset).map_err(|_| ErrorKind::FileTooLarge.into())
}

fn narrow(size: u64) -> io::Result<usize> {
    usize::try_from(size).map_err(|_| ErrorKind::FileTooLarge.into())
}

impl LogGuard for DiskLog {
    fn size(&mut self) -> Result<usize> {
        Ok(self.size)
    }

    fn read_at(&mut self, offset: usize, length: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length.min(self.size.saturating_sub(offset))];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match wide(offset + filled).and_then(|at| os::read_at(&self.file, rest, at)) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(io_error("read", &self.path, error)),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    fn put_at(&mut self, offset: usize, bytes: &[u8]) -> Result<()> {
        let cut = if self.size > offset { self.cut(offset) } else { Ok(()) };
        let written = cut.and_then(|()| self.write(offset, bytes));
        if written.is_err() {
            // Half of it would only be in the way; what stays is mended by whoever comes next.
            let _ = self.cut(offset);
        }
        written.map_err(|e| io_error("write", &self.path, e))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::time::Duration;

    use crate::vault::error::VaultError;
    use crate::vault::storage::{DiskStorage, Storage};

    const LOG: &str = "dir/1.log";
    const WAIT: Duration = Duration::from_millis(20);

    fn storage() -> (tempfile::TempDir, DiskStorage) {
        let home = tempfile::tempdir().unwrap();
        let storage = DiskStorage::new(&home.path().join("vault"));
        storage.make_dir("").unwrap();
        storage.make_dir("dir").unwrap();
        (home, storage)
    }

    #[test]
    fn it_grows_at_its_end_and_is_cut_where_it_is_told_to() {
        let (_home, storage) = storage();
        let mut log = storage.open_log(LOG, WAIT).unwrap();
        assert_eq!(log.size().unwrap(), 0);
        log.put_at(0, b"one two").unwrap();
        log.put_at(7, b" three").unwrap();
        log.put_at(3, b"!").unwrap();
        assert_eq!((log.size().unwrap(), log.read_at(1, 9).unwrap()), (4, b"ne!".to_vec()));
        drop(log);
        assert_eq!(storage.read(LOG, 100).unwrap(), b"one!");
        assert!(storage.inspect().unwrap().is_empty(), "it is its owner's alone");
    }

    #[test]
    fn one_at_a_time_holds_it_and_the_next_waits_with_a_bound() {
        let (_home, storage) = storage();
        let held = storage.open_log(LOG, WAIT).unwrap();
        assert!(matches!(storage.open_log(LOG, WAIT), Err(VaultError::Busy)));
        // The vault's own lock is another one.
        drop(storage.lock(crate::vault::storage::LockMode::Exclusive, WAIT).unwrap());
        drop(held);
        // What another test is about to start has the file too, until it is another program.
        storage.open_log(LOG, Duration::from_secs(60)).unwrap();
    }

    #[test]
    #[cfg_attr(windows, ignore = "Wine 8 replaces no open file; Windows itself does")]
    fn who_waited_for_a_file_that_was_replaced_gets_the_new_one() {
        let (_home, storage) = storage();
        let mut held = storage.open_log(LOG, WAIT).unwrap();
        held.put_at(0, b"old").unwrap();
        let read = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let mut log = storage.open_log(LOG, Duration::from_secs(60)).unwrap();
                log.read_at(0, 10).unwrap()
            });
            std::thread::sleep(WAIT);
            storage.create_new("dir/1.next", b"new").unwrap();
            storage.rename("dir/1.next", LOG).unwrap();
            drop(held);
            waiting.join().unwrap()
        });
        assert_eq!(read, b"new");
    }

    #[test]
    fn without_its_directory_it_is_not_there() {
        let (_home, storage) = storage();
        let missing = storage.open_log("none/1.log", WAIT).map(drop).unwrap_err();
        assert!(crate::vault::storage::is_missing(&missing), "{missing}");
    }
}
