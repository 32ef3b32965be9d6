//! JSON Web Tokens (RFC 7519): the public claims and the expiry. Checks no signature.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{Recognised, SecretKind};
use crate::vault::secret::Timestamp;

/// The longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 32 * 1024;
/// Seconds from year 0 to year 9999: what a time may say.
const YEARS: std::ops::RangeInclusive<f64> = -62_167_219_200.0..=253_402_300_799.0;

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    enc: Option<String>,
}

/// The registered claims that say who and how long; all others are skipped unread.
#[derive(Deserialize, Default)]
struct Claims<'a> {
    #[serde(borrow, default)]
    iss: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sub: Option<&'a RawValue>,
    #[serde(borrow, default)]
    aud: Option<&'a RawValue>,
    #[serde(default)]
    exp: Option<f64>,
}

/// Recognises a signed token of three parts or an encrypted one of five.
pub(super) fn read(text: &str) -> Option<Recognised> {
    // `eyJ` is `{"` in base64url.
    if !text.starts_with("eyJ") || text.len() > MAX_TOKEN {
        return None;
    }
    let parts: Vec<&str> = text.splitn(6, '.').collect();
    let header = decode(parts.first()?)?;
    let header: Header = serde_json::from_slice(&header).ok()?;
    match *parts.as_slice() {
        [_, payload, signature] if is_base64url(signature) => {
            let payload = decode(payload)?;
            let mut found = Recognised::new(SecretKind::Jwt, "JSON Web Token");
            found.add("Algorithm", &header.alg);
            add_claims(&mut found, &serde_json::from_slice(&payload).unwrap_or_default());
            Some(found)
        }
        [_, _, _, _, tag] if is_base64url(tag) && header.enc.is_some() => {
            let mut found = Recognised::new(SecretKind::Jwt, "Encrypted JSON Web Token");
            found.add("Algorithm", &header.alg);
            found.add("Encryption", header.enc.as_deref().unwrap_or_default());
            Some(found)
        }
        _ => None,
    }
}

fn add_claims(found: &mut Recognised, claims: &Claims<'_>) {
    found.add("Issuer", &text_of(claims.iss));
    found.add("Subject", &text_of(claims.sub));
    found.add("Audience", &text_of(claims.aud));
    if let Some(seconds) = claims.exp.filter(|seconds| YEARS.contains(seconds)) {
        let expires = Timestamp(seconds.floor() as i64);
        found.expires_at = Some(expires);
        found.add("Expires", &expires.to_string());
    }
}

/// A claim as text: a string, strings in a row, or a number; nothing for anything else.
fn text_of(raw: Option<&RawValue>) -> String {
    let Some(raw) = raw.map(RawValue::get) else { return String::new() };
    if let Ok(text) = serde_json::from_str::<String>(raw) {
        return text;
    }
    if let Ok(texts) = serde_json::from_str::<Vec<String>>(raw) {
        return texts.join(", ");
    }
    serde_json::from_str::<f64>(raw).map(|_| raw.to_owned()).unwrap_or_default()
}

/// Decodes one part into bytes that are wiped.
fn decode(part: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; part.len()]);
    let length = URL_SAFE_NO_PAD.decode_slice(part, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

fn is_base64url(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
