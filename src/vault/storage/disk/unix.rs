//! Directories by descriptor: every step is relative to the directory before it and follows no link.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fd::AsFd;
use rustix::fs::{
    AtFlags, FlockOperation, Mode, OFlags, flock, fstat, open, openat, renameat, statat, unlinkat,
};
use rustix::io::Errno;

use super::How;
use crate::vault::permissions::{DIR_MODE, FILE_MODE, Facts, restrict};
use crate::vault::storage::LockMode;

const DIRECTORY: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// An open directory.
pub(super) struct Dir(File);

impl Dir {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(File::from(open(path, DIRECTORY, Mode::empty())?)))
    }

    pub(super) fn open_dir(&self, name: &str) -> io::Result<Self> {
        Ok(Self(File::from(openat(&self.0, name, DIRECTORY, Mode::empty())?)))
    }

    pub(super) fn handle(&self) -> &File {
        &self.0
    }

    pub(super) fn open_file(&self, name: &str, how: How) -> io::Result<File> {
        let flags = match how {
            How::Read | How::Sync => OFlags::RDONLY,
            How::Write => OFlags::WRONLY,
            How::CreateNew => OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL,
            How::ReadWriteOrCreate => OFlags::RDWR | OFlags::CREATE,
        };
        // NONBLOCK: a FIFO must be refused by its type, not waited for.
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = File::from(openat(&self.0, name, flags, FILE_MODE)?);
        if how == How::CreateNew {
            // The umask may have taken more than it should; never less than 0600 asks for.
            restrict(&file, false)?;
        }
        Ok(file)
    }

    pub(super) fn entries(&self) -> io::Result<Vec<String>> {
        let mut entries = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != "." && name != ".." {
                entries.push(name);
            }
        }
        Ok(entries)
    }

    /// What is known of an entry; of a link, not of where it leads.
    pub(super) fn facts(&self, name: &str) -> io::Result<Facts> {
        Ok(statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?.into())
    }

    /// Whether an open file is the one of that name now.
    pub(super) fn holds(&self, name: &str, file: &File) -> io::Result<bool> {
        let ours = fstat(file)?;
        match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(named) => Ok((named.st_dev, named.st_ino) == (ours.st_dev, ours.st_ino)),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    pub(super) fn rename(&self, from: &str, into: &Self, to: &str) -> io::Result<()> {
        Ok(renameat(&self.0, from, &into.0, to)?)
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Makes the entries durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
    }

    /// Makes everything on the file system durable at once, where there is such a call.
    #[cfg(target_os = "linux")]
    pub(super) fn sync_file_system(&self) -> Option<io::Result<()>> {
        Some(rustix::fs::syncfs(&self.0).map_err(io::Error::from))
    }

    /// There is no such call that waits.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn sync_file_system(&self) -> Option<io::Result<()>> {
        None
    }
}

/// What is known of the vault directory itself, or of a link in its place.
pub(super) fn facts_of(path: &Path) -> io::Result<Facts> {
    Ok(rustix::fs::lstat(path)?.into())
}

pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

pub(super) fn make_dir(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::mkdir(path, DIR_MODE)?)
}

/// Opens what is to be mended, step by step, as the way itself may be what is unsafe.
pub(super) fn open_to_mend<'a>(
    top: &Path,
    steps: impl Iterator<Item = &'a str>,
) -> io::Result<File> {
    let mut file = open_no_follow(rustix::fs::CWD, top)?;
    for step in steps {
        file = open_no_follow(&file, Path::new(step))?;
    }
    Ok(file)
}

/// Opens a file or directory as it is, never through a link and never waiting for a FIFO.
fn open_no_follow(at: impl AsFd, name: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    Ok(File::from(openat(at, name, flags, Mode::empty())?))
}

/// Takes a lock that is let go when the file is closed; `false` when somebody else has it.
pub(super) fn try_lock(file: &File, mode: LockMode) -> io::Result<bool> {
    let operation = match mode {
        LockMode::Exclusive => FlockOperation::NonBlockingLockExclusive,
        LockMode::Shared => FlockOperation::NonBlockingLockShared,
    };
    match flock(file, operation) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK | Errno::INTR) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Whether an open file still has its name: one that was replaced has none.
pub(super) fn is_linked(file: &File, _path: &Path) -> io::Result<bool> {
    Ok(fstat(file)?.st_nlink > 0)
}

pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(bytes, offset)
}

pub(super) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    file.write_at(bytes, offset)
}

/// Has the system begin to write out what a file holds, so that the disk works while the next one
/// is made and the syncs find little left to wait for. Promises nothing; an error would be told by the sync.
pub(super) fn start_writing(file: &File) {
    // Linux begins to write dirty pages before it looks which ones are clean and can be dropped.
    #[cfg(target_os = "linux")]
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}
