//! Secret bytes of a fixed length: keys, and what keys are derived from. Not of what length nor for what.

use std::ops::{Deref, DerefMut};

use zeroize::Zeroizing;

use super::error::Result;
use super::world::Random;

/// `N` secret bytes, wiped when dropped. They are filled where they lie, on the heap, and never move: an
/// array that is passed on by value leaves a copy behind at each place that it came through.
pub(crate) struct SecretArray<const N: usize>(Box<Zeroizing<[u8; N]>>);

impl<const N: usize> SecretArray<N> {
    /// Zeros, to be filled.
    pub(crate) fn zeroed() -> Self {
        Self(Box::new(Zeroizing::new([0; N])))
    }

    /// Copies `bytes`, which stay their owner's to wipe.
    pub(crate) fn copy_of(bytes: &[u8; N]) -> Self {
        let mut array = Self::zeroed();
        array.copy_from_slice(bytes);
        array
    }

    /// Draws the bytes, or fails with `NoRandomness`.
    pub(crate) fn random(random: &dyn Random) -> Result<Self> {
        let mut array = Self::zeroed();
        random.fill(&mut *array)?;
        Ok(array)
    }
}

impl<const N: usize> Deref for SecretArray<N> {
    type Target = [u8; N];

    fn deref(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> DerefMut for SecretArray<N> {
    fn deref_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}
