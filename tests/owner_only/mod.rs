//! What a vault is made of is its owner's alone.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Looks at a file, or at a directory and all in it; gives how many there are.
pub fn all_private(path: &Path) -> usize {
    let metadata = path.symlink_metadata().expect("a file");
    let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(metadata.mode() & 0o7777, expected, "{}", path.display());
    if !metadata.is_dir() {
        return 1;
    }
    let entries = std::fs::read_dir(path).expect("a directory");
    1 + entries.map(|entry| all_private(&entry.expect("an entry").path())).sum::<usize>()
}
