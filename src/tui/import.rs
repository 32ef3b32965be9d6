//! Reads a dotenv file for the import screen and compares it with the vault. Writes nothing itself.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use directories::BaseDirs;

use super::failure;
use super::shared::Pending;
use crate::app::{Failure, ImportPreview, ImportRow, ImportState};
use crate::fault::FaultKind;
use crate::service::compare;
use crate::service::dotenv::{self, MAX_FILE};
use crate::service::reference::is_reference;
use crate::text::visible_path;
use crate::vault::{
    Change, Expect, MetadataPatch, Scope, SecretRef, SecretSummary, SensitiveBytes, VaultError,
    View,
};

/// What importing `path` into `scope` would do, and the values it would take.
///
/// Names without a value are left out: a secret has at least one byte. So are those whose value is a
/// reference to a secret that is kept already.
pub fn preview(
    view: &View,
    path: &Path,
    scope: &Scope,
) -> Result<(ImportPreview, Vec<Pending>), Failure> {
    view.check_writes(scope).map_err(|error| Failure::from(&error))?;
    let entries = dotenv::parse(&read(path)?).map_err(|error| failure::of(&error))?;
    let found = entries.len();
    let is_secret = |value: &SensitiveBytes| !value.is_empty() && !value.with(is_reference);
    let entries = entries.into_iter().filter(|entry| is_secret(&entry.value));
    let named: Vec<(SecretRef, SensitiveBytes)> =
        entries.map(|entry| (SecretRef::new(scope.clone(), entry.key), entry.value)).collect();
    let there = there(view, &named).map_err(|error| Failure::from(&error))?;
    let (left_out, mut rows, mut values) = (found - named.len(), Vec::new(), Vec::new());
    for (name, value) in named {
        let (state, there) = there.get(&name).copied().map_or((ImportState::New, None), |there| {
            let state = if there.is_same { ImportState::Same } else { ImportState::Different };
            (state, Some(there.revision))
        });
        rows.push(ImportRow { name: name.clone(), state });
        if state != ImportState::Same {
            values.push(Pending { name, value, there });
        }
    }
    Ok((ImportPreview { rows, left_out }, values))
}

/// The changes that take over `values`: new ones, and with `overwrite` the different ones too.
pub fn changes(values: &[Pending], overwrite: bool) -> Vec<Change> {
    values
        .iter()
        .filter(|pending| overwrite || pending.there.is_none())
        .map(|Pending { name, value, there }| Change::Write {
            name: name.clone(),
            value: value.duplicate(),
            patch: MetadataPatch::default(),
            expect: there.map_or(Expect::Absent, Expect::Revision),
        })
        .collect()
}

/// What the vault has under a name.
#[derive(Clone, Copy)]
struct There {
    revision: u64,
    is_same: bool,
}

/// What is there of the names. What is protected counts as different: it cannot be compared without the
/// passphrase.
fn there(
    view: &View,
    named: &[(SecretRef, SensitiveBytes)],
) -> Result<HashMap<SecretRef, There>, VaultError> {
    let named: HashMap<&SecretRef, &SensitiveBytes> =
        named.iter().map(|(name, value)| (name, value)).collect();
    let mut kept = view.list()?.secrets;
    kept.retain(|kept| named.contains_key(&kept.name));
    let open = kept.iter().filter(|kept| !kept.protected);
    let open: Vec<SecretRef> = open.map(|kept| kept.name.clone()).collect();
    let different = |kept: SecretSummary| {
        let there = There { revision: kept.revision, is_same: false };
        (kept.name, there)
    };
    let mut there: HashMap<SecretRef, There> = kept.into_iter().map(different).collect();
    compare::each(view, &open, None, &mut |_, _| {}, &mut |secret| {
        let is_same = named.get(&secret.name).is_some_and(|value| value.is_same(&secret.value));
        there.insert(secret.name, There { revision: secret.metadata.revision, is_same });
    })?;
    Ok(there)
}

/// The file's bytes, in a buffer that is never outgrown.
fn read(path: &Path) -> Result<SensitiveBytes, Failure> {
    let path = at_home(path);
    let shown = visible_path(&path);
    let refused = |why: String| {
        Failure::plain(FaultKind::Invalid, format!("cannot read {shown}: {why}"), "check the path")
    };
    let facts = std::fs::metadata(&path).map_err(|error| refused(error.to_string()))?;
    if !facts.is_file() {
        return Err(refused("it is no file".into()));
    }
    if facts.len() > MAX_FILE as u64 {
        return Err(refused("it is larger than 32 MiB".into()));
    }
    let file = File::open(&path).map_err(|error| refused(error.to_string()))?;
    let length = usize::try_from(facts.len()).unwrap_or(MAX_FILE);
    let mut bytes = Vec::with_capacity(length + 1);
    // A file that grows meanwhile is cut where it ended; the parser or the preview shows it.
    let read = file.take(facts.len()).read_to_end(&mut bytes);
    let bytes = SensitiveBytes::new(bytes);
    read.map_err(|error| refused(error.to_string()))?;
    Ok(bytes)
}

/// `~/` as people write it: there is no shell between them and us.
pub fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), BaseDirs::new()) {
        (Ok(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => path.to_owned(),
    }
}
