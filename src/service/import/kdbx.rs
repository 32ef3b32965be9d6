//! KeePass databases (KDBX 4 and 3.1), opened by the crate `keepass`. Writes none, and changes none.

mod header;
mod otp;

use std::thread;

use keepass::db::{DatabaseFormatError, DatabaseOpenError, EntryRef, GroupRef, Value, fields};
use keepass::error::{DatabaseKeyError, Kdbx3OpenError, Kdbx4OpenError};
use keepass::{Database, DatabaseKey};

use super::collect::Collector;
use super::item::Item;
use super::{ImportError, Outcome};
use crate::vault::{MAX_MAX_VALUE, SensitiveBytes, Timestamp};

pub use header::check;

/// What a parser of nested groups gets to work with.
const STACK: usize = 64 * 1024 * 1024;
/// The most bytes of attachments that are taken: one file may be attached to many entries.
const MOST_ATTACHED: usize = 256 * 1024 * 1024;
/// Further addresses of an entry, as KeePassXC and Keepass2Android name them.
const FURTHER_URL: &str = "KP2A_URL";
/// What to do where entries are written in an order of their own: their values are encrypted as one stream.
const DISORDER_HELP: &str = "open it in KeePassXC, save it there, and try again";
/// What the crate puts for bytes that are no text.
const NO_TEXT: char = '\u{fffd}';

/// What opens a database: a passphrase, a key file, or both.
pub struct Key<'a> {
    /// The passphrase.
    pub passphrase: Option<&'a SensitiveBytes>,
    /// The contents of the key file.
    pub key_file: Option<&'a SensitiveBytes>,
}

/// Reads a database.
///
/// # Errors
///
/// What is none, asks for too much to be opened, does not open, or is damaged; a one-time password that makes no
/// codes is in what was found.
pub fn read(file: &SensitiveBytes, key: &Key<'_>) -> Outcome {
    check(file)?;
    // A thread of its own: groups nest as deep as a file likes, and what the crate panics at ends there.
    thread::scope(|scope| {
        let read = || opened(file, key).and_then(|database| all(&database));
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, read);
        match thread.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(read)) => read,
            Ok(Err(_)) => Err(ImportError::Damaged("it is damaged where nobody expects it")),
            Err(_) => Err(ImportError::Damaged("no thread can be had to read it")),
        }
    })
}

fn opened(file: &SensitiveBytes, key: &Key<'_>) -> Result<Database, ImportError> {
    let mut wanted = DatabaseKey::new();
    if let Some(passphrase) = key.passphrase {
        let not_text = ImportError::Locked {
            why: "the passphrase is not UTF-8",
            help: "write it as KeePass does",
        };
        wanted = passphrase.with_str(|text| wanted.with_password(text)).ok_or(not_text)?;
    }
    if let Some(key_file) = key.key_file {
        wanted = key_file
            .with(|mut bytes| wanted.with_keyfile(&mut bytes))
            .map_err(|_| ImportError::Damaged("its key file cannot be read"))?;
    }
    file.with(|bytes| Database::parse(bytes, wanted))
        .map_err(|error| told(&error, header::is_older(file)))
}

/// The crate's error in words of ours: its own may quote the database.
fn told(error: &DatabaseOpenError, is_older: bool) -> ImportError {
    use DatabaseOpenError as E;
    let locked = ImportError::Locked {
        why: match is_older {
            true => "the passphrase or key file does not open it, or it is damaged",
            false => "the passphrase or key file does not open it",
        },
        help: "try again; it may need a key file too: --source-key-file FILE",
    };
    match error {
        E::Key(DatabaseKeyError::IncorrectKey | DatabaseKeyError::EmptyKey) => locked,
        E::Cryptography(_) if is_older => locked,
        E::Key(_) => ImportError::malformed(
            "its key file is none of KeePass",
            "name the key file that the database was made with",
        ),
        E::Format(
            DatabaseFormatError::Kdbx4(Kdbx4OpenError::Xml(_))
            | DatabaseFormatError::Kdbx3(Kdbx3OpenError::Xml(_)),
        ) => ImportError::Unsupported {
            why: "it opens, but its entries are not written as KeePass writes them",
            help: DISORDER_HELP,
        },
        E::Format(_) | E::Cryptography(_) => {
            ImportError::Damaged("it is damaged: what it holds does not agree with its checksums")
        }
        _ => ImportError::Damaged("it is cut off or damaged"),
    }
}

