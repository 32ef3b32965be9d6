//! Which facts of a value are shown, and how. Does not recognise anything.

use crate::vault::SecretMetadata;

/// The fact that says more exactly what the kind is.
const TYPE: &str = "Type";

/// What it is, when recognition knew better than the kind: `Stripe secret key`.
pub fn kind(metadata: &SecretMetadata) -> Option<&str> {
    metadata.facts.iter().find(|(label, _)| label == TYPE).map(|(_, text)| text.as_str())
}

/// The other facts, in the order to show them.
pub fn shown(metadata: &SecretMetadata) -> impl Iterator<Item = (&str, &str)> {
    let facts = metadata.facts.iter().filter(|(label, _)| label != TYPE);
    facts.map(|(label, text)| (label.as_str(), text.as_str()))
}

/// An address without the scheme that everybody expects.
pub fn short_url(url: &str) -> &str {
    url.strip_prefix("https://").unwrap_or(url)
}
