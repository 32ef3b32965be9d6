//! One-time passwords, by time (RFC 6238) and by counter (RFC 4226), from what a site gives: an
//! `otpauth` URI or its bare key in base32 (RFC 4648). Asks no vault and no clock.

mod step;

use std::ops::RangeInclusive;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::percent_decode_str;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use thiserror::Error as ThisError;
use zeroize::Zeroizing;

use crate::fault::{Fault, FaultKind};
use crate::vault::SensitiveBytes;
pub use step::Step;

/// What every site means that says nothing else (the otpauth URI format; RFC 6238, section 4).
const DIGITS: u32 = 6;
const PERIOD: u32 = 30;
/// A day: a longer period is a mistake.
const LONGEST_PERIOD: u32 = 86_400;
/// The longest key, in letters: four times what the longest hash takes.
const LONGEST_KEY: usize = 1024;

/// Why a value makes no codes. Never with any of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
pub enum OtpError {
    /// It is something else.
    #[error("the value is no key for one-time passwords")]
    NoKey,
    /// It holds several, in a form of its own.
    #[error("the value is an authenticator's export of several keys")]
    Export,
    /// It makes codes of five letters, as Steam takes them.
    #[error("the value is a key of Steam, whose codes are not made here")]
    Steam,
    /// A parameter of the URI cannot be what it says.
    #[error("the otpauth URI's '{0}' {1}")]
    Parameter(&'static str, &'static str),
}

impl Fault for OtpError {
    fn kind(&self) -> FaultKind {
        FaultKind::Precondition
    }

    fn help(&self) -> String {
        match self {
            Self::NoKey => "store the otpauth:// URI that the site shows, or its key in base32",
            Self::Export => "store each key by itself, as the otpauth:// URI that its site shows",
            Self::Steam => "let Steam's app or KeePassXC make them; kind 'other' keeps the key",
            Self::Parameter(..) => "compare it with what the site shows",
        }
        .to_owned()
    }
}

/// The hash under the HMAC.
#[derive(Clone, Copy)]
enum Algorithm {
    /// What nearly every site uses.
    Sha1,
    /// RFC 6238, section 1.2.
    Sha256,
    /// RFC 6238, section 1.2.
    Sha512,
}

/// What makes the next code another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// The time, in steps of so many seconds since 1970.
    Time {
        /// How long each code is valid.
        period: u32,
    },
    /// A counter, which goes on with every code that is made.
    Counter(u64),
}

/// A key that makes codes, with all that has to be known to make the right ones.
pub struct Otp {
    key: Zeroizing<Vec<u8>>,
    algorithm: Algorithm,
    digits: u32,
    factor: Factor,
}

impl Otp {
    /// Reads an `otpauth` URI or a key in base32, in either case and with or without spaces, hyphens
    /// and padding.
    ///
    /// # Errors
    ///
    /// What is wrong with it; a parameter that is not known is left alone.
    pub fn parse(value: &SensitiveBytes) -> Result<Self, OtpError> {
        value.with_str(|text| Self::parse_text(text.trim())).unwrap_or(Err(OtpError::NoKey))
    }

    fn parse_text(text: &str) -> Result<Self, OtpError> {
        let uri = Uri::split(text)?;
        let Some(uri) = uri else {
            let factor = Factor::Time { period: PERIOD };
            let key = key(text).ok_or(OtpError::NoKey)?;
            return Ok(Self { key, algorithm: Algorithm::Sha1, digits: DIGITS, factor });
        };
        match uri.parameter("encoder") {
            None => {}
            Some(encoder) if encoder.eq_ignore_ascii_case("steam") => return Err(OtpError::Steam),
            Some(_) => return Err(OtpError::Parameter("encoder", "is not known here")),
        }
        let secret = uri.parameter("secret").ok_or(OtpError::Parameter("secret", "is missing"))?;
        let key = key(&secret).ok_or(OtpError::Parameter("secret", "is not base32"))?;
        let algorithm = match uri.parameter("algorithm").map(|name| name.to_ascii_uppercase()) {
            None => Algorithm::Sha1,
            Some(name) => match name.as_str() {
                "SHA1" => Algorithm::Sha1,
                "SHA256" => Algorithm::Sha256,
                "SHA512" => Algorithm::Sha512,
                _ => return Err(OtpError::Parameter("algorithm", "is not SHA1, SHA256 or SHA512")),
            },
        };
        let digits = uri.number("digits", 6..=8, "is not 6, 7 or 8")?.unwrap_or(DIGITS);
        let factor = match uri.by_counter {
            false => {
                let range = 1..=LONGEST_PERIOD;
                let period = uri.number("period", range, "is not 1 to 86,400 seconds")?;
                Factor::Time { period: period.unwrap_or(PERIOD) }
            }
            true => {
                let counter = uri.number("counter", 0..=u64::MAX - 1, "is no number")?;
                Factor::Counter(counter.ok_or(OtpError::Parameter("counter", "is missing"))?)
            }
        };
        Ok(Self { key, algorithm, digits, factor })
    }

    /// What makes the next code another one.
    pub fn factor(&self) -> Factor {
        self.factor
    }

    /// The code of a moment, in seconds since 1970, or of the counter that was read.
    ///
    /// # Errors
    ///
    /// `NoKey` if the hash does not take the key; those of [`Otp::parse`] are taken.
    pub fn code(&self, unix: i64) -> Result<SensitiveBytes, OtpError> {
        let moving = match self.factor {
            // RFC 6238, section 4.2, with T0 = 0.
            Factor::Time { period } => since_1970(unix) / u64::from(period),
            Factor::Counter(counter) => counter,
        };
        let number = self.mac(&moving.to_be_bytes()).and_then(|mac| truncated(&mac));
        let number = number.ok_or(OtpError::NoKey)? % 10_u32.pow(self.digits);
        let width = usize::try_from(self.digits).unwrap_or_default();
        Ok(SensitiveBytes::from_string(format!("{number:0width$}")))
    }

