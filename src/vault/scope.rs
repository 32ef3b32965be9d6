//! Who a secret belongs to and how it is named: parsed once, then trusted. No look-ups here.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unicode_normalization::is_nfc;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::error::VaultError;

/// The longest segment of a scope in bytes (DESIGN, section 2).
pub const MAX_SEGMENT: usize = 256;
/// The longest key in bytes (DESIGN, section 2).
pub const MAX_KEY: usize = 128;
/// What stays as it is in a URI's scope: RFC 3986 `pchar` without percent and slash.
const URI_KEEPS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// The kind of owner a scope names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeKind {
    /// Readable by every actor.
    Global,
    /// One person or service account; `user:` is read as the same.
    Principal,
    /// One account on one messaging channel.
    Channel,
    /// One skill; `plugin:` is read as the same.
    Skill,
    /// One project, or one environment of it.
    Project,
}

impl ScopeKind {
    /// All kinds, in the order in which they sort and are shown.
    pub const ALL: [Self; 5] =
        [Self::Global, Self::Principal, Self::Channel, Self::Skill, Self::Project];

    /// The canonical word before the first colon.
    pub fn word(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Principal => "principal",
            Self::Channel => "channel",
            Self::Skill => "skill",
            Self::Project => "project",
        }
    }

    /// Splits what follows the kind into one segment or two. Principal ids and channel accounts keep
    /// their colons.
    fn split(self, rest: &str) -> Option<(&str, Option<&str>)> {
        let (first, second) = match rest.split_once(':') {
            Some((first, second)) => (first, Some(second)),
            None => (rest, None),
        };
        match self {
            Self::Global => None,
            Self::Principal => Some((rest, None)),
            Self::Channel => second.is_some().then_some((first, second)),
            Self::Skill => second.is_none().then_some((first, None)),
            Self::Project => {
                second.is_none_or(|second| !second.contains(':')).then_some((first, second))
            }
        }
    }
}

/// Who a secret belongs to, in canonical form: `global`, `principal:<id>`, `channel:<name>:<account>`,
/// `skill:<id>`, `project:<name>` or `project:<name>:<env>`.
///
/// Cheap to clone: the text is shared.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    kind: ScopeKind,
    text: Arc<str>,
}

impl Scope {
    /// The scope every actor may read.
    pub fn global() -> Self {
        Self { kind: ScopeKind::Global, text: Arc::from("global") }
    }

    /// The kind of owner.
    pub fn kind(&self) -> ScopeKind {
        self.kind
    }

    /// The canonical text; aliases are already replaced.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The segments after the kind: none for `global`, one or two else.
    pub fn segments(&self) -> Vec<&str> {
        let rest = self.text.split_once(':').map(|(_, rest)| rest);
        let split = rest.and_then(|rest| self.kind.split(rest));
        split.into_iter().flat_map(|(first, second)| std::iter::once(first).chain(second)).collect()
    }
}

impl Ord for Scope {
    /// By kind, then text. Scopes that share their text are not read: long lists sort by it.
    fn cmp(&self, other: &Self) -> Ordering {
        self.kind.cmp(&other.kind).then_with(|| match Arc::ptr_eq(&self.text, &other.text) {
            true => Ordering::Equal,
            false => self.text.cmp(&other.text),
        })
    }
}

impl PartialOrd for Scope {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Scope {
    type Err = VaultError;

    fn from_str(input: &str) -> Result<Self, VaultError> {
        if input == "global" {
            return Ok(Self::global());
        }
        let invalid = |why: &'static str| VaultError::InvalidScope { input: input.into(), why };
        let (word, rest) = input.split_once(':').ok_or_else(|| invalid("it names no kind"))?;
        let kind = match word {
            "principal" | "user" => ScopeKind::Principal,
            "channel" => ScopeKind::Channel,
            "skill" | "plugin" => ScopeKind::Skill,
            "project" => ScopeKind::Project,
            _ => return Err(invalid("it names no known kind")),
        };
        let (first, second) =
            kind.split(rest).ok_or_else(|| invalid("it has the wrong number of segments"))?;
        check_segment(first).map_err(invalid)?;
        second.map_or(Ok(()), check_segment).map_err(invalid)?;
        // Without a detour for what is canonical already: a page reads hundreds of them.
        let text = match word == kind.word() {
            true => input.into(),
            false => format!("{}:{rest}", kind.word()).into(),
        };
        Ok(Self { kind, text })
    }
}

/// Refuses what may not stand in a segment; nothing is ever changed to fit.
fn check_segment(segment: &str) -> Result<(), &'static str> {
    if segment.is_empty() {
        return Err("a segment is empty");
    }
    if segment.len() > MAX_SEGMENT {
        return Err("a segment is longer than 256 bytes");
    }
    if segment.trim() != segment {
        return Err("a segment begins or ends with white space");
    }
    if segment.bytes().any(|b| matches!(b, b'/' | b'\\')) {
        return Err("a segment contains a slash or backslash");
    }
    if segment.is_ascii() {
        // Most names: nothing below but the controls applies to ASCII.
        let control = segment.bytes().any(|b| b.is_ascii_control());
        return if control { Err("a segment contains a control character") } else { Ok(()) };
    }
    if segment.chars().any(is_unprintable) {
        return Err("a segment contains a control or invisible character");
    }
    if !is_nfc(segment) {
        return Err("a segment is not in Unicode NFC");
    }
    Ok(())
}

