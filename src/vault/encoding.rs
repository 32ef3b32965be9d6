//! How ids, digests and bytes are written, and what makes JSON canonical. No keys here.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::error::{Result, VaultError};

/// Fixed-size bytes: lower-case hex in JSON, raw inside seals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex<const N: usize>(pub [u8; N]);

/// Names a vault, a secret, a slot, an envelope or a page: 16 random bytes.
pub type Id = Hex<16>;
/// A SHA-256 (FIPS 180-4).
pub(crate) type Digest = Hex<32>;

impl Id {
    /// A placeholder until an id is drawn.
    pub(crate) const NONE: Self = Self([0; 16]);
}

impl Digest {
    /// Hashes `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl<const N: usize> Hex<N> {
    /// Reads exactly `2 N` lower-case hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 2 * N {
            return None;
        }
        let mut bytes = [0; N];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(*pair.first()?)? << 4 | nibble(*pair.get(1)?)?;
        }
        Some(Self(bytes))
    }
}

/// The value of one lower-case hex digit.
fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl<const N: usize> fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<const N: usize> fmt::Debug for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
            return Self::parse(&text).ok_or_else(|| D::Error::custom("not lower-case hex"));
        }
        let bytes = <&[u8]>::deserialize(deserializer)?;
        bytes.try_into().map(Self).map_err(|_| D::Error::custom("wrong length"))
    }
}

/// Bytes of any length: base64 without padding (RFC 4648, section 4) in JSON.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Base64(pub Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let bytes = STANDARD_NO_PAD.decode(text.as_bytes());
        bytes.map(Self).map_err(|_| D::Error::custom("not unpadded base64"))
    }
}

/// Writes the one accepted form: compact JSON in field order, ASCII, one final newline.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    let mut bytes =
        serde_json::to_vec(value).map_err(|_| VaultError::Internal { what: "encoding JSON" })?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads JSON in exactly the form that [`to_json`] writes; anything else is `Damaged`.
pub(crate) fn from_json<T: Serialize + DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T> {
    let damaged = |why| VaultError::Damaged { what: what.to_owned(), why };
    let value: T =
        serde_json::from_slice(bytes).map_err(|_| damaged("it is not what tresor writes"))?;
    if to_json(&value)? != bytes {
        return Err(damaged("it is not in canonical form"));
    }
    Ok(value)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        id: Id,
        n: u64,
    }

    #[test]
    fn only_the_canonical_form_is_read() {
        let sample = Sample { id: Hex([0xab; 16]), n: 7 };
        let bytes = to_json(&sample).unwrap();
        assert_eq!(from_json::<Sample>("x", &bytes).unwrap(), sample);
        let text = String::from_utf8(bytes).unwrap();
        for altered in [
            text.replace(":7", ": 7"),
            text.replace("ab", "AB"),
            text.replace("7}", "7,\"x\":1}"),
            text.trim_end().to_owned(),
            text.replace(":7", ":7.0"),
        ] {
            assert_ne!(altered, text);
            assert!(from_json::<Sample>("x", altered.as_bytes()).is_err(), "{altered}");
        }
    }

    #[test]
    fn base64_with_stray_bits_or_padding_is_refused() {
        for text in ["\"QQ==\"", "\"QR\"", "\"Q\"", "\"Q Q\""] {
            assert!(serde_json::from_str::<Base64>(text).is_err(), "{text}");
        }
        assert_eq!(serde_json::from_str::<Base64>("\"QQ\"").unwrap().0, b"A");
    }
}
