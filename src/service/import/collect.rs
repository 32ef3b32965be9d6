//! Turns entries of password managers into secrets: one each for the password, the one-time password, every
//! field. Reads no format.

use super::item::{Item, Text};
use super::names::{self, Names};
use super::{Bad, Entry, Found, ImportError, MAX_ENTRIES, Outcome, Place};
use crate::service::otp::{Otp, OtpError};
use crate::text::visible;
use crate::vault::{MetadataPatch, SecretKind, SensitiveBytes, recognise};

/// What to do about a one-time-password key that makes no codes.
const OTP_HELP: &str = "compare the key with what the site shows";

/// What was read so far.
#[derive(Default)]
pub(super) struct Collector {
    found: Found,
    names: Names,
}

/// One value of an entry.
struct Part {
    name: Option<&'static str>,
    value: SensitiveBytes,
    kind: Option<SecretKind>,
}

impl Collector {
    /// Takes an entry over.
    pub(super) fn add(&mut self, mut item: Item, place: &Place) {
        let base = self.names.base(&item.folders, item.shown_title());
        let mut patch = self.common(&mut item, &base);
        let parts = self.parts(&mut item, &patch, place);
        patch.note = self.note(&mut item, &base).map(Some);
        patch.expires_at = item.expires_at.map(Some);
        let spilled = spilled(&item);
        for part in parts.into_iter().chain(spilled) {
            let key = match part.name {
                None => base.clone(),
                Some(name) => self.names.part(&base, name),
            };
            let patch = MetadataPatch { kind: part.kind, ..self.take(&mut patch) };
            self.push(&key, part.value, patch, place, false);
        }
        for (name, value) in item.fields {
            let (key, patch) = (self.names.part(&base, &name), self.take(&mut patch));
            self.push(&key, value, patch, place, false);
        }
        for (name, value) in item.attachments {
            let (key, patch) = (self.names.part(&base, &name), self.take(&mut patch));
            self.push(&key, value, patch, place, true);
        }
    }

    /// Adds a place that cannot be read.
    pub(super) fn bad(&mut self, place: Place, why: impl Into<String>, help: &'static str) {
        self.found.bad.push(Bad { place, why: why.into(), help });
    }

    /// Adds a sentence about what was left out.
    pub(super) fn left_out(&mut self, what: String) {
        self.found.left_out.push(what);
    }

    /// The same of things that are counted, if there are any.
    pub(super) fn left_out_count(&mut self, count: usize, one: &str, many: &str) {
        self.found.left_out.extend(told_count(count, one, many));
    }

    /// Adds a sentence about things that were taken, if there are any.
    pub(super) fn remark_count(&mut self, count: usize, one: &str, many: &str) {
        self.found.remarks.extend(told_count(count, one, many));
    }

    /// All of it, unless that is too much.
    pub(super) fn done(self) -> Outcome {
        match self.found.entries.len() > MAX_ENTRIES {
            true => Err(ImportError::TooLarge("more than 10,000 secrets")),
            false => Ok(self.found),
        }
    }

    /// Note and expiry go with the first secret of an entry, the rest with every one.
    fn take(&self, patch: &mut MetadataPatch) -> MetadataPatch {
        let first = patch.clone();
        (patch.note, patch.expires_at) = (None, None);
        first
    }

    fn push(
        &mut self,
        name: &str,
        value: SensitiveBytes,
        patch: MetadataPatch,
        place: &Place,
        is_attachment: bool,
    ) {
        // One more than there may be tells that there are too many.
        if self.found.entries.len() > MAX_ENTRIES {
            return;
        }
        let Some(key) = names::key(name) else { return };
        let place = place.clone();
        let (scope, replaces) = (None, None);
        let entry = Entry { scope, key, value, patch, place, replaces, is_attachment };
        self.found.entries.push(entry);
    }

    /// What every secret of the entry is told by: account, address, tags. What does not fit there stays in
    /// the entry, to become a secret of its own.
    fn common(&mut self, item: &mut Item, base: &str) -> MetadataPatch {
        let mut patch = MetadataPatch::default();
        if fits(|patch| patch.username = Some(Some(item.username.to_string()))) {
            patch.username = Some(Some(std::mem::take(&mut *item.username)));
        }
        item.urls.retain(|url| !url.is_empty());
        if let Some(first) = item.urls.first()
            && fits(|patch| patch.url = Some(Some(first.clone())))
        {
            patch.url = Some(Some(item.urls.remove(0)));
        }
        let all = item.tags.len();
        let mut tags = std::mem::take(&mut item.tags);
        tags.retain(|tag| fits(|patch| patch.tags = Some(vec![tag.clone()])));
        tags.sort();
        tags.dedup();
        tags.truncate(crate::vault::MAX_TAGS);
        if tags.len() < all {
            let count = all - tags.len();
            self.left_out(format!(
                "{count} of the tags of {base}, which are empty, twice there or too many"
            ));
        }
        patch.tags = (!tags.is_empty()).then_some(tags);
        patch
    }

