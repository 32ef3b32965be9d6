//! Whom the access list of a passphrase file lets in.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

use super::Reason;

/// What to do about a key file that others can get at.
pub const KEY_FILE_HELP: &str = "use a file of your own, and let nobody else read it: \
                                 icacls FILE /inheritance:r /grant:r \"%USERNAME%:F\"";

/// Opens a file. That it is no link was looked at before.
pub fn open_no_link(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Why a plain file is not the user's alone, the system and its administrators aside.
pub fn why_unsafe(file: &File, _: &Metadata) -> io::Result<Option<Reason>> {
    let mend = |path: &str| format!("icacls \"{path}\" /inheritance:r /grant:r \"%USERNAME%:F\"");
    Ok(crate::vault::why_unsafe(file)?.map(|why| Reason { why, mend }))
}
