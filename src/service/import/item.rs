//! An entry of a password manager, whichever it is: a title with a password and more. Reads no format.

use zeroize::Zeroizing;

use super::Place;
use crate::vault::{SensitiveBytes, Timestamp};

/// Text that is wiped. Empty where there is none.
pub(super) type Text = Zeroizing<String>;

/// An entry. Deliberately neither `Debug` nor `Clone`.
#[derive(Default)]
pub(super) struct Item {
    /// The folders it lies in, outermost first.
    pub folders: Vec<String>,
    /// Its title.
    pub title: String,
    /// The account.
    pub username: Text,
    /// The password.
    pub password: Text,
    /// What it holds in place of a password, bit for bit.
    pub whole: Option<SensitiveBytes>,
    /// A one-time-password key, as a URI or in base32.
    pub totp: Text,
    /// Where it is used.
    pub urls: Vec<String>,
    /// Free text.
    pub notes: Text,
    /// Further values by name; empty ones count for nothing.
    pub fields: Vec<(String, SensitiveBytes)>,
    /// Files that go along.
    pub attachments: Vec<(String, SensitiveBytes)>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

impl Item {
    /// Adds a named value, unless it is empty.
    pub fn field(&mut self, name: impl Into<String>, value: &str) {
        if !value.is_empty() {
            self.fields.push((name.into(), SensitiveBytes::copy_of(value.as_bytes())));
        }
    }

    /// What it is called where its title is blank: the host of its address.
    pub fn shown_title(&self) -> &str {
        let title = self.title.trim();
        let host = self.urls.first().map(|url| {
            let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            host.rsplit('@').next().unwrap_or_default()
        });
        match title.is_empty() {
            true => host.unwrap_or_default(),
            false => title,
        }
    }

    /// Where it lies in a source that has no lines.
    pub fn path(&self) -> Place {
        let folders = self.folders.iter().map(String::as_str);
        Place::Path(folders.chain([self.shown_title()]).collect::<Vec<_>>().join("/"))
    }
}
