//! A system without a keyring that forgets in time: nothing is kept, and that is said.

use std::time::Duration;

use super::{CacheError, Store};
use crate::vault::SensitiveBytes;

/// Keeps nothing.
pub(super) struct Kernel;

impl Store for Kernel {
    fn keep(&self, _: &str, _: &[u8], _: Duration) -> Result<(), CacheError> {
        Err(CacheError::Missing)
    }

    fn find(&self, _: &str) -> Result<Option<SensitiveBytes>, CacheError> {
        Err(CacheError::Missing)
    }

    fn forget(&self, _: &str) -> Result<bool, CacheError> {
        Err(CacheError::Missing)
    }
}
