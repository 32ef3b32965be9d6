//! Secrets with their values as other programs read them: a `.env` file, JSON, CSV. Chooses no secrets and
//! knows no files.

use std::io::{self, Write};

use serde::Serialize;
use zeroize::Zeroizing;

use super::error::CliError;
use crate::service::dotenv;
use crate::vault::Secret;

/// The columns of the CSV form.
const COLUMNS: [&str; 9] =
    ["scope", "key", "kind", "username", "url", "tags", "note", "expires_at", "value"];

/// One secret of the JSON form; its place of the value is either of the two.
#[derive(Serialize)]
struct Row<'a> {
    scope: &'a str,
    key: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_base64: Option<&'a str>,
    username: Option<&'a str>,
    url: Option<&'a str>,
    tags: &'a [String],
    note: Option<&'a str>,
    expires_at: Option<String>,
    protected: bool,
}

/// Writes `{"format":"tresor-export","version":1,"secrets":[…]}`, a secret a line.
pub fn json(to: &mut impl Write, secrets: &[Secret]) -> io::Result<()> {
    to.write_all(b"{\"format\":\"tresor-export\",\"version\":1,\"secrets\":[")?;
    for (at, secret) in secrets.iter().enumerate() {
        to.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        secret.value.with(|bytes| match std::str::from_utf8(bytes) {
            Ok(text) => super::json::write(to, &row(secret, Some(text), None)),
            Err(_) => {
                use base64::Engine;
                let text = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(bytes));
                super::json::write(to, &row(secret, None, Some(&text)))
            }
        })?;
    }
    to.write_all(b"\n]}\n")
}

fn row<'a>(secret: &'a Secret, text: Option<&'a str>, base64: Option<&'a str>) -> Row<'a> {
    let metadata = &secret.metadata;
    Row {
        scope: secret.name.scope.as_str(),
        key: secret.name.key.as_str(),
        kind: metadata.kind.word(),
        value: text,
        value_base64: base64,
        username: metadata.username.as_deref(),
        url: metadata.url.as_deref(),
        tags: &metadata.tags,
        note: metadata.note.as_deref(),
        expires_at: metadata.expires_at.map(|time| time.to_string()),
        protected: metadata.protected,
    }
}

/// Writes a `.env` file; the names are those of the secrets, in their order.
pub fn dotenv(to: &mut impl Write, secrets: &[Secret], names: &[String]) -> io::Result<()> {
    for (secret, name) in secrets.iter().zip(names) {
        let text = |value: &str| dotenv::write(to, name, value);
        secret.value.with_str(text).unwrap_or(Err(io::ErrorKind::InvalidData.into()))?;
    }
    Ok(())
}

/// Writes CSV under a header.
pub fn csv(to: &mut impl Write, secrets: &[Secret]) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(to);
    rows.write_record(COLUMNS)?;
    for secret in secrets {
        let metadata = &secret.metadata;
        let tags = metadata.tags.join(",");
        let expires_at = metadata.expires_at.map(|time| time.to_string()).unwrap_or_default();
        let write = |value: &str| {
            let fields = [
                secret.name.scope.as_str(),
                secret.name.key.as_str(),
                metadata.kind.word(),
                metadata.username.as_deref().unwrap_or_default(),
                metadata.url.as_deref().unwrap_or_default(),
                &tags,
                metadata.note.as_deref().unwrap_or_default(),
                &expires_at,
                value,
            ];
            rows.write_record(fields).map_err(io::Error::from)
        };
        secret.value.with_str(write).unwrap_or(Err(io::ErrorKind::InvalidData.into()))?;
    }
    rows.flush()
}

/// Refuses by name what these text forms cannot hold: `form` is what a reader calls it.
pub fn check_text(secrets: &[Secret], form: &str) -> Result<(), CliError> {
    let refuse = |secret: &Secret, why: &str| {
        let message = format!("{} cannot stand in {form}: {why}", secret.name);
        Err(CliError::invalid(message, "use --format json, or name the scopes you want"))
    };
    for secret in secrets {
        let why =
            secret.value.with_str(|text| text.contains('\0').then_some("it holds a zero byte"));
        match why {
            None => return refuse(secret, "it is not UTF-8 text"),
            Some(Some(why)) => return refuse(secret, why),
            Some(None) => {}
        }
    }
    Ok(())
}

