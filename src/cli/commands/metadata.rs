//! The metadata options shared by `set` and `meta`. Writes nothing.

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::when;
use crate::cli::words::one_of;
use crate::vault::{MetadataPatch, SecretKind, Timestamp};

/// What may be said about a secret.
#[derive(Args)]
pub struct MetadataArgs {
    /// The kind; recognised from a new value when left out
    #[arg(long, value_name = "KIND", value_parser = one_of(SecretKind::ALL))]
    kind: Option<SecretKind>,
    /// The account it belongs to; an empty one clears it
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Where it is used or managed; an empty one clears it
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// A word to find it by; repeat it for more. Replaces all tags, an empty one clears them
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Free text; an empty one clears it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// When it stops working: 2027-01-31, 2027-01-31T12:00:00Z, 30d or never
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// Ask for the passphrase each time the value is handed out
    #[arg(long)]
    protected: bool,
}

impl MetadataArgs {
    /// The change these options ask for, checked.
    pub fn patch(&self, now: Timestamp) -> Result<MetadataPatch, CliError> {
        let text = |text: &Option<String>| {
            text.as_ref().map(|text| Some(text.clone()).filter(|text| !text.is_empty()))
        };
        let tags = self.tags.iter().filter(|tag| !tag.is_empty()).cloned().collect();
        let patch = MetadataPatch {
            kind: self.kind,
            username: text(&self.username),
            url: text(&self.url),
            tags: (!self.tags.is_empty()).then_some(tags),
            note: text(&self.note),
            expires_at: self.expires.as_deref().map(|text| when::expiry(text, now)).transpose()?,
            protected: self.protected.then_some(true),
        };
        patch.check()?;
        Ok(patch)
    }
}
