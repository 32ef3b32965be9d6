//! What the title says about an open vault. Shows nothing itself.

use std::path::Path;

use crate::app::VaultFacts;
use crate::text::visible_path;
use crate::vault::{SlotKind, Vault, VaultError};

/// The facts as they are now.
pub fn facts(vault: &Vault) -> Result<VaultFacts, VaultError> {
    let path = vault.path();
    let name = path.as_ref().and_then(|path| path.file_name());
    Ok(VaultFacts {
        name: name.map_or_else(|| "demo".to_owned(), |name| visible_path(Path::new(name))),
        backend: vault.backend().label().to_owned(),
        can_protect: vault.can_protect()?,
        has_recovery: vault.slots()?.iter().any(|slot| slot.kind == SlotKind::Recovery),
        lockable: path.is_some(),
        max_value: vault.max_value()?,
    })
}