/// Control, format, line separator, paragraph separator (Cc, Cf, Zl, Zp).
fn is_unprintable(c: char) -> bool {
    matches!(
        c.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    )
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({})", self.text)
    }
}

/// The name of a secret within its scope: 1–128 bytes of `[A-Za-z0-9._-]`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretKey(Box<str>);

impl SecretKey {
    /// The text, always plain ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretKey {
    type Err = VaultError;

    fn from_str(input: &str) -> Result<Self, VaultError> {
        let invalid = |why: &'static str| VaultError::InvalidKey { input: input.into(), why };
        if input.is_empty() {
            return Err(invalid("it is empty"));
        }
        if input.len() > MAX_KEY {
            return Err(invalid("it is longer than 128 bytes"));
        }
        if !input.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')) {
            return Err(invalid("only letters, digits, '.', '_' and '-' may stand in it"));
        }
        Ok(Self(input.into()))
    }
}

impl fmt::Display for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.0)
    }
}

/// A scope and a key: the full name of a secret, `<scope>/<key>`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct SecretRef {
    /// Who it belongs to.
    pub scope: Scope,
    /// Its name there.
    pub key: SecretKey,
}

impl SecretRef {
    /// Joins a scope and a key.
    pub fn new(scope: Scope, key: SecretKey) -> Self {
        Self { scope, key }
    }

    /// The URI form, percent-encoded where RFC 3986 needs it.
    pub fn uri(&self) -> String {
        format!("tresor://{}/{}", utf8_percent_encode(self.scope.as_str(), URI_KEEPS), self.key)
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.scope, self.key)
    }
}

impl FromStr for SecretRef {
    type Err = VaultError;

    /// Reads `<scope>/<key>`, split at the first slash, or the URI form without a query.
    fn from_str(input: &str) -> Result<Self, VaultError> {
        if input.starts_with("tresor:") {
            let locator: Locator = input.parse()?;
            return match locator.field {
                None => Ok(locator.name),
                Some(_) => Err(invalid_reference(input, "a field has no place here")),
            };
        }
        let (scope, key) = input
            .split_once('/')
            .ok_or_else(|| invalid_reference(input, "it is not of the form SCOPE/KEY"))?;
        Ok(Self { scope: scope.parse()?, key: key.parse()? })
    }
}

/// A reference with the field it asks for: `tresor://<scope>/<key>[?field=username]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locator {
    /// The secret.
    pub name: SecretRef,
    /// The metadata field asked for; the value when absent.
    pub field: Option<String>,
}

impl FromStr for Locator {
    type Err = VaultError;

    fn from_str(input: &str) -> Result<Self, VaultError> {
        let Some(rest) = input.strip_prefix("tresor://") else {
            return Ok(Self { name: parse_plain(input)?, field: None });
        };
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        let (scope, key) =
            path.split_once('/').ok_or_else(|| invalid_reference(input, "it has no key"))?;
        let decode = |text: &str| {
            percent_decode_str(text)
                .decode_utf8()
                .map(|text| text.into_owned())
                .map_err(|_| invalid_reference(input, "it does not decode to UTF-8"))
        };
        let name = SecretRef::new(decode(scope)?.parse()?, decode(key)?.parse()?);
        let field = match query {
            None => None,
            Some(query) => match query.split_once('=') {
                Some(("field", field)) if !field.is_empty() => Some(decode(field)?),
                _ => {
                    return Err(invalid_reference(input, "only ?field=NAME may follow the key"));
                }
            },
        };
        Ok(Self { name, field })
    }
}

/// Reads the plain form; a second scheme inside is refused by the scope's own rules.
fn parse_plain(input: &str) -> Result<SecretRef, VaultError> {
    if input.starts_with("tresor:") {
        return Err(invalid_reference(input, "a URI begins with tresor://"));
    }
    input.parse()
}

fn invalid_reference(input: &str, why: &'static str) -> VaultError {
    VaultError::InvalidReference { input: input.into(), why }
}

/// Stored as text and parsed again when read: what is in a page is trusted no more than input.
macro_rules! stored_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                // A visitor, because it is lent the text: no copy for each of 100,000 names.
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a name in canonical form")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        let parsed: $type = text.parse().map_err(E::custom)?;
                        // An alias would give one name two forms on disk.
                        let canonical = parsed.as_str() == text;
                        canonical.then_some(parsed).ok_or_else(|| E::custom("an alias"))
                    }
                }
                from.deserialize_str(Text)
            }
        }
    };
}

stored_as_text!(Scope);
stored_as_text!(SecretKey);

#[cfg(test)]
mod tests;
