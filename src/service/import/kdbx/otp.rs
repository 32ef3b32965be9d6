//! One-time-password keys as programs of the KeePass family keep them, in fields of several names. Makes no codes.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::service::import::item::Text;

/// The field of KeePassXC and KeeOtp.
const URI: &str = "otp";
/// What KeePass 2 puts before its fields.
const KEEPASS: [&str; 2] = ["TimeOtp-", "HmacOtp-"];
/// What older plug-ins and KeePassXC put before theirs.
const PLUGIN: &str = "TOTP ";

/// Whether a field is a part of such a key, and no secret by itself.
pub(super) fn is_part(name: &str) -> bool {
    name == URI || name.starts_with(PLUGIN) || KEEPASS.iter().any(|begin| name.starts_with(begin))
}

/// The key of an entry, as an `otpauth` URI or as it is written; empty where there is none.
pub(super) fn key<'a>(field: &dyn Fn(&str) -> Option<&'a str>) -> Text {
    let given = |name: &str| field(name).filter(|value| !value.is_empty());
    if let Some(value) = given(URI) {
        return match value.split_once("://") {
            Some(_) => value.to_owned().into(),
            None => of_key_otp(value),
        };
    }
    if let Some(seed) = given("TOTP Seed") {
        let settings = given("TOTP Settings").unwrap_or_default();
        let (period, digits) = settings.split_once(';').unwrap_or((settings, ""));
        return match digits {
            "S" => ["steam://", seed].concat().into(),
            _ => uri(seed, period, digits, ""),
        };
    }
    let Some(secret) = given("TimeOtp-Secret-Base32") else { return Text::default() };
    let more = |name| given(name).unwrap_or_default();
    uri(secret, more("TimeOtp-Period"), more("TimeOtp-Length"), more("TimeOtp-Algorithm"))
}

/// KeeOtp's `key=…&step=30&size=6`; anything else is a key by itself.
fn of_key_otp(value: &str) -> Text {
    let part = |name: &str| {
        let mut parts = value.split('&').filter_map(|part| part.split_once('='));
        parts.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    match part("key") {
        Some(key) => {
            let more = |name| part(name).unwrap_or_default();
            uri(key, more("step"), more("size"), more("otpHashMode"))
        }
        None => value.to_owned().into(),
    }
}

/// A URI in a buffer of the right size from the start.
fn uri(secret: &str, period: &str, digits: &str, algorithm: &str) -> Text {
    let algorithm = algorithm.trim_start_matches("HMAC-").replace('-', "");
    let mut uri = String::with_capacity(
        64 + 3 * (secret.len() + period.len() + digits.len() + algorithm.len()),
    );
    uri.push_str("otpauth://totp/?secret=");
    uri.extend(utf8_percent_encode(secret, NON_ALPHANUMERIC));
    for (name, value) in [("period", period), ("digits", digits), ("algorithm", &algorithm)] {
        if !value.is_empty() {
            uri.extend(["&", name, "="]);
            uri.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
    }
    uri.into()
}
