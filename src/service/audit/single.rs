//! Judges one secret by itself. Compares it with no other: that it is reused only [`super::audit`] finds.

use super::{Finding, Rules, is_password, of_times, weakness};
use crate::vault::{Description, ProtectionKey, Purpose, Result, VaultError, View};

/// What was found of one secret. Never with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What is wrong with it, worst first.
    pub findings: Vec<Finding>,
    /// Whether its value was looked at; that of a protected secret is not without its key. `None` where a
    /// value tells nothing.
    pub looked_at: Option<bool>,
}

/// Whether the value of a secret tells how it is: only that of a password does.
pub fn judges_value(secret: &Description) -> bool {
    is_password(&secret.name, secret.metadata.kind)
}

/// Judges a secret by what is known of it, and a password by its value, too, which is recorded as read to
/// compare it.
///
/// # Errors
///
/// Those of [`View::read_with`], but for that the value is protected.
pub fn judge(
    view: &View,
    secret: &Description,
    rules: &Rules,
    protection: Option<&ProtectionKey>,
) -> Result<Judged> {
    let known = &secret.metadata;
    let of_times = of_times(known.kind, known.updated_at, known.expires_at, rules);
    let mut findings: Vec<Finding> = of_times.into_iter().collect();
    if !judges_value(secret) {
        return Ok(Judged { findings, looked_at: None });
    }
    let view = view.for_purpose(Purpose::Compare);
    let looked_at = match view.read_with(&secret.name, None, protection) {
        Ok(secret) => {
            findings.extend(weakness(&secret));
            true
        }
        Err(VaultError::Protected { .. }) => false,
        Err(error) => return Err(error),
    };
    findings.sort_by_key(Finding::rank);
    Ok(Judged { findings, looked_at: Some(looked_at) })
}
