//! Unbiased picks from random bytes. Not a generator of randomness.

use zeroize::Zeroizing;

use super::GenerateError;
use crate::vault::Random;

/// So many misses in a row happen with a chance of at most one in 2^64: the source is broken.
const MAX_MISSES: usize = 64;

/// Draws numbers below a bound, each equally likely, from buffered randomness.
pub(super) struct Picker<'a> {
    random: &'a dyn Random,
    buffer: Zeroizing<[u8; 64]>,
    used: usize,
}

impl<'a> Picker<'a> {
    pub(super) fn new(random: &'a dyn Random) -> Self {
        Self { random, buffer: Zeroizing::new([0; 64]), used: 64 }
    }

    /// A number below `bound`, which is at least 1, by rejection: a remainder alone would favour
    /// the small ones.
    pub(super) fn below(&mut self, bound: u16) -> Result<u16, GenerateError> {
        let bound = u32::from(bound.max(1));
        let fair = 65_536 - 65_536 % bound;
        for _ in 0..MAX_MISSES {
            let drawn = u32::from(self.next()?);
            if drawn < fair {
                return u16::try_from(drawn % bound).map_err(|_| GenerateError::Broken);
            }
        }
        Err(GenerateError::Broken)
    }

    /// The next sixteen random bits; each is used once.
    fn next(&mut self) -> Result<u16, GenerateError> {
        if self.used + 2 > self.buffer.len() {
            self.random.fill(self.buffer.as_mut_slice())?;
            self.used = 0;
        }
        let drawn = u16::from_le_bytes([self.buffer[self.used], self.buffer[self.used + 1]]);
        self.used += 2;
        Ok(drawn)
    }
}
