//! One slot as `root.json` holds it: parameters, the key check, and the wrapped keys.

use ::hkdf::Hkdf;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::hkdf::HkdfParameters;
use super::keyring::KeyringParameters;
use super::passphrase::{PassphraseCost, PassphraseParameters};
use super::{NewSlot, SlotId, SlotInfo, SlotKind, Unlock, key_file, keyring, recovery};
use crate::vault::aad::Fields;
use crate::vault::encoding::{Digest, Hex, Id, to_json};
use crate::vault::error::{Result, VaultError};
use crate::vault::keys::ProtectionKey;
use crate::vault::seal::{Key, Sealed, open_key, seal_key};
use crate::vault::secret::SensitiveBytes;
use crate::vault::world::{Random, random_bytes};

/// How the slot's secret becomes the slot's key.
#[derive(Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Parameters {
    Passphrase(PassphraseParameters),
    Recovery(HkdfParameters),
    Keyring(KeyringParameters),
    KeyFile(HkdfParameters),
}

impl Parameters {
    /// Fresh parameters for a new slot.
    fn new(slot: &NewSlot, random: &dyn Random) -> Result<Self> {
        Ok(match slot {
            NewSlot::Passphrase(_) => {
                Self::Passphrase(PassphraseParameters::new(PassphraseCost::LEAST, random)?)
            }
            NewSlot::PassphraseAt(_, cost) => {
                Self::Passphrase(PassphraseParameters::new(*cost, random)?)
            }
            NewSlot::Recovery(_) => Self::Recovery(HkdfParameters::new(random)?),
            NewSlot::Keyring(key) => Self::Keyring(KeyringParameters {
                item: key.item,
                hkdf: HkdfParameters::new(random)?,
            }),
            NewSlot::KeyFile(_) => Self::KeyFile(HkdfParameters::new(random)?),
        })
    }

    /// Reads the parameters of a kind, or `None` for one that is not known.
    fn of_kind(kind: SlotKind, raw: &RawValue) -> Option<serde_json::Result<Self>> {
        let text = raw.get();
        Some(match kind {
            SlotKind::Passphrase => serde_json::from_str(text).map(Self::Passphrase),
            SlotKind::Recovery => serde_json::from_str(text).map(Self::Recovery),
            SlotKind::Keyring => serde_json::from_str(text).map(Self::Keyring),
            SlotKind::KeyFile => serde_json::from_str(text).map(Self::KeyFile),
            SlotKind::Unknown => return None,
        })
    }

    /// Derives the slot's key, or `None` when the secret is for another kind or item.
    fn derive(&self, with: &Unlock<'_>) -> Option<Result<Key>> {
        Some(match (self, with) {
            (Self::Passphrase(p), Unlock::Passphrase(text)) => p.derive(text),
            (Self::Recovery(p), Unlock::Recovery(code)) => p.derive(code.bytes(), recovery::INFO),
            (Self::Keyring(p), Unlock::Keyring(key)) if p.item == key.item => {
                p.hkdf.derive(&*key.key, keyring::INFO)
            }
            (Self::KeyFile(p), Unlock::KeyFile(bytes)) => key_file::check(bytes)
                .and_then(|()| bytes.with(|bytes| p.derive(bytes, key_file::INFO))),
            _ => return None,
        })
    }

    fn kind(&self) -> SlotKind {
        match self {
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::Recovery(_) => SlotKind::Recovery,
            Self::Keyring(_) => SlotKind::Keyring,
            Self::KeyFile(_) => SlotKind::KeyFile,
        }
    }
}

/// A slot of a known kind, in file order.
#[derive(Clone, Serialize)]
pub(crate) struct Slot {
    id: Id,
    kind: &'static str,
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
        let mut keys = Self { vault: Key::zeroed(), protection: Key::zeroed(), check: [0; 32] };
        expand("vault", &mut keys.vault)?;
        expand("protection", &mut keys.protection)?;
        expand("check", &mut keys.check)?;
        Ok(keys)
    }
}

