//! Text of a JSON document, read into memory that is wiped. For `#[serde(deserialize_with = …)]`; what is read
//! and why is the caller's.

use serde::{Deserialize, Deserializer};

use crate::vault::SensitiveBytes;

/// Reads a text.
///
/// # Errors
/// What serde says of anything else.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<SensitiveBytes, D::Error> {
    String::deserialize(from).map(SensitiveBytes::from_string)
}

/// Reads a text, or `null`.
///
/// # Errors
/// What serde says of anything else.
pub fn optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SensitiveBytes>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(SensitiveBytes::from_string))
}
