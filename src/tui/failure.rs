//! What a fault says, in the form the application shows. Adds nothing to it.

use crate::app::Failure;
use crate::fault::{Fault, FaultKind};
use crate::service::clipboard::ClipboardError;
use crate::vault::VaultError;

/// How a key file becomes its owner's alone.
const KEY_FILE_HELP: &str = if cfg!(windows) {
    "let nobody else read the key file: icacls FILE /inheritance:r /grant:r \"%USERNAME%:F\""
} else {
    "chmod 600 the key file"
};

/// The two lines of any fault but the vault's, which the application tells apart itself.
pub fn of(fault: &dyn Fault) -> Failure {
    Failure::plain(fault.kind(), fault.to_string(), fault.help())
}

/// The two lines of a clipboard's error, and whether the user's consent is missing.
pub fn of_clipboard(error: &ClipboardError) -> Failure {
    Failure { needs_consent: *error == ClipboardError::ConsentNeeded, ..of(error) }
}

/// A key file is nothing that doctor would mend.
pub fn of_key_file(error: VaultError) -> Failure {
    let failure = fail(error);
    match failure.kind {
        FaultKind::Refused => Failure { help: KEY_FILE_HELP.into(), ..failure },
        _ => failure,
    }
}

/// What the vault says, for the screen.
pub fn fail(error: VaultError) -> Failure {
    Failure::from(&error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_consent_is_told_apart_from_other_failures() {
        let consent = of_clipboard(&ClipboardError::ConsentNeeded);
        assert!(consent.needs_consent && !consent.help.is_empty());
        assert_eq!(consent.kind, FaultKind::Refused);
        assert!(!of_clipboard(&ClipboardError::NotText).needs_consent);
    }
}
