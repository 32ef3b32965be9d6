//! The form of a secret's metadata. Not its value.
use super::App;
use super::bindings::Action;
use super::event::Ticket;
use super::field::SecretField;
use super::layer::Layer;
use super::saving::SaveJob;
use super::toast::Tone;
use crate::vault::secret::{MAX_FIELD, MAX_NOTE};
use crate::vault::{Description, MetadataPatch, SecretKind, SecretMetadata, SecretRef, Timestamp};

/// The fields in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum MetaField {
    Kind,
    Username,
    Url,
    Tags,
    Expires,
    Protected,
    Note,
}

/// The state of the form.
pub struct MetaForm {
    /// Which secret.
    pub name: SecretRef,
    /// The metadata the form began from.
    pub before: SecretMetadata,
    /// The kind; Left and Right change it.
    pub kind: SecretKind,
    /// The account.
    pub username: SecretField,
    /// The address.
    pub url: SecretField,
    /// Tags, separated by commas or spaces.
    pub tags: SecretField,
    /// The expiry: a date, RFC 3339, or `30d`, `6w`, `2y` from now; empty is never.
    pub expires: SecretField,
    /// Whether it is protected.
    pub protected: bool,
    /// Whether the vault can protect at all.
    pub can_protect: bool,
    /// Free text of many lines.
    pub note: SecretField,
    /// Which field has the cursor.
    pub focus: MetaField,
    /// What is wrong, and where.
    pub problem: Option<(MetaField, String)>,
    /// A newer revision appeared meanwhile.
    pub changed_to: Option<u64>,
    /// Being saved.
    pub saving: Option<Ticket>,
}

/// The longest expiry that can be typed, in bytes.
const MAX_EXPIRY: usize = 64;
/// All fields in the order of Tab.
pub(super) const FIELDS: [MetaField; 7] = [
    MetaField::Kind,
    MetaField::Username,
    MetaField::Url,
    MetaField::Tags,
    MetaField::Expires,
    MetaField::Protected,
    MetaField::Note,
];

impl MetaForm {
    fn of(found: &Description, can_protect: bool) -> Self {
        let before = found.metadata.clone();
        let mut form = Self {
            name: found.name.clone(),
            kind: before.kind,
            username: SecretField::line(MAX_FIELD),
            url: SecretField::line(MAX_FIELD),
            tags: SecretField::line(MAX_NOTE),
            expires: SecretField::line(MAX_EXPIRY),
            protected: before.protected,
            can_protect,
            note: SecretField::lines(MAX_NOTE),
            focus: MetaField::Kind,
            problem: None,
            changed_to: None,
            saving: None,
            before,
        };
        form.username.set(form.before.username.as_deref().unwrap_or_default());
        form.url.set(form.before.url.as_deref().unwrap_or_default());
        form.tags.set(&form.before.tags.join(", "));
        form.expires.set(&form.before.expires_at.map(written).unwrap_or_default());
        form.note.set(form.before.note.as_deref().unwrap_or_default());
        form
    }

    pub(super) fn field(&mut self) -> Option<&mut SecretField> {
        match self.focus {
            MetaField::Username => Some(&mut self.username),
            MetaField::Url => Some(&mut self.url),
            MetaField::Tags => Some(&mut self.tags),
            MetaField::Expires => Some(&mut self.expires),
            MetaField::Note => Some(&mut self.note),
            MetaField::Kind | MetaField::Protected => None,
        }
    }

    /// What was changed, or what is wrong and where.
    pub(super) fn patch(&self, now: Timestamp) -> Result<MetadataPatch, (MetaField, String)> {
        let before = &self.before;
        let tags = self.tags.with_str(split_tags);
        let expires = self.expires.with_str(|text| self.expiry(text, now))?;
        let patch = MetadataPatch {
            kind: (self.kind != before.kind).then_some(self.kind),
            username: changed(&self.username, before.username.as_ref()),
            url: changed(&self.url, before.url.as_ref()),
            tags: (tags != before.tags).then_some(tags),
            note: changed(&self.note, before.note.as_ref()),
            expires_at: (expires != before.expires_at).then_some(expires),
            protected: (self.protected != before.protected).then_some(self.protected),
        };
        for (field, only) in self.parts(&patch) {
            only.check().map_err(|error| (field, error.to_string()))?;
        }
        Ok(patch)
    }

    /// The patch field by field, so that a refusal can name its field.
    fn parts(&self, patch: &MetadataPatch) -> [(MetaField, MetadataPatch); 4] {
        let none = MetadataPatch::default;
        let patch = patch.clone();
        [
            (MetaField::Username, MetadataPatch { username: patch.username, ..none() }),
            (MetaField::Url, MetadataPatch { url: patch.url, ..none() }),
            (MetaField::Tags, MetadataPatch { tags: patch.tags, ..none() }),
            (MetaField::Note, MetadataPatch { note: patch.note, ..none() }),
        ]
    }

