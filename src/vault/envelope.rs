//! The envelope of one revision: a DEK wrapped by the KEK, and header and value sealed under the
//! DEK, bound to vault, secret, scope, key and revision. Not where envelopes are kept.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::aad::Fields;
use super::encoding::{Id, from_json, to_json};
use super::error::{Result, VaultError};
use super::scope::SecretRef;
use super::seal::{Key, Sealed, open_key, seal_key};
use super::secret::{SecretMetadata, SensitiveBytes};
use super::world::Random;

/// The only algorithm of format 1.
const ALGORITHM: &str = "xchacha20poly1305";
/// Headers are padded to a multiple of this many bytes.
const HEADER_STEP: usize = 64;
/// Values up to this many bytes are padded to a multiple of [`HEADER_STEP`], longer ones by Padmé.
const PADME_FROM: usize = 1024;

/// What the fields of an envelope are bound to.
#[derive(Clone, Copy)]
pub(crate) struct Binding<'a> {
    pub vault_id: Id,
    pub secret_id: Id,
    pub name: &'a SecretRef,
    pub revision: u64,
}

impl Binding<'_> {
    /// `(domain, vault id, secret id, scope kind, segment count, segments, key, revision)`.
    fn fields(&self, domain: &str) -> Fields {
        let segments = self.name.scope.segments();
        let mut fields = Fields::new(domain)
            .bytes(&self.vault_id.0)
            .bytes(&self.secret_id.0)
            .bytes(self.name.scope.kind().word().as_bytes())
            .number(segments.len() as u64);
        for segment in segments {
            fields = fields.bytes(segment.as_bytes());
        }
        fields.bytes(self.name.key.as_str().as_bytes()).number(self.revision)
    }

    fn dek(&self, epoch: u64, generation: u64) -> Vec<u8> {
        self.fields("tresor.v1.dek").number(epoch).number(generation).done()
    }
}

/// The KEK and the epoch it belongs to.
#[derive(Clone, Copy)]
pub(crate) struct Kek<'a> {
    pub key: &'a [u8; 32],
    pub epoch: u64,
}

/// One revision of one secret, sealed: the JSON file in `objects/`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnvelopePayload {
    format: u64,
    algorithm: String,
    vault_id: Id,
    secret_id: Id,
    revision: u64,
    generation: u64,
    dek: Sealed,
    header: Sealed,
    value: Sealed,
}

/// What the header seals: with the name, which opens it, enough to rebuild a lost index.
#[derive(Serialize, Deserialize)]
pub(crate) struct EnvelopeHeader {
    pub name: SecretRef,
    pub metadata: SecretMetadata,
}

impl EnvelopePayload {
    /// Seals a value and its header under a fresh DEK.
    pub(crate) fn seal(
        binding: Binding<'_>,
        generation: u64,
        kek: Kek<'_>,
        metadata: &SecretMetadata,
        value: &SensitiveBytes,
        random: &dyn Random,
    ) -> Result<Self> {
        let dek = Key::random(random)?;
        let header = EnvelopeHeader { name: binding.name.clone(), metadata: metadata.clone() };
        let header = Zeroizing::new(
            postcard::to_allocvec(&header)
                .map_err(|_| VaultError::Internal { what: "encoding a header" })?,
        );
        let header = pad(&header, |length| length.next_multiple_of(HEADER_STEP));
        let value = value.with(|bytes| pad(bytes, padded_length));
        let dek_aad = binding.dek(kek.epoch, generation);
        Ok(Self {
            format: super::FORMAT,
            algorithm: ALGORITHM.to_owned(),
            vault_id: binding.vault_id,
            secret_id: binding.secret_id,
            revision: binding.revision,
            generation,
            dek: seal_key(&dek, kek.key, &dek_aad, random)?,
            header: Sealed::new(&dek, &binding.fields("tresor.v1.header").done(), header, random)?,
            value: Sealed::new(&dek, &binding.fields("tresor.v1.value").done(), value, random)?,
        })
    }

