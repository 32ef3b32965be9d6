//! A secret's value and everything known about it. Not how either is stored.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::error::VaultError;
use super::kind::SecretKind;
use super::scope::SecretRef;

/// The longest value of a vault made without other wishes, in bytes (DESIGN, section 2).
pub const DEFAULT_MAX_VALUE: u32 = 65_536;
/// The longest value any vault may allow, in bytes.
pub const MAX_MAX_VALUE: u32 = 1024 * 1024;
/// The longest note in bytes.
pub const MAX_NOTE: usize = 4096;
/// The longest username, URL or tag in bytes, and the most tags: keeps a page small.
pub const MAX_FIELD: usize = 1024;
/// The most tags of one secret.
pub const MAX_TAGS: usize = 64;

/// Plaintext that is lent, never given, and wiped when dropped.
///
/// Deliberately without `Clone`, `Debug`, `Display` and `Serialize`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SensitiveBytes(Vec<u8>);

impl SensitiveBytes {
    /// Takes over `bytes`; the caller's buffer becomes ours and is wiped with us.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Copies `bytes`; the caller keeps the duty to wipe its own.
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// Takes over a string.
    pub fn from_string(text: String) -> Self {
        Self(text.into_bytes())
    }

    /// Lends the plaintext for the length of `read`.
    pub fn with<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        read(&self.0)
    }

    /// Lends the plaintext as text, or `None` when it is not UTF-8.
    pub fn with_str<R>(&self, read: impl FnOnce(&str) -> R) -> Option<R> {
        std::str::from_utf8(&self.0).ok().map(read)
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both hold the same bytes; how long it takes says nothing but their lengths.
    pub fn is_same(&self, other: &Self) -> bool {
        self.with(|one| other.with(|other| one.ct_eq(other).into()))
    }

    /// A second, equally wiped copy; named so that every copy is seen in a review.
    pub fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Seconds since 1970-01-01 UTC, shown as RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This moment moved by `seconds`.
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to this moment; negative when this one is earlier.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whether it is this moment or a later one: what ends then has ended.
    pub fn has_come(self, now: Self) -> bool {
        self <= now
    }

    /// Reads RFC 3339, or a plain date as its midnight in UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let full = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
        OffsetDateTime::parse(&full, &Rfc3339).ok().map(|t| Self(t.unix_timestamp()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text =
            OffsetDateTime::from_unix_timestamp(self.0).ok().and_then(|t| t.format(&Rfc3339).ok());
        f.write_str(text.as_deref().unwrap_or("out of range"))
    }
}

/// Everything known about a secret but its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretMetadata {
    /// What sort of secret it is.
    pub kind: SecretKind,
    /// The account it belongs to.
    pub username: Option<String>,
    /// Where it is used or managed.
    pub url: Option<String>,
    /// Words to find it by, sorted and without repeats.
    pub tags: Vec<String>,
    /// Free text, at most [`MAX_NOTE`] bytes.
    pub note: Option<String>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// Whether the passphrase is asked each time the value is handed out.
    pub protected: bool,
    /// When its first revision was written.
    pub created_at: Timestamp,
    /// When value or metadata last changed.
    pub updated_at: Timestamp,
    /// Counts every change of value or metadata, from 1.
    pub revision: u64,
    /// What recognition could tell from the value and is no secret: `Type`, `Subject`, `Issuer` …
    pub facts: Vec<(String, String)>,
    /// Room for later formats of metadata; carried unchanged.
    pub extensions: BTreeMap<String, Vec<u8>>,
}

/// Changes to metadata: what is `None` stays as it is.
///
/// The inner `Option` of a field clears it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetadataPatch {
    /// The kind; `None` keeps it, or recognises it from a new secret's value.
    pub kind: Option<SecretKind>,
    /// The account.
    pub username: Option<Option<String>>,
    /// The address.
    pub url: Option<Option<String>>,
    /// All tags, replacing the former.
    pub tags: Option<Vec<String>>,
    /// The note.
    pub note: Option<Option<String>>,
    /// The expiry; a new value's own expiry is taken when this is `None`.
    pub expires_at: Option<Option<Timestamp>>,
    /// Protection.
    pub protected: Option<bool>,
}

