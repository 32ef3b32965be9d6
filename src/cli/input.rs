//! Reads sensitive bytes from files and standard input into wiped memory. Parses nothing.

#[cfg_attr(unix, path = "input/unix.rs")]
#[cfg_attr(windows, path = "input/windows.rs")]
mod system;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::error::CliError;
use super::streams::STANDARD_INPUT;
use crate::fault::FaultKind;
use crate::service::stdio;
use crate::service::ways_in::write_key_file;
use crate::text::{visible_path, without_newline};
use crate::vault::{
    MAX_KEY_MATERIAL, Random, SensitiveBytes, VaultError, generate_key_file, read_private_file,
};

/// What is reserved before the length is known.
const FIRST_CHUNK: usize = 16 * 1024;

/// Reads to the end; `Ok(None)` when there are more than `limit` bytes.
pub fn read_all(from: impl Read, limit: usize) -> io::Result<Option<SensitiveBytes>> {
    let read = read_start(from, limit.saturating_add(1))?;
    Ok(Some(read).filter(|read| read.len() <= limit))
}

/// Reads to the end or to `most` bytes, whichever comes first. `from` keeps no buffer of its own, which
/// nobody would wipe.
fn read_start(mut from: impl Read, most: usize) -> io::Result<SensitiveBytes> {
    let mut buffer = Wiped(vec![0; FIRST_CHUNK.min(most)]);
    let mut filled = 0;
    while filled < most {
        if filled == buffer.0.len() {
            buffer = buffer.grown(filled.saturating_mul(4).min(most));
        }
        let free = buffer.0.get_mut(filled..).unwrap_or_default();
        match from.read(free) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let mut bytes = std::mem::take(&mut buffer.0);
    bytes.truncate(filled);
    Ok(SensitiveBytes::new(bytes))
}

/// A buffer that is wiped however the reading ends.
struct Wiped(Vec<u8>);

impl Wiped {
    /// A larger buffer with the same contents; the old one is wiped.
    fn grown(&self, len: usize) -> Self {
        let mut larger = vec![0; len];
        if let Some(start) = larger.get_mut(..self.0.len()) {
            start.copy_from_slice(&self.0);
        }
        Self(larger)
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// Reads standard input, but no more than `limit` bytes and one: whoever checks the length finds it.
pub fn read_stdin(limit: usize) -> Result<SensitiveBytes, CliError> {
    read_start(stdio::Input, limit.saturating_add(1)).map_err(|error| lost(&error))
}

/// Reads one byte of standard input; `None` at its end.
pub fn read_byte() -> Result<Option<u8>, CliError> {
    let mut byte = [0];
    match stdio::Input.read_exact(&mut byte) {
        Ok(()) => Ok(Some(byte[0])),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(lost(&error)),
    }
}

fn lost(error: &io::Error) -> CliError {
    CliError::file("read", Path::new(STANDARD_INPUT), error)
}

/// Reads a passphrase from a file, one final newline dropped.
///
/// Links are followed and pipes are read, because shells and containers hand secrets over that way.
pub fn read_passphrase_file(path: &Path) -> Result<SensitiveBytes, CliError> {
    let file = File::open(path).map_err(|error| CliError::file("read", path, &error))?;
    check_private(&file, path)?;
    let bytes = read_material(&file, path)?;
    passphrase_of(bytes, path)
}

/// Drops one final newline, and refuses a passphrase of nothing.
fn passphrase_of(bytes: SensitiveBytes, path: &Path) -> Result<SensitiveBytes, CliError> {
    let bytes = chomp(bytes);
    if bytes.is_empty() {
        let message = format!("{} holds no passphrase", visible_path(path));
        return Err(CliError::invalid(message, "write the passphrase into it, on one line"));
    }
    Ok(bytes)
}

/// Drops one newline (LF or CR LF) at the end.
pub fn chomp(value: SensitiveBytes) -> SensitiveBytes {
    let shorter = value.with(|bytes| {
        let line = without_newline(bytes);
        (line.len() < bytes.len()).then(|| SensitiveBytes::copy_of(line))
    });
    shorter.unwrap_or(value)
}

/// Reads a key file: not through a link, and only one that nobody else can read.
pub fn read_key_file(path: &Path) -> Result<SensitiveBytes, CliError> {
    read_private_file(path, MAX_KEY_MATERIAL).map_err(|error| key_file_error(path, error))
}

/// What is wrong with a key file, by its name.
pub fn key_file_error(path: &Path, error: VaultError) -> CliError {
    match error {
        VaultError::Io { source, .. } => CliError::file("read", path, &source),
        VaultError::Unsafe { why, .. } => unsafe_file(path, &why, system::KEY_FILE_HELP),
        VaultError::InvalidOption { why } => {
            let message = format!("{} is no key file: {why}", visible_path(path));
            CliError::invalid(message, "name the file that 'tresor init --key-file' made")
        }
        other => other.into(),
    }
}

/// Reads a file that is nobody's business to guard, such as one to import.
pub fn read_plain_file(path: &Path, limit: usize) -> Result<SensitiveBytes, CliError> {
    read_source(Some(path), limit)
}

/// The same of standard input where no file is named.
pub fn read_source(file: Option<&Path>, limit: usize) -> Result<SensitiveBytes, CliError> {
    let too_long = || too_long(file.unwrap_or(Path::new(STANDARD_INPUT)), limit);
    read_source_up_to(file, limit)?.ok_or_else(too_long)
}

/// The same, where `None` is a source of more than `limit` bytes.
pub fn read_source_up_to(
    file: Option<&Path>,
    limit: usize,
) -> Result<Option<SensitiveBytes>, CliError> {
    let Some(path) = file else {
        return read_all(stdio::Input, limit).map_err(|error| lost(&error));
    };
    let read = File::open(path).and_then(|file| read_all(&file, limit));
    read.map_err(|error| CliError::file("read", path, &error))
}

/// Whether [`read_plain_file`] can begin to read a file, and has a length that it takes.
pub fn check_plain_file(path: &Path, limit: usize) -> Result<(), CliError> {
    let metadata = File::open(path).and_then(|file| file.metadata());
    let length = metadata.map_err(|error| CliError::file("read", path, &error))?.len();
    match usize::try_from(length).is_ok_and(|length| length <= limit) {
        true => Ok(()),
        false => Err(too_long(path, limit)),
    }
}

/// The refusal of a file of more than `limit` bytes.
pub fn too_long(path: &Path, limit: usize) -> CliError {
    let message = format!("{} has more than {limit} bytes", visible_path(path));
    CliError::invalid(message, "split it into several files")
}

/// Refuses a link where a file is to be changed or replaced: the file in its place would no longer be the one that
/// it leads to.
pub fn check_no_link(path: &Path) -> Result<(), CliError> {
    match path.symlink_metadata() {
        Ok(there) if there.is_symlink() => {
            let message = format!("{} is a link", visible_path(path));
            Err(CliError::new(FaultKind::Refused, message, "name the file that it leads to"))
        }
        _ => Ok(()),
    }
}

/// Reads a file that is to be changed: through no link, and with the permissions that it has.
pub fn read_file_to_change(
    path: &Path,
    limit: usize,
) -> Result<(SensitiveBytes, std::fs::Permissions), CliError> {
    let told = |error: io::Error| CliError::file("read", path, &error);
    check_no_link(path)?;
    let file = system::open_no_link(path).map_err(told)?;
    let metadata = file.metadata().map_err(told)?;
    if !metadata.is_file() {
        let message = format!("{} is no plain file", visible_path(path));
        return Err(CliError::invalid(message, "name another"));
    }
    let read = read_all(&file, limit).map_err(told)?;
    let text = read.ok_or_else(|| too_long(path, limit))?;
    Ok((text, metadata.permissions()))
}

fn read_material(file: &File, path: &Path) -> Result<SensitiveBytes, CliError> {
    let read =
        read_all(file, MAX_KEY_MATERIAL).map_err(|error| CliError::file("read", path, &error))?;
    read.ok_or_else(|| {
        let message = format!("{} is larger than 64 KiB", visible_path(path));
        CliError::invalid(message, "name the right file")
    })
}

/// Refuses a file that others can get at; a pipe is nobody's file.
fn check_private(file: &File, path: &Path) -> Result<(), CliError> {
    let examined = file.metadata().and_then(|metadata| match metadata.is_file() {
        true => system::why_unsafe(file, &metadata),
        false => Ok(None),
    });
    match examined.map_err(|error| CliError::file("read", path, &error))? {
        None => Ok(()),
        Some(Reason { why, mend }) => Err(unsafe_file(path, &why, &mend(&visible_path(path)))),
    }
}

/// Why a passphrase file is refused, and what mends that, by its path.
struct Reason {
    why: String,
    mend: fn(&str) -> String,
}

fn unsafe_file(path: &Path, why: &str, help: &str) -> CliError {
    let message = format!("{} is not safe: {why}", visible_path(path));
    CliError::new(FaultKind::Refused, message, help)
}

/// Makes a new key file, and the directories above it, for the user only.
pub fn make_key_file(path: &Path, random: &dyn Random) -> Result<(), CliError> {
    let key = generate_key_file(random)?;
    write_key_file(path, &key).map_err(|error| CliError::file("make the key file", path, &error))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], limit: usize) -> Option<SensitiveBytes> {
        let mut file = tempfile::tempfile().expect("a file");
        io::Write::write_all(&mut file, bytes).expect("written");
        io::Seek::rewind(&mut file).expect("rewound");
        read_all(&file, limit).expect("read")
    }

    #[test]
    fn all_is_read_up_to_the_limit_and_no_more() {
        for len in [0, 1, 100, FIRST_CHUNK - 1, FIRST_CHUNK, FIRST_CHUNK + 1, 200_000] {
            let bytes: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            let whole = read(&bytes, len).expect("fits");
            assert!(whole.with(|read| read == bytes), "{len}");
            assert!(len == 0 || read(&bytes, len - 1).is_none(), "{len}");
        }
    }

    #[test]
    fn one_newline_is_dropped() {
        for (value, rest) in [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a")] {
            let chomped = chomp(SensitiveBytes::copy_of(value.as_bytes()));
            assert!(chomped.with(|bytes| bytes == rest.as_bytes()), "{value:?}");
        }
    }
}
