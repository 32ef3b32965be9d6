//! Owner-only checks: what others can get at is refused, with what is wrong. Never mends by itself.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

#[cfg(unix)]
use unix as os;
#[cfg(windows)]
use windows as os;

use super::error::{Result, VaultError};
use super::secret::SensitiveBytes;
use super::storage::io_error;

pub(crate) use os::{Facts, IS_LINK, is_link, restrict};
#[cfg(unix)]
pub(crate) use unix::{DIR_MODE, FILE_MODE};
#[cfg(all(windows, test))]
pub(crate) use windows::let_everybody_read;
#[cfg(windows)]
pub(crate) use windows::{
    EXAMINE, SHARED, create_dir, create_file_with, open_as_it_is, open_to_examine, restrict_process,
};

/// Refuses an open file that others can get at.
pub(crate) fn check_file(file: &File, path: &Path) -> Result<Facts> {
    let facts = Facts::of(file).map_err(|e| io_error("examine", path, e))?;
    match facts.unsafe_file() {
        None => Ok(facts),
        Some(why) => Err(VaultError::Unsafe { path: path.to_owned(), why }),
    }
}

/// Refuses an open directory that others can get at.
pub(crate) fn check_dir(directory: &File, path: &Path) -> Result<()> {
    let facts = Facts::of(directory).map_err(|e| io_error("examine", path, e))?;
    match facts.unsafe_dir() {
        None => Ok(()),
        Some(why) => Err(VaultError::Unsafe { path: path.to_owned(), why }),
    }
}

/// Makes a file that must not be there yet, for its owner only from the first moment on.
///
/// # Errors
/// What the system says, also when there is such a file already.
pub fn create_private_file(path: &Path) -> io::Result<File> {
    os::create_file(path)
}

/// Makes a directory for its owner only, with the parents it needs. One that is there stays as it is.
///
/// # Errors
/// What the system says.
pub fn make_private_dirs(path: &Path) -> io::Result<()> {
    os::make_dirs(path)
}

/// What is wrong with an open file that should be its owner's alone, if anything is.
///
/// # Errors
/// What the system says when it is examined.
pub fn why_unsafe(file: &File) -> io::Result<Option<String>> {
    Facts::of(file).map(|facts| facts.unsafe_file())
}

/// The longest passphrase or key file that is read, in bytes.
pub const MAX_KEY_MATERIAL: usize = 64 * 1024;

/// Reads a file that only its owner may see: a key file or a passphrase file. Links are not followed.
///
/// # Errors
/// `Unsafe` when others can get at it, `InvalidOption` beyond `limit` bytes.
pub fn read_private_file(path: &Path, limit: usize) -> Result<SensitiveBytes> {
    let file = os::open_to_read(path).map_err(|error| match is_link(&error) {
        true => VaultError::Unsafe { path: path.to_owned(), why: IS_LINK.into() },
        false => io_error("open", path, error),
    })?;
    check_file(&file, path)?;
    let mut bytes = vec![0; limit + 1];
    let length = read_up_to(&file, &mut bytes).map_err(|e| io_error("read", path, e));
    let whole = SensitiveBytes::new(bytes);
    let length = length?;
    if length > limit {
        return Err(VaultError::InvalidOption {
            why: "the file is too long for a key or passphrase",
        });
    }
    Ok(whole.with(|bytes| SensitiveBytes::copy_of(bytes.get(..length).unwrap_or_default())))
}

/// Fills `buffer` as far as the file goes.
pub(crate) fn read_up_to(mut file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
