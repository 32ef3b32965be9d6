//! Owner and access list. Nobody but the user, the system and administrators may be named in it: they
//! could take any file anyway.

mod acl;

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::OnceLock;

use winapi_util::file::{information, typ};
use windows_sys::Win32::Foundation::ERROR_STOPPED_ON_SYMLINK;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_REPARSE_POINT, FILE_FLAG_BACKUP_SEMANTICS,
    FILE_FLAG_OPEN_REPARSE_POINT, FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_READ_ATTRIBUTES,
    FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, READ_CONTROL,
};

use acl::{Descriptor, Effect};

/// Others may open it for anything, so that a reader never stands in the way of who replaces or removes it.
pub(crate) const SHARED: u32 = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
/// What it takes to look at something, which no other program's use of it prevents.
pub(crate) const EXAMINE: u32 = READ_CONTROL | FILE_READ_ATTRIBUTES;

/// Why a link is not safe.
pub(crate) const IS_LINK: &str = "it is a link, or another reparse point";

const SYSTEM: &str = "S-1-5-18";
const ADMINISTRATORS: &str = "S-1-5-32-544";
/// Those a list most often names beside the user, in words.
const KNOWN: [(&str, &str); 5] = [
    ("S-1-1-0", "Everyone"),
    ("S-1-5-11", "Authenticated Users"),
    ("S-1-5-32-545", "Users"),
    ("S-1-5-32-546", "Guests"),
    (ADMINISTRATORS, "Administrators"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Dir,
    Link,
    Other,
}

/// What is known of a file or directory.
pub(crate) struct Facts {
    kind: Kind,
    size: u64,
    links: u64,
    /// What is wrong with its owner or access list.
    wrong: Option<String>,
}

impl Facts {
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        if !typ(file)?.is_disk() {
            return Ok(Self { kind: Kind::Other, size: 0, links: 0, wrong: None });
        }
        let found = information(file)?;
        let has = |attribute: u32| found.file_attributes() & u64::from(attribute) != 0;
        let kind = match (has(FILE_ATTRIBUTE_REPARSE_POINT), has(FILE_ATTRIBUTE_DIRECTORY)) {
            (true, _) => Kind::Link,
            (_, true) => Kind::Dir,
            _ => Kind::File,
        };
        let wrong = wrong_with(&Descriptor::of(file)?, user()?, acl::is_administrator)?;
        Ok(Self { kind, size: found.file_size(), links: found.number_of_links(), wrong })
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn is_dir(&self) -> bool {
        self.kind == Kind::Dir
    }

    /// Why a directory is not safe, if it is not.
    pub(crate) fn unsafe_dir(&self) -> Option<String> {
        match self.kind {
            Kind::Dir => self.wrong.clone(),
            Kind::Link => Some(IS_LINK.into()),
            _ => Some("it is not a directory".into()),
        }
    }

    /// Why a file is not safe, if it is not.
    pub(crate) fn unsafe_file(&self) -> Option<String> {
        match self.kind {
            Kind::File if self.links > 1 => {
                Some(format!("it has {} names (hard links)", self.links))
            }
            Kind::File => self.wrong.clone(),
            Kind::Link => Some(IS_LINK.into()),
            _ => Some("it is not a plain file".into()),
        }
    }
}

/// What is wrong with an owner and an access list, if anything is. Entries that only deny do no harm.
fn wrong_with(
    found: &Descriptor,
    user: &str,
    is_administrator: impl Fn() -> io::Result<bool>,
) -> io::Result<Option<String>> {
    let owner = found.owner()?;
    // What an administrator's programs make often belongs to the group.
    let ours = owner == user || (owner == ADMINISTRATORS && is_administrator()?);
    if !ours {
        return Ok(Some(format!("it belongs to {}", shown(&owner))));
    }
    let Some(entries) = found.entries()? else {
        return Ok(Some("others have access to it (it has no access list)".into()));
    };
    let ours = [user, SYSTEM, ADMINISTRATORS];
    let mut others: Vec<&str> = entries
        .iter()
        .filter(|entry| match entry.effect {
            Effect::Allows => entry.rights != 0 && !ours.contains(&entry.sid.as_str()),
            Effect::Denies => false,
            Effect::Other => true,
        })
        .map(|entry| shown(&entry.sid))
        .collect();
    others.dedup();
    Ok((!others.is_empty())
        .then(|| format!("others have access to it (its access list names {})", others.join(", "))))
}

/// A SID as people know it.
fn shown(sid: &str) -> &str {
    match KNOWN.iter().find(|(known, _)| *known == sid) {
        Some((_, word)) => word,
        None if sid.is_empty() => "somebody under a condition",
        None => sid,
    }
}

/// The user this process runs as; that never changes.
fn user() -> io::Result<&'static str> {
    static USER: OnceLock<String> = OnceLock::new();
    if let Some(user) = USER.get() {
        return Ok(user);
    }
    let user = acl::user()?;
    Ok(USER.get_or_init(|| user))
}

