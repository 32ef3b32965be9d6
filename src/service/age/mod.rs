//! Files of age (<https://age-encryption.org/v1>): to X25519 keys, or to a passphrase. No plugins, no SSH
//! keys, no ASCII armour; what is written is read by every age, and the other way round.

mod error;
mod header;
mod keys;
mod stream;
#[cfg(test)]
mod tests;
mod wrap;

use std::io::{BufReader, Read, Write};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

pub use error::AgeError;
pub use keys::{Identity, Recipient, identities, recipients};
pub use stream::{Opener, Sealer};
pub use wrap::WORK_FACTOR;

use crate::vault::{Random, SensitiveBytes};
use header::Header;

/// A result of this module.
pub type Result<T> = std::result::Result<T, AgeError>;

/// The length of a file key in bytes.
const FILE_KEY: usize = 16;
/// The length of the nonce before the payload in bytes.
const NONCE: usize = 16;

/// The key of one file. Wiped when dropped; without `Clone`, `Debug` and `Display`.
pub struct FileKey(Box<Zeroizing<[u8; FILE_KEY]>>);

impl FileKey {
    fn zeroed() -> Self {
        Self(Box::new(Zeroizing::new([0; FILE_KEY])))
    }

    /// HKDF-SHA-256 of the file key, as the header's and the payload's keys are made.
    fn derive(&self, salt: &[u8], info: &str) -> Result<Zeroizing<[u8; 32]>> {
        derive(&self.0[..], salt, info)
    }
}

/// HKDF-SHA-256 (RFC 5869), 32 bytes of it.
fn derive(secret: &[u8], salt: &[u8], info: &str) -> Result<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), secret)
        .expand(info.as_bytes(), &mut *key)
        .map_err(|_| AgeError::Internal)?;
    Ok(key)
}

/// For whom a file is encrypted.
pub enum For<'a> {
    /// Whoever has one of these keys.
    Recipients(&'a [Recipient]),
    /// Whoever knows the passphrase; the number is the work factor of scrypt.
    Passphrase(&'a SensitiveBytes, u8),
}

/// What a file is opened with.
pub enum With<'a> {
    /// Keys, of which one has to match.
    Identities(&'a [Identity]),
    /// The passphrase.
    Passphrase(&'a SensitiveBytes),
}

/// Writes the beginning of a file; what is written to the sealer then is encrypted. The key that comes with
/// it opens that file, also where nobody here has a recipient's key.
///
/// # Errors
/// `NoRecipient`, `Io`, `NoRandomness`.
pub fn seal<W: Write>(
    mut to: W,
    whom: &For<'_>,
    random: &dyn Random,
) -> Result<(Sealer<W>, FileKey)> {
    let mut key = FileKey::zeroed();
    random.fill(&mut key.0[..]).map_err(|_| AgeError::NoRandomness)?;
    let stanzas = match whom {
        For::Recipients([]) => return Err(AgeError::NoRecipient),
        For::Recipients(all) => {
            all.iter().map(|one| wrap::to_recipient(&key, one, random)).collect::<Result<_>>()?
        }
        For::Passphrase(text, factor) => {
            vec![wrap::to_passphrase(&key, text, *factor, random)?]
        }
    };
    to.write_all(&Header { stanzas }.sealed(&key)?)?;
    let mut nonce = [0; NONCE];
    random.fill(&mut nonce).map_err(|_| AgeError::NoRandomness)?;
    to.write_all(&nonce)?;
    Ok((Sealer::new(to, &*key.derive(&nonce, "payload")?), key))
}

/// Whether a file is encrypted with age, by how it begins; in armour too, which is not opened here.
pub fn is_sealed(file: &[u8]) -> bool {
    header::is_begun(file)
}

/// The most bytes of a file with so many bytes in it.
pub const fn longest(plain: usize) -> usize {
    header::LONGEST + NONCE + stream::sealed_length(plain)
}

/// A file whose header has been read.
pub struct Sealed<R> {
    header: header::Read,
    from: BufReader<R>,
}

impl<R: Read> Sealed<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// `NotAge`, `Armoured`, `NewerFormat`, `Damaged`, `Io`.
    pub fn read(from: R) -> Result<Self> {
        let mut from = BufReader::new(from);
        let header = header::Read::from(&mut from)?;
        Ok(Self { header, from })
    }

    /// Whether a passphrase opens it, and no key.
    pub fn wants_passphrase(&self) -> bool {
        self.header.stanzas().iter().any(wrap::is_of_passphrase)
    }

    /// The key of the file.
    ///
    /// # Errors
    /// `WrongPassphrase`, `NoMatch`, `NoPassphrase`, `NoKeys`, `TooMuchWork`, `Damaged`.
    pub fn key(&self, with: &With<'_>) -> Result<FileKey> {
        let stanzas = self.header.stanzas();
        match with {
            With::Passphrase(text) => wrap::by_passphrase(stanzas, text),
            With::Identities(identities) => wrap::by_identities(stanzas, identities),
        }
    }

    /// Opens it; what is read then is the plaintext.
    ///
    /// # Errors
    /// `Damaged`, `Io`.
    pub fn open(mut self, key: &FileKey) -> Result<Opener<BufReader<R>>> {
        self.header.check(key)?;
        let mut nonce = [0; NONCE];
        self.from.read_exact(&mut nonce).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => AgeError::damaged("it is cut off"),
            _ => error.into(),
        })?;
        Ok(Opener::new(self.from, &*key.derive(&nonce, "payload")?))
    }
}
