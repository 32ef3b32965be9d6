//! Time and randomness, passed into the core so that tests own them. Nothing else of the outside.

use rand::TryRng;
use rand::rngs::SysRng;
use time::OffsetDateTime;

use super::error::{Result, VaultError};
use super::secret::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, in whole seconds UTC.
    fn now(&self) -> Timestamp;
}

/// Gives random bytes fit for keys and nonces.
pub trait Random: Send + Sync {
    /// Fills `bytes`, or fails with `NoRandomness`.
    fn fill(&self, bytes: &mut [u8]) -> Result<()>;
}

/// The system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(OffsetDateTime::now_utc().unix_timestamp())
    }
}

/// The operating system's random number generator.
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        SysRng.try_fill_bytes(bytes).map_err(|_| VaultError::NoRandomness)
    }
}

/// Draws `N` random bytes.
pub(crate) fn random_bytes<const N: usize>(random: &dyn Random) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    random.fill(&mut bytes)?;
    Ok(bytes)
}
