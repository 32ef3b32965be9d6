//! The files of a store, in the order of their names. Opens none of them, and follows no links.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ImportError;
use crate::fault::FaultKind;
use crate::service::import::MAX_ENTRIES;
use crate::text::{visible, visible_path};

/// How deep folders may lie in each other.
const DEEPEST: usize = 64;
/// What the files of a store are called behind their name.
const ENDING: &str = ".gpg";

/// A file of the store.
pub(super) struct File {
    /// Its folders and its name, without the ending.
    pub name: Vec<String>,
    /// Where it is.
    pub path: PathBuf,
}

/// What was found.
#[derive(Default)]
pub(super) struct Walked {
    pub files: Vec<File>,
    /// What is no file of the store's own; safe to show.
    pub left_out: Vec<String>,
}

/// Finds all files of a store.
pub(super) fn walk(store: &Path) -> Result<Walked, ImportError> {
    let mut walked = Walked::default();
    folder(store, &mut Vec::new(), &mut walked)?;
    if walked.files.is_empty() && !store.join(".gpg-id").exists() {
        return Err(ImportError::malformed(
            "it is no store of pass: it has neither .gpg-id nor files of gpg",
            "name the folder, such as ~/.password-store",
        ));
    }
    Ok(walked)
}

fn folder(path: &Path, name: &mut Vec<String>, walked: &mut Walked) -> Result<(), ImportError> {
    let lost = |error: io::Error| ImportError::Io {
        what: visible_path(path),
        why: error.to_string(),
        kind: FaultKind::of_named_file(&error),
    };
    let mut inside = Vec::new();
    for entry in fs::read_dir(path).map_err(lost)? {
        let entry = entry.map_err(lost)?;
        inside.push((entry.file_name(), entry.file_type().map_err(lost)?));
    }
    inside.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    for (file, kind) in inside {
        let text = file.to_string_lossy().into_owned();
        if text.starts_with('.') {
            continue;
        }
        let shown = || visible(&[name.join("/"), text.clone()].join("/")).into_owned();
        if kind.is_symlink() {
            walked.left_out.push(format!("{}, which is a link", shown()));
        } else if kind.is_dir() && name.len() >= DEEPEST {
            walked.left_out.push(format!("{}, which lies too deep", shown()));
        } else if kind.is_dir() {
            name.push(text);
            folder(&path.join(file), name, walked)?;
            name.pop();
        } else if let Some(title) = text.strip_suffix(ENDING) {
            let name = name.iter().cloned().chain([title.to_owned()]).collect();
            walked.files.push(File { name, path: path.join(&file) });
        }
        if walked.files.len() > MAX_ENTRIES {
            return Err(ImportError::TooLarge("more than 10,000 files"));
        }
    }
    Ok(())
}
