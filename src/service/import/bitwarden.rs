//! Bitwarden's JSON export, as it is written without encryption. Decrypts none.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::collect::Collector;
use super::item::{Item, Text};
use super::lines::Lines;
use super::{ImportError, Outcome, Place, json};
use crate::vault::SensitiveBytes;

const HELP: &str = "export it again, as .json";

/// The file, with its items still as they are written.
#[derive(Deserialize)]
struct File<'a> {
    #[serde(default)]
    encrypted: bool,
    #[serde(default)]
    folders: Vec<Folder>,
    #[serde(default)]
    collections: Vec<Folder>,
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Folder {
    id: String,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(default)]
    name: Option<Text>,
    folder_id: Option<String>,
    collection_ids: Option<Vec<String>>,
    notes: Option<Text>,
    #[serde(default)]
    fields: Option<Vec<Field>>,
    login: Option<Login>,
    #[serde(borrow)]
    card: Option<Values<'a>>,
    #[serde(borrow)]
    identity: Option<Values<'a>>,
    ssh_key: Option<SshKey>,
    password_history: Option<Vec<IgnoredAny>>,
    attachments: Option<Vec<IgnoredAny>>,
    deleted_date: Option<String>,
}

/// A field of one's own: 0 is text, 1 hidden, 2 a check mark, 3 a link to another field.
#[derive(Deserialize)]
struct Field {
    name: Option<Text>,
    value: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    username: Option<Text>,
    password: Option<Text>,
    totp: Option<Text>,
    uris: Option<Vec<Uri>>,
    fido2_credentials: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct Uri {
    uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SshKey {
    private_key: Option<Text>,
    public_key: Option<Text>,
    key_fingerprint: Option<Text>,
}

/// What is on a card, or known of a person: names and texts.
type Values<'a> = HashMap<&'a str, Option<Text>>;

/// How many things of a sort were left out.
#[derive(Default)]
struct Counts {
    passkeys: usize,
    former: usize,
    attachments: usize,
    deleted: usize,
}

/// Reads a file.
///
/// # Errors
///
/// An encrypted export, or what is none; what is wrong with single items is in what was found.
pub fn read(file: &SensitiveBytes) -> Outcome {
    file.with(|bytes| {
        let text = json::text(bytes)?;
        // What is no JSON at all is told with its line.
        let whole: &RawValue = serde_json::from_str(text).map_err(|error| json::broken(&error))?;
        let file: File<'_> = serde_json::from_str(whole.get())
            .map_err(|_| ImportError::malformed("it is no export of Bitwarden", HELP))?;
        if file.encrypted {
            return Err(ImportError::Unsupported {
                why: "it is an encrypted export, which only Bitwarden can open",
                help: "export it again as '.json', not as '.json (Encrypted)', or with 'bw export --format json'",
            });
        }
        let items = file.items.as_deref();
        let items = items.ok_or_else(|| ImportError::malformed("it is no export of Bitwarden", HELP))?;
        let folders = file.folders.iter().chain(&file.collections);
        let folders: HashMap<&str, &str> = folders
            .filter_map(|folder| Some((folder.id.as_str(), folder.name.as_deref()?)))
            .collect();
        all(items, &folders, Lines::new(text.as_bytes()))
    })
}

fn all(items: &[&RawValue], folders: &HashMap<&str, &str>, mut lines: Lines<'_>) -> Outcome {
    let (mut collector, mut counts) = (Collector::default(), Counts::default());
    for raw in items {
        let place = Place::Line(lines.of(raw.get().as_bytes()));
        match serde_json::from_str::<Entry<'_>>(raw.get()) {
            Err(_) => collector.bad(place, "it is no item of Bitwarden", HELP),
            Ok(entry) if entry.deleted_date.is_some() => counts.deleted += 1,
            Ok(entry) => collector.add(item(entry, folders, &mut counts), &place),
        }
    }
    collector.left_out_count(counts.deleted, "item in the trash", "items in the trash");
    collector.left_out_count(counts.passkeys, "passkey", "passkeys");
    collector.left_out_count(counts.former, "former password", "former passwords");
    collector.left_out_count(
        counts.attachments,
        "attachment, which such an export does not hold",
        "attachments, which such an export does not hold",
    );
    collector.done()
}

fn item(entry: Entry<'_>, folders: &HashMap<&str, &str>, counts: &mut Counts) -> Item {
    counts.former += entry.password_history.map_or(0, |list| list.len());
    counts.attachments += entry.attachments.map_or(0, |list| list.len());
    let collection = entry.collection_ids.and_then(|ids| ids.into_iter().next());
    let folder = entry.folder_id.or(collection);
    let folder = folder.and_then(|id| folders.get(id.as_str()).copied()).unwrap_or_default();
    let mut item = Item {
        folders: folder.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        title: entry.name.map(|mut name| std::mem::take(&mut *name)).unwrap_or_default(),
        notes: entry.notes.unwrap_or_default(),
        ..Item::default()
    };
    if let Some(login) = entry.login {
        counts.passkeys += login.fido2_credentials.map_or(0, |list| list.len());
        item.username = login.username.unwrap_or_default();
        item.password = login.password.unwrap_or_default();
        item.totp = login.totp.unwrap_or_default();
        item.urls = login.uris.into_iter().flatten().filter_map(|uri| uri.uri).collect();
    }
    if let Some(key) = entry.ssh_key {
        item.password = key.private_key.unwrap_or_default();
        named(&mut item, "public", key.public_key);
        named(&mut item, "fingerprint", key.key_fingerprint);
    }
    for values in [entry.card, entry.identity].into_iter().flatten() {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by_key(|(name, _)| *name);
        values.into_iter().for_each(|(name, value)| named(&mut item, name, value));
    }
    for field in entry.fields.into_iter().flatten() {
        let name = field.name.unwrap_or_default();
        named(&mut item, &name, field.value);
    }
    item
}

fn named(item: &mut Item, name: &str, value: Option<Text>) {
    item.field(name, &value.unwrap_or_default());
}
