//! What was typed to open a vault, as the vault takes it.

use crate::vault::{RecoveryCode, SensitiveBytes, Unlock};

/// Lends what was typed: a recovery code, told by how it begins, or a passphrase. A wrong letter of a
/// code is found before any key work.
pub fn with_typed<R>(
    typed: &SensitiveBytes,
    act: impl FnOnce(&Unlock<'_>) -> crate::vault::Result<R>,
) -> crate::vault::Result<R> {
    match RecoveryCode::looks_like(typed) {
        true => act(&Unlock::Recovery(&RecoveryCode::parse(typed)?)),
        false => act(&Unlock::Passphrase(typed)),
    }
}
