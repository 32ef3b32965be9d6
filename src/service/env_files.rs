//! Finds the `.env` files of a tree, and the `.envrc` files of direnv, passing over the directories that git
//! ignores. Reads none.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;

/// The `.env` and `.envrc` files below `directory`, sorted; also those that git ignores, for these are where
/// secrets are. What cannot be looked into is told in words. Links are not followed.
pub fn find(directory: &Path) -> (Vec<PathBuf>, Vec<String>) {
    let mut wanted = OverrideBuilder::new(directory);
    // Files that these name are looked at whatever `.gitignore` says of them; directories are not.
    for pattern in [".env", ".env.*", "*.env", ".envrc"] {
        // Patterns that are part of the program are well formed.
        let _ = wanted.add(pattern);
    }
    let mut walk = WalkBuilder::new(directory);
    walk.hidden(false).require_git(false).follow_links(false);
    walk.filter_entry(|entry| entry.file_name() != ".git");
    if let Ok(wanted) = wanted.build() {
        walk.overrides(wanted);
    }
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    for entry in walk.build() {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                found.push(entry.into_path());
            }
            Ok(_) => {}
            Err(error) => failed.push(error.to_string()),
        }
    }
    found.sort();
    (found, failed)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn env_files_are_found_also_ignored_ones_but_not_in_ignored_directories() {
        let tree = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = tree.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(".gitignore", "node_modules/\n.env\n/build\n");
        let names = [
            ".env",
            "app/.env.local",
            "app/prod.env",
            "app/.envrc",
            "app/src/main.rs",
            "app/environment",
            "node_modules/x/.env",
            "build/.env",
            ".git/.env",
            ".config/.env",
        ];
        names.iter().for_each(|name| write(name, "A=1\n"));
        let (found, failed) = find(tree.path());
        let found: Vec<_> =
            found.iter().map(|path| path.strip_prefix(tree.path()).unwrap()).collect();
        let expected = [".config/.env", ".env", "app/.env.local", "app/.envrc", "app/prod.env"];
        assert_eq!(found, expected.map(Path::new));
        assert!(failed.is_empty());
        assert_eq!(find(&tree.path().join("nowhere")).1.len(), 1);
    }
}
