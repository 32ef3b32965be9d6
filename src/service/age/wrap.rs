//! Wraps the key of a file for a recipient or a passphrase, and unwraps it. Knows no file.

use scrypt::Params;
use tresor_aead::{CHACHA20_POLY1305 as CIPHER, TAG};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::header::{Stanza, decode, encode};
use super::{AgeError, FILE_KEY, FileKey, Identity, Recipient, Result, derive};
use crate::vault::{Random, SensitiveBytes};

/// The work factor of new files: age's own, about a second and 256 MiB.
pub const WORK_FACTOR: u8 = 18;
/// The highest that is read: four seconds and 1 GiB, which a file of somebody else may cost.
const MOST_WORK: u8 = 20;
/// The length of scrypt's salt in bytes.
const SALT: usize = 16;
/// The length of a wrapped file key: the key and its tag.
const WRAPPED: usize = FILE_KEY + TAG;

const X25519: &str = "X25519";
const SCRYPT: &str = "scrypt";
/// What tells the keys of one use from those of another.
const X25519_INFO: &str = "age-encryption.org/v1/X25519";
const SCRYPT_SALT: &[u8] = b"age-encryption.org/v1/scrypt";

/// Whether the stanza is that of a passphrase.
pub(super) fn is_of_passphrase(stanza: &Stanza) -> bool {
    stanza.kind == SCRYPT
}

/// Wraps for whoever has the key of a recipient.
pub(super) fn to_recipient(
    key: &FileKey,
    recipient: &Recipient,
    random: &dyn Random,
) -> Result<Stanza> {
    let mut bytes = Zeroizing::new([0; 32]);
    random.fill(&mut *bytes).map_err(|_| AgeError::NoRandomness)?;
    let once = StaticSecret::from(*bytes);
    let share = PublicKey::from(&once);
    let wrapping = agree(&once, &recipient.0, &share, &recipient.0)
        .ok_or(AgeError::BadRecipient { why: "it is a point of low order" })??;
    let arguments = vec![encode(share.as_bytes())];
    Ok(Stanza { kind: X25519.into(), arguments, body: wrap(key, &wrapping)? })
}

/// The wrapping key that both sides come to; `None` where one of them had no say in it.
fn agree(
    own: &StaticSecret,
    their: &PublicKey,
    share: &PublicKey,
    recipient: &PublicKey,
) -> Option<Result<Zeroizing<[u8; 32]>>> {
    let shared = own.diffie_hellman(their);
    let salt = [*share.as_bytes(), *recipient.as_bytes()].concat();
    shared.was_contributory().then(|| derive(shared.as_bytes(), &salt, X25519_INFO))
}

/// Wraps for whoever knows the passphrase.
pub(super) fn to_passphrase(
    key: &FileKey,
    passphrase: &SensitiveBytes,
    factor: u8,
    random: &dyn Random,
) -> Result<Stanza> {
    let mut salt = [0; SALT];
    random.fill(&mut salt).map_err(|_| AgeError::NoRandomness)?;
    let wrapping = stretch(passphrase, &salt, factor)?;
    let arguments = vec![encode(&salt), factor.to_string()];
    Ok(Stanza { kind: SCRYPT.into(), arguments, body: wrap(key, &wrapping)? })
}

fn stretch(passphrase: &SensitiveBytes, salt: &[u8], factor: u8) -> Result<Zeroizing<[u8; 32]>> {
    let params = Params::new(factor, 8, 1).map_err(|_| AgeError::Internal)?;
    let salt = [SCRYPT_SALT, salt].concat();
    let mut key = Zeroizing::new([0; 32]);
    let stretched = passphrase.with(|text| scrypt::scrypt(text, &salt, &params, &mut key[..]));
    stretched.map_err(|_| AgeError::Internal)?;
    Ok(key)
}

fn wrap(key: &FileKey, wrapping: &[u8; 32]) -> Result<Vec<u8>> {
    // Room for the tag first: a growing buffer would leave a plain copy behind.
    let mut body = Zeroizing::new(Vec::with_capacity(WRAPPED));
    body.extend_from_slice(&key.0[..]);
    let tag = CIPHER.seal(wrapping, &[0; 12], b"", &mut body);
    body.extend_from_slice(&tag.ok_or(AgeError::Internal)?);
    Ok(std::mem::take(&mut *body))
}

fn unwrap(body: &[u8], wrapping: &[u8; 32]) -> Option<FileKey> {
    let (sealed, tag) = body.split_last_chunk::<TAG>()?;
    let mut buffer = Zeroizing::new(sealed.to_vec());
    CIPHER.open(wrapping, &[0; 12], b"", &mut buffer, tag)?;
    let mut key = FileKey::zeroed();
    (buffer.len() == FILE_KEY).then(|| key.0.copy_from_slice(&buffer))?;
    Some(key)
}

/// A stanza of a known kind that is not as it must be.
const BAD: AgeError = AgeError::Damaged { why: "a way to its key is not well formed" };

/// The file key, by passphrase.
pub(super) fn by_passphrase(stanzas: &[Stanza], passphrase: &SensitiveBytes) -> Result<FileKey> {
    check_alone(stanzas)?;
    let [stanza] = stanzas else { return Err(AgeError::NoPassphrase) };
    if !is_of_passphrase(stanza) {
        return Err(AgeError::NoPassphrase);
    }
    let [salt, factor] = stanza.arguments.as_slice() else { return Err(BAD) };
    let salt = decode(salt).filter(|salt| salt.len() == SALT).ok_or(BAD)?;
    let plain = factor.bytes().all(|byte| byte.is_ascii_digit()) && !factor.starts_with('0');
    let factor: u8 = factor.parse().ok().filter(|_| plain).ok_or(BAD)?;
    if stanza.body.len() != WRAPPED {
        return Err(BAD);
    }
    if factor > MOST_WORK {
        return Err(AgeError::TooMuchWork { found: factor, most: MOST_WORK });
    }
    let wrapping = stretch(passphrase, &salt, factor)?;
    unwrap(&stanza.body, &wrapping).ok_or(AgeError::WrongPassphrase)
}

/// A passphrase is no way among others: who knows it could otherwise pass for the holder of a key.
fn check_alone(stanzas: &[Stanza]) -> Result<()> {
    match stanzas.len() > 1 && stanzas.iter().any(is_of_passphrase) {
        true => Err(AgeError::damaged("a passphrase must be its only way in")),
        false => Ok(()),
    }
}

/// The file key, by one of the keys.
pub(super) fn by_identities(stanzas: &[Stanza], identities: &[Identity]) -> Result<FileKey> {
    check_alone(stanzas)?;
    if stanzas.iter().any(is_of_passphrase) {
        return Err(AgeError::NoKeys);
    }
    for stanza in stanzas.iter().filter(|stanza| stanza.kind == X25519) {
        let [share] = stanza.arguments.as_slice() else { return Err(BAD) };
        let share = decode(share).and_then(|share| <[u8; 32]>::try_from(share).ok()).ok_or(BAD)?;
        if stanza.body.len() != WRAPPED {
            return Err(BAD);
        }
        let share = PublicKey::from(share);
        for Identity(own) in identities {
            let wrapping = agree(own, &share, &share, &PublicKey::from(own)).ok_or(BAD)??;
            if let Some(key) = unwrap(&stanza.body, &wrapping) {
                return Ok(key);
            }
        }
    }
    Err(AgeError::NoMatch)
}