    /// The file's bytes.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        to_json(self)
    }

    /// Reads a file's bytes; any other form than ours is damage.
    pub(crate) fn from_bytes(what: &str, bytes: &[u8]) -> Result<Self> {
        let envelope: Self = from_json(what, bytes)?;
        if envelope.format != super::FORMAT || envelope.algorithm != ALGORITHM {
            return Err(VaultError::Damaged { what: what.to_owned(), why: "unknown algorithm" });
        }
        Ok(envelope)
    }

    /// The secret it says it belongs to; believed only when it opens.
    pub(crate) fn secret_id(&self) -> Id {
        self.secret_id
    }

    /// The revision it says it is; believed only when it opens.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// The generation of the commit that wrote it.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// The same envelope with its DEK wrapped by another KEK; header and value stay as they are.
    pub(crate) fn rewrap(
        &self,
        binding: Binding<'_>,
        generation: u64,
        dek: &Key,
        kek: Kek<'_>,
        random: &dyn Random,
    ) -> Result<Self> {
        let dek = seal_key(dek, kek.key, &binding.dek(kek.epoch, generation), random)?;
        Ok(Self { generation, dek, ..self.clone() })
    }

    /// Unwraps the DEK; `None` unless every bound field is the one it was sealed with.
    pub(crate) fn unwrap_dek(&self, binding: Binding<'_>, kek: Kek<'_>) -> Option<Key> {
        let same = self.vault_id == binding.vault_id
            && self.secret_id == binding.secret_id
            && self.revision == binding.revision;
        if !same {
            return None;
        }
        open_key(&self.dek, kek.key, &binding.dek(kek.epoch, self.generation))
    }

    /// Opens the value.
    pub(crate) fn open_value(&self, binding: Binding<'_>, kek: Kek<'_>) -> Option<SensitiveBytes> {
        let dek = self.unwrap_dek(binding, kek)?;
        let plain = self.value.open(&dek, &binding.fields("tresor.v1.value").done())?;
        unpad(&plain, padded_length).map(SensitiveBytes::copy_of)
    }

    /// Opens the header.
    pub(crate) fn open_header(&self, binding: Binding<'_>, kek: Kek<'_>) -> Option<EnvelopeHeader> {
        let dek = self.unwrap_dek(binding, kek)?;
        let plain = self.header.open(&dek, &binding.fields("tresor.v1.header").done())?;
        let header = unpad(&plain, |length| length.next_multiple_of(HEADER_STEP))?;
        postcard::from_bytes(header).ok()
    }
}

/// Writes the length as u32-LE, the bytes, and zeros up to the length `size` gives.
fn pad(bytes: &[u8], size: impl Fn(usize) -> usize) -> Zeroizing<Vec<u8>> {
    let total = size(bytes.len() + 4);
    // Room for the tag too, so that sealing does not move the plaintext.
    let mut padded = Zeroizing::new(Vec::with_capacity(total + super::seal::TAG));
    padded.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    padded.extend_from_slice(bytes);
    padded.resize(total, 0);
    padded
}

/// Takes the bytes out of what [`pad`] wrote; `None` when it could not have written it.
fn unpad(padded: &[u8], size: impl Fn(usize) -> usize) -> Option<&[u8]> {
    let (length, rest) = padded.split_at_checked(4)?;
    let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
    let (bytes, zeros) = rest.split_at_checked(length)?;
    let well_padded = zeros.iter().all(|b| *b == 0) && padded.len() == size(length + 4);
    well_padded.then_some(bytes)
}

