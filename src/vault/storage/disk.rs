//! The real directory. Every open is relative to a directory that was itself opened without
//! following links, and everything opened is checked for who may get at it.

mod log;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{
    AtFlags, Dir, FlockOperation, Mode, OFlags, fchmod, flock, fsync, ftruncate, open, openat,
    renameat, statat, syncfs, unlinkat,
};
use rustix::io::Errno;

use super::{LockGuard, LockMode, LogGuard, Storage, UnsafeFile, io_error, names};
use crate::vault::error::{Result, VaultError};
use crate::vault::permissions::{check_dir, check_file, read_up_to, unsafe_dir, unsafe_file};

const FILE_MODE: Mode = Mode::from_raw_mode(0o600);
const DIR_MODE: Mode = Mode::from_raw_mode(0o700);
/// How long to sleep between two tries for the lock.
const LOCK_STEP: Duration = Duration::from_millis(2);
/// The most an intent may say: names of the files of one commit.
const MAX_INTENT: usize = 64 * 1024 * 1024;

/// A vault directory on disk, or one beside it.
pub(crate) struct DiskStorage {
    path: PathBuf,
    is_vault: bool,
}

impl DiskStorage {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), is_vault: true }
    }

    /// A directory of tresor's that holds no vault.
    pub(crate) fn beside(path: &Path) -> Self {
        Self { path: path.to_owned(), is_vault: false }
    }

    /// Opens the directory part of a name and gives it with the file part.
    fn parent<'a>(&self, name: &'a str) -> Result<(OwnedFd, &'a str)> {
        match name.split_once('/') {
            Some((dir, file)) => Ok((self.open_dir(dir)?, file)),
            None => Ok((self.open_dir(names::TOP)?, name)),
        }
    }

    /// Opens and checks the vault directory, or a directory in it.
    fn open_dir(&self, dir: &str) -> Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let top = open(&self.path, flags, Mode::empty());
        let top = top.map_err(|e| self.refused("open", names::TOP, e))?;
        self.check_top(&top)?;
        if dir.is_empty() {
            return Ok(top);
        }
        let fd =
            openat(&top, dir, flags, Mode::empty()).map_err(|e| self.refused("open", dir, e))?;
        check_dir(&fd, &self.path(dir))?;
        Ok(fd)
    }

    /// Refuses a directory that others can get at. Where a vault should be and nothing of one is, there is
    /// none: what would make it safe is not said, as it is somebody's other directory.
    fn check_top(&self, top: &OwnedFd) -> Result<()> {
        let of_vault = |file: &String| names::is_ours(file);
        check_dir(top, &self.path).map_err(|error| match list_dir(top) {
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

    fn open_file(&self, name: &str, flags: OFlags) -> Result<OwnedFd> {
        let (dir, file) = self.parent(name)?;
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let fd = openat(&dir, file, flags, FILE_MODE).map_err(|e| self.refused("open", name, e))?;
        check_file(&fd, &self.path(name))?;
        Ok(fd)
    }

    /// A system error in the vault's words: links are unsafe, the rest is input and output.
    fn refused(&self, verb: &'static str, name: &str, errno: Errno) -> VaultError {
        let path = self.path(name);
        match errno {
            Errno::LOOP => VaultError::Unsafe { path, why: "it is a symbolic link".into() },
            Errno::NOTDIR if path.is_symlink() => {
                VaultError::Unsafe { path, why: "it is a symbolic link".into() }
            }
            Errno::NOTDIR if name.is_empty() => {
                VaultError::NotAVault { path, why: "it is not a directory" }
            }
            errno => io_error(verb, &path, errno),
        }
    }

    /// Opens a file, or makes it, and locks it, trying for at most `wait`. One that was deleted or
    /// replaced meanwhile locks nobody out: what is no longer `current` is opened anew.
    fn open_locked(
        &self,
        name: &str,
        operation: FlockOperation,
        wait: Duration,
        current: impl Fn(&OwnedFd) -> Result<bool>,
    ) -> Result<OwnedFd> {
        let mut fd = self.open_to_lock(name, operation)?;
        let began = Instant::now();
        loop {
            match flock(&fd, operation) {
                Ok(()) if !current(&fd)? => {
                    fd = self.open_to_lock(name, operation)?;
                }
                Ok(()) => return Ok(fd),
                Err(Errno::WOULDBLOCK | Errno::INTR) if began.elapsed() < wait => {
                    std::thread::sleep(LOCK_STEP);
                }
                Err(Errno::WOULDBLOCK | Errno::INTR) => return Err(VaultError::Busy),
                Err(errno) => return Err(io_error("lock", &self.path(name), errno)),
            }
        }
    }

    /// Opens a file to lock it, or makes it. Where nothing can be written, it can still be shared.
    fn open_to_lock(&self, name: &str, operation: FlockOperation) -> Result<OwnedFd> {
        match self.open_file(name, OFlags::RDWR | OFlags::CREATE) {
            Err(VaultError::Io { source, .. })
                if operation == FlockOperation::NonBlockingLockShared
                    && source.kind() == std::io::ErrorKind::ReadOnlyFilesystem =>
            {
                self.open_file(name, OFlags::RDONLY)
            }
            opened => opened,
        }
    }

    /// Whether the open file is the one that bears the lock's name now.
    fn is_lock_file(&self, fd: &OwnedFd) -> Result<bool> {
        let path = self.path(names::LOCK);
        let ours = rustix::fs::fstat(fd).map_err(|e| io_error("examine", &path, e))?;
        let top = self.open_dir(names::TOP)?;
        match statat(&top, names::LOCK, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(named) => Ok((named.st_dev, named.st_ino) == (ours.st_dev, ours.st_ino)),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(io_error("examine", &path, errno)),
        }
    }

    fn inspect_dir(&self, dir: &str, found: &mut Vec<UnsafeFile>) -> Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = match open(self.path(dir), flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) if !dir.is_empty() => return Ok(()),
            Err(errno) => return Err(self.refused("open", dir, errno)),
        };
        for entry in list_dir(&fd).map_err(|e| io_error("list", &self.path(dir), e))? {
            let name = if dir.is_empty() { entry.clone() } else { format!("{dir}/{entry}") };
            let stat = statat(&fd, &entry, AtFlags::SYMLINK_NOFOLLOW);
            let stat = stat.map_err(|e| io_error("examine", &self.path(&name), e))?;
            let is_dir = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_dir();
            let why = if is_dir && dir.is_empty() { unsafe_dir(&stat) } else { unsafe_file(&stat) };
            if let Some(why) = why {
                let mendable = is_mendable(&why);
                found.push(UnsafeFile { name: name.clone(), why, mendable });
            }
            if is_dir && dir.is_empty() {
                self.inspect_dir(&name, found)?;
            }
        }
        Ok(())
    }
}

