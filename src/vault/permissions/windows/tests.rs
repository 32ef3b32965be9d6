#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use super::*;
use crate::vault::error::VaultError;
use crate::vault::permissions::{create_private_file, make_private_dirs, read_private_file};

const US: &str = "S-1-5-21-1-2-3-1001";

/// What is wrong with a descriptor in its text form, for `US`.
fn wrong(text: &str, administrator: bool) -> Option<String> {
    let text = text.replace("US", US);
    wrong_with(&Descriptor::parse(&text).unwrap(), US, || Ok(administrator)).unwrap()
}

fn write(path: &Path, bytes: &[u8]) {
    io::Write::write_all(&mut create_private_file(path).unwrap(), bytes).unwrap();
}

#[test]
fn only_the_user_the_system_and_administrators_may_be_named() {
    for safe in [
        "O:USD:P(A;;FA;;;US)(A;;FA;;;SY)(A;;FA;;;BA)",
        "O:USD:P(A;;FA;;;US)",
        "O:USD:P",
        // Inherited entries, and those that take something away.
        "O:USD:(A;ID;FA;;;US)(A;OICIID;FA;;;SY)",
        "O:USD:P(D;;FA;;;WD)(A;;FA;;;US)",
    ] {
        assert_eq!(wrong(safe, false), None, "{safe}");
    }
    for (text, named) in [
        ("O:USD:P(A;;FA;;;US)(A;;FR;;;WD)", "Everyone"),
        ("O:USD:P(A;;FR;;;BU)(A;;FX;;;AU)", "Users, Authenticated Users"),
        ("O:USD:P(A;;0x1;;;BG)", "Guests"),
        ("O:USD:P(A;;FA;;;S-1-5-21-1-2-3-1002)", "S-1-5-21-1-2-3-1002"),
        // Only for what is made in it; also that would be open to others.
        ("O:USD:P(A;OICIIO;FR;;;WD)(A;;FA;;;US)", "Everyone"),
    ] {
        let why = wrong(text, true).expect(text);
        assert_eq!(why, format!("others have access to it (its access list names {named})"));
    }
    // Without any list everybody may do everything.
    assert!(wrong("O:US", false).unwrap().starts_with("others"));
}

#[test]
fn the_owner_must_be_the_user_or_the_group_of_administrators_of_one() {
    let list = "D:P(A;;FA;;;US)";
    assert_eq!(wrong(&format!("O:BA{list}"), true), None);
    assert_eq!(wrong(&format!("O:BA{list}"), false).unwrap(), "it belongs to Administrators");
    for owner in ["SY", "BU", "S-1-5-21-1-2-3-1002"] {
        let why = wrong(&format!("O:{owner}{list}"), true).unwrap();
        assert!(why.starts_with("it belongs to "), "{why}");
    }
}

#[test]
fn what_is_made_is_safe_from_the_first_moment_on() {
    let home = tempfile::tempdir().unwrap();
    let (dir, file) = (home.path().join("a/b"), home.path().join("a/b/file"));
    make_private_dirs(&dir).unwrap();
    make_private_dirs(&dir).unwrap();
    write(&file, b"key");
    for dir in [home.path().join("a"), dir] {
        assert_eq!(Facts::of(&open_to_examine(&dir).unwrap()).unwrap().unsafe_dir(), None);
    }
    assert_eq!(Facts::of(&open_to_examine(&file).unwrap()).unwrap().unsafe_file(), None);
    assert!(read_private_file(&file, 3).unwrap().with(|bytes| bytes == b"key"));
    let again = create_private_file(&file).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
}

#[test]
fn what_everybody_may_read_is_refused_until_it_is_mended() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("key");
    write(&file, b"key");
    let_everybody_read(&file);
    match read_private_file(&file, 10).map(drop) {
        Err(VaultError::Unsafe { why, .. }) => assert!(why.starts_with("others"), "{why}"),
        other => panic!("{other:?}"),
    }
    use windows_sys::Win32::Storage::FileSystem::WRITE_DAC;
    restrict(&open(&file, EXAMINE | WRITE_DAC, SHARED).unwrap(), false).unwrap();
    assert!(read_private_file(&file, 10).unwrap().with(|bytes| bytes == b"key"));
}

#[test]
fn a_second_name_a_directory_and_a_device_are_no_key_files() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("key");
    write(&file, b"key");
    std::fs::hard_link(&file, home.path().join("second")).unwrap();
    for path in [file, home.path().to_owned(), PathBuf::from("NUL")] {
        let read = read_private_file(&path, 10).map(drop);
        assert!(matches!(read, Err(VaultError::Unsafe { .. })), "{}: {read:?}", path.display());
    }
}

#[test]
fn a_link_is_refused_by_what_it_is() {
    let link = Facts { kind: Kind::Link, size: 0, links: 1, wrong: None };
    assert_eq!(link.unsafe_file().as_deref(), Some(IS_LINK));
    assert_eq!(link.unsafe_dir().as_deref(), Some(IS_LINK));
    assert!(is_link(&io::Error::from_raw_os_error(LINK)));
    assert!(!is_link(&ErrorKind::NotFound.into()));
}

#[test]
fn other_programs_may_no_longer_read_this_process() {
    restrict_process().unwrap();
}