    /// The password, or the notes where there is nothing else, and the one-time-password key.
    fn parts(&mut self, item: &mut Item, patch: &MetadataPatch, place: &Place) -> Vec<Part> {
        let mut parts = Vec::new();
        let only_notes =
            item.totp.is_empty() && item.fields.is_empty() && item.attachments.is_empty();
        if let Some(value) = item.whole.take() {
            parts.push(Part { name: None, value, kind: None });
        } else if !item.password.is_empty() {
            let kind = password_kind(&item.password);
            parts.push(Part { name: None, value: taken(&mut item.password), kind });
        } else if only_notes && !item.notes.is_empty() {
            let kind = recognise(item.notes.as_bytes()).kind;
            let is_plain = matches!(kind, SecretKind::Other | SecretKind::Password);
            let kind = if is_plain { SecretKind::Note } else { kind };
            parts.push(Part { name: None, value: taken(&mut item.notes), kind: Some(kind) });
        } else if only_notes {
            // A title alone keeps nothing: it is named as empty.
            let value = SensitiveBytes::from_string(account(patch));
            let kind = (!value.is_empty()).then_some(SecretKind::Note);
            parts.push(Part { name: None, value, kind });
        }
        if !item.totp.is_empty() {
            let value = taken(&mut item.totp);
            match Otp::parse(&value) {
                Ok(_) => {
                    parts.push(Part { name: Some("otp"), value, kind: Some(SecretKind::Totp) })
                }
                Err(error @ OtpError::Steam) => {
                    let remark = format!("{place}: one-time password: {error}; its key was taken");
                    self.found.remarks.push(remark);
                    parts.push(Part { name: Some("otp"), value, kind: Some(SecretKind::Other) });
                }
                Err(error) => {
                    self.bad(place.clone(), format!("one-time password: {error}"), OTP_HELP)
                }
            }
        }
        parts
    }

    /// The note, with further addresses behind it where they fit.
    fn note(&mut self, item: &mut Item, base: &str) -> Option<String> {
        if item.notes.len() > crate::vault::MAX_NOTE {
            return None;
        }
        let mut note = std::mem::take(&mut *item.notes);
        for url in std::mem::take(&mut item.urls) {
            if note.len() + url.len() + 1 > crate::vault::MAX_NOTE {
                self.left_out(format!(
                    "an address of {base}, for which its note has no room: {}",
                    visible(&url)
                ));
                continue;
            }
            if !note.is_empty() && !note.ends_with('\n') {
                note.push('\n');
            }
            note.push_str(&url);
        }
        Some(note).filter(|note| !note.is_empty())
    }
}

/// What is too long for metadata or has several lines becomes a secret of its own.
fn spilled(item: &Item) -> Vec<Part> {
    let texts = [("username", &item.username), ("notes", &item.notes)];
    let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
    let part = |(name, text): (&'static str, &Text)| {
        let value = SensitiveBytes::copy_of(text.as_bytes());
        Part { name: Some(name), value, kind: Some(SecretKind::Note) }
    };
    let mut parts: Vec<Part> = texts.map(part).collect();
    if !item.notes.is_empty() && !item.urls.is_empty() {
        let urls = item.urls.join("\n").into_bytes();
        parts.push(Part {
            name: Some("urls"),
            value: SensitiveBytes::new(urls),
            kind: Some(SecretKind::Note),
        });
    }
    parts
}

/// The account and the address, for an entry that keeps nothing else; empty where it has neither.
fn account(patch: &MetadataPatch) -> String {
    let told = [("username", &patch.username), ("url", &patch.url)];
    let told = told.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?.as_ref()?)));
    told.map(|(name, text)| format!("{name}: {text}\n")).collect()
}

fn told_count(count: usize, one: &str, many: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {many}")),
    }
}

/// Whether the vault takes what `set` puts into metadata.
pub(super) fn fits(set: impl FnOnce(&mut MetadataPatch)) -> bool {
    let mut patch = MetadataPatch::default();
    set(&mut patch);
    patch.check().is_ok()
}

/// What stands in the field for a password is one, unless it says of itself what it is.
fn password_kind(password: &str) -> Option<SecretKind> {
    use SecretKind as K;
    let told = recognise(password.as_bytes()).kind;
    let is_told = matches!(
        told,
        K::ApiKey
            | K::OauthToken
            | K::Jwt
            | K::Certificate
            | K::PrivateKey
            | K::SshKey
            | K::ConnectionUrl
    );
    (!is_told).then_some(K::Password)
}

fn taken(text: &mut Text) -> SensitiveBytes {
    SensitiveBytes::from_string(std::mem::take(&mut **text))
}
