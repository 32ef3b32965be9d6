//! Where a file cannot be without a name: it has another one at first.

use std::fs::File;
use std::io;
use std::path::Path;

/// There is no such file here.
pub(super) fn without_name(_: &Path) -> Option<File> {
    None
}

/// Never asked for.
pub(super) fn again(_: &File) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Never asked for.
pub(super) fn give_name(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
