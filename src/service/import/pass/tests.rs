#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;
use std::fs;

use proptest::prelude::*;

use super::*;
use crate::service::import::Found;

/// A store whose files are not encrypted.
fn store(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".gpg-id"), "x").unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn plain(path: &Path) -> Result<SensitiveBytes, Trouble> {
    Ok(SensitiveBytes::new(fs::read(path).map_err(|error| Trouble::File(error.to_string()))?))
}

fn values(found: &Found) -> HashMap<String, Vec<u8>> {
    found
        .entries
        .iter()
        .map(|entry| (entry.key.to_string(), entry.value.with(<[u8]>::to_vec)))
        .collect()
}

#[test]
fn the_lines_of_a_file_become_secrets_and_what_is_known_of_them() {
    let otp = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP";
    let mail = format!(
        "p:w 1\r\nlogin: me\nURL: https://m.example\n\nPIN: 12 34\n{otp}\nhello\nworld: is text\n\n"
    );
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nlogin: me\n";
    let folder =
        store(&[("Work/Mail.gpg", &mail), ("key.gpg", key), (".git/x.gpg", ""), ("a.txt", "")]);
    let mut seen = Vec::new();
    let found = read(folder.path(), &mut plain, &mut |done, all| seen.push((done, all))).unwrap();
    let values = values(&found);
    assert_eq!(values["work.mail"], b"p:w 1");
    assert_eq!(values["work.mail.pin"], b"12 34");
    assert_eq!(values["work.mail.otp"], otp.as_bytes());
    assert_eq!(values["key"], key.as_bytes());
    assert_eq!((values.len(), seen), (4, vec![(1, 2), (2, 2)]));
    let mail = found.entries.iter().find(|entry| entry.key.as_str() == "work.mail").unwrap();
    let some = |text: &str| Some(Some(text.to_owned()));
    assert_eq!((&mail.patch.username, &mail.patch.url), (&some("me"), &some("https://m.example")));
    assert_eq!(mail.patch.note, some("hello\nworld: is text"));
    assert!(found.bad.is_empty() && found.left_out.is_empty());
}

#[test]
fn what_cannot_be_decrypted_or_read_is_told_by_its_name() {
    let folder = store(&[("a.gpg", "x\ntotp: !"), ("b.gpg", "y"), ("c.gpg", "z")]);
    let mut decrypt = |path: &Path| match path.ends_with("b.gpg") {
        true => Err(Trouble::File("decryption failed: No secret key".to_owned())),
        false => plain(path),
    };
    let found = read(folder.path(), &mut decrypt, &mut |_, _| ()).unwrap();
    let bad: Vec<String> = found.bad.iter().map(Bad::to_string).collect();
    assert_eq!(
        bad,
        [
            "a, line 2: one-time password: the value is no key for one-time passwords",
            "b: decryption failed: No secret key",
        ]
    );
    assert_eq!(values(&found).len(), 2);
}

#[test]
fn it_ends_where_nothing_can_be_decrypted() {
    let names: Vec<String> = (0..50).map(|number| format!("{number}.gpg")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let folder = store(&files);
    let mut asked = 0;
    let mut never = |_: &Path| {
        asked += 1;
        Err(Trouble::File("No secret key".to_owned()))
    };
    assert!(read(folder.path(), &mut never, &mut |_, _| ()).is_err());
    assert_eq!(asked, ENOUGH);
    let mut cancelled = |_: &Path| Err(Trouble::All(ImportError::Interrupted("cancelled")));
    let error = read(folder.path(), &mut cancelled, &mut |_, _| ()).err().unwrap();
    assert_eq!(error, ImportError::Interrupted("cancelled"));
}

#[cfg(unix)]
#[test]
fn links_are_named_and_not_followed_and_another_folder_is_no_store() {
    let folder = store(&[("a.gpg", "x")]);
    std::os::unix::fs::symlink("/", folder.path().join("root")).unwrap();
    std::os::unix::fs::symlink("a.gpg", folder.path().join("b.gpg")).unwrap();
    let found = read(folder.path(), &mut plain, &mut |_, _| ()).unwrap();
    assert_eq!(found.left_out, ["/b.gpg, which is a link", "/root, which is a link"]);
    assert_eq!(found.entries.len(), 1);
    let empty = tempfile::tempdir().unwrap();
    assert!(read(empty.path(), &mut plain, &mut |_, _| ()).is_err());
    assert!(read(&empty.path().join("nowhere"), &mut plain, &mut |_, _| ()).is_err());
}

proptest! {
    #[test]
    fn nothing_in_a_file_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), lines in "([a-z:/ \n]|otp: |otpauth://totp/){0,80}") {
        for text in [&bytes[..], lines.as_bytes()] {
            let (item, bad) = entry(&["a".to_owned()], &SensitiveBytes::copy_of(text));
            prop_assert!(item.whole.is_some() || item.password.len() <= text.len());
            prop_assert!(bad.iter().all(|bad| crate::text::is_visible(&bad.to_string())));
        }
    }
}
