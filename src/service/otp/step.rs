//! A counter on its way to the next code: what has to be saved before the code of now is given out. Saves
//! nothing itself.

use super::{OtpError, counted_on};
use crate::vault::{Change, Expect, MetadataPatch, Secret, SecretRef, SensitiveBytes};

/// The key with its counter one further, in the place of the revision that was read.
pub struct Step {
    name: SecretRef,
    revision: u64,
    next: SensitiveBytes,
}

impl Step {
    /// The step after the code of `counter`, which `secret` holds.
    ///
    /// # Errors
    ///
    /// `NoKey` for a value that is no text.
    pub fn after(name: &SecretRef, secret: &Secret, counter: u64) -> Result<Self, OtpError> {
        let next = counted_on(&secret.value, counter)?;
        Ok(Self { name: name.clone(), revision: secret.metadata.revision, next })
    }

    /// The change to commit. It fails when somebody else was faster, so that no code is given out twice.
    pub fn change(&self) -> Change {
        Change::Write {
            name: self.name.clone(),
            value: self.next.duplicate(),
            patch: MetadataPatch::default(),
            expect: Expect::Revision(self.revision),
        }
    }
}