/// Refuses by name tags that would be read as two.
pub fn check_tags(secrets: &[Secret]) -> Result<(), CliError> {
    let parted = |secret: &&Secret| secret.metadata.tags.iter().any(|tag| tag.contains(','));
    match secrets.iter().find(parted) {
        None => Ok(()),
        Some(secret) => Err(CliError::invalid(
            format!("{} cannot stand in CSV: a comma is in one of its tags", secret.name),
            "use --format json, or name the scopes you want",
        )),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::vault::{Actor, CreateOptions, Expect, MetadataPatch, Place, SensitiveBytes, Vault};

    /// A secret of that value, as a vault gives it.
    fn secret(value: &[u8], note: &str) -> Secret {
        let vault = Vault::create(&Place::in_memory(), &CreateOptions::in_memory()).unwrap();
        let view = vault.view(Actor::Owner);
        let name = "project:shop/a-b".parse().unwrap();
        let note = Some(note.to_owned()).filter(|note| !note.is_empty());
        let patch = MetadataPatch {
            note: Some(note),
            tags: Some(vec!["x".to_owned()]),
            ..MetadataPatch::default()
        };
        view.write(&name, SensitiveBytes::copy_of(value), patch, Expect::Absent).unwrap();
        view.read(&name).unwrap()
    }

    fn value_of(secret: &Secret) -> Value {
        let mut bytes = Vec::new();
        json(&mut bytes, std::slice::from_ref(secret)).unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()["secrets"][0].clone()
    }

    #[test]
    fn json_is_the_form_that_import_reads() {
        let expected = json!({
            "scope": "project:shop", "key": "a-b", "kind": "other", "value": "v\n\u{1b}",
            "username": null, "url": null, "tags": ["x"], "note": "n", "expires_at": null,
            "protected": false,
        });
        assert_eq!(value_of(&secret("v\n\u{1b}".as_bytes(), "n")), expected);
        let mut none = Vec::new();
        json(&mut none, &[]).unwrap();
        let none: Value = serde_json::from_slice(&none).unwrap();
        assert_eq!(none, json!({"format": "tresor-export", "version": 1, "secrets": []}));
        assert_eq!(value_of(&secret(b"\xff\0", ""))["value_base64"], "/wA=");
    }

    #[test]
    fn text_forms_refuse_what_is_no_text_by_name() {
        for value in [&b"\xff"[..], b"a\0b"] {
            let error = check_text(&[secret(value, "")], "CSV").unwrap_err();
            assert!(
                error.to_string().starts_with("project:shop/a-b cannot stand in CSV"),
                "{error}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn csv_is_read_as_it_was(value in prop_oneof!["\\PC{1,40}", "[,\"\r\n ;=']{1,20}"], note in "[a,\"\r\n]{0,9}") {
            let mut bytes = Vec::new();
            csv(&mut bytes, &[secret(value.as_bytes(), &note)]).unwrap();
            let mut reader = csv::Reader::from_reader(&bytes[..]);
            let row = reader.records().next().unwrap().unwrap();
            prop_assert_eq!((row.get(8), row.get(6)), (Some(value.as_str()), Some(note.as_str())));
            prop_assert_eq!(row.len(), COLUMNS.len());
        }

        #[test]
        fn json_is_read_as_it_was(value in prop::collection::vec(any::<u8>(), 1..60)) {
            let row = value_of(&secret(&value, ""));
            let read = match row["value"].as_str() {
                Some(text) => text.as_bytes().to_vec(),
                None => {
                    use base64::Engine;
                    let text = row["value_base64"].as_str().unwrap();
                    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
                }
            };
            prop_assert_eq!(read, value);
        }
    }
}
