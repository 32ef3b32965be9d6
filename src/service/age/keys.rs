//! Recipients and the keys that open what is encrypted for them, as age-keygen writes them. Makes none.

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::{AgeError, Result};
use crate::vault::SensitiveBytes;

/// What a recipient begins with.
const RECIPIENT: &str = "age";
/// What a key begins with.
const IDENTITY: &str = "age-secret-key-";
/// The longest text that is read as either; they have 62 and 74 letters.
const LONGEST: usize = 100;

/// A public key of X25519.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient(pub(super) PublicKey);

/// A private key of X25519. Wiped when dropped; without `Clone`, `Debug` and `Display`.
pub struct Identity(pub(super) StaticSecret);

impl std::str::FromStr for Recipient {
    type Err = AgeError;

    fn from_str(text: &str) -> Result<Self> {
        let bad = |why| AgeError::BadRecipient { why };
        let other = |begin| text.starts_with(begin);
        if other("ssh-") || other("age1pq") || other("age1tag") || other("age1yubikey") {
            return Err(bad("only X25519 keys are known here, age1 and 58 more letters"));
        }
        if text.get(..15).is_some_and(|begin| begin.eq_ignore_ascii_case(IDENTITY)) {
            return Err(bad("it is a private key, which belongs to nobody else"));
        }
        let key = decode(text, RECIPIENT).ok_or_else(|| bad("a letter is wrong or missing"))?;
        Ok(Self(PublicKey::from(*key)))
    }
}

impl Identity {
    /// Reads one.
    fn parse(text: &str) -> Option<Self> {
        decode(text, IDENTITY).map(|key| Self(StaticSecret::from(*key)))
    }
}

/// The 32 bytes of a bech32 text with that prefix (BIP 173), in either case.
fn decode(text: &str, prefix: &str) -> Option<Zeroizing<[u8; 32]>> {
    if text.len() > LONGEST {
        return None;
    }
    let checked = CheckedHrpstring::new::<Bech32>(text).ok()?;
    if checked.hrp() != Hrp::parse(prefix).ok()? || checked.byte_iter().len() != 32 {
        return None;
    }
    let mut key = Zeroizing::new([0; 32]);
    key.iter_mut().zip(checked.byte_iter()).for_each(|(to, from)| *to = from);
    Some(key)
}

/// Lines that say something: no comments, and not empty.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The recipients of a file, one a line; `#` begins a comment.
///
/// # Errors
/// `BadRecipient`.
pub fn recipients(text: &str) -> Result<Vec<Recipient>> {
    let found = lines(text).map(str::parse).collect::<Result<Vec<_>>>()?;
    match found.is_empty() {
        true => Err(AgeError::BadRecipient { why: "there is none in the file" }),
        false => Ok(found),
    }
}

/// The keys of a file, one a line; `#` begins a comment.
///
/// # Errors
/// `BadIdentity`, which never says what stands there.
pub fn identities(file: &SensitiveBytes) -> Result<Vec<Identity>> {
    let bad = |why| AgeError::BadIdentity { why };
    if file.with(|bytes| bytes.starts_with(super::header::VERSION.as_bytes())) {
        return Err(bad("it is encrypted itself; decrypt it with age first"));
    }
    let read = |text: &str| {
        let keys = lines(text).map(|line| Identity::parse(line).ok_or(bad("a line is none")));
        keys.collect::<Result<Vec<_>>>()
    };
    let found = file.with_str(read).ok_or(bad("it is no text"))??;
    match found.is_empty() {
        true => Err(bad("there is none in the file")),
        false => Ok(found),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    /// The pair of the specification's test kit.
    const KEY: &str = "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0";

    #[test]
    fn keys_are_read_between_comments() {
        let file = format!("# created: today\n\n  {KEY}\r\n# end\n");
        assert_eq!(identities(&SensitiveBytes::from_string(file)).unwrap().len(), 1);
        assert_eq!(identities(&SensitiveBytes::from_string(KEY.to_lowercase())).unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_key_is_told_without_it() {
        let wrong = KEY.replace('Q', "P");
        for text in ["", "# nothing", "AGE-SECRET-KEY-1", &wrong, "age-encryption.org/v1\n-> x"] {
            let error = identities(&SensitiveBytes::copy_of(text.as_bytes())).err().unwrap();
            assert!(!error.to_string().contains("EGTZ"), "{error}");
        }
    }

    #[test]
    fn recipients_are_told_apart_from_what_is_none() {
        let good = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
        assert_eq!(recipients(&format!("# team\n{good}\n{good}\n")).unwrap().len(), 2);
        for text in ["", "age1", &good.replace('q', "p"), "ssh-ed25519 AAAA", KEY, "age1é", "é"] {
            assert!(recipients(text).is_err(), "{text}");
        }
    }
}
