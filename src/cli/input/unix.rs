//! Whose a passphrase file is and what its mode allows.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Reason;

/// What to do about a key file that others can get at.
pub const KEY_FILE_HELP: &str = "use a file of your own, and let nobody else read it: chmod 600";

/// Opens a file, never through a link.
pub fn open_no_link(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};
    // NONBLOCK: a FIFO must be refused by its type, not waited for.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    Ok(File::from(open(path, flags, Mode::empty())?))
}

/// Why a plain file is not the user's alone; one of root's is as good as his own.
pub fn why_unsafe(_: &File, metadata: &Metadata) -> io::Result<Option<Reason>> {
    let (owner, us) = (metadata.uid(), rustix::process::geteuid().as_raw());
    if owner != us && owner != 0 {
        let why = "it belongs to another user".to_owned();
        return Ok(Some(Reason { why, mend: |_| "use one of your own".to_owned() }));
    }
    let mode = metadata.mode() & 0o7777;
    let open = || Reason {
        why: format!("others can get at it (mode {mode:04o})"),
        mend: |path| format!("chmod 600 {path}"),
    };
    Ok((mode & 0o077 != 0).then(open))
}
