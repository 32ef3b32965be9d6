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

/// The least that is accepted from a file: OWASP Password Storage Cheat Sheet, Argon2id.
const LEAST_MEMORY_KIB: u32 = 19 * 1024;
const LEAST_ITERATIONS: u32 = 2;
/// The most that is accepted, before anything is allocated: p8, and m·t of 4 GiB.
const MOST_PARALLELISM: u32 = 8;
const MOST_WORK_KIB: u64 = 4 * 1024 * 1024;

/// What one guess of a passphrase costs: memory, passes over it, and lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassphraseCost {
    memory_kib: u32,
    iterations: u32,
    parallelism: u32,
}

impl PassphraseCost {
    /// What new slots cost at least: RFC 9106, section 4, second recommended option.
    pub const LEAST: Self = Self { memory_kib: 64 * 1024, iterations: 3, parallelism: 4 };

    /// So much memory and so many passes. Less than [`Self::LEAST`] is for vaults as others make them.
    ///
    /// # Errors
    /// `InvalidOption` when the format does not accept it.
    pub fn new(memory_kib: u32, iterations: u32) -> Result<Self> {
        let cost = Self { memory_kib, iterations, ..Self::LEAST };
        let why = "a key derivation of that cost is not accepted";
        cost.is_accepted().then_some(cost).ok_or(VaultError::InvalidOption { why })
    }

    /// The memory in KiB.
    pub fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// The passes over it.
    pub fn iterations(self) -> u32 {
        self.iterations
    }

    /// Whether it is less than new slots have, in one way and not more in the other.
    pub fn is_below_the_least(self) -> bool {
        let (has, least) = ((self.memory_kib, self.iterations), Self::LEAST);
        let least = (least.memory_kib, least.iterations);
        has != least && has.0 <= least.0 && has.1 <= least.1
    }

    /// Does the work of one guess for nothing, for whoever times it.
    ///
    /// # Errors
    /// `Internal` where there is not enough memory.
    pub fn spend(self) -> Result<()> {
        self.derive(b"a guess", &[0; 16]).map(drop)
    }

    fn is_accepted(self) -> bool {
        let work = u64::from(self.memory_kib) * u64::from(self.iterations);
        self.memory_kib >= LEAST_MEMORY_KIB
            && self.iterations >= LEAST_ITERATIONS
            && (1..=MOST_PARALLELISM).contains(&self.parallelism)
            && work <= MOST_WORK_KIB
    }

    /// Argon2id. Hostile costs are refused before any allocation.
    fn derive(self, secret: &[u8], salt: &[u8; 16]) -> Result<Key> {
        if !self.is_accepted() {
            return Err(refused());
        }
        let params = Params::new(self.memory_kib, self.iterations, self.parallelism, Some(32))
            .map_err(|_| refused())?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut key = Key::zeroed();
        argon2
            .hash_password_into(secret, salt, &mut *key)
            .map_err(|_| VaultError::Internal { what: "not enough memory for Argon2id" })?;
        Ok(key)
    }
}

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
    /// That cost and a fresh salt.
    pub(crate) fn new(cost: PassphraseCost, random: &dyn Random) -> Result<Self> {
        Ok(Self {
            kdf: Argon2id::Argon2id,
            memory_kib: cost.memory_kib,
            iterations: cost.iterations,
            parallelism: cost.parallelism,
            salt: Hex(random_bytes(random)?),
        })
    }

    /// Derives the slot's key.
    pub(crate) fn derive(&self, passphrase: &SensitiveBytes) -> Result<Key> {
        let Argon2id::Argon2id = self.kdf;
        let cost = self.cost();
        if !cost.is_accepted() {
            return Err(refused());
        }
        cost.derive(&normalise(passphrase)?, &self.salt.0)
    }

    /// What guessing costs.
    pub(crate) fn cost(&self) -> PassphraseCost {
        let Self { memory_kib, iterations, parallelism, .. } = *self;
        PassphraseCost { memory_kib, iterations, parallelism }
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
        let new = PassphraseParameters::new(PassphraseCost::LEAST, &SystemRandom).unwrap();
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
