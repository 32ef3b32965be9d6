//! Finds the `.env` files of a tree, and the `.envrc` files of direnv, passing over the directories that git
//! ignores. Reads none.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;

use crate::text::{visible, visible_path};

/// The `.env` and `.envrc` files below `directory`, sorted; also those that git ignores, for these are where
/// secrets are. What cannot be looked into is told in words, safe to show: links are not followed.
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
            Ok(entry) => failed.extend(why_passed_over(entry.path())),
            Err(error) => failed.push(in_words(&error)),
        }
    }
    found.sort();
    (found, failed)
}

/// Why what bears such a name and is no file is passed over; a directory is none, wherever it is.
fn why_passed_over(path: &Path) -> Option<String> {
    let shown = visible_path(path);
    match (path.is_dir(), path.is_symlink()) {
        (true, _) => None,
        (false, true) => Some(format!("{shown} is a link: name the file that it leads to")),
        (false, false) => Some(format!("{shown} is no regular file")),
    }
}

/// What could not be read, and why, each once: the errors of the walk name the path in their cause as well.
fn in_words(error: &ignore::Error) -> String {
    let Some((path, cause)) = path_and_cause(error) else {
        return visible(&error.to_string()).into_owned();
    };
    format!("cannot read {}: {}", visible_path(path), visible(&cause))
}

fn path_and_cause(error: &ignore::Error) -> Option<(&Path, String)> {
    let ignore::Error::WithPath { path, err } = error else { return None };
    let of_walk = err.io_error()?.get_ref()?;
    Some((path, of_walk.source()?.to_string()))
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
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_path_once() {
        let tree = tempfile::tempdir().unwrap();
        let nowhere = tree.path().join("nowhere");
        let (found, failed) = find(&nowhere);
        let begin = format!("cannot read {}: ", visible_path(&nowhere));
        let [why] = &failed[..] else { panic!("{failed:?}") };
        let cause = why.strip_prefix(&begin).unwrap();
        assert!(!cause.contains("nowhere") && cause.contains("os error"), "{why}");
        assert_eq!(found.len(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_sockets_of_such_names_are_told_but_no_directories() {
        use std::os::unix::{fs::symlink, net::UnixListener};

        let tree = tempfile::tempdir().unwrap();
        let at = |name: &str| tree.path().join(name);
        std::fs::create_dir(at("x.env")).unwrap();
        symlink("x.env", at("directory.env")).unwrap();
        symlink("nowhere", at(".env")).unwrap();
        symlink("nowhere", at("other")).unwrap();
        let _socket = UnixListener::bind(at("s.env")).unwrap();
        let (found, mut failed) = find(tree.path());
        failed.sort();
        let expected = [
            format!("{} is a link: name the file that it leads to", visible_path(&at(".env"))),
            format!("{} is no regular file", visible_path(&at("s.env"))),
        ];
        assert_eq!((found, failed), (Vec::new(), expected.to_vec()));
    }
}