/// The owner and access list of what we make. What is made in a directory gets the same by inheritance.
fn ours(is_dir: bool) -> io::Result<Descriptor> {
    let (user, inherited) = (user()?, if is_dir { "OICI" } else { "" });
    let entry = |sid: &str| format!("(A;{inherited};FA;;;{sid})");
    let list = [user, SYSTEM, ADMINISTRATORS].map(entry).concat();
    Descriptor::parse(&format!("O:{user}D:P{list}"))
}

/// Takes away what others may do with an open file or directory.
pub(crate) fn restrict(file: &File, is_dir: bool) -> io::Result<()> {
    ours(is_dir)?.apply_to(file)
}

/// Leaves other programs of this user the right to see, end and wait for this process, and no more: not to
/// read its memory.
pub(crate) fn restrict_process() -> io::Result<()> {
    let user = user()?;
    // SYNCHRONIZE, PROCESS_QUERY_LIMITED_INFORMATION and PROCESS_TERMINATE.
    let rights = 0x0010_0000 | 0x1000 | 0x1;
    let list = format!("D:P(A;;{rights:#x};;;{user})(A;;GA;;;{SYSTEM})(A;;GA;;;{ADMINISTRATORS})");
    Descriptor::parse(&list)?.apply_to_process()
}

/// Opens what bears this name, be it a link.
pub(crate) fn open_to_examine(path: &Path) -> io::Result<File> {
    open(path, EXAMINE, SHARED)
}

/// Opens a file or directory, and never what a link leads to.
pub(crate) fn open_as_it_is(path: &Path, rights: u32, sharing: u32) -> io::Result<File> {
    let file = open(path, rights, sharing)?;
    let link = typ(&file)?.is_disk()
        && file.metadata()?.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0;
    match link {
        true => Err(io::Error::from_raw_os_error(LINK)),
        false => Ok(file),
    }
}

const LINK: i32 = ERROR_STOPPED_ON_SYMLINK.cast_signed();

fn open(path: &Path, rights: u32, sharing: u32) -> io::Result<File> {
    // Backup semantics: without them no directory can be opened.
    let flags = FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS;
    OpenOptions::new().access_mode(rights).share_mode(sharing).custom_flags(flags).open(path)
}

/// Whether opening failed because there is a link.
pub(crate) fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(LINK)
}

/// Opens a file to read it, never through a link.
pub(super) fn open_to_read(path: &Path) -> io::Result<File> {
    open_as_it_is(path, FILE_GENERIC_READ, SHARED)
}

pub(super) fn create_file(path: &Path) -> io::Result<File> {
    create_file_with(path, FILE_GENERIC_WRITE)
}

/// Makes a file and opens it with these rights beside those to examine it.
pub(crate) fn create_file_with(path: &Path, rights: u32) -> io::Result<File> {
    acl::create_file(path, rights | EXAMINE, SHARED, &ours(false)?)
}

pub(crate) fn create_dir(path: &Path) -> io::Result<()> {
    acl::create_dir(path, &ours(true)?)
}

pub(super) fn make_dirs(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    match create_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound && parent.is_some() => {
            parent.map_or(Ok(()), make_dirs)?;
            match create_dir(path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
                made => made,
            }
        }
        // A directory that is there may also be one that may not be made, such as a drive.
        Err(_) if path.is_dir() => Ok(()),
        made => made,
    }
}

/// Lets everybody read a file or directory, as another program might.
#[cfg(test)]
#[allow(clippy::expect_used)]
pub(crate) fn let_everybody_read(path: &Path) {
    use windows_sys::Win32::Storage::FileSystem::WRITE_DAC;
    let user = user().expect("a user");
    let list = Descriptor::parse(&format!("D:P(A;;FA;;;{user})(A;;FR;;;WD)")).expect("a list");
    let file = open(path, EXAMINE | WRITE_DAC, SHARED).expect("a file");
    list.apply_to(&file).expect("a new list");
}

#[cfg(test)]
mod tests;
