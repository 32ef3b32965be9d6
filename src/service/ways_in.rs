//! What every front end does with the ways into a vault: makes key files, tells what a rotation would
//! drop, and brings an old passphrase slot up to date. Asks nobody.

use std::io::{self, Write};
use std::path::Path;

use crate::vault::{
    ClosedVault, Result, SensitiveBytes, SlotInfo, SlotKind, Unlock, Vault, create_private_file,
    make_private_dirs, sync_directory,
};

/// Writes a new key file, for its owner only; the directories it needs are made.
///
/// # Errors
/// What the system says, also when there is such a file already.
pub fn write_key_file(path: &Path, key: &SensitiveBytes) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        make_private_dirs(parent)?;
    }
    let mut file = create_private_file(path)?;
    let written = key.with(|key| file.write_all(key));
    // A key that a power loss takes away would take the vault with it.
    let written = written.and_then(|()| file.sync_all());
    let kept = written.and_then(|()| sync_directory(parent.unwrap_or(Path::new("."))));
    if kept.is_err() {
        // Half a key would be taken for one the next time.
        let _ = std::fs::remove_file(path);
    }
    kept
}

/// Unlocks, and makes anew what [`renew`] finds.
///
/// # Errors
/// What an unlock refuses.
pub fn unlock(closed: &ClosedVault, with: &Unlock<'_>) -> Result<Vault> {
    let vault = closed.unlock(with)?;
    renew(&vault, with);
    Ok(vault)
}

/// Brings a passphrase that just opened the vault up to today's cost, if it has less. A vault that is
/// busy, or that cannot be written to, is open all the same: there will be another time.
pub fn renew(vault: &Vault, with: &Unlock<'_>) {
    if let Unlock::Passphrase(text) = with {
        let _ = vault.renew(text);
    }
}

/// The slots of `before` that there will not be any more once only `again` are made anew.
pub fn dropped(before: &[SlotInfo], mut again: Vec<SlotKind>) -> Vec<&SlotInfo> {
    let gone = |slot: &&SlotInfo| match again.iter().position(|kind| *kind == slot.kind) {
        Some(at) => {
            again.swap_remove(at);
            false
        }
        None => true,
    };
    before.iter().filter(gone).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::vault::why_unsafe;

    fn slot(kind: SlotKind) -> SlotInfo {
        let word = kind.word().to_owned();
        SlotInfo { id: None, kind, word, protects: false, item: None, cost: None }
    }

    #[test]
    fn of_two_slots_of_a_kind_one_known_secret_keeps_one() {
        use SlotKind::{KeyFile, Passphrase, Recovery};
        let before = [slot(Passphrase), slot(KeyFile), slot(Passphrase), slot(Recovery)];
        let gone = |again| dropped(&before, again).iter().map(|slot| slot.kind).collect::<Vec<_>>();
        assert_eq!(gone(vec![Passphrase, Recovery]), [KeyFile, Passphrase]);
        assert_eq!(gone(vec![Recovery, KeyFile, Passphrase, Passphrase]), []);
    }

    #[test]
    fn a_key_file_is_its_owners_and_never_written_over() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/key");
        let key = SensitiveBytes::copy_of(b"0123456789abcdef0123456789abcdef");
        write_key_file(&path, &key).unwrap();
        let made = std::fs::File::open(&path).unwrap();
        assert_eq!(why_unsafe(&made).unwrap(), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(made.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        let again = write_key_file(&path, &SensitiveBytes::copy_of(b"other"));
        assert_eq!(again.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(key.with(|key| std::fs::read(&path).unwrap() == key));
    }
}
