//! Which facts of a value are shown, and how. Does not recognise anything.

use super::words;
use crate::vault::{SecretMetadata, Timestamp};

/// The fact that says more exactly what the kind is.
const TYPE: &str = "Type";

/// What it is, when recognition knew better than the kind: `Stripe secret key`.
pub fn kind(metadata: &SecretMetadata) -> Option<&str> {
    metadata.facts.iter().find(|(label, _)| label == TYPE).map(|(_, text)| text.as_str())
}

/// The other facts, in the order to show them; `dash` stands between two dates.
///
/// What the expiry says already is left out, and the dates of a certificate share a line.
pub fn shown<'a>(metadata: &'a SecretMetadata, dash: &str) -> Vec<(&'a str, String)> {
    let fact = |wanted: &str| {
        metadata.facts.iter().find(|(label, _)| label == wanted).map(|(_, text)| text.as_str())
    };
    let mut shown = Vec::with_capacity(metadata.facts.len());
    for (label, text) in &metadata.facts {
        match (label.as_str(), fact("Valid to")) {
            (TYPE | "Expires" | "Valid to", _) => {}
            ("Valid from", Some(to)) => {
                shown.push(("Valid", format!("{} {dash} {}", day(text), day(to))));
            }
            (label, _) => shown.push((label, text.clone())),
        }
    }
    shown
}

/// A date as people write it, or as it stands when it is none.
fn day(text: &str) -> String {
    Timestamp::parse(text).map_or_else(|| text.to_owned(), words::date)
}

/// An address without the scheme that everybody expects.
pub fn short_url(url: &str) -> &str {
    url.strip_prefix("https://").unwrap_or(url)
}
