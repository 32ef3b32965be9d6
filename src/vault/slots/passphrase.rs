//! The passphrase slot: Argon2id over the NFC form. Not the strength of a passphrase.

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::vault::encoding::Hex;
use crate::vault::error::{Result, VaultError};
use crate::vault::seal::Key;
use crate::vault::secret::SensitiveBytes;
use crate::vault::world::{Random, random_bytes};

/// What new slots are made with: RFC 9106, section 4, second recommended option.
const MEMORY_KIB: u32 = 64 * 1024;
const ITERATIONS: u32 = 3;
const PARALLELISM: u32 = 4;
/// The least that is accepted from a file: OWASP Password Storage Cheat Sheet, Argon2id.
const LEAST_MEMORY_KIB: u32 = 19 * 1024;
const LEAST_ITERATIONS: u32 = 2;
/// The most that is accepted, before anything is allocated: p8, and m·t of 4 GiB.
const MOST_PARALLELISM: u32 = 8;
const MOST_WORK_KIB: u64 = 4 * 1024 * 1024;

/// The cost and salt of one slot.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PassphraseParameters {
    kdf: Argon2id,
    memory_kib: u32,
    iterations: u32,
    parallelism: u32,
    salt: Hex<16>,
}

/// The one key derivation function of format 1 (RFC 9106, version 0x13).
#[derive(Clone, Copy, Serialize, Deserialize)]
enum Argon2id {
    #[serde(rename = "argon2id")]
    Argon2id,
}

impl PassphraseParameters {
    /// Today's cost and a fresh salt.
    pub(crate) fn new(random: &dyn Random) -> Result<Self> {
        Ok(Self {
            kdf: Argon2id::Argon2id,
            memory_kib: MEMORY_KIB,
            iterations: ITERATIONS,
            parallelism: PARALLELISM,
            salt: Hex(random_bytes(random)?),
        })
    }

    /// Derives the slot's key. Hostile parameters are refused before any allocation.
    pub(crate) fn derive(&self, passphrase: &SensitiveBytes) -> Result<Key> {
        self.check()?;
        let params = Params::new(self.memory_kib, self.iterations, self.parallelism, Some(32))
            .map_err(|_| refused())?;
        let Argon2id::Argon2id = self.kdf;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let normal = normalise(passphrase)?;
        let mut key = Key::default();
        argon2
            .hash_password_into(&normal, &self.salt.0, &mut *key)
            .map_err(|_| VaultError::Internal { what: "not enough memory for Argon2id" })?;
        Ok(key)
    }

    /// What guessing costs: memory in KiB and passes.
    pub(crate) fn cost(&self) -> (u32, u32) {
        (self.memory_kib, self.iterations)
    }

    fn check(&self) -> Result<()> {
        let work = u64::from(self.memory_kib) * u64::from(self.iterations);
        let acceptable = self.memory_kib >= LEAST_MEMORY_KIB
            && self.iterations >= LEAST_ITERATIONS
            && (1..=MOST_PARALLELISM).contains(&self.parallelism)
            && work <= MOST_WORK_KIB;
        acceptable.then_some(()).ok_or_else(refused)
    }
}

fn refused() -> VaultError {
    let why = "a slot demands a key derivation outside the accepted cost";
    VaultError::Damaged { what: "root.json".into(), why }
}

/// The NFC form (RFC 8265, section 4.2), so that every keyboard gives the same bytes.
fn normalise(passphrase: &SensitiveBytes) -> Result<Zeroizing<Vec<u8>>> {
    if passphrase.is_empty() {
        return Err(VaultError::InvalidOption { why: "the passphrase is empty" });
    }
    let normal = passphrase.with_str(|text| {
        // Three times the length holds any NFC form (UAX #15), so that nothing is moved unwiped.
        let mut normal = Zeroizing::new(Vec::with_capacity(text.len() * 3 + 4));
        let mut utf8 = [0; 4];
        for c in text.nfc() {
            normal.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
        }
        normal
    });
    normal.ok_or(VaultError::InvalidOption { why: "the passphrase is not UTF-8 text" })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::vault::world::SystemRandom;

    fn parameters(memory_kib: u32, iterations: u32, parallelism: u32) -> PassphraseParameters {
        let new = PassphraseParameters::new(&SystemRandom).unwrap();
        PassphraseParameters { memory_kib, iterations, parallelism, ..new }
    }

    #[test]
    fn both_unicode_forms_are_the_same_passphrase() {
        let parameters = parameters(LEAST_MEMORY_KIB, 2, 1);
        let derive = |text: &str| parameters.derive(&SensitiveBytes::copy_of(text.as_bytes()));
        assert_eq!(*derive("zo\u{eb}").unwrap(), *derive("zoe\u{308}").unwrap());
        assert_ne!(*derive("zo\u{eb}").unwrap(), *derive("zoe").unwrap());
        assert!(derive("").is_err());
    }

    #[test]
    fn hostile_costs_are_refused_before_any_work() {
        let passphrase = SensitiveBytes::copy_of(b"x");
        for (memory, iterations, parallelism) in [
            (u32::MAX, 3, 4),
            (4 * 1024 * 1024, 2, 4),
            (64 * 1024, u32::MAX, 4),
            (64 * 1024, 3, 9),
            (64 * 1024, 3, 0),
            (18 * 1024, 3, 4),
            (64 * 1024, 1, 4),
        ] {
            assert!(parameters(memory, iterations, parallelism).derive(&passphrase).is_err());
        }
    }
}
