//! The form of a backup: named parts, one behind the other, and a list of them with their hashes at the end;
//! see FORMAT.md. Believes nothing it reads before the list agrees.

use std::io::{Read, Write};

use serde::{Deserialize, Serialize};

use super::{BackupError, Result};
use crate::vault::backend::MAX_ENVELOPE;
use crate::vault::core::MAX_PAGE;
use crate::vault::encoding::{Digest, Id, from_json, to_json};
use crate::vault::root::MAX_ROOT;
use crate::vault::secret::Timestamp;
use crate::vault::storage::names;

/// What a backup begins with: a mark and the number of its form.
const MARK: &[u8; 7] = b"TRSBKUP";
const FORM: u8 = 1;
/// The longest name of a part: a directory, an id and an ending.
const MAX_NAME: usize = 64;
/// The longest list, in bytes: some millions of parts.
const MAX_LIST: u64 = 512 * 1024 * 1024;
/// What is reserved before the bytes are there.
const FIRST_ROOM: u64 = 1024 * 1024;

/// One part, as the list names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub name: String,
    size: u64,
    sha256: Digest,
}

/// What a backup holds: the list at its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    pub(super) vault_id: Id,
    pub(super) generation: u64,
    pub(super) made_at: Timestamp,
    pub(super) parts: Vec<Part>,
}

impl Contents {
    /// The vault's id in hex.
    pub fn vault_id(&self) -> String {
        self.vault_id.to_string()
    }

    /// The generation of the vault that it holds.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The time on the clock of the machine that made it.
    pub fn made_at(&self) -> Timestamp {
        self.made_at
    }

    /// How many envelopes are in it: live secrets, their history and the trash.
    pub fn envelopes(&self) -> usize {
        let objects = format!("{}/", names::OBJECTS);
        self.parts.iter().filter(|part| part.name.starts_with(&objects)).count()
    }

    /// The bytes of all parts.
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.size).sum()
    }
}

/// The most bytes of the part of that name; `None` when a vault has no such file.
pub(super) fn limit(name: &str) -> Option<u64> {
    if name == names::ROOT {
        return Some(MAX_ROOT);
    }
    let (dir, file) = name.split_once('/')?;
    let has = |ending| names::id_with(file, ending).is_some();
    match dir {
        names::INDEX => has(names::PAGE).then_some(MAX_PAGE),
        names::OBJECTS => has(names::OBJECT).then_some(MAX_ENVELOPE),
        names::JOURNAL => {
            let epoch: u64 = file.strip_suffix(".log")?.parse().ok()?;
            (names::journal(epoch) == name).then_some(MAX_PAGE)
        }
        names::LOST => (names::id_of(file).is_some() || has(".log")).then_some(MAX_PAGE),
        _ => None,
    }
}

/// Writes parts.
pub(super) struct Writer<'a> {
    to: &'a mut dyn Write,
    total: usize,
    progress: &'a mut dyn FnMut(usize, usize),
    parts: Vec<Part>,
}

impl<'a> Writer<'a> {
    pub(super) fn begin(
        to: &'a mut dyn Write,
        total: usize,
        progress: &'a mut dyn FnMut(usize, usize),
    ) -> Result<Self> {
        to.write_all(MARK)?;
        to.write_all(&[FORM])?;
        let count = u32::try_from(total).map_err(|_| BackupError::not_whole("too many parts"))?;
        to.write_all(&count.to_le_bytes())?;
        Ok(Self { to, total, progress, parts: Vec::with_capacity(total) })
    }

    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let length =
            u16::try_from(name.len()).map_err(|_| BackupError::not_whole("a long name"))?;
        let size = bytes.len() as u64;
        self.to.write_all(&length.to_le_bytes())?;
        self.to.write_all(name.as_bytes())?;
        self.to.write_all(&size.to_le_bytes())?;
        self.to.write_all(bytes)?;
        self.parts.push(Part { name: name.to_owned(), size, sha256: Digest::of(bytes) });
        (self.progress)(self.parts.len(), self.total);
        Ok(())
    }

    pub(super) fn finish(
        self,
        vault_id: Id,
        generation: u64,
        made_at: Timestamp,
    ) -> Result<Contents> {
        let contents = Contents { vault_id, generation, made_at, parts: self.parts };
        let list = to_json(&contents)?;
        self.to.write_all(&(list.len() as u64).to_le_bytes())?;
        self.to.write_all(&list)?;
        Ok(contents)
    }
}

/// Reads a whole backup and hands each part to `each`; what that did holds only when this gives the list, for
/// then every part is the one that was written. The root comes first.
pub(super) fn read(
    from: &mut dyn Read,
    each: &mut dyn FnMut(&str, Vec<u8>) -> Result<()>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Contents> {
    let begin: [u8; 8] = array(from).map_err(|error| match error {
        BackupError::NotWhole { .. } => BackupError::not_whole("it begins like something else"),
        error => error,
    })?;
    match begin.split_last() {
        Some((&FORM, mark)) if mark == MARK => {}
        Some((form, mark)) if mark == MARK && *form > FORM => return Err(BackupError::NewerForm),
        _ => return Err(BackupError::not_whole("it begins like something else")),
    }
    let total = u32::from_le_bytes(array(from)?) as usize;
    let mut parts: Vec<Part> = Vec::new();
    for done in 0..total {
        let (name, bytes) = part(from)?;
        if (done == 0) != (name == names::ROOT) {
            return Err(BackupError::not_whole("the root is not its first part"));
        }
        let (size, sha256) = (bytes.len() as u64, Digest::of(&bytes));
        each(&name, bytes)?;
        parts.push(Part { name, size, sha256 });
        progress(done + 1, total);
    }
    let size = u64::from_le_bytes(array(from)?);
    let list = bytes(from, size, MAX_LIST)?;
    let contents: Contents =
        from_json("", &list).map_err(|_| BackupError::not_whole("its list is malformed"))?;
    if contents.parts != parts || total == 0 {
        return Err(BackupError::not_whole("a part is not the one in its list"));
    }
    match from.read(&mut [0])? {
        0 => Ok(contents),
        _ => Err(BackupError::not_whole("something follows its end")),
    }
}

/// One part.
fn part(from: &mut dyn Read) -> Result<(String, Vec<u8>)> {
    let length = usize::from(u16::from_le_bytes(array(from)?));
    let bad = BackupError::not_whole("a part has a name that no file of a vault has");
    if length > MAX_NAME {
        return Err(bad);
    }
    let name = bytes(from, length as u64, MAX_NAME as u64)?;
    let Ok(name) = String::from_utf8(name) else { return Err(bad) };
    let Some(most) = limit(&name) else { return Err(bad) };
    let size = u64::from_le_bytes(array(from)?);
    Ok((name, bytes(from, size, most)?))
}

fn array<const N: usize>(from: &mut dyn Read) -> Result<[u8; N]> {
    let mut array = [0; N];
    from.read_exact(&mut array).map_err(cut_off)?;
    Ok(array)
}

/// So many bytes, and not more than `most`; no more is reserved than is there.
fn bytes(from: &mut dyn Read, size: u64, most: u64) -> Result<Vec<u8>> {
    if size > most {
        return Err(BackupError::not_whole("a part is larger than it can be"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(FIRST_ROOM)).unwrap_or(0));
    let read = from.take(size).read_to_end(&mut bytes)?;
    match read as u64 == size {
        true => Ok(bytes),
        false => Err(BackupError::not_whole("it is cut off")),
    }
}

fn cut_off(error: std::io::Error) -> BackupError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => BackupError::not_whole("it is cut off"),
        _ => error.into(),
    }
}
