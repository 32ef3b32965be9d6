//! Slots: the ways to get the vault key. One file a kind; this one holds what they share.

mod key_file;
mod passphrase;

use hkdf::Hkdf;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::aad::Fields;
use super::encoding::{Digest, Hex, Id, to_json};
use super::error::{Result, VaultError};
use super::keys::ProtectionKey;
use super::seal::{Key, Sealed, open_key, seal_key};
use super::secret::SensitiveBytes;
use super::world::{Random, random_bytes};

use key_file::KeyFileParameters;
pub use key_file::generate_key_file;
use passphrase::PassphraseParameters;

/// The most slots a vault may have (DESIGN, section 3).
pub(crate) const MAX_SLOTS: usize = 8;

/// The kinds of slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// A passphrase, through Argon2id.
    Passphrase,
    /// A file only its owner can read: servers and CI.
    KeyFile,
    /// A kind this build does not know; carried unchanged.
    Unknown,
}

impl SlotKind {
    /// The stable word, as in `root.json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::KeyFile => "key_file",
            Self::Unknown => "unknown",
        }
    }
}

/// One way to get the vault key, to be made.
pub enum NewSlot {
    /// A passphrase of at least one character; normalised to NFC.
    Passphrase(SensitiveBytes),
    /// The contents of a key file: 32 to 4,096 bytes.
    KeyFile(SensitiveBytes),
}

/// What unlocks.
pub enum Unlock<'a> {
    /// The passphrase.
    Passphrase(&'a SensitiveBytes),
    /// The contents of the key file.
    KeyFile(&'a SensitiveBytes),
}

impl Unlock<'_> {
    /// The kind of slot this opens.
    pub fn kind(&self) -> SlotKind {
        match self {
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::KeyFile(_) => SlotKind::KeyFile,
        }
    }

    /// The error when no slot of the kind accepts it.
    fn refused(&self) -> VaultError {
        match self {
            Self::Passphrase(_) => VaultError::WrongPassphrase,
            Self::KeyFile(_) => VaultError::WrongKeyFile,
        }
    }
}

/// How the slot's secret becomes the slot's key.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Parameters {
    Passphrase(PassphraseParameters),
    KeyFile(KeyFileParameters),
}

impl Parameters {
    /// Derives the slot's key, or `None` when the secret is for another kind.
    fn derive(&self, with: &Unlock<'_>) -> Option<Result<Key>> {
        match (self, with) {
            (Self::Passphrase(p), Unlock::Passphrase(text)) => Some(p.derive(text)),
            (Self::KeyFile(p), Unlock::KeyFile(bytes)) => Some(p.derive(bytes)),
            _ => None,
        }
    }

    fn kind(&self) -> SlotKind {
        match self {
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::KeyFile(_) => SlotKind::KeyFile,
        }
    }
}

/// A slot of a known kind, in file order.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Slot {
    id: Id,
    kind: String,
    parameters: Parameters,
    /// Commits to the slot's key, which the cipher alone does not.
    check: Digest,
    vault_key: Sealed,
    protection_key: Option<Sealed>,
}

/// The keys a slot wraps.
pub(crate) struct SlotKeys {
    pub vault_key: Key,
    pub protection_key: Option<ProtectionKey>,
}

/// The keys derived from a slot's key (RFC 5869): one wraps the VK, one the PK, one is the check.
struct SlotKey {
    vault: Key,
    protection: Key,
    check: [u8; 32],
}

impl SlotKey {
    fn derive(slot_key: &Key, vault_id: Id, id: Id) -> Result<Self> {
        let hkdf = Hkdf::<Sha256>::new(None, &**slot_key);
        let expand = |label: &str, out: &mut [u8; 32]| {
            let info = Fields::new("tresor.v1.slot-key")
                .bytes(label.as_bytes())
                .bytes(&vault_id.0)
                .bytes(&id.0)
                .done();
            hkdf.expand(&info, out).map_err(|_| VaultError::Internal { what: "deriving keys" })
        };
        let mut keys = Self { vault: Key::default(), protection: Key::default(), check: [0; 32] };
        expand("vault", &mut keys.vault)?;
        expand("protection", &mut keys.protection)?;
        expand("check", &mut keys.check)?;
        Ok(keys)
    }
}

