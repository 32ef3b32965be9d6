//! Directories held open: while a directory's handle is open without letting others delete it, neither it
//! nor what is above it can be renamed, so that a path through it leads to what was checked.

mod lock;

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::windows::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use winapi_util::file::information;
use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_INVALID_FUNCTION, ERROR_INVALID_HANDLE, ERROR_NOT_SUPPORTED,
    ERROR_SHARING_VIOLATION,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_BACKUP_SEMANTICS, FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_LIST_DIRECTORY,
    FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_TRAVERSE, WRITE_DAC,
};

use super::How;
use crate::vault::permissions::{
    EXAMINE, Facts, SHARED, create_dir, create_file_with, open_as_it_is, open_to_examine,
};

pub(super) use lock::try_lock;

/// What holds a directory where it is.
const HOLD: u32 = FILE_LIST_DIRECTORY | FILE_TRAVERSE | EXAMINE;
/// How long somebody else's use of a file is waited for: virus scanners and indexers open what was
/// just written, and a removed file keeps its name until its last reader has closed it.
const PATIENCE: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(2);

/// An open directory.
pub(super) struct Dir {
    held: File,
    path: PathBuf,
}

impl Dir {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let held = patiently(|| open_as_it_is(path, HOLD, FILE_SHARE_READ | FILE_SHARE_WRITE))?;
        match held.metadata()?.is_dir() {
            true => Ok(Self { held, path: path.to_owned() }),
            false => Err(ErrorKind::NotADirectory.into()),
        }
    }

    pub(super) fn open_dir(&self, name: &str) -> io::Result<Self> {
        Self::open(&self.path.join(name))
    }

    pub(super) fn handle(&self) -> &File {
        &self.held
    }

    pub(super) fn open_file(&self, name: &str, how: How) -> io::Result<File> {
        let path = self.path.join(name);
        let both = FILE_GENERIC_READ | FILE_GENERIC_WRITE;
        patiently(|| match how {
            How::Read => open_as_it_is(&path, FILE_GENERIC_READ, SHARED),
            How::Write | How::Sync => open_as_it_is(&path, FILE_GENERIC_WRITE | EXAMINE, SHARED),
            How::CreateNew => create_file_with(&path, FILE_GENERIC_WRITE),
            How::ReadWriteOrCreate => match open_as_it_is(&path, both, SHARED) {
                Err(error) if error.kind() == ErrorKind::NotFound => create_file_with(&path, both),
                opened => opened,
            },
        })
    }

    pub(super) fn entries(&self) -> io::Result<Vec<String>> {
        let name = |entry: io::Result<std::fs::DirEntry>| {
            entry.map(|entry| entry.file_name().to_string_lossy().into_owned())
        };
        std::fs::read_dir(&self.path)?.map(name).collect()
    }

    /// What is known of an entry; of a link, not of where it leads.
    pub(super) fn facts(&self, name: &str) -> io::Result<Facts> {
        facts_of(&self.path.join(name))
    }

    /// Whether an open file is the one of that name now.
    pub(super) fn holds(&self, name: &str, file: &File) -> io::Result<bool> {
        is_linked(file, &self.path.join(name))
    }

    /// Windows replaces a file that is open, where it has POSIX semantics: NTFS since Windows 10.
    pub(super) fn rename(&self, from: &str, into: &Self, to: &str) -> io::Result<()> {
        patiently(|| std::fs::rename(self.path.join(from), into.path.join(to)))
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        patiently(|| std::fs::remove_file(self.path.join(name)))
    }

    /// Makes the entries durable, as far as Windows does that.
    pub(super) fn sync(&self) -> io::Result<()> {
        sync_directory(&self.path)
    }

    /// There is a call for whole volumes, but only administrators may make it.
    pub(super) fn sync_file_system(&self) -> Option<io::Result<()>> {
        None
    }
}

/// NTFS logs every change of its directories in order, and writes the log by itself within seconds; a
/// flush of the directory has it written now. Windows promises that for files only: where it
/// refuses directories, the order is what remains.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    const REFUSED: [u32; 4] =
        [ERROR_ACCESS_DENIED, ERROR_INVALID_FUNCTION, ERROR_INVALID_HANDLE, ERROR_NOT_SUPPORTED];
    // Its name may lead through links, as the parent of a vault may.
    let open = || {
        let flags = FILE_FLAG_BACKUP_SEMANTICS;
        OpenOptions::new().access_mode(FILE_GENERIC_WRITE).custom_flags(flags).open(path)
    };
    match open().and_then(|directory| directory.sync_all()) {
        Err(error) if REFUSED.iter().any(|code| is(&error, *code)) => Ok(()),
        synced => synced,
    }
}

/// What is known of the vault directory itself, or of a link in its place.
pub(super) fn facts_of(path: &Path) -> io::Result<Facts> {
    Facts::of(&patiently(|| open_to_examine(path))?)
}

pub(super) fn make_dir(path: &Path) -> io::Result<()> {
    create_dir(path)
}

/// Opens what is to be mended, step by step, as the way itself may be what is unsafe.
pub(super) fn open_to_mend<'a>(
    top: &Path,
    steps: impl Iterator<Item = &'a str>,
) -> io::Result<File> {
    let (mut path, mut way) = (top.to_owned(), Vec::new());
    for step in steps {
        way.push(Dir::open(&path)?);
        path.push(step);
    }
    open_as_it_is(&path, EXAMINE | WRITE_DAC, SHARED)
}

/// Whether an open file still has its name, and no other file has it.
pub(super) fn is_linked(file: &File, path: &Path) -> io::Result<bool> {
    let identity = |file: &File| {
        information(file).map(|found| (found.volume_serial_number(), found.file_index()))
    };
    match patiently(|| open_to_examine(path)) {
        Ok(named) => Ok(identity(&named)? == identity(file)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(bytes, offset)
}

pub(super) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    file.seek_write(bytes, offset)
}

/// Windows begins to write by itself.
pub(super) fn start_writing(_file: &File) {}

fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error() == Some(code.cast_signed())
}

/// Tries again while somebody else's use of a file is in the way, with a bound.
fn patiently<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let began = Instant::now();
    loop {
        match attempt() {
            Err(error)
                if began.elapsed() < PATIENCE
                    && (is(&error, ERROR_SHARING_VIOLATION) || is(&error, ERROR_ACCESS_DENIED)) =>
            {
                std::thread::sleep(STEP);
            }
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests;
