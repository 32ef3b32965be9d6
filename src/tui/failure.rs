//! What a fault says, in the form the application shows. Adds nothing to it.

use crate::app::Failure;
use crate::fault::{Fault, FaultKind};
use crate::vault::VaultError;

/// The two lines of any fault.
pub fn of(fault: &dyn Fault) -> Failure {
    Failure {
        kind: fault.kind(),
        message: fault.to_string(),
        help: fault.help(),
        wrong_passphrase: false,
        needs_protection: false,
    }
}

/// The two lines of a vault's error, and what the screens must tell apart.
pub fn of_vault(error: &VaultError) -> Failure {
    Failure {
        wrong_passphrase: matches!(error, VaultError::WrongPassphrase),
        needs_protection: matches!(error, VaultError::Protected { .. }),
        ..of(error)
    }
}

/// A failure without a fault behind it.
pub fn plain(kind: FaultKind, message: impl Into<String>, help: &str) -> Failure {
    Failure {
        kind,
        message: message.into(),
        help: help.to_owned(),
        wrong_passphrase: false,
        needs_protection: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::SecretRef;

    #[test]
    fn what_the_screens_must_tell_apart_is_told() {
        let wrong = of_vault(&VaultError::WrongPassphrase);
        assert!(wrong.wrong_passphrase && !wrong.needs_protection);
        assert_eq!((wrong.kind, wrong.message.as_str()), (
            FaultKind::Locked,
            "that is not the passphrase"
        ));
        let name: SecretRef = "global/a".parse().expect("a name");
        let protected = of_vault(&VaultError::Protected { name });
        assert!(protected.needs_protection && !protected.wrong_passphrase);
    }
}
