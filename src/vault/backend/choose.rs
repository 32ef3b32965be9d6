//! Which backend a new vault gets when nobody says: the store of the system, if it proves itself and a
//! person is there to unlock it; else encrypted files, which work everywhere.

use super::BackendKind;

/// A backend, and why this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The backend.
    pub kind: BackendKind,
    /// The reason, as the end of a sentence.
    pub why: String,
}

/// Chooses, by the verdict of a probe. `desktop` says why this is no desktop session of this machine, if it
/// is none: a store that asks for its password on a screen is of no use there, and is not tried.
pub fn choose(
    desktop: Result<(), &str>,
    verdict: impl FnOnce(BackendKind) -> Result<(), String>,
) -> Choice {
    let files = |why: String| Choice { kind: BackendKind::EncryptedFile, why };
    let Some(kind) = BackendKind::OF_THE_SYSTEM else {
        return files("this system has no store of its own for secrets".into());
    };
    if let Err(why) = desktop {
        return files(why.into());
    }
    match verdict(kind) {
        Ok(()) => Choice { kind, why: "it gave back what it was given, and keeps it".into() },
        Err(why) => files(why),
    }
}

impl BackendKind {
    /// What it means to keep a vault there, over SSH and in a backup of its directory: one line beside a
    /// name and a time on a terminal of eighty columns.
    pub fn means(self) -> &'static str {
        match self {
            Self::EncryptedFile => "also over SSH; in a directory backup",
            Self::LinuxSecretService | Self::MacosKeychain => {
                "SSH if unlocked; not in a directory backup"
            }
            Self::WindowsDpapi => "this Windows account only, also backups",
            Self::Memory => "gone when the program ends",
        }
    }
}

#[cfg(all(test, any(target_os = "linux", target_os = "macos", windows)))]
mod tests {
    use super::*;

    #[test]
    fn the_store_of_the_system_is_taken_where_it_works_and_somebody_can_unlock_it() {
        assert_eq!(Some(choose(Ok(()), |_| Ok(())).kind), BackendKind::OF_THE_SYSTEM);
        let untried =
            |_: BackendKind| -> Result<(), String> { unreachable!("a prompt would hang there") };
        let remote = choose(Err("this is a login from another machine"), untried);
        assert_eq!(remote.kind, BackendKind::EncryptedFile);
        assert_eq!(remote.why, "this is a login from another machine");
        let session = choose(Ok(()), |_| Err("it forgets".into()));
        assert_eq!(session.kind, BackendKind::EncryptedFile);
        assert_eq!(session.why, "it forgets");
    }
}
