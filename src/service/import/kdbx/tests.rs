#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use super::*;
use crate::fault::{Fault, FaultKind};
use crate::vault::SecretKind;

/// Databases of KeePassXC (KDBX 3.1) and pykeepass (KDBX 4, Argon2), of the same entries.
const OLDER: &[u8] = include_bytes!("../../../../tests/keepass/kdbx3.kdbx");
const NEWER: &[u8] = include_bytes!("../../../../tests/keepass/kdbx4.kdbx");
/// One that needs a key file too.
const KEYED: &[u8] = include_bytes!("../../../../tests/keepass/keyed.kdbx");
const KEY_FILE: &[u8] = include_bytes!("../../../../tests/keepass/key.keyx");

/// One whose entries were changed by pykeepass, which adds values behind the history.
const DISORDER: &[u8] = include_bytes!("../../../../tests/keepass/disorder.kdbx");

fn opened(file: &[u8], passphrase: Option<&str>, key_file: Option<&[u8]>) -> Outcome {
    let passphrase = passphrase.map(|text| SensitiveBytes::copy_of(text.as_bytes()));
    let key_file = key_file.map(SensitiveBytes::copy_of);
    let key = Key { passphrase: passphrase.as_ref(), key_file: key_file.as_ref() };
    read(&SensitiveBytes::copy_of(file), &key)
}

fn refused(outcome: Outcome) -> FaultKind {
    outcome.err().expect("refused").kind()
}

#[test]
fn every_value_of_a_database_arrives() {
    for file in [OLDER, NEWER] {
        let found = opened(file, Some("a pass"), None).unwrap();
        let values: BTreeMap<&str, Vec<u8>> = found
            .entries
            .iter()
            .map(|entry| (entry.key.as_str(), entry.value.with(<[u8]>::to_vec)))
            .collect();
        let wanted: [(&str, &[u8]); 7] = [
            ("mail", "pä\"<ss".as_bytes()),
            ("mail.a.bin", b"attached\0\xff"),
            ("mail.otp", b"otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&digits=8"),
            ("mail.pin-code", b"1234"),
            ("mail.ref", b"{REF:P@I:00000000000000000000000000000003}"),
            ("web-shops.shop", b"s3cret"),
            (
                "web-shops.shop.otp",
                b"otpauth://totp/?secret=JBSWY3DPEHPK3PXP&period=60&algorithm=SHA256",
            ),
        ];
        let wanted = wanted.map(|(key, value)| (key, value.to_vec()));
        assert_eq!(values, BTreeMap::from(wanted));
        let mail = found.entries.iter().find(|entry| entry.key.as_str() == "mail").unwrap();
        let some = |text: &str| Some(Some(text.to_owned()));
        assert_eq!(
            (&mail.patch.username, &mail.patch.url),
            (&some("me"), &some("https://m.example"))
        );
        assert_eq!(mail.patch.note, some("two\nlines\nhttps://n.example"));
        assert_eq!(mail.patch.tags, Some(vec!["mail".to_owned(), "work".to_owned()]));
        assert_eq!(mail.patch.expires_at, Some(Timestamp::parse("2030-01-02T03:04:05Z")));
        assert_eq!(mail.patch.kind, Some(SecretKind::Password));
        assert!(found.entries.iter().filter(|entry| entry.is_attachment).count() == 1);
        assert_eq!(found.left_out, ["1 entry in the recycle bin", "1 former state of an entry",]);
        let remark = "1 value refers to another entry ({REF:…}) and was taken as it is written";
        assert_eq!(found.remarks, [remark]);
    }
}

#[test]
fn a_database_opens_with_all_its_keys_and_with_no_others() {
    let found = opened(KEYED, Some("a pass"), Some(KEY_FILE)).unwrap();
    assert_eq!(found.entries[0].key.as_str(), "only");
    for (file, passphrase, key_file) in [
        (KEYED, Some("a pass"), None),
        (KEYED, None, Some(KEY_FILE)),
        (KEYED, Some("a pass"), Some(&b"another"[..])),
        (NEWER, Some("wrong"), None),
        (NEWER, Some(""), None),
        (NEWER, None, None),
        (OLDER, Some("wrong"), None),
    ] {
        assert_eq!(refused(opened(file, passphrase, key_file)), FaultKind::Locked);
    }
}

#[test]
fn entries_in_an_order_of_their_own_are_refused_and_never_read_wrongly() {
    let error = opened(DISORDER, Some("a pass"), None).err().expect("refused");
    assert_eq!(error.kind(), FaultKind::Unsupported);
    assert!(error.help().contains("save it there"), "{}", error.help());
}

#[test]
fn a_damaged_database_is_refused_wherever_the_damage_is() {
    for place in (12..NEWER.len()).step_by(37) {
        let mut damaged = NEWER.to_vec();
        damaged[place] ^= 1;
        let kind = refused(opened(&damaged, Some("a pass"), None));
        // A changed parameter of the key derivation may ask for too much, or be unknown.
        let kinds = [FaultKind::Damaged, FaultKind::Locked, FaultKind::Refused];
        assert!(kinds.contains(&kind), "{place}: {kind:?}");
    }
    for (file, lengths) in [
        (NEWER, [12, 100, 300, NEWER.len() - 1]),
        (OLDER, [12, 100, OLDER.len() - 100, OLDER.len() - 1]),
    ] {
        for length in lengths {
            let refused = refused(opened(&file[..length], Some("a pass"), None));
            assert_eq!(refused, FaultKind::Damaged, "{length}");
        }
    }
}

#[test]
fn keys_for_codes_are_read_in_every_form() {
    let read = |fields: &[(&str, &'static str)]| {
        let fields: Vec<(String, &'static str)> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        let find =
            |name: &str| fields.iter().find(|(found, _)| found == name).map(|(_, value)| *value);
        otp::key(&find).to_string()
    };
    assert_eq!(read(&[]), "");
    assert_eq!(read(&[("otp", "otpauth://totp/x?secret=A")]), "otpauth://totp/x?secret=A");
    assert_eq!(
        read(&[("otp", "key=AB CD&step=60&size=8")]),
        "otpauth://totp/?secret=AB%20CD&period=60&digits=8"
    );
    assert_eq!(read(&[("otp", "ABCD")]), "ABCD");
    assert_eq!(
        read(&[("TOTP Seed", "ABCD"), ("TOTP Settings", "30;6")]),
        "otpauth://totp/?secret=ABCD&period=30&digits=6"
    );
    assert_eq!(read(&[("TOTP Seed", "ABCD"), ("TOTP Settings", "30;S")]), "steam://ABCD");
    assert_eq!(
        read(&[("TimeOtp-Secret-Base32", "ABCD"), ("TimeOtp-Length", "8")]),
        "otpauth://totp/?secret=ABCD&digits=8"
    );
}
