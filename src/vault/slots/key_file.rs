//! The key-file slot: high-entropy bytes through HKDF. For servers and CI.

use crate::vault::error::{Result, VaultError};
use crate::vault::seal::Key;
use crate::vault::secret::SensitiveBytes;
use crate::vault::world::Random;

/// The fewest and most bytes a key file may have.
const LENGTHS: std::ops::RangeInclusive<usize> = 32..=4096;
/// Tells this slot's key from those of other kinds.
pub(super) const INFO: &str = "tresor.v1.key-file";

/// Refuses contents that no key file has.
pub(super) fn check(contents: &SensitiveBytes) -> Result<()> {
    match LENGTHS.contains(&contents.len()) {
        true => Ok(()),
        false => Err(VaultError::InvalidOption { why: "a key file has 32 to 4,096 bytes" }),
    }
}

/// Makes the contents of a new key file: 32 random bytes as one line of base64.
pub fn generate_key_file(random: &dyn Random) -> Result<SensitiveBytes> {
    use base64::Engine;
    let bytes = Key::random(random)?;
    let mut line = Vec::with_capacity(45);
    line.resize(44, 0);
    let written = base64::engine::general_purpose::STANDARD
        .encode_slice(*bytes, &mut line)
        .map_err(|_| VaultError::Internal { what: "encoding a key file" })?;
    line.truncate(written);
    line.push(b'\n');
    Ok(SensitiveBytes::new(line))
}
