//! A file that appears under its name only when all of it is there: its owner's alone from the first moment
//! on, never through a link, and gone when it is not finished. Not for the vault, which has its own way.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "elsewhere.rs")]
mod system;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::vault::{Random, SystemRandom, create_private_file, sync_directory};

/// How many bytes are collected before they are written.
const BUFFER: usize = 64 * 1024;

/// A file that is being written.
pub struct NewFile {
    file: File,
    target: PathBuf,
    /// Its name until it has its own; none where a file can be without.
    beside: Option<PathBuf>,
    replaces: bool,
}

impl NewFile {
    /// Begins one that is to be `target`. Only with `replaces` may a file be there, or a link, which is replaced
    /// by the file and never followed; nothing takes the place of a device or a pipe.
    ///
    /// # Errors
    /// What the system says; `AlreadyExists`, `InvalidInput`.
    pub fn begin(target: &Path, replaces: bool) -> io::Result<Self> {
        let there = std::fs::symlink_metadata(target);
        match there {
            Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(there) if !there.is_file() && !there.is_symlink() => {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"));
            }
            Ok(_) if !replaces => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let target = target.to_owned();
        if let Some(file) = system::without_name(directory(&target)) {
            return Ok(Self { file, target, beside: None, replaces });
        }
        let beside = name_beside(&target)?;
        let file = create_private_file(&beside)?;
        Ok(Self { file, target, beside: Some(beside), replaces })
    }

    /// What was written so far, read from its beginning.
    ///
    /// # Errors
    /// What the system says.
    pub fn reader(&self) -> io::Result<File> {
        match &self.beside {
            Some(beside) => File::open(beside),
            None => system::again(&self.file),
        }
    }

    /// Gives it the permissions that another file had, before it has a name.
    ///
    /// # Errors
    /// What the system says.
    pub fn set_permissions(&self, permissions: std::fs::Permissions) -> io::Result<()> {
        self.file.set_permissions(permissions)
    }

    /// Makes it durable and gives it its name.
    ///
    /// # Errors
    /// What the system says; then nothing is left of it.
    pub fn keep(self) -> io::Result<()> {
        self.file.sync_all()?;
        match (&self.beside, self.replaces) {
            (None, false) => system::give_name(&self.file, &self.target)?,
            (None, true) => {
                let beside = name_beside(&self.target)?;
                system::give_name(&self.file, &beside)?;
                take_name(&beside, &self.target)?;
            }
            (Some(beside), false) => std::fs::hard_link(beside, &self.target)?,
            (Some(beside), true) => take_name(beside, &self.target)?,
        }
        sync_directory(directory(&self.target))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            // It is gone where it took the name of its target.
            let _ = std::fs::remove_file(beside);
        }
    }
}