/// 64-byte steps to 1 KiB, then Padmé: at most 12 % more, and O(log log n) bits leak
/// (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", PETS 2019, section 4).
fn padded_length(length: usize) -> usize {
    if length <= PADME_FROM {
        return length.next_multiple_of(HEADER_STEP);
    }
    let exponent = length.ilog2();
    let kept_bits = exponent.ilog2() + 1;
    let mask = (1_usize << (exponent - kept_bits)) - 1;
    (length + mask) & !mask
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::encoding::Hex;
    use super::super::kind::SecretKind;
    use super::super::secret::Timestamp;
    use super::super::world::SystemRandom;
    use super::*;
    use proptest::prelude::*;

    fn metadata() -> SecretMetadata {
        SecretMetadata {
            kind: SecretKind::Other,
            username: None,
            url: None,
            tags: vec!["a".into()],
            note: Some("n".into()),
            expires_at: None,
            protected: false,
            created_at: Timestamp(1),
            updated_at: Timestamp(2),
            revision: 3,
            facts: Vec::new(),
            extensions: Default::default(),
        }
    }

    const KEK: Kek<'static> = Kek { key: &[7; 32], epoch: 1 };

    fn sealed(name: &SecretRef, value: &[u8]) -> (EnvelopePayload, Id, Id) {
        let (vault_id, secret_id) = (Hex([1; 16]), Hex([2; 16]));
        let binding = Binding { vault_id, secret_id, name, revision: 3 };
        let value = SensitiveBytes::copy_of(value);
        let envelope =
            EnvelopePayload::seal(binding, 9, KEK, &metadata(), &value, &SystemRandom).unwrap();
        (envelope, vault_id, secret_id)
    }

    #[test]
    fn every_bound_field_is_bound() {
        let name: SecretRef = "project:shop:prod/key".parse().unwrap();
        let (envelope, vault_id, secret_id) = sealed(&name, b"value");
        let right = Binding { vault_id, secret_id, name: &name, revision: 3 };
        assert!(envelope.open_value(right, KEK).unwrap().with(|v| v == b"value"));
        assert_eq!(envelope.open_header(right, KEK).unwrap().name, name);
        let others: Vec<SecretRef> = ["project:shop:dev/key", "project:shop:prod/kez"]
            .iter()
            .chain(&["channel:shop:prod/key", "skill:shop/key", "global/key"])
            .map(|name| name.parse().unwrap())
            .collect();
        for name in &others {
            assert!(envelope.open_value(Binding { name, ..right }, KEK).is_none());
            assert!(envelope.open_header(Binding { name, ..right }, KEK).is_none());
        }
        for wrong in [
            Binding { vault_id: Hex([3; 16]), ..right },
            Binding { secret_id: Hex([3; 16]), ..right },
            Binding { revision: 2, ..right },
        ] {
            assert!(envelope.open_value(wrong, KEK).is_none());
        }
        assert!(envelope.open_value(right, Kek { epoch: 2, ..KEK }).is_none());
        assert!(envelope.open_value(right, Kek { key: &[8; 32], ..KEK }).is_none());
        let moved = EnvelopePayload { generation: 10, ..envelope.clone() };
        assert!(moved.open_value(right, KEK).is_none());
        let crossed = EnvelopePayload { value: envelope.header.clone(), ..envelope.clone() };
        assert!(crossed.open_value(right, KEK).is_none());
    }

    #[test]
    fn an_envelope_that_says_it_is_another_one_opens_nothing() {
        let name: SecretRef = "global/k".parse().unwrap();
        let (envelope, vault_id, secret_id) = sealed(&name, b"value");
        let right = Binding { vault_id, secret_id, name: &name, revision: 3 };
        assert_eq!(envelope.revision(), 3);
        for lying in [
            EnvelopePayload { vault_id: Hex([3; 16]), ..envelope.clone() },
            EnvelopePayload { secret_id: Hex([3; 16]), ..envelope.clone() },
            EnvelopePayload { revision: 2, ..envelope.clone() },
        ] {
            assert!(lying.open_value(right, KEK).is_none());
        }
    }

    #[test]
    fn only_what_was_padded_as_we_do_is_unpadded() {
        let padded = pad(b"value", padded_length);
        assert_eq!(unpad(&padded, padded_length), Some(b"value".as_slice()));
        let mut longer = padded.to_vec();
        longer.resize(2 * padded.len(), 0);
        assert_eq!(unpad(&longer, padded_length), None);
        let mut marked = padded.to_vec();
        *marked.last_mut().unwrap() = 1;
        assert_eq!(unpad(&marked, padded_length), None);
    }

    #[test]
    fn another_format_or_cipher_is_damage_and_not_tried() {
        let (envelope, ..) = sealed(&"global/k".parse().unwrap(), b"value");
        let text = String::from_utf8(envelope.to_bytes().unwrap()).unwrap();
        let format = format!("\"format\":{}", super::super::FORMAT);
        for (ours, other) in [(ALGORITHM, "none"), (format.as_str(), "\"format\":0")] {
            let altered = text.replacen(ours, other, 1);
            assert_ne!(altered, text);
            let refused = EnvelopePayload::from_bytes("x", altered.as_bytes()).map(drop);
            assert!(matches!(refused, Err(VaultError::Damaged { why: "unknown algorithm", .. })));
        }
    }

    #[test]
    fn padme_matches_the_paper() {
        // Sizes from the paper's reference code: at most 12 % more, a growing step.
        for (length, padded) in [(1, 64), (64, 64), (65, 128), (1024, 1024), (1025, 1088)] {
            assert_eq!(padded_length(length), padded);
        }
        assert_eq!(padded_length(65_540), 67_584);
        for length in 1..100_000 {
            let padded = padded_length(length);
            assert!(padded >= length && padded_length(padded) == padded);
            assert!(length <= 1024 || padded * 100 <= length * 112);
        }
    }

    proptest! {
        #[test]
        fn any_value_comes_out_as_it_went_in(value in proptest::collection::vec(any::<u8>(), 0..3000)) {
            let name: SecretRef = "global/k".parse().unwrap();
            let (envelope, vault_id, secret_id) = sealed(&name, &value);
            let bytes = envelope.to_bytes().unwrap();
            prop_assert!(bytes.is_ascii());
            let read = EnvelopePayload::from_bytes("x", &bytes).unwrap();
            let binding = Binding { vault_id, secret_id, name: &name, revision: 3 };
            prop_assert!(read.open_value(binding, KEK).unwrap().with(|v| v == value));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(EnvelopePayload::from_bytes("x", &bytes).is_err());
        }
    }
}
