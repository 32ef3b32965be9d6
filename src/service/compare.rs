//! Reads many values to compare them with others. Judges none.

use crate::vault::{ProtectionKey, Purpose, Result, Secret, SecretRef, VaultError, View};

/// How many values are read from one state of the vault, and lie in memory at once. Each time the pages of
/// the index are opened anew.
pub const AT_ONCE: usize = 512;

/// Gives each of the secrets to `with`; `at(done, total)` tells how far it is.
///
/// They are recorded as read to compare them. What is gone or was protected meanwhile is passed over, and so is
/// what is protected where the key is missing.
///
/// # Errors
///
/// Those of [`View::read_all`].
pub fn each(
    view: &View,
    names: &[SecretRef],
    protection: Option<&ProtectionKey>,
    at: &mut dyn FnMut(usize, usize),
    with: &mut dyn FnMut(Secret),
) -> Result<()> {
    let view = view.for_purpose(Purpose::Compare);
    at(0, names.len());
    for (number, part) in names.chunks(AT_ONCE).enumerate() {
        read_what_is_there(&view, part, protection)?.into_iter().for_each(&mut *with);
        at(number * AT_ONCE + part.len(), names.len());
    }
    Ok(())
}

/// Reads all at once; where one of them cannot be had any more, those that are left.
fn read_what_is_there(
    view: &View,
    names: &[SecretRef],
    protection: Option<&ProtectionKey>,
) -> Result<Vec<Secret>> {
    let is_passed_over = |error: &VaultError| {
        matches!(error, VaultError::NotFound { .. } | VaultError::Protected { .. })
    };
    match view.read_all(names, protection) {
        Err(error) if is_passed_over(&error) => {}
        read => return read,
    }
    let one_by_one = names.iter().map(|name| view.read_with(name, None, protection));
    one_by_one.filter(|read| !read.as_ref().is_err_and(is_passed_over)).collect()
}