/// Whether what is wrong is only what others may do.
fn is_mendable(why: &str) -> bool {
    why.starts_with("others")
}

/// Opens a file or directory as it is, never through a link and never waiting for a FIFO.
fn open_no_follow(at: impl AsFd, name: &Path) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    openat(at, name, flags, Mode::empty())
}

/// The entries of an open directory.
fn list_dir(fd: &OwnedFd) -> rustix::io::Result<Vec<String>> {
    let mut entries = Vec::new();
    for entry in Dir::read_from(fd)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name != "." && name != ".." {
            entries.push(name);
        }
    }
    Ok(entries)
}

/// Writes all of `bytes`.
fn write_all(fd: &OwnedFd, mut bytes: &[u8]) -> rustix::io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(0) => return Err(Errno::IO),
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Has the system begin to write out what a file holds, so that the disk works while the next one
/// is made and the syncs find little left to wait for. Promises nothing; an error would be told by the sync.
fn start_writing(fd: &OwnedFd) {
    // Linux begins to write dirty pages before it looks which ones are clean and can be dropped.
    #[cfg(target_os = "linux")]
    let _ = rustix::fs::fadvise(fd, 0, None, rustix::fs::Advice::DontNeed);
    #[cfg(not(target_os = "linux"))]
    let _ = fd;
}

impl Storage for DiskStorage {
    fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>> {
        let fd = self.open_file(name, OFlags::RDONLY)?;
        let path = self.path(name);
        let stat = rustix::fs::fstat(&fd).map_err(|e| io_error("examine", &path, e))?;
        let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
        if size > limit {
            return Err(VaultError::Damaged { what: name.into(), why: "it is too long" });
        }
        let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
        let read = read_up_to(&fd, &mut bytes).map_err(|e| io_error("read", &path, e))?;
        bytes.truncate(read);
        Ok(bytes)
    }

    fn create_new(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let fd = self.open_file(name, flags)?;
        // The umask may have taken more than it should; never less than 0600 asks for.
        let written = fchmod(&fd, FILE_MODE).and_then(|()| write_all(&fd, bytes));
        start_writing(&fd);
        written.map_err(|e| io_error("write", &self.path(name), e))
    }

    fn overwrite(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let fd = match super::optional(self.open_file(name, OFlags::WRONLY))? {
            Some(fd) => fd,
            None => return self.create_new(name, bytes),
        };
        // Never cut first: a reader must not find it empty.
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let written = write_all(&fd, bytes).and_then(|()| match rustix::fs::fstat(&fd)?.st_size {
            size if u64::try_from(size) == Ok(length) => Ok(()),
            _ => ftruncate(&fd, length),
        });
        written.map_err(|e| io_error("write", &self.path(name), e))
    }

    fn sync_file(&self, name: &str) -> Result<()> {
        // An error of writing that nobody has seen yet is told to whoever opens the file next.
        let fd = self.open_file(name, OFlags::RDONLY)?;
        fsync(&fd).map_err(|e| io_error("sync", &self.path(name), e))
    }

    fn sync_dir(&self, dir: &str) -> Result<()> {
        fsync(self.open_dir(dir)?).map_err(|e| io_error("sync", &self.path(dir), e))
    }

