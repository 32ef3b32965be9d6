//! Files and vaults that are put where tresor reads them: what others may read is refused, and neither git nor
//! a plain copy keeps who may.
#![allow(dead_code)] // not every target needs all of it

use std::io::Write;
use std::path::Path;

use tresor::vault::{create_private_file, make_private_dirs};

/// Puts a file there for its owner only, also in another one's place.
pub fn write_private(path: &Path, bytes: &[u8]) {
    let _ = std::fs::remove_file(path);
    create_private_file(path).unwrap().write_all(bytes).unwrap();
}

/// Copies a vault to where it may be opened.
pub fn copy_private(from: &Path, to: &Path) {
    make_private_dirs(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, target) = entry.map(|e| (e.path(), to.join(e.file_name()))).unwrap();
        if path.is_dir() {
            copy_private(&path, &target);
        } else {
            write_private(&target, &std::fs::read(&path).unwrap());
        }
    }
}
