//! Slots: the ways to get the vault key. One file a kind; this one holds what they share.

mod hkdf;
mod key_file;
mod keyring;
mod passphrase;
mod recovery;
mod slot;

use super::encoding::Id;
use super::error::VaultError;
use super::secret::SensitiveBytes;

pub use key_file::generate_key_file;
pub use keyring::KeyringKey;
pub use passphrase::PassphraseCost;
pub use recovery::RecoveryCode;
pub(crate) use slot::{Slot, SlotEntry, open};

/// The most slots a vault may have (DESIGN, section 3).
pub(crate) const MAX_SLOTS: usize = 8;

/// The kinds of slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// A passphrase, through Argon2id.
    Passphrase,
    /// 160 random bits, written down.
    Recovery,
    /// A random key in the desktop's keyring.
    Keyring,
    /// A file only its owner can read: servers and CI.
    KeyFile,
    /// A kind this build does not know; carried unchanged.
    Unknown,
}

impl SlotKind {
    const KNOWN: [(Self, &'static str); 4] = [
        (Self::Passphrase, "passphrase"),
        (Self::Recovery, "recovery"),
        (Self::Keyring, "keyring"),
        (Self::KeyFile, "key_file"),
    ];

    /// The stable word, as in `root.json`.
    pub fn word(self) -> &'static str {
        Self::KNOWN.iter().find(|(kind, _)| *kind == self).map_or("unknown", |(_, word)| word)
    }

    /// The kind of that word; any other word is a kind this build does not know.
    pub fn of_word(word: &str) -> Self {
        Self::KNOWN
            .iter()
            .find(|(_, known)| *known == word)
            .map_or(Self::Unknown, |(kind, _)| *kind)
    }

    /// Whether such a slot also keeps the protection key: what a person has to enter each time.
    pub fn protects(self) -> bool {
        matches!(self, Self::Passphrase | Self::Recovery)
    }
}

/// Names one slot of a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SlotId(pub(super) Id);

impl std::fmt::Display for SlotId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What anybody can read of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotInfo {
    /// Names it; `None` for one of a kind this build does not know.
    pub id: Option<SlotId>,
    /// Its kind.
    pub kind: SlotKind,
    /// Its word in the header, also of a kind this build does not know.
    pub word: String,
    /// Whether it can give the key of protected secrets.
    pub protects: bool,
    /// The keyring's item, for a keyring slot.
    pub item: Option<String>,
    /// What guessing costs, for a passphrase: memory in KiB and passes.
    pub cost: Option<(u32, u32)>,
}

/// One way to get the vault key, to be made.
pub enum NewSlot {
    /// A passphrase of at least one character; normalised to NFC. At the least cost.
    Passphrase(SensitiveBytes),
    /// The same at another cost.
    PassphraseAt(SensitiveBytes, PassphraseCost),
    /// A recovery code that has been shown and typed back.
    Recovery(RecoveryCode),
    /// A key that the desktop's keyring already holds.
    Keyring(KeyringKey),
    /// The contents of a key file: 32 to 4,096 bytes.
    KeyFile(SensitiveBytes),
}

impl NewSlot {
    /// What opens the slot once it is made.
    fn unlock(&self) -> Unlock<'_> {
        match self {
            Self::Passphrase(text) | Self::PassphraseAt(text, _) => Unlock::Passphrase(text),
            Self::Recovery(code) => Unlock::Recovery(code),
            Self::Keyring(key) => Unlock::Keyring(key),
            Self::KeyFile(bytes) => Unlock::KeyFile(bytes),
        }
    }

    /// The kind it will be.
    pub fn kind(&self) -> SlotKind {
        self.unlock().kind()
    }
}

/// What unlocks.
pub enum Unlock<'a> {
    /// The passphrase.
    Passphrase(&'a SensitiveBytes),
    /// The recovery code.
    Recovery(&'a RecoveryCode),
    /// What the desktop's keyring held.
    Keyring(&'a KeyringKey),
    /// The contents of the key file.
    KeyFile(&'a SensitiveBytes),
}

impl Unlock<'_> {
    /// The kind of slot this opens.
    pub fn kind(&self) -> SlotKind {
        match self {
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::Recovery(_) => SlotKind::Recovery,
            Self::Keyring(_) => SlotKind::Keyring,
            Self::KeyFile(_) => SlotKind::KeyFile,
        }
    }

    /// The error when no slot of the kind accepts it.
    fn refused(&self) -> VaultError {
        match self {
            Self::Passphrase(_) => VaultError::WrongPassphrase,
            Self::Recovery(_) => VaultError::WrongRecoveryCode,
            Self::Keyring(_) => VaultError::WrongKeyringKey,
            Self::KeyFile(_) => VaultError::WrongKeyFile,
        }
    }
}
