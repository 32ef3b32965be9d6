//! A secret as tresor itself writes it out: its name, its value, what is known about it. Reads no file.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::item::Text;
use super::{Bad, Entry, Found, ImportError, MAX_ENTRIES, Outcome, Place};
use crate::vault::{
    MetadataPatch, Scope, SecretKey, SecretKind, SensitiveBytes, Timestamp, VaultError,
};

/// The record as it is written; fields that are not known are left alone.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Record {
    pub scope: Option<String>,
    pub key: String,
    pub value: Option<Text>,
    pub value_base64: Option<Text>,
    pub kind: Option<String>,
    pub username: Option<String>,
    pub url: Option<String>,
    pub tags: Option<Vec<String>>,
    pub note: Option<String>,
    pub expires_at: Option<String>,
    pub protected: Option<bool>,
}

impl Record {
    /// The secret it tells of, or what is wrong with it.
    pub(super) fn entry(self, place: Place) -> Result<Entry, String> {
        let said = |error: VaultError| error.to_string();
        let scope = self.scope.as_deref().map(str::parse::<Scope>).transpose().map_err(said)?;
        let key: SecretKey = self.key.parse().map_err(said)?;
        let kind = self.kind.as_deref().map(str::parse::<SecretKind>).transpose().map_err(said)?;
        let expires_at = match self.expires_at.as_deref() {
            None => None,
            Some(text) => {
                Some(Some(Timestamp::parse(text).ok_or("expires_at is no time of RFC 3339")?))
            }
        };
        let patch = MetadataPatch {
            kind,
            username: self.username.map(Some),
            url: self.url.map(Some),
            tags: self.tags,
            note: self.note.map(Some),
            expires_at,
            protected: self.protected,
        };
        patch.check().map_err(said)?;
        let value = match (self.value, self.value_base64) {
            (Some(mut value), None) => SensitiveBytes::from_string(std::mem::take(&mut value)),
            (None, Some(value)) => decoded(&value).ok_or("value_base64 is no base64")?,
            (None, None) => return Err("there is no value".into()),
            (Some(_), Some(_)) => return Err("value and value_base64 exclude each other".into()),
        };
        Ok(Entry { scope, key, value, patch, place, replaces: None, is_attachment: false })
    }
}

/// Base64 into a buffer of the right size from the start.
fn decoded(text: &str) -> Option<SensitiveBytes> {
    let mut bytes = Zeroizing::new(vec![0; text.len() / 4 * 3 + 3]);
    let length = STANDARD.decode_slice(text, &mut bytes).ok()?;
    bytes.get(..length).map(SensitiveBytes::copy_of)
}

/// Secrets whose names are given and not made: a second one of a name is bad.
pub(super) struct Exact {
    /// What to do about a secret that is not as it should be.
    help: &'static str,
    found: Found,
    places: HashMap<(Option<Scope>, SecretKey), Place>,
}

impl Exact {
    /// Nothing so far; `help` says what to do about a bad one.
    pub(super) fn new(help: &'static str) -> Self {
        Self { help, found: Found::default(), places: HashMap::new() }
    }

    /// Takes a secret over, or what is wrong with it.
    pub(super) fn add(&mut self, place: Place, read: Result<Entry, String>) {
        let entry = match read {
            Ok(entry) => entry,
            Err(why) => return self.found.bad.push(Bad { place, why, help: self.help }),
        };
        let name = (entry.scope.clone(), entry.key.clone());
        if let Some(first) = self.places.get(&name) {
            let why = format!("'{}' stands at {first} already", entry.key);
            return self.found.bad.push(Bad { place, why, help: "rename one of the two" });
        }
        self.places.insert(name, place);
        self.found.entries.push(entry);
    }

    /// The same of a value from the settings of a program, where a reference may stand for a secret.
    pub(super) fn add_setting(&mut self, place: Place, read: Result<Entry, String>) {
        match read.map(|entry| self.found.unless_reference(entry)) {
            Ok(None) => {}
            Ok(Some(entry)) => self.add(place, Ok(entry)),
            Err(why) => self.add(place, Err(why)),
        }
    }

    /// All of it, unless that is too much.
    pub(super) fn done(self) -> Outcome {
        match self.found.entries.len() > MAX_ENTRIES {
            true => Err(ImportError::TooLarge("more than 10,000 secrets")),
            false => Ok(self.found),
        }
    }
}
