//! Reads a file that a reference names: only below a trusted directory, and through no link. Trusts
//! nothing by itself.

use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{MAX_VALUE, Unresolved, read_value};
use crate::text::{visible, without_newline};
use crate::vault::SensitiveBytes;

/// The value in the file, without its last newline.
pub fn read(path: &Path, trusted: &[PathBuf]) -> Result<SensitiveBytes, Unresolved> {
    let (directory, below) = split(path, trusted)?;
    let file = open(directory, &below)?;
    let metadata = file.metadata().map_err(|error| told(&error))?;
    if !metadata.is_file() {
        return Err(Unresolved::blocked("it is not a plain file"));
    }
    if others_may_write(&metadata) {
        return Err(Unresolved::blocked("others may write to it"));
    }
    let bytes = read_value(file).map_err(|error| told(&error))?;
    if bytes.len() > MAX_VALUE {
        return Err(Unresolved::failed("it has more than 1 MiB"));
    }
    match without_newline(&bytes) {
        [] => Err(Unresolved::missing("the file is empty")),
        value => Ok(SensitiveBytes::copy_of(value)),
    }
}

/// The trusted directory that holds `path`, and the names that lead from there to it.
fn split<'a>(path: &Path, trusted: &'a [PathBuf]) -> Result<(&'a Path, PathBuf), Unresolved> {
    let below = |directory: &'a PathBuf| {
        let below = path.strip_prefix(directory).ok()?;
        let plain = below.components().all(|part| matches!(part, Component::Normal(_)));
        (plain && below != Path::new("")).then(|| (directory.as_path(), below.to_owned()))
    };
    trusted.iter().find_map(below).ok_or_else(|| {
        Unresolved::blocked("it is in no trusted directory; 'references.files' names those")
    })
}

/// Opens step by step, so that no part below the trusted directory is a link, and none lies where others could
/// have put it.
#[cfg(unix)]
fn open(directory: &Path, below: &Path) -> Result<File, Unresolved> {
    let mut at = File::open(directory).map_err(|error| told(&error))?;
    let mut parts = below.components().peekable();
    while let Some(part) = parts.next() {
        if others_may_write(&at.metadata().map_err(|error| told(&error))?) {
            return Err(Unresolved::blocked("others may write to its directory"));
        }
        at = step(&at, part, parts.peek().is_some()).map_err(|error| told(&error))?;
    }
    Ok(at)
}

#[cfg(unix)]
fn step(at: &File, part: Component<'_>, is_directory: bool) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, openat};
    // NONBLOCK: a FIFO must be refused by its type, not waited for.
    let mut flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    if is_directory {
        flags |= OFlags::DIRECTORY;
    }
    Ok(File::from(openat(at, part.as_os_str(), flags, Mode::empty())?))
}

/// The same by looking at each step: there is no way to open relative to a directory.
#[cfg(windows)]
fn open(directory: &Path, below: &Path) -> Result<File, Unresolved> {
    let mut path = directory.to_owned();
    for part in below.components() {
        path.push(part);
        if path.symlink_metadata().map_err(|error| told(&error))?.is_symlink() {
            return Err(led_by_a_link());
        }
    }
    File::open(path).map_err(|error| told(&error))
}

/// Whether anybody but us and the system decides what is in a file, or which files are in a directory.
#[cfg(unix)]
fn others_may_write(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let owners = [0, rustix::process::geteuid().as_raw()];
    metadata.mode() & 0o022 != 0 || !owners.contains(&metadata.uid())
}

/// Access lists are not looked at: the trusted directory is the boundary there.
#[cfg(windows)]
fn others_may_write(_: &std::fs::Metadata) -> bool {
    false
}

fn told(error: &io::Error) -> Unresolved {
    match error.kind() {
        io::ErrorKind::NotFound => Unresolved::missing("there is no such file"),
        io::ErrorKind::NotADirectory => led_by_a_link(),
        _ if is_link(error) => led_by_a_link(),
        io::ErrorKind::PermissionDenied => Unresolved::blocked("it may not be read"),
        _ => Unresolved::failed(visible(&error.to_string()).into_owned()),
    }
}

fn led_by_a_link() -> Unresolved {
    Unresolved::blocked("a part of its path is a link or no directory")
}

#[cfg(unix)]
fn is_link(error: &io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP)
}

/// Links are found before anything is opened.
#[cfg(windows)]
fn is_link(_: &io::Error) -> bool {
    false
}