impl Slot {
    /// Makes a slot that wraps `vault_key`, and where a person enters its secret also
    /// `protection_key`.
    pub(crate) fn new(
        new: &NewSlot,
        vault_id: Id,
        vault_key: &Key,
        protection_key: &Key,
        random: &dyn Random,
    ) -> Result<Self> {
        let id = Hex(random_bytes(random)?);
        let parameters = Parameters::new(new, random)?;
        let slot_key = parameters.derive(&new.unlock());
        let slot_key = slot_key.ok_or(VaultError::Internal { what: "making a slot" })??;
        let kind = parameters.kind();
        let keys = SlotKey::derive(&slot_key, vault_id, id)?;
        let aad = aad(vault_id, id, kind.word(), &parameters)?;
        let protection_key = kind
            .protects()
            .then(|| seal_key(protection_key, &keys.protection, &aad, random))
            .transpose()?;
        Ok(Self {
            id,
            kind: kind.word(),
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
        let aad = aad(vault_id, self.id, self.kind, &self.parameters)?;
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

    /// What anybody can read of it.
    pub(crate) fn info(&self) -> SlotInfo {
        match self {
            Self::Known(slot) => SlotInfo {
                id: Some(SlotId(slot.id)),
                kind: slot.parameters.kind(),
                word: slot.kind.to_owned(),
                protects: slot.protection_key.is_some(),
                item: match &slot.parameters {
                    Parameters::Keyring(keyring) => Some(keyring.item.to_string()),
                    _ => None,
                },
                cost: match &slot.parameters {
                    Parameters::Passphrase(passphrase) => {
                        let cost = passphrase.cost();
                        Some((cost.memory_kib(), cost.iterations()))
                    }
                    _ => None,
                },
            },
            Self::Unknown(raw) => {
                let word = Kind::of(raw).map_or_else(|_| String::new(), |kind| kind.kind);
                let kind = SlotKind::Unknown;
                SlotInfo { id: None, kind, word, protects: false, item: None, cost: None }
            }
        }
    }

    /// What a guess costs, for a passphrase slot.
    pub(crate) fn passphrase_cost(&self) -> Option<PassphraseCost> {
        match self {
            Self::Known(slot) => match &slot.parameters {
                Parameters::Passphrase(passphrase) => Some(passphrase.cost()),
                _ => None,
            },
            Self::Unknown(_) => None,
        }
    }

    /// Its id and the protection key, if it is one that `passphrase` opens.
    pub(crate) fn opened_by(
        &self,
        vault_id: Id,
        passphrase: &SensitiveBytes,
    ) -> Result<Option<(SlotId, ProtectionKey)>> {
        let Self::Known(slot) = self else { return Ok(None) };
        let opened = slot.open(vault_id, &Unlock::Passphrase(passphrase))?;
        Ok(opened.and_then(|keys| Some((SlotId(slot.id), keys.protection_key?))))
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

/// The word that tells how to read the rest of a slot.
#[derive(Deserialize)]
struct Kind {
    kind: String,
}

impl Kind {
    fn of(raw: &RawValue) -> serde_json::Result<Self> {
        serde_json::from_str(raw.get())
    }
}

impl<'de> Deserialize<'de> for SlotEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        use serde::de::Error;
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Known {
            id: Id,
            kind: String,
            parameters: Box<RawValue>,
            check: Digest,
            vault_key: Sealed,
            protection_key: Option<Sealed>,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let kind = SlotKind::of_word(&Kind::of(&raw).map_err(D::Error::custom)?.kind);
        if kind == SlotKind::Unknown {
            return Ok(Self::Unknown(raw));
        }
        let known: Known = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        if known.kind != kind.word() || known.protection_key.is_some() != kind.protects() {
            return Err(D::Error::custom("a slot is not what its kind says"));
        }
        let parameters = Parameters::of_kind(kind, &known.parameters)
            .unwrap_or_else(|| Err(Error::custom("an unknown kind")))
            .map_err(D::Error::custom)?;
        Ok(Self::Known(Box::new(Slot {
            id: known.id,
            kind: kind.word(),
            parameters,
            check: known.check,
            vault_key: known.vault_key,
            protection_key: known.protection_key,
        })))
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A newer tresor's way in must outlast what an older one writes.
    #[test]
    fn a_slot_of_a_kind_to_come_is_carried_bit_by_bit_and_opens_for_nobody() {
        let text = r#"{"kind":"retina","z":1.50,"a":{"\u00e9":[null, true]}}"#;
        let slot: SlotEntry = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&slot).unwrap(), text);
        let info = slot.info();
        assert_eq!((info.kind, info.word.as_str()), (SlotKind::Unknown, "retina"));
        assert!(info.id.is_none() && !info.protects && !slot.protects());
        assert!(slot.passphrase_cost().is_none());
        let words = SensitiveBytes::copy_of(b"correct horse");
        assert!(slot.opened_by(Hex([1; 16]), &words).unwrap().is_none());
        let opened = open(&[slot], Hex([1; 16]), &Unlock::Passphrase(&words)).map(drop);
        assert!(matches!(opened, Err(VaultError::NoSuchSlot { .. })));
        assert!(serde_json::from_str::<SlotEntry>(r#"{"word":"retina"}"#).is_err());
    }
}