impl Slot {
    /// Makes a slot that wraps `vault_key`, and for a passphrase also `protection_key`.
    pub(crate) fn new(
        new: &NewSlot,
        vault_id: Id,
        vault_key: &Key,
        protection_key: &Key,
        random: &dyn Random,
    ) -> Result<Self> {
        let id = Hex(random_bytes(random)?);
        let (parameters, slot_key) = match new {
            NewSlot::Passphrase(text) => {
                let parameters = PassphraseParameters::new(random)?;
                let key = parameters.derive(text)?;
                (Parameters::Passphrase(parameters), key)
            }
            NewSlot::KeyFile(bytes) => {
                let parameters = KeyFileParameters::new(random)?;
                let key = parameters.derive(bytes)?;
                (Parameters::KeyFile(parameters), key)
            }
        };
        let kind = parameters.kind();
        let keys = SlotKey::derive(&slot_key, vault_id, id)?;
        let aad = aad(vault_id, id, kind.word(), &parameters)?;
        let protects = kind == SlotKind::Passphrase;
        let protection_key = protects
            .then(|| seal_key(protection_key, &keys.protection, &aad, random))
            .transpose()?;
        Ok(Self {
            id,
            kind: kind.word().to_owned(),
            parameters,
            check: Hex(keys.check),
            vault_key: seal_key(vault_key, &keys.vault, &aad, random)?,
            protection_key,
        })
    }

    /// Tries to open; `None` when the secret is for another kind or another slot.
    fn open(&self, vault_id: Id, with: &Unlock<'_>) -> Result<Option<SlotKeys>> {
        let Some(slot_key) = self.parameters.derive(with) else { return Ok(None) };
        let keys = SlotKey::derive(&slot_key?, vault_id, self.id)?;
        if !bool::from(keys.check.ct_eq(&self.check.0)) {
            return Ok(None);
        }
        let damaged =
            |_| VaultError::Damaged { what: "root.json".into(), why: "a slot was altered" };
        let aad = aad(vault_id, self.id, &self.kind, &self.parameters)?;
        let open = |sealed, key| open_key(sealed, key, &aad).ok_or(()).map_err(damaged);
        Ok(Some(SlotKeys {
            vault_key: open(&self.vault_key, &keys.vault)?,
            protection_key: match &self.protection_key {
                Some(sealed) => Some(ProtectionKey(open(sealed, &keys.protection)?)),
                None => None,
            },
        }))
    }
}

/// `slot` (vault id, slot id, kind, parameters).
fn aad(vault_id: Id, id: Id, kind: &str, parameters: &Parameters) -> Result<Vec<u8>> {
    Ok(Fields::new("tresor.v1.slot")
        .bytes(&vault_id.0)
        .bytes(&id.0)
        .bytes(kind.as_bytes())
        .bytes(&to_json(parameters)?)
        .done())
}

/// A slot as it stands in the header: one of ours, or one of a kind we only carry.
#[derive(Clone)]
pub(crate) enum SlotEntry {
    Known(Box<Slot>),
    Unknown(Box<RawValue>),
}

impl SlotEntry {
    pub(crate) fn kind(&self) -> SlotKind {
        match self {
            Self::Known(slot) => slot.parameters.kind(),
            Self::Unknown(_) => SlotKind::Unknown,
        }
    }

    /// Whether this slot can give the protection key.
    pub(crate) fn protects(&self) -> bool {
        matches!(self, Self::Known(slot) if slot.protection_key.is_some())
    }
}

impl Serialize for SlotEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Known(slot) => slot.serialize(serializer),
            Self::Unknown(raw) => raw.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for SlotEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        use serde::de::Error;
        #[derive(Deserialize)]
        struct Kind {
            kind: String,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let Kind { kind } = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        let known = [SlotKind::Passphrase, SlotKind::KeyFile];
        let Some(known) = known.into_iter().find(|known| known.word() == kind) else {
            return Ok(Self::Unknown(raw));
        };
        let slot: Slot = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        if slot.parameters.kind() != known {
            return Err(D::Error::custom("a slot's parameters are of another kind"));
        }
        Ok(Self::Known(Box::new(slot)))
    }
}

/// Opens the first slot that accepts what was given.
///
/// # Errors
/// `NoSuchSlot` when none is of that kind, `WrongPassphrase` or `WrongKeyFile` when none accepts.
pub(crate) fn open(slots: &[SlotEntry], vault_id: Id, with: &Unlock<'_>) -> Result<SlotKeys> {
    let kind = with.kind();
    let mut of_kind = slots.iter().filter(|slot| slot.kind() == kind).peekable();
    if of_kind.peek().is_none() {
        return Err(VaultError::NoSuchSlot { kind: kind.word() });
    }
    for slot in of_kind {
        let SlotEntry::Known(slot) = slot else { continue };
        if let Some(keys) = slot.open(vault_id, with)? {
            return Ok(keys);
        }
    }
    Err(with.refused())
}
