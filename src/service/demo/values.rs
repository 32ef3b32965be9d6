//! Makes the fake values of the sample vault, the same ones every time. Not a generator of secrets.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::seconds;
use crate::vault::{SensitiveBytes, Timestamp};

/// How a value of the file is made.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Value {
    /// Text with places to fill: `ghp_{alnum 36}`.
    Text(String),
    /// A made block.
    Made(Made),
}

/// Values that are more than one line of characters.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Made {
    /// A JSON Web Token with a made-up signature.
    Jwt { issuer: String, subject: String, audience: String, lifetime: String },
    /// A certificate in base64 whose dates are replaced (so its signature no longer fits).
    Certificate { body: String, lifetime: String },
    /// A PEM block.
    Pem { label: String, body: String },
}

impl Value {
    /// The value of the `place`-th revision of `name`, written at `at`; `None` for a broken file.
    pub(super) fn make(&self, name: &str, place: usize, at: Timestamp) -> Option<SensitiveBytes> {
        let mut fill = Fill::new(name, place);
        let text = match self {
            Self::Text(template) => filled(template, &mut fill)?,
            Self::Made(Made::Jwt { issuer, subject, audience, lifetime }) => {
                let expires = at.plus(seconds(lifetime)?).0;
                let header = r#"{"alg":"ES256","typ":"JWT"}"#;
                let claims = format!(
                    r#"{{"iss":"{issuer}","sub":"{subject}","aud":"{audience}","iat":{},"exp":{expires}}}"#,
                    at.0
                );
                let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
                format!("{}.{}.{}", part(header), part(&claims), fill.text("url", 86)?)
            }
            Self::Made(Made::Certificate { body, lifetime }) => {
                pem("CERTIFICATE", &dated(body, at, at.plus(seconds(lifetime)?))?)
            }
            Self::Made(Made::Pem { label, body }) => pem(label, body),
        };
        Some(SensitiveBytes::from_string(text))
    }
}

/// Puts the marker lines around a body.
fn pem(label: &str, body: &str) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", body.trim())
}

/// Replaces `{class n}` in a template.
fn filled(template: &str, fill: &mut Fill) -> Option<String> {
    let mut pieces = template.split('{');
    let mut text = pieces.next()?.to_owned();
    for piece in pieces {
        let (place, after) = piece.split_once('}')?;
        let (class, length) = place.split_once(' ')?;
        text.push_str(&fill.text(class, length.parse().ok()?)?);
        text.push_str(after);
    }
    Some(text)
}

/// Sets the two dates of a certificate, in base64 lines of 64.
fn dated(body: &str, from: Timestamp, to: Timestamp) -> Option<String> {
    let lines: String = body.split_whitespace().collect();
    let mut der = STANDARD.decode(lines).ok()?;
    // A UTCTime of 13 bytes (X.690, 8.25): YYMMDDHHMMSSZ.
    let starts = der.windows(2).enumerate().filter(|(_, tag)| *tag == [0x17, 13]);
    let places: Vec<usize> = starts.map(|(place, _)| place + 2).take(2).collect();
    for (place, time) in places.iter().zip([from, to]) {
        let digits: String = time.to_string().chars().filter(char::is_ascii_digit).collect();
        let short = format!("{}Z", digits.get(2..)?);
        der.get_mut(*place..place + short.len())?.copy_from_slice(short.as_bytes());
    }
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).filter_map(|l| str::from_utf8(l).ok()).collect();
    (places.len() == 2).then(|| lines.join("\n"))
}

/// Characters that look random and are always the same: SHA-256 over the name and a counter.
struct Fill {
    seed: String,
    counter: u32,
}

impl Fill {
    fn new(name: &str, place: usize) -> Self {
        Self { seed: format!("tresor demo {name} {place}"), counter: 0 }
    }

    /// So many characters of a class.
    fn text(&mut self, class: &str, length: usize) -> Option<String> {
        let class = characters(class)?;
        Some((0..length).map(|_| char::from(class[self.number() % class.len()])).collect())
    }

    fn number(&mut self) -> usize {
        self.counter += 1;
        let hash = Sha256::digest(format!("{} {}", self.seed, self.counter));
        usize::from(u16::from_le_bytes([hash[0], hash[1]]))
    }
}

fn characters(class: &str) -> Option<&'static [u8]> {
    Some(match class {
        "alnum" => b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "lower" => b"abcdefghijklmnopqrstuvwxyz",
        "upper" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "hex" => b"0123456789abcdef",
        "url" => b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
        "base32" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "digits" => b"0123456789",
        "password" => b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#%+-.:=?@_~",
        _ => return None,
    })
}
