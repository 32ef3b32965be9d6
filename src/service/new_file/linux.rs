//! Files without a name (`O_TMPFILE`): killed at any moment, nothing of them is left. Not every file system
//! has them.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};

/// A new file in that directory, for its owner only; `None` where there can be none.
pub(super) fn without_name(directory: &Path) -> Option<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = File::from(open(directory, flags, Mode::from_raw_mode(0o600)).ok()?);
    // Its name is given by way of /proc.
    name_of(&file).exists().then_some(file)
}

/// The same file, read from its beginning.
pub(super) fn again(file: &File) -> io::Result<File> {
    File::open(name_of(file))
}

/// Gives it a name that nothing has.
pub(super) fn give_name(file: &File, name: &Path) -> io::Result<()> {
    Ok(linkat(CWD, name_of(file), CWD, name, AtFlags::SYMLINK_FOLLOW)?)
}

fn name_of(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}