/// The directory of a path: that of a bare name is the current one.
pub fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A name that nothing has, in the same directory.
fn name_beside(target: &Path) -> io::Result<PathBuf> {
    let mut bytes = [0; 8];
    SystemRandom.fill(&mut bytes).map_err(io::Error::other)?;
    let mut name = OsString::from(".");
    name.push(target.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    name.push(format!(".{:016x}.part", u64::from_le_bytes(bytes)));
    Ok(directory(target).join(name))
}

/// Moves it over whatever has the name, or removes it.
fn take_name(beside: &Path, target: &Path) -> io::Result<()> {
    std::fs::rename(beside, target).inspect_err(|_| drop(std::fs::remove_file(beside)))
}

/// Collects what is written, in memory that is wiped and never grows.
pub struct Collected<W: Write> {
    to: W,
    buffer: Zeroizing<Vec<u8>>,
}

impl<W: Write> Collected<W> {
    /// Writes to `to`.
    pub fn new(to: W) -> Self {
        Self { to, buffer: Zeroizing::new(Vec::with_capacity(BUFFER)) }
    }

    /// Writes what is left, and gives back what it wrote to.
    ///
    /// # Errors
    /// What the writing says.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Collected<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() == BUFFER {
            self.flush()?;
        }
        let taken = bytes.len().min(BUFFER - self.buffer.len());
        self.buffer.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.write_all(&self.buffer)?;
        self.buffer.clear();
        self.to.flush()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::vault::why_unsafe;

    fn names(directory: &Path) -> Vec<OsString> {
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[cfg(unix)]
    #[test]
    fn nothing_takes_the_place_of_a_device_or_a_pipe() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for there in [&*pipe, Path::new("/dev/null")] {
            for replaces in [false, true] {
                let error = NewFile::begin(there, replaces).err().unwrap();
                assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{}", there.display());
            }
        }
        assert_eq!(names(directory.path()), ["pipe"]);
    }

    /// With and without the system's way of files that have no name.
    fn each_way(test: impl Fn(&Path, &dyn Fn(NewFile) -> NewFile)) {
        for named in [false, true] {
            let directory = tempfile::tempdir().unwrap();
            let target = directory.path().join("file");
            let way = |new: NewFile| match named {
                false => new,
                true => {
                    let beside = name_beside(&new.target).unwrap();
                    let file = create_private_file(&beside).unwrap();
                    NewFile {
                        file,
                        beside: Some(beside),
                        target: new.target.clone(),
                        replaces: new.replaces,
                    }
                }
            };
            test(&target, &way);
        }
    }

    #[test]
    fn it_is_there_when_it_is_whole_and_its_owners_alone() {
        each_way(|target, way| {
            let mut new = way(NewFile::begin(target, false).unwrap());
            new.write_all(b"whole").unwrap();
            let mut read = String::new();
            new.reader().unwrap().read_to_string(&mut read).unwrap();
            assert_eq!((read.as_str(), target.exists()), ("whole", false));
            new.keep().unwrap();
            assert_eq!(std::fs::read(target).unwrap(), b"whole");
            assert_eq!(why_unsafe(&File::open(target).unwrap()).unwrap(), None);
            assert_eq!(names(target.parent().unwrap()), ["file"]);
        });
    }

    #[test]
    fn nothing_is_left_of_what_was_given_up() {
        each_way(|target, way| {
            way(NewFile::begin(target, false).unwrap()).write_all(b"half").unwrap();
            assert!(names(target.parent().unwrap()).is_empty());
        });
    }

    #[test]
    fn what_is_there_stays_unless_it_is_to_be_replaced() {
        each_way(|target, way| {
            let late = way(NewFile::begin(target, false).unwrap());
            std::fs::write(target, "first").unwrap();
            let error = NewFile::begin(target, false).err().unwrap();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(late.keep().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(std::fs::read(target).unwrap(), b"first");
            let mut new = way(NewFile::begin(target, true).unwrap());
            new.write_all(b"second").unwrap();
            new.keep().unwrap();
            assert_eq!(std::fs::read(target).unwrap(), b"second");
            assert_eq!(names(target.parent().unwrap()), ["file"]);
        });
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_replaced_and_never_followed() {
        each_way(|target, way| {
            let other = target.with_file_name("other");
            std::fs::write(&other, "other").unwrap();
            std::os::unix::fs::symlink(&other, target).unwrap();
            assert!(NewFile::begin(target, false).is_err());
            let mut new = way(NewFile::begin(target, true).unwrap());
            new.write_all(b"new").unwrap();
            new.keep().unwrap();
            assert_eq!(std::fs::read(&other).unwrap(), b"other");
            assert!(target.symlink_metadata().unwrap().is_file());
        });
    }

    #[test]
    fn collected_bytes_all_arrive_in_order() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|at| (at % 251) as u8).collect();
        let mut collected = Collected::new(Vec::new());
        bytes.chunks(777).for_each(|part| collected.write_all(part).unwrap());
        assert_eq!(collected.finish().unwrap(), bytes);
    }
}