fn all(database: &Database) -> Outcome {
    let mut walk = Walk { bin: None, counts: Counts::default(), collector: Collector::default() };
    walk.bin = database.recycle_bin().map(|bin| bin.id().uuid().into_bytes());
    walk.group(&database.root(), &mut Vec::new())?;
    let Walk { counts, mut collector, .. } = walk;
    collector.left_out_count(
        counts.deleted,
        "entry in the recycle bin",
        "entries in the recycle bin",
    );
    collector.left_out_count(counts.former, "former state of an entry", "former states of entries");
    collector.remark_count(
        counts.references,
        "value refers to another entry ({REF:…}) and was taken as it is written",
        "values refer to other entries ({REF:…}) and were taken as they are written",
    );
    collector.done()
}

/// How many things of a sort were met.
#[derive(Default)]
struct Counts {
    deleted: usize,
    former: usize,
    references: usize,
    attached: usize,
}

struct Walk {
    bin: Option<[u8; 16]>,
    counts: Counts,
    collector: Collector,
}

impl Walk {
    /// A group and all in it; the root's name says nothing.
    fn group(
        &mut self,
        group: &GroupRef<'_>,
        folders: &mut Vec<String>,
    ) -> Result<(), ImportError> {
        if self.bin == Some(group.id().uuid().into_bytes()) {
            self.counts.deleted += entries_of(group);
            return Ok(());
        }
        for entry in group.entries() {
            let item = self.item(&entry, folders)?;
            let place = item.path();
            self.collector.add(item, &place);
        }
        for inner in group.groups() {
            folders.push(inner.name.clone());
            self.group(&inner, folders)?;
            folders.pop();
        }
        Ok(())
    }

    fn item(&mut self, entry: &EntryRef<'_>, folders: &[String]) -> Result<Item, ImportError> {
        let text = |name: &str| entry.get(name).unwrap_or_default().to_owned();
        let mut item = Item {
            folders: folders.to_vec(),
            title: text(fields::TITLE),
            username: text(fields::USERNAME).into(),
            password: text(fields::PASSWORD).into(),
            urls: vec![text(fields::URL)],
            notes: text(fields::NOTES).into(),
            totp: otp::key(&|name| entry.get(name)),
            tags: entry.tags.clone(),
            ..Item::default()
        };
        if entry.times.expires == Some(true) {
            item.expires_at = Some(Timestamp(entry.times.expiry.and_utc().timestamp()));
        }
        // Decrypted out of order, a value is noise: better none than that.
        let is_noise = |value: &Value<String>| value.is_protected() && value.contains(NO_TEXT);
        if entry.fields.values().any(is_noise) {
            return Err(ImportError::Unsupported {
                why: "it opens, but values in it are no text once they are decrypted",
                help: DISORDER_HELP,
            });
        }
        let mut values: Vec<(&String, &str)> =
            entry.fields.iter().map(|(name, value)| (name, value.get().as_str())).collect();
        values.sort_unstable_by_key(|(name, _)| *name);
        for (name, value) in values {
            self.counts.references += usize::from(value.contains("{REF:"));
            match name.as_str() {
                name if fields::KNOWN_FIELDS.contains(&name) || otp::is_part(name) => {}
                name if name.starts_with(FURTHER_URL) => item.urls.push(value.to_owned()),
                name => item.field(name, value),
            }
        }
        self.counts.former +=
            entry.history.as_ref().map_or(0, |history| history.get_entries().len());
        self.attach(entry, &mut item)?;
        Ok(item)
    }

    /// The files of an entry. One that no vault has room for is named.
    fn attach(&mut self, entry: &EntryRef<'_>, item: &mut Item) -> Result<(), ImportError> {
        let mut files: Vec<_> = entry.attachments_named().collect();
        files.sort_unstable_by_key(|(name, _)| *name);
        for (name, file) in files {
            let bytes = file.data.get();
            if bytes.len() > MAX_MAX_VALUE as usize {
                let what = format!("{name} of {}, a file of {} bytes", item.path(), bytes.len());
                self.collector.left_out(crate::text::visible(&what).into_owned());
                continue;
            }
            self.counts.attached += bytes.len();
            if self.counts.attached > MOST_ATTACHED {
                return Err(ImportError::TooLarge("its attachments have more than 256 MiB"));
            }
            item.attachments.push((name.to_owned(), SensitiveBytes::copy_of(bytes)));
        }
        Ok(())
    }
}

/// How many entries are in a group and the groups in it.
fn entries_of(group: &GroupRef<'_>) -> usize {
    group.entries().count() + group.groups().map(|inner| entries_of(&inner)).sum::<usize>()
}

#[cfg(test)]
mod tests;
