//! How secrets are written out: as JSON objects, as rows, as fields. Looks nothing up.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::error::CliError;
use crate::fault::FaultKind;
use crate::text::{are_visible_lines, visible, visible_secret_lines};
use crate::vault::doctor::Severity;
use crate::vault::{SecretMetadata, SecretRef, SecretSummary, SensitiveBytes, Timestamp, TrashId};

/// The fields `read --field` and `?field=` know beside the value.
pub const FIELDS: [&str; 8] =
    ["value", "username", "url", "note", "tags", "kind", "expires_at", "revision"];

/// The stable word for how much a finding matters.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Ok => "ok",
        Severity::Note => "note",
        Severity::Problem => "problem",
    }
}

/// The header of a list of secrets.
pub const LIST_HEADER: [&str; 6] = ["NAME", "KIND", "REVISION", "UPDATED", "EXPIRES", "TAGS"];

/// `null` or RFC 3339.
pub fn time(time: Option<Timestamp>) -> Value {
    time.map_or(Value::Null, |time| Value::String(time.to_string()))
}

/// `{"scope":…,"key":…}` with more fields behind it.
pub fn named(name: &SecretRef, more: Value) -> Value {
    let mut object = Map::new();
    object.insert("scope".into(), name.scope.as_str().into());
    object.insert("key".into(), name.key.as_str().into());
    if let Value::Object(more) = more {
        object.extend(more);
    }
    Value::Object(object)
}

/// One element of `list --json` (DESIGN, section 5).
pub fn summary(secret: &SecretSummary) -> Value {
    let tags: Vec<&str> = secret.tags.iter().map(|tag| &**tag).collect();
    named(
        &secret.name,
        json!({
            "kind": secret.kind.word(),
            "revision": secret.revision,
            "created_at": secret.created_at.to_string(),
            "updated_at": secret.updated_at.to_string(),
            "expires_at": time(secret.expires_at),
            "tags": tags,
            "protected": secret.protected,
        }),
    )
}

/// One row under [`LIST_HEADER`].
pub fn summary_row(secret: &SecretSummary) -> Vec<String> {
    vec![
        secret.name.to_string(),
        secret.kind.word().to_owned(),
        secret.revision.to_string(),
        secret.updated_at.to_string(),
        secret.expires_at.map_or_else(|| "never".to_owned(), |time| time.to_string()),
        secret.tags.join(","),
    ]
}

/// The whole record but its value, as `get --json` gives it.
pub fn record(name: &SecretRef, metadata: &SecretMetadata) -> Value {
    let facts: Map<String, Value> =
        metadata.facts.iter().map(|(name, fact)| (name.clone(), fact.as_str().into())).collect();
    named(
        name,
        json!({
            "uri": name.uri(),
            "kind": metadata.kind.word(),
            "username": metadata.username,
            "url": metadata.url,
            "tags": metadata.tags,
            "note": metadata.note,
            "expires_at": time(metadata.expires_at),
            "protected": metadata.protected,
            "revision": metadata.revision,
            "created_at": metadata.created_at.to_string(),
            "updated_at": metadata.updated_at.to_string(),
            "facts": facts,
        }),
    )
}

/// The record but its value, one field a line, for people.
pub fn record_lines(metadata: &SecretMetadata) -> String {
    let mut lines = String::new();
    let mut line = |label: &str, text: &str| {
        for (number, part) in text.split('\n').enumerate() {
            let label = if number == 0 { label } else { "" };
            // Writing to a String cannot fail.
            let _ = writeln!(lines, "  {label:<10}  {}", visible(part));
        }
    };
    line("kind", metadata.kind.word());
    for (name, fact) in &metadata.facts {
        line(name, fact);
    }
    let optional = [("username", &metadata.username), ("url", &metadata.url)];
    for (label, text) in optional {
        if let Some(text) = text {
            line(label, text);
        }
    }
    if !metadata.tags.is_empty() {
        line("tags", &metadata.tags.join(", "));
    }
    line("expires", &metadata.expires_at.map_or_else(|| "never".into(), |time| time.to_string()));
    if metadata.protected {
        line("protected", "asks for the passphrase");
    }
    line("revision", &metadata.revision.to_string());
    line("created", &metadata.created_at.to_string());
    line("updated", &metadata.updated_at.to_string());
    if let Some(note) = &metadata.note {
        line("note", note);
    }
    lines
}