    /// How many seconds the code of a moment is still valid; `None` for those of a counter.
    pub fn seconds_left(&self, unix: i64) -> Option<u32> {
        let Factor::Time { period } = self.factor else { return None };
        let gone = since_1970(unix) % u64::from(period);
        u32::try_from(gone).ok().map(|gone| period - gone)
    }

    fn mac(&self, message: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self.algorithm {
            Algorithm::Sha1 => mac::<Hmac<Sha1>>(&self.key, message),
            Algorithm::Sha256 => mac::<Hmac<Sha256>>(&self.key, message),
            Algorithm::Sha512 => mac::<Hmac<Sha512>>(&self.key, message),
        }
    }
}

/// The value of a URI that has that counter for the next code: the same, one further.
///
/// # Errors
///
/// `NoKey` for one that is no text.
pub fn counted_on(value: &SensitiveBytes, counter: u64) -> Result<SensitiveBytes, OtpError> {
    let further = counter.saturating_add(1).to_string();
    let next = |text: &str| {
        // Room for all of it: a buffer that grows leaves copies behind.
        let mut whole = String::with_capacity(text.len() + further.len());
        let (uri, fragment) = text.split_at(text.find('#').unwrap_or(text.len()));
        let (before, query) = uri.split_at(uri.find('?').map_or(uri.len(), |at| at + 1));
        whole.push_str(before);
        let mut counted = false;
        for pair in query.split_inclusive('&') {
            match pair.split_once('=') {
                Some((name, _)) if name.eq_ignore_ascii_case("counter") && !counted => {
                    let end = if pair.ends_with('&') { "&" } else { "" };
                    whole.extend([name, "=", &further, end]);
                    counted = true;
                }
                _ => whole.push_str(pair),
            }
        }
        whole.push_str(fragment);
        SensitiveBytes::from_string(whole)
    };
    value.with_str(next).ok_or(OtpError::NoKey)
}

/// The parts of an `otpauth` URI that count: `otpauth://totp/LABEL?secret=…&algorithm=…`.
struct Uri<'a> {
    by_counter: bool,
    query: &'a str,
}

impl<'a> Uri<'a> {
    /// `None` for what is no URI.
    fn split(text: &'a str) -> Result<Option<Self>, OtpError> {
        let (scheme, rest) = match text.split_once("://") {
            None => return Ok(None),
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        };
        match scheme.as_str() {
            "otpauth" => {}
            "otpauth-migration" => return Err(OtpError::Export),
            "steam" => return Err(OtpError::Steam),
            _ => return Err(OtpError::NoKey),
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let kind = path.split('/').next().unwrap_or_default().to_ascii_lowercase();
        let by_counter = match kind.as_str() {
            "totp" => false,
            "hotp" => true,
            _ => return Err(OtpError::Parameter("type", "is not totp or hotp")),
        };
        Ok(Some(Self { by_counter, query }))
    }

    /// The first parameter of that name.
    fn parameter(&self, name: &str) -> Option<Zeroizing<String>> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        // Room for all of it: a buffer that grows leaves copies behind.
        let mut decoded = Zeroizing::new(String::with_capacity(value.len()));
        // What is not ASCII fits no parameter, and would take more room.
        let ascii = |byte: u8| if byte.is_ascii() { char::from(byte) } else { '?' };
        decoded.extend(percent_decode_str(value).map(ascii));
        Some(decoded)
    }

    /// The number under that name, which has to be in `range`.
    fn number<N: FromStr + PartialOrd>(
        &self,
        name: &'static str,
        range: RangeInclusive<N>,
        why: &'static str,
    ) -> Result<Option<N>, OtpError> {
        let Some(text) = self.parameter(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.map(Some).ok_or(OtpError::Parameter(name, why))
    }
}

/// A clock before 1970 is taken for one that stands at its beginning.
fn since_1970(unix: i64) -> u64 {
    u64::try_from(unix).unwrap_or(0)
}

/// The bytes of a key in base32 as people write it.
fn key(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    if text.len() > LONGEST_KEY {
        return None;
    }
    let letters = text.trim_end_matches('=').bytes();
    let letters = letters.filter(|byte| !matches!(byte, b' ' | b'-'));
    let mut plain = Zeroizing::new(Vec::with_capacity(text.len()));
    plain.extend(letters.map(|byte| byte.to_ascii_uppercase()));
    let mut key = Zeroizing::new(vec![0; BASE32_NOPAD.decode_len(plain.len()).ok()?]);
    let length = BASE32_NOPAD.decode_mut(&plain, &mut key).ok()?;
    key.truncate(length);
    (!key.is_empty()).then_some(key)
}

/// HMAC, which takes keys of every length (RFC 2104).
fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mac = <M as KeyInit>::new_from_slice(key).ok()?.chain_update(message);
    Some(Zeroizing::new(mac.finalize().into_bytes().to_vec()))
}

/// Dynamic truncation (RFC 4226, section 5.3): 31 bits from where the last four say.
fn truncated(mac: &[u8]) -> Option<u32> {
    let offset = usize::from(mac.last()? & 0x0f);
    let bytes = mac.get(offset..offset + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(bytes) & 0x7fff_ffff)
}

#[cfg(test)]
mod tests;
