//! XChaCha20-Poly1305 with random nonces: the only cipher of the format. Knows no keys' meaning.

use serde::{Deserialize, Serialize};
pub(crate) use tresor_aead::TAG;
use tresor_aead::XCHACHA20_POLY1305 as CIPHER;
use zeroize::Zeroizing;

use super::array::SecretArray;
use super::encoding::Base64;
use super::error::{Result, VaultError};
use super::world::{Random, random_bytes};

/// The length of a nonce (draft-irtf-cfrg-xchacha-03, section 2.3): safe to choose at random.
pub(crate) const NONCE: usize = 24;
/// A key of the cipher, wiped when dropped.
pub(crate) type Key = SecretArray<32>;

/// A nonce and a ciphertext with its tag.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sealed {
    nonce: Base64,
    ciphertext: Base64,
}

impl Sealed {
    /// Seals `plaintext`, taking it over; its buffer becomes the ciphertext, or is wiped.
    pub(crate) fn new(
        key: &[u8; 32],
        aad: &[u8],
        mut plaintext: Zeroizing<Vec<u8>>,
        random: &dyn Random,
    ) -> Result<Self> {
        let nonce: [u8; NONCE] = random_bytes(random)?;
        // Room for the tag first: a growing buffer would leave a plain copy behind.
        if plaintext.capacity() < plaintext.len() + TAG {
            let mut roomy = Zeroizing::new(Vec::with_capacity(plaintext.len() + TAG));
            roomy.extend_from_slice(&plaintext);
            plaintext = roomy;
        }
        let tag = CIPHER
            .seal(key, &nonce, aad, &mut plaintext)
            .ok_or(VaultError::Internal { what: "sealing" })?;
        plaintext.extend_from_slice(&tag);
        let ciphertext = std::mem::take(&mut *plaintext);
        Ok(Self { nonce: Base64(nonce.to_vec()), ciphertext: Base64(ciphertext) })
    }

    /// Opens the seal; `None` when key, associated data or a byte is not the one sealed with.
    pub(crate) fn open(&self, key: &[u8; 32], aad: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let nonce: [u8; NONCE] = self.nonce.0.as_slice().try_into().ok()?;
        let (text, tag) = self.ciphertext.0.split_last_chunk::<TAG>()?;
        let mut buffer = Zeroizing::new(text.to_vec());
        CIPHER.open(key, &nonce, aad, &mut buffer, tag)?;
        Some(buffer)
    }

    /// The nonce followed by the ciphertext, for files that are not JSON.
    pub(crate) fn to_raw(&self) -> impl Iterator<Item = u8> + '_ {
        self.nonce.0.iter().chain(&self.ciphertext.0).copied()
    }

    /// Reads what [`Self::to_raw`] wrote.
    pub(crate) fn from_raw(raw: &[u8]) -> Option<Self> {
        let (nonce, ciphertext) = raw.split_at_checked(NONCE)?;
        Some(Self { nonce: Base64(nonce.to_vec()), ciphertext: Base64(ciphertext.to_vec()) })
    }
}

/// Seals a key: 32 bytes and their tag.
pub(crate) fn seal_key(
    sealed: &Key,
    key: &[u8; 32],
    aad: &[u8],
    random: &dyn Random,
) -> Result<Sealed> {
    Sealed::new(key, aad, Zeroizing::new(sealed.to_vec()), random)
}

/// Opens a seal that must hold exactly 32 bytes: a wrapped key.
pub(crate) fn open_key(sealed: &Sealed, key: &[u8; 32], aad: &[u8]) -> Option<Key> {
    let plain = sealed.open(key, aad)?;
    let mut opened = Key::zeroed();
    if plain.len() != opened.len() {
        return None;
    }
    opened.copy_from_slice(&plain);
    Some(opened)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::world::SystemRandom;
    use super::*;

    #[test]
    fn what_was_sealed_opens_only_with_the_same_key_and_data() {
        let sealed =
            Sealed::new(&[1; 32], b"aad", b"plain".to_vec().into(), &SystemRandom).unwrap();
        assert_eq!(&*sealed.open(&[1; 32], b"aad").unwrap(), b"plain");
        assert!(sealed.open(&[2; 32], b"aad").is_none());
        assert!(sealed.open(&[1; 32], b"dad").is_none());
        let raw: Vec<u8> = sealed.to_raw().collect();
        for bit in 0..raw.len() * 8 {
            let mut altered = raw.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(Sealed::from_raw(&altered).unwrap().open(&[1; 32], b"aad").is_none());
        }
    }

    #[test]
    fn what_is_not_32_bytes_long_is_no_key() {
        for length in [0, 31, 33] {
            let sealed =
                Sealed::new(&[1; 32], b"aad", vec![9; length].into(), &SystemRandom).unwrap();
            assert!(open_key(&sealed, &[1; 32], b"aad").is_none(), "{length} bytes");
        }
        let sealed = seal_key(&Key::copy_of(&[9; 32]), &[1; 32], b"aad", &SystemRandom).unwrap();
        assert_eq!(*open_key(&sealed, &[1; 32], b"aad").unwrap(), [9; 32]);
    }

    /// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    #[test]
    fn the_drafts_vector_opens() {
        let text: &[u8] = b"Ladies and Gentlemen of the class of '99: If I could offer you only \
                            one tip for the future, sunscreen would be it.";
        let key: [u8; 32] = std::array::from_fn(|i| 0x80 + i as u8);
        let nonce: [u8; 24] = std::array::from_fn(|i| 0x40 + i as u8);
        let aad = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let mut buffer = text.to_vec();
        let tag = CIPHER.seal(&key, &nonce, &aad, &mut buffer).unwrap();
        buffer.extend(tag);
        assert_eq!(buffer[..4], [0xbd, 0x6d, 0x17, 0x9d]);
        let expected = [
            0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79, 0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a,
            0xcf, 0x49,
        ];
        assert_eq!(tag, expected);
        let raw: Vec<u8> = nonce.iter().chain(&buffer).copied().collect();
        assert_eq!(&*Sealed::from_raw(&raw).unwrap().open(&key, &aad).unwrap(), text);
    }
}