/// The text of a metadata field; the error says which fields there are.
pub fn field(name: &SecretRef, metadata: &SecretMetadata, field: &str) -> Result<String, CliError> {
    let text = match field {
        "username" => metadata.username.clone(),
        "url" => metadata.url.clone(),
        "note" => metadata.note.clone(),
        "tags" => Some(metadata.tags.join(",")).filter(|tags| !tags.is_empty()),
        "kind" => Some(metadata.kind.word().to_owned()),
        "expires_at" => metadata.expires_at.map(|time| time.to_string()),
        "revision" => Some(metadata.revision.to_string()),
        _ => {
            let message = format!("there is no field '{}'", visible(field));
            return Err(CliError::invalid(message, format!("fields are {}", FIELDS.join(", "))));
        }
    };
    text.ok_or_else(|| {
        let help = format!("'tresor get {name}' shows what it has");
        CliError::new(FaultKind::NotFound, format!("{name} has no {field}"), help)
    })
}

/// A trash entry's name as 32 hexadecimal digits.
pub fn trash_id(id: TrashId) -> String {
    id.0.iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The record with its value, as one line of JSON in memory that is wiped.
///
/// The value stands under `value` when it is UTF-8, else under `value_base64`.
pub fn with_value(record: &Value, value: &SensitiveBytes) -> Zeroizing<Vec<u8>> {
    let known = super::json::text(record);
    // JSON escapes make six bytes of one at most; nothing may be moved to a larger buffer unwiped.
    let room = known.len() + 64 + value.len().saturating_mul(6);
    let mut line = Zeroizing::new(Vec::with_capacity(room));
    line.extend_from_slice(known.strip_suffix('}').unwrap_or(&known).as_bytes());
    value.with(|bytes| match std::str::from_utf8(bytes) {
        Ok(text) => {
            line.extend_from_slice(b",\"value\":");
            // Writing to memory cannot fail.
            let _ = super::json::write(&mut *line, &text);
        }
        Err(_) => {
            use base64::Engine;
            let text = base64::engine::general_purpose::STANDARD.encode(bytes);
            let text = Zeroizing::new(text);
            line.extend_from_slice(b",\"value_base64\":\"");
            line.extend_from_slice(text.as_bytes());
            line.push(b'"');
        }
    });
    line.extend_from_slice(b"}\n");
    line
}

/// Whether a terminal shows `bytes` as they are: UTF-8 without anything it would obey.
pub fn is_plain(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(are_visible_lines)
}

/// A value as a terminal may show it, in memory that is wiped; `None` when it is not UTF-8.
pub fn shown(value: &SensitiveBytes) -> Option<Zeroizing<String>> {
    value.with_str(visible_secret_lines)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_at_the_end_of_the_json_record() {
        let json = |bytes: &[u8]| -> Value {
            let line = with_value(&json!({"key": "k"}), &SensitiveBytes::copy_of(bytes));
            assert!(line.ends_with(b"}\n"));
            serde_json::from_slice(&line).expect("JSON")
        };
        assert_eq!(json(b"a\"\n\x01"), json!({"key": "k", "value": "a\"\n\u{1}"}));
        assert_eq!(json(&[0xff, 0]), json!({"key": "k", "value_base64": "/wA="}));
    }

    #[test]
    fn the_json_record_never_outgrows_its_buffer() {
        for value in [vec![1_u8; 5_000], vec![0xff; 5_000], vec![b'a'; 5_000]] {
            let line = with_value(&json!({}), &SensitiveBytes::new(value));
            assert!(line.capacity() <= 2 + 64 + 30_000);
        }
    }

    #[test]
    fn what_a_terminal_obeys_is_not_plain_and_is_shown_as_such() {
        assert!(is_plain("two\nlines\tnaïve".as_bytes()));
        for bytes in [&b"\x1b[2J"[..], b"a\rb", b"\xff", "\u{202e}x".as_bytes()] {
            assert!(!is_plain(bytes));
        }
        let value = SensitiveBytes::copy_of("a\tb\n\u{1b}c\r\n".as_bytes());
        assert_eq!(shown(&value).as_deref().map(String::as_str), Some("a\tb\n␛c␍\n"));
        assert!(shown(&SensitiveBytes::copy_of(b"\xff")).is_none());
    }
}
