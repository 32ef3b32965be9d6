//! Owner and mode.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, Stat, fchmod, fstat, open};
use rustix::process::geteuid;

/// What a file is allowed.
pub(crate) const FILE_MODE: Mode = Mode::from_raw_mode(0o600);
/// What a directory is allowed.
pub(crate) const DIR_MODE: Mode = Mode::from_raw_mode(0o700);
/// What others are allowed by a mode.
const OTHERS: Mode = Mode::RWXG.union(Mode::RWXO);

/// Why a link is not safe.
pub(crate) const IS_LINK: &str = "it is a symbolic link";

/// What is known of a file or directory.
pub(crate) struct Facts(Stat);

impl Facts {
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        Ok(Self(fstat(file)?))
    }

    pub(crate) fn size(&self) -> u64 {
        u64::try_from(self.0.st_size).unwrap_or(u64::MAX)
    }

    pub(crate) fn is_dir(&self) -> bool {
        FileType::from_raw_mode(self.0.st_mode).is_dir()
    }

    /// Why a directory is not safe, if it is not.
    pub(crate) fn unsafe_dir(&self) -> Option<String> {
        match self.is_dir() {
            true => self.unsafe_owner(),
            false => Some("it is not a directory".into()),
        }
    }

    /// Why a file is not safe, if it is not.
    pub(crate) fn unsafe_file(&self) -> Option<String> {
        if !FileType::from_raw_mode(self.0.st_mode).is_file() {
            return Some("it is not a plain file".into());
        }
        // None is a file replaced since it was opened: a root that was the newest a moment ago.
        if self.0.st_nlink > 1 {
            return Some(format!("it has {} names (hard links)", self.0.st_nlink));
        }
        self.unsafe_owner()
    }

    fn unsafe_owner(&self) -> Option<String> {
        if self.0.st_uid != geteuid().as_raw() {
            return Some(format!("it belongs to user {}", self.0.st_uid));
        }
        let mode = Mode::from_raw_mode(self.0.st_mode);
        let shown = mode.as_raw_mode() & 0o7777;
        mode.intersects(OTHERS).then(|| format!("others have access to it (mode {shown:04o})"))
    }
}

impl From<Stat> for Facts {
    fn from(stat: Stat) -> Self {
        Self(stat)
    }
}

/// Takes away what others may do with an open file or directory.
pub(crate) fn restrict(file: &File, is_dir: bool) -> io::Result<()> {
    Ok(fchmod(file, if is_dir { DIR_MODE } else { FILE_MODE })?)
}

/// Opens a file to read it, never through a link.
pub(super) fn open_to_read(path: &Path) -> io::Result<File> {
    // NONBLOCK: a FIFO must be refused by its type, not waited for.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    Ok(File::from(open(path, flags, Mode::empty())?))
}

/// Whether opening failed because there is a link.
pub(crate) fn is_link(error: &io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP)
}

pub(super) fn create_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

pub(super) fn make_dirs(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}
