//! Owner-only checks: what others can get at is refused, with what is wrong. Never mends anything.

use std::path::Path;

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{FileType, Mode, OFlags, Stat, fstat, open};
use rustix::process::geteuid;

use super::error::{Result, VaultError};
use super::secret::SensitiveBytes;
use super::storage::io_error;

/// What others are allowed by a mode.
const OTHERS: u32 = 0o077;

/// Why a directory is not safe, if it is not.
pub(crate) fn unsafe_dir(stat: &Stat) -> Option<String> {
    if FileType::from_raw_mode(stat.st_mode) != FileType::Directory {
        return Some("it is not a directory".into());
    }
    unsafe_owner(stat)
}

/// Why a file is not safe, if it is not.
pub(crate) fn unsafe_file(stat: &Stat) -> Option<String> {
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Some("it is not a plain file".into());
    }
    // None is a file replaced since it was opened: a root that was the newest a moment ago.
    if stat.st_nlink > 1 {
        return Some(format!("it has {} names (hard links)", stat.st_nlink));
    }
    unsafe_owner(stat)
}

fn unsafe_owner(stat: &Stat) -> Option<String> {
    if stat.st_uid != geteuid().as_raw() {
        return Some(format!("it belongs to user {}", stat.st_uid));
    }
    let mode = stat.st_mode & 0o7777;
    (mode & OTHERS != 0).then(|| format!("others have access to it (mode {mode:04o})"))
}

/// Refuses an open file that others can get at.
pub(crate) fn check_file(fd: impl AsFd, path: &Path) -> Result<Stat> {
    let stat = fstat(fd).map_err(|e| io_error("examine", path, e))?;
    match unsafe_file(&stat) {
        None => Ok(stat),
        Some(why) => Err(VaultError::Unsafe { path: path.to_owned(), why }),
    }
}

/// Refuses an open directory that others can get at.
pub(crate) fn check_dir(fd: impl AsFd, path: &Path) -> Result<()> {
    let stat = fstat(fd).map_err(|e| io_error("examine", path, e))?;
    match unsafe_dir(&stat) {
        None => Ok(()),
        Some(why) => Err(VaultError::Unsafe { path: path.to_owned(), why }),
    }
}

/// The longest passphrase or key file that is read, in bytes.
pub const MAX_KEY_MATERIAL: usize = 64 * 1024;

/// Reads a file that only its owner may see: a key file or a passphrase file. Links are not followed.
///
/// # Errors
/// `Unsafe` when others can get at it, `InvalidOption` beyond `limit` bytes.
pub fn read_private_file(path: &Path, limit: usize) -> Result<SensitiveBytes> {
    let fd = open_no_follow(path)?;
    check_file(&fd, path)?;
    let mut bytes = vec![0; limit + 1];
    let length = read_up_to(&fd, &mut bytes).map_err(|e| io_error("read", path, e));
    let whole = SensitiveBytes::new(bytes);
    let length = length?;
    if length > limit {
        return Err(VaultError::InvalidOption {
            why: "the file is too long for a key or passphrase",
        });
    }
    Ok(whole.with(|bytes| SensitiveBytes::copy_of(bytes.get(..length).unwrap_or_default())))
}

fn open_no_follow(path: &Path) -> Result<OwnedFd> {
    // NONBLOCK: a FIFO must be refused by its type, not waited for.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    open(path, flags, Mode::empty()).map_err(|e| match e {
        rustix::io::Errno::LOOP => {
            VaultError::Unsafe { path: path.to_owned(), why: "it is a symbolic link".into() }
        }
        e => io_error("open", path, e),
    })
}

/// Fills `buffer` as far as the file goes.
pub(crate) fn read_up_to(fd: impl AsFd, buffer: &mut [u8]) -> rustix::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match rustix::io::read(&fd, rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