    /// Reads an expiry; what was not touched stays to the second.
    fn expiry(&self, text: &str, now: Timestamp) -> Result<Option<Timestamp>, (MetaField, String)> {
        let text = text.trim();
        if self.before.expires_at.map(written).unwrap_or_default() == text {
            return Ok(self.before.expires_at);
        }
        if text.is_empty() || text == "never" {
            return Ok(None);
        }
        let parsed = Timestamp::parse(text).or_else(|| from_now(text, now));
        parsed.map(Some).ok_or_else(|| {
            let how = "write a date such as 2027-01-31, or 30d, 6w, 2y from now";
            (MetaField::Expires, format!("not an expiry: {how}"))
        })
    }

    /// Whether something was changed that would be lost.
    pub fn is_dirty(&self, now: Timestamp) -> bool {
        self.patch(now).map_or(true, |patch| patch != MetadataPatch::default())
    }

    fn step(&mut self, forward: bool) {
        let fields: Vec<MetaField> = FIELDS
            .into_iter()
            .filter(|field| self.can_protect || *field != MetaField::Protected)
            .collect();
        let at = fields.iter().position(|field| *field == self.focus).unwrap_or(0);
        let to = at + if forward { 1 } else { fields.len() - 1 };
        self.focus = fields[to % fields.len()];
    }

    /// Changes what is not typed: the kind, or the protection.
    fn turn(&mut self, forward: bool) {
        match self.focus {
            MetaField::Kind => {
                let all = SecretKind::ALL;
                let at = all.iter().position(|(kind, _)| *kind == self.kind).unwrap_or(0);
                let to = at + if forward { 1 } else { all.len() - 1 };
                self.kind = all[to % all.len()].0;
            }
            MetaField::Protected => self.protected = !self.protected,
            _ => {}
        }
    }
}

/// A line that differs from what was there; empty clears it.
fn changed(field: &SecretField, before: Option<&String>) -> Option<Option<String>> {
    let now = field.with_str(|text| (!text.trim().is_empty()).then(|| text.to_owned()));
    (now.as_ref() != before).then_some(now)
}

/// Tags in the order the vault keeps them.
fn split_tags(text: &str) -> Vec<String> {
    let words = text.split([',', ' ', '\t']).filter(|tag| !tag.is_empty());
    let mut tags: Vec<String> = words.map(str::to_owned).collect();
    tags.sort();
    tags.dedup();
    tags
}

/// A date where midnight is meant, else the full form.
fn written(at: Timestamp) -> String {
    let text = at.to_string();
    text.strip_suffix("T00:00:00Z").map_or(text.clone(), str::to_owned)
}

/// `30d`, `6w`, `2y` from now.
fn from_now(text: &str, now: Timestamp) -> Option<Timestamp> {
    let days_each: i64 = match text.chars().last()? {
        'd' => 1,
        'w' => 7,
        'y' => 365,
        _ => return None,
    };
    let count: i64 = text.strip_suffix(['d', 'w', 'y'])?.parse().ok()?;
    let sensible = (0..=36_500).contains(&count);
    sensible.then(|| now.plus(count * days_each * 86_400))
}

impl App {
    pub(super) fn open_meta_form(&mut self, found: &Description) {
        let can_protect = self.facts.as_ref().is_some_and(|facts| facts.can_protect);
        let form = MetaForm::of(found, can_protect);
        match self.meta_form().filter(|old| old.name == found.name) {
            Some(old) => *old = form,
            None => self.layers.push(Layer::MetaForm(form)),
        }
    }

    pub(super) fn meta_typed(&mut self) {
        if let Some(form) = self.meta_form() {
            form.problem = None;
        }
    }

    pub(super) fn meta_act(&mut self, action: Action) {
        let now = self.wall;
        let Some(form) = self.meta_form().filter(|form| form.saving.is_none()) else { return };
        match action {
            Action::Close => self.close_top(),
            Action::Next => form.step(true),
            Action::Previous => form.step(false),
            Action::Left => form.turn(false),
            Action::Right | Action::Toggle => form.turn(true),
            Action::Accept => match form.patch(now) {
                Err((field, problem)) => {
                    (form.focus, form.problem) = (field, Some((field, problem)));
                }
                Ok(patch) if patch == MetadataPatch::default() => {
                    self.pop_layer();
                    self.toast(Tone::Note, "Nothing changed".into(), String::new());
                }
                Ok(_) if form.changed_to.is_some() => {
                    let name = form.name.clone();
                    self.conflict(&name);
                }
                Ok(_) => self.save(SaveJob::Metadata { any: false }),
            },
            _ => {}
        }
    }
}