    fn sync_all(&self) -> Result<()> {
        syncfs(self.open_dir(names::TOP)?).map_err(|e| io_error("sync", &self.path, e))
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (from_dir, from_file) = self.parent(from)?;
        let renamed = match (from.contains('/'), to.contains('/')) {
            (false, false) => renameat(&from_dir, from_file, &from_dir, to),
            _ => {
                let (to_dir, to_file) = self.parent(to)?;
                renameat(&from_dir, from_file, &to_dir, to_file)
            }
        };
        renamed.map_err(|e| io_error("replace", &self.path(to), e))
    }

    fn remove(&self, name: &str) -> Result<bool> {
        let (dir, file) = self.parent(name)?;
        match unlinkat(&dir, file, AtFlags::empty()) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(io_error("remove", &self.path(name), errno)),
        }
    }

    fn list(&self, dir: &str) -> Result<Vec<String>> {
        match super::optional(self.open_dir(dir))? {
            Some(fd) => list_dir(&fd).map_err(|e| io_error("list", &self.path(dir), e)),
            None => Ok(Vec::new()),
        }
    }

    fn make_dir(&self, dir: &str) -> Result<()> {
        let path = self.path(dir);
        match rustix::fs::mkdir(&path, DIR_MODE) {
            Ok(()) | Err(Errno::EXIST) => self.open_dir(dir).map(drop),
            Err(errno) => Err(io_error("make", &path, errno)),
        }
    }

    fn lock(&self, mode: LockMode, wait: Duration) -> Result<Box<dyn LockGuard + '_>> {
        let operation = match mode {
            LockMode::Exclusive => FlockOperation::NonBlockingLockExclusive,
            LockMode::Shared => FlockOperation::NonBlockingLockShared,
        };
        let current = |fd: &OwnedFd| self.is_lock_file(fd);
        let fd = self.open_locked(names::LOCK, operation, wait, current)?;
        Ok(Box::new(DiskLock { fd, path: self.path(names::LOCK) }))
    }

    fn open_log(&self, name: &str, wait: Duration) -> Result<Box<dyn LogGuard + '_>> {
        let path = self.path(name);
        let exclusive = FlockOperation::NonBlockingLockExclusive;
        let fd = self.open_locked(name, exclusive, wait, |fd| log::is_linked(fd, &path))?;
        Ok(Box::new(log::DiskLog::new(fd, path)?))
    }

    fn inspect(&self) -> Result<Vec<UnsafeFile>> {
        let mut found = Vec::new();
        let stat = rustix::fs::lstat(&self.path);
        let stat = stat.map_err(|e| io_error("examine", &self.path, e))?;
        if let Some(why) = unsafe_dir(&stat) {
            let mendable = is_mendable(&why);
            found.push(UnsafeFile { name: String::new(), why, mendable });
        }
        self.inspect_dir(names::TOP, &mut found)?;
        Ok(found)
    }

    fn mend(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        // Step by step, as the way itself may be what is unsafe: no step follows a link.
        let mut fd = open_no_follow(rustix::fs::CWD, &self.path)
            .map_err(|e| self.refused("open", names::TOP, e))?;
        for step in name.split('/').filter(|step| !step.is_empty()) {
            fd = open_no_follow(&fd, Path::new(step)).map_err(|e| self.refused("open", name, e))?;
        }
        let stat = rustix::fs::fstat(&fd).map_err(|e| io_error("examine", &path, e))?;
        let is_dir = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_dir();
        let why = if is_dir { unsafe_dir(&stat) } else { unsafe_file(&stat) };
        match why {
            Some(why) if !is_mendable(&why) => Err(VaultError::Unsafe { path, why }),
            Some(_) => {
                let mode = if is_dir { DIR_MODE } else { FILE_MODE };
                fchmod(&fd, mode).map_err(|e| io_error("mend", &path, e))
            }
            None => Ok(()),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.path.clone() } else { self.path.join(name) }
    }
}

/// The lock file, held by `flock` until dropped.
struct DiskLock {
    fd: OwnedFd,
    path: PathBuf,
}

impl LockGuard for DiskLock {
    fn intent(&mut self) -> Result<Vec<u8>> {
        let read = || {
            let size = usize::try_from(rustix::fs::fstat(&self.fd)?.st_size).unwrap_or(0);
            let mut bytes = vec![0; size.min(MAX_INTENT)];
            rustix::fs::seek(&self.fd, rustix::fs::SeekFrom::Start(0))?;
            let length = read_up_to(&self.fd, &mut bytes)?;
            bytes.truncate(length);
            Ok(bytes)
        };
        read().map_err(|e: Errno| io_error("read", &self.path, e))
    }

    fn set_intent(&mut self, bytes: &[u8]) -> Result<()> {
        let write = || {
            rustix::fs::seek(&self.fd, rustix::fs::SeekFrom::Start(0))?;
            write_all(&self.fd, bytes)?;
            // Cut last: the same intent written again is never torn.
            ftruncate(&self.fd, u64::try_from(bytes.len()).unwrap_or(u64::MAX))
        };
        write().map_err(|e| io_error("write", &self.path, e))
    }
}
