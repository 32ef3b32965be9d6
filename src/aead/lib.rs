//! The two ciphers, working in place on plain bytes. Knows no format, and keeps no key.
//!
//! A package of its own, because generic code is compiled where its types are first named: there the release is
//! built for size, and these are the few lines that every byte of a vault goes through.

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};

/// The length of a key in bytes (RFC 8439, section 2.8).
pub const KEY: usize = 32;
/// The length of a tag in bytes (RFC 8439, section 2.8).
pub const TAG: usize = 16;

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, section 2): its nonces may be chosen at random.
pub static XCHACHA20_POLY1305: Cipher<24> =
    Cipher { seal: seal::<XChaCha20Poly1305, 24>, open: open::<XChaCha20Poly1305, 24> };

/// ChaCha20-Poly1305 (RFC 8439, section 2.8): no nonce may come twice under one key.
pub static CHACHA20_POLY1305: Cipher<12> =
    Cipher { seal: seal::<ChaCha20Poly1305, 12>, open: open::<ChaCha20Poly1305, 12> };

/// A cipher whose nonces are `NONCE` bytes long.
pub struct Cipher<const NONCE: usize> {
    seal: Seal<NONCE>,
    open: Open<NONCE>,
}

type Seal<const NONCE: usize> = fn(&[u8; KEY], &[u8; NONCE], &[u8], &mut [u8]) -> Option<[u8; TAG]>;
type Open<const NONCE: usize> =
    fn(&[u8; KEY], &[u8; NONCE], &[u8], &mut [u8], &[u8; TAG]) -> Option<()>;

impl<const NONCE: usize> Cipher<NONCE> {
    /// Encrypts `text`, and gives its tag; `None` when it is longer than 256 GiB.
    pub fn seal(
        &self,
        key: &[u8; KEY],
        nonce: &[u8; NONCE],
        aad: &[u8],
        text: &mut [u8],
    ) -> Option<[u8; TAG]> {
        (self.seal)(key, nonce, aad, text)
    }

    /// Decrypts `text`; `None`, and `text` as it was, when anything is not what was sealed.
    pub fn open(
        &self,
        key: &[u8; KEY],
        nonce: &[u8; NONCE],
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG],
    ) -> Option<()> {
        (self.open)(key, nonce, aad, text, tag)
    }
}

fn seal<C: AeadInOut + KeyInit, const NONCE: usize>(
    key: &[u8; KEY],
    nonce: &[u8; NONCE],
    aad: &[u8],
    text: &mut [u8],
) -> Option<[u8; TAG]> {
    let (cipher, nonce) = (C::new_from_slice(key).ok()?, nonce.as_slice().try_into().ok()?);
    cipher.encrypt_inout_detached(nonce, aad, text.into()).ok()?.as_slice().try_into().ok()
}

fn open<C: AeadInOut + KeyInit, const NONCE: usize>(
    key: &[u8; KEY],
    nonce: &[u8; NONCE],
    aad: &[u8],
    text: &mut [u8],
    tag: &[u8; TAG],
) -> Option<()> {
    let (cipher, nonce) = (C::new_from_slice(key).ok()?, nonce.as_slice().try_into().ok()?);
    cipher.decrypt_inout_detached(nonce, aad, text.into(), tag.as_slice().try_into().ok()?).ok()
}