impl MetadataPatch {
    /// Refuses fields that are too long or hold control characters where one line is meant.
    pub fn check(&self) -> Result<(), VaultError> {
        let line = |field: &'static str, text: &Option<Option<String>>| match text {
            Some(Some(text)) => check_line(field, text),
            _ => Ok(()),
        };
        line("username", &self.username)?;
        line("url", &self.url)?;
        if let Some(tags) = &self.tags {
            if tags.len() > MAX_TAGS {
                return Err(VaultError::InvalidMetadata {
                    field: "tags",
                    why: "there are more than 64",
                });
            }
            tags.iter().try_for_each(|tag| check_line("tag", tag))?;
        }
        match &self.note {
            Some(Some(note)) if note.len() > MAX_NOTE => {
                Err(VaultError::InvalidMetadata { field: "note", why: "it is longer than 4 KiB" })
            }
            _ => Ok(()),
        }
    }

    /// Lays the patch over `metadata`.
    pub fn apply_to(&self, metadata: &mut SecretMetadata) {
        if let Some(kind) = self.kind {
            metadata.kind = kind;
        }
        if let Some(username) = &self.username {
            metadata.username.clone_from(username);
        }
        if let Some(url) = &self.url {
            metadata.url.clone_from(url);
        }
        if let Some(tags) = &self.tags {
            metadata.tags.clone_from(tags);
            metadata.tags.sort();
            metadata.tags.dedup();
        }
        if let Some(note) = &self.note {
            metadata.note.clone_from(note);
        }
        if let Some(expires_at) = self.expires_at {
            metadata.expires_at = expires_at;
        }
        if let Some(protected) = self.protected {
            metadata.protected = protected;
        }
    }
}

fn check_line(field: &'static str, text: &str) -> Result<(), VaultError> {
    if text.is_empty() {
        return Err(VaultError::InvalidMetadata { field, why: "it is empty" });
    }
    if text.len() > MAX_FIELD {
        return Err(VaultError::InvalidMetadata { field, why: "it is longer than 1,024 bytes" });
    }
    if text.chars().any(char::is_control) {
        return Err(VaultError::InvalidMetadata { field, why: "it contains a control character" });
    }
    Ok(())
}

/// A secret, opened: its name, what is known about it, and its value.
pub struct Secret {
    /// Its full name.
    pub name: SecretRef,
    /// What is known about it.
    pub metadata: SecretMetadata,
    /// Its value.
    pub value: SensitiveBytes,
}

/// One line of a list: what one looks for without opening anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretSummary {
    /// Its full name.
    pub name: SecretRef,
    /// What sort of secret it is.
    pub kind: SecretKind,
    /// Whether it asks for the passphrase each time.
    pub protected: bool,
    /// Its revision now.
    pub revision: u64,
    /// When its first revision was written.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// Its tags.
    pub tags: Box<[Box<str>]>,
    /// Its account.
    pub username: Option<Box<str>>,
    /// Its address.
    pub url: Option<Box<str>>,
}

/// One kept revision of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevisionInfo {
    /// Its number.
    pub revision: u64,
    /// When it was written.
    pub written_at: Timestamp,
}

/// Everything known about one secret, and its kept revisions, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its full name.
    pub name: SecretRef,
    /// What is known about it.
    pub metadata: SecretMetadata,
    /// The kept revisions, newest first; the first is the live one.
    pub history: Vec<RevisionInfo>,
}

/// Names one deleted secret, also when several had the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrashId(pub [u8; 16]);

/// One deleted secret that can still be brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrashEntry {
    /// Names this entry.
    pub id: TrashId,
    /// What it was, its `name` that of before.
    pub summary: SecretSummary,
    /// When it was deleted.
    pub deleted_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_come_when_it_is_there() {
        let now = Timestamp(100);
        assert!(Timestamp(99).has_come(now) && now.has_come(now) && !now.plus(1).has_come(now));
    }
}
