//! Finds values that are stored more than once, by their keyed hashes. Keeps no value.

use std::collections::HashMap;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Finding, is_password};
use crate::vault::{Random, Result, Secret, SecretKind, SecretRef, SystemRandom};

/// Shorter values are words and numbers, not secrets, unless they are passwords.
const SHORTEST: usize = 8;

/// What was seen so far: names by the HMAC-SHA-256 of their values (RFC 2104).
///
/// The key is random and lives as long as this: a hash says nothing to anybody else.
pub struct Reuse {
    key: Zeroizing<[u8; 32]>,
    names: HashMap<[u8; 32], Vec<SecretRef>>,
}

impl Reuse {
    /// Nothing was seen yet.
    ///
    /// # Errors
    ///
    /// `NoRandomness`.
    pub fn new() -> Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        SystemRandom.fill(&mut *key)?;
        Ok(Self { key, names: HashMap::new() })
    }

    /// Remembers one more. Notes and certificates are left out: the same text twice is no risk.
    pub fn add(&mut self, secret: &Secret) {
        let kind = secret.metadata.kind;
        let is_short = secret.value.len() < SHORTEST && !is_password(&secret.name, kind);
        if is_short || matches!(kind, SecretKind::Note | SecretKind::Certificate) {
            return;
        }
        let hash = secret.value.with(|value| self.hash(value.strip_suffix(b"\n").unwrap_or(value)));
        if let Some(hash) = hash {
            self.names.entry(hash).or_default().push(secret.name.clone());
        }
    }

    fn hash(&self, value: &[u8]) -> Option<[u8; 32]> {
        let mac = Hmac::<Sha256>::new_from_slice(&*self.key).ok()?;
        Some(mac.chain_update(value).finalize().into_bytes().into())
    }

    /// One finding for each secret that shares its value.
    pub fn findings(self) -> Vec<(SecretRef, Finding)> {
        let shared = self.names.into_values().filter(|names| names.len() > 1);
        shared.flat_map(findings_of).collect()
    }
}

fn findings_of(mut names: Vec<SecretRef>) -> Vec<(SecretRef, Finding)> {
    names.sort();
    let others = |name: &SecretRef| names.iter().filter(|other| *other != name).cloned().collect();
    names.iter().map(|name| (name.clone(), Finding::Reused { with: others(name) })).collect()
}
