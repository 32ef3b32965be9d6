#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::csv::Dialect;
use super::*;
use crate::fault::Fault;
use crate::text::is_visible;

/// The entries as `key=value`, and what is wrong and left out.
struct Told {
    entries: Vec<String>,
    bad: Vec<String>,
    left_out: Vec<String>,
}

fn told(found: Outcome) -> Told {
    let found = found.unwrap_or_else(|error| panic!("{error}"));
    let entry = |entry: &Entry| {
        let value = entry.value.with(|value| String::from_utf8_lossy(value).into_owned());
        format!("{}={value}", entry.key)
    };
    Told {
        entries: found.entries.iter().map(entry).collect(),
        bad: found.bad.iter().map(Bad::to_string).collect(),
        left_out: found.left_out,
    }
}

fn bytes(text: &str) -> SensitiveBytes {
    SensitiveBytes::copy_of(text.as_bytes())
}

fn of_csv(text: &str) -> Told {
    told(csv::read(&bytes(text), None))
}

/// The metadata of the entry under that name.
fn patch(found: Outcome, key: &str) -> MetadataPatch {
    let entries = found.unwrap_or_else(|error| panic!("{error}")).entries;
    entries.into_iter().find(|entry| entry.key.as_str() == key).expect(key).patch
}

fn some(text: &str) -> Option<Option<String>> {
    Some(Some(text.to_owned()))
}

const OTP: &str = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP";

#[test]
fn bitwardens_csv_becomes_secrets() {
    let text = format!(
        "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n\
         Work/Ops,1,login,Git Hub,\"two\nlines\",\"PIN: 1234\nrest\",0,\"https://a.example,https://b.example\",me,hunter2,{OTP}\n\
         ,,note,Safe,words,,0,,,,\n\
         ,,login,Empty,,,0,https://c.example,me,,\n"
    );
    let all = of_csv(&text);
    assert_eq!(
        all.entries,
        [
            "work.ops.git-hub=hunter2",
            &format!("work.ops.git-hub.otp={OTP}"),
            "work.ops.git-hub.pin=1234",
            "work.ops.git-hub.field=rest",
            "safe=words",
            "empty=username: me\nurl: https://c.example\n",
        ]
    );
    assert!(all.bad.is_empty() && all.left_out.is_empty());
    let patch = patch(csv::read(&bytes(&text), None), "work.ops.git-hub");
    assert_eq!((patch.username, patch.url), (some("me"), some("https://a.example")));
    assert_eq!(patch.note, some("two\nlines\nhttps://b.example"));
    assert_eq!(patch.kind, Some(crate::vault::SecretKind::Password));
}

#[test]
fn the_header_tells_whose_file_it_is() {
    let one = "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes\n\
               Mail,https://m.example,me,pw,,false,false,work;mail,hello\n";
    assert_eq!(of_csv(one).entries, ["mail=pw"]);
    let tags = patch(csv::read(&bytes(one), None), "mail").tags;
    assert_eq!(tags, Some(vec!["mail".to_owned(), "work".to_owned()]));
    let keepass = "\"Group\",\"Title\",\"Username\",\"Password\",\"URL\",\"Notes\",\"TOTP\",\"Icon\",\"Last Modified\",\"Created\"\n\
                   \"Passwords/Web\",\"A \"\"b\"\"\",\"\",\"p,w\",\"\",\"\",\"\",\"0\",\"x\",\"y\"\n";
    assert_eq!(of_csv(keepass).entries, ["web.a-b=p,w"]);
    let chrome = "name,url,username,password,note\n,https://u@x.example/y,me,pw,\n";
    assert_eq!(of_csv(chrome).entries, ["x.example=pw"]);
    let table = "Name;Password;Security Question\r\nA;pw;dog\r\n";
    assert_eq!(of_csv(table).entries, ["a=pw", "a.security-question=dog"]);
    let ours = "scope,key,kind,username,url,tags,note,expires_at,value\n\
                project:x,A.b,note,,,\"a,b\",,2030-01-01T00:00:00Z,\" v\n\"\nglobal,c,,,,,,,w\n";
    let found = csv::read(&bytes(ours), None).unwrap();
    assert_eq!(found.entries[0].scope, Some("project:x".parse().unwrap()));
    assert_eq!(found.entries[0].patch.tags, Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(told(Ok(found)).entries, ["A.b= v\n", "c=w"]);
    // Whoever says whose it is goes before the header.
    let plain = "key,value,password\na,b,c\n";
    assert_eq!(
        told(csv::read(&bytes(plain), Some(Dialect::Plain))).entries,
        ["entry=c", "entry.key=a", "entry.value=b"]
    );
}

#[test]
fn lastpass_keeps_its_secure_notes() {
    use crate::vault::SecretKind;
    let text = "url,username,password,totp,extra,name,grouping,fav\n\
                https://a.example,me,pw,,hint,Mail,Web\\Private,0\n\
                http://sn,,,,Xk9#mQ2$vL7!pR4z,Safe,Web,0\n\
                http://sn,,,,\"NoteType:Credit Card\nNumber:4111\",Card,,0\n\
                http://group,,,,,,Empty,0\n";
    let all = of_csv(text);
    assert_eq!(
        all.entries,
        [
            "web.private.mail=pw",
            "web.safe=Xk9#mQ2$vL7!pR4z",
            "card=NoteType:Credit Card\nNumber:4111",
            "empty.entry=",
        ]
    );
    for key in ["web.safe", "card"] {
        let note = patch(csv::read(&bytes(text), None), key);
        assert_eq!((note.kind, note.url), (Some(SecretKind::Note), None));
    }
}

#[test]
fn an_entry_without_a_value_becomes_a_note_of_what_it_tells() {
    use crate::vault::SecretKind;
    let text =
        "title,username,password,url,tags\nA,me,,https://a.example,t\nB,,,b.example,\nC,,,,t\n";
    let all = of_csv(text);
    assert_eq!(
        all.entries,
        ["a=username: me\nurl: https://a.example\n", "b=url: b.example\n", "c="]
    );
    let patch = patch(csv::read(&bytes(text), None), "a");
    assert_eq!((patch.username, patch.url), (some("me"), some("https://a.example")));
    assert_eq!(patch.kind, Some(SecretKind::Note));
}

#[test]
fn every_bad_row_is_told_with_its_line() {
    let text = "title,password\na,1\nb\n\n\"c\nc\",2\nd,3,4\ne,\"5\nf,6\n";
    let all = of_csv(text);
    assert_eq!(all.entries, ["a=1", "c-c=2"]);
    assert_eq!(
        all.bad,
        [
            "line 3: it has not the header's 2 columns, but 1",
            "line 7: it has not the header's 2 columns, but 3",
            "line 8: a quote is opened in this row and never closed",
        ]
    );
    let bad = of_csv("title,password,otp\na,1,nonsense!\n");
    assert_eq!(bad.bad, ["line 2: one-time password: the value is no key for one-time passwords"]);
    assert_eq!(bad.entries, ["a=1"]);
}

#[test]
fn a_header_that_tells_nothing_is_refused() {
    for (text, dialect, why) in [
        ("", None, "the file is empty"),
        ("a,b\n1,2\n", None, "line 1: the header names no column for the password"),
        ("a,password,secret\n", None, "line 1: two columns are for the same: 'secret'"),
        (
            "title,password\n",
            Some(Dialect::Bitwarden),
            "line 1: the header has no column 'name', as files of bitwarden have",
        ),
        ("title,password\na,\u{fffd}", None, ""),
    ] {
        match csv::read(&bytes(text), dialect) {
            Err(error) => assert_eq!(error.to_string(), why),
            Ok(_) => assert_eq!(why, "", "{text:?}"),
        }
    }
    let latin = SensitiveBytes::copy_of(b"title,password\na,\xe4\n");
    let error = csv::read(&latin, None).err().expect("refused");
    assert_eq!(error.to_string(), "line 2: it is not UTF-8");
}

#[test]
fn json_is_names_and_values_or_records() {
    let all = told(json::read(&bytes(
        "{\n\"STRIPE_KEY\":\"a\\u0000b\",\n\"db\":{\"port\":5432,\"on\":true,\"none\":null},\"list\":[1],\n\
         \"stripe_key\":\"again\",\"日本\":\"x\"}",
    )));
    assert_eq!(all.entries, ["stripe_key=a\0b", "db.port=5432", "db.on=true", "db.none="]);
    assert_eq!(
        all.bad,
        [
            "line 3: list: a list is no value",
            "line 4: 'stripe_key' stands at line 2 already",
            "line 4: 日本: the name has no letter a key may have, or is too long",
        ]
    );
    let on_one_line = told(json::read(&bytes("{\"n\":{\"C\\u001b\":[1,2]}}")));
    assert_eq!(on_one_line.bad, ["line 1: n.C␛: a list is no value"]);
    let long = format!("{{\"{}\":{{\"a\":[]}}}}", "é".repeat(200));
    let shown = format!("line 1: {}…: a list is no value", "é".repeat(128));
    assert_eq!(told(json::read(&bytes(&long))).bad, [shown]);
    let records = "{\"format\":\"tresor-export\",\"version\":1,\"secrets\":[\n\
        {\"scope\":\"global\",\"key\":\"A\",\"kind\":\"note\",\"value\":\"x\",\"tags\":[\"t\"],\"protected\":false},\n\
        {\"scope\":\"global\",\"key\":\"b\",\"value_base64\":\"AP8=\"},\n\
        {\"scope\":\"nowhere\",\"key\":\"b\",\"value\":\"x\"},\n{\"key\":\"c\"},\n{\"key\":1,\"value\":\"x\"}]}";
    let found = json::read(&bytes(records)).unwrap();
    assert!(found.entries[1].value.with(|value| value == [0, 255]));
    assert_eq!(found.entries[0].scope, Some(Scope::global()));
    let bad: Vec<String> = found.bad.iter().map(Bad::to_string).collect();
    assert_eq!(
        bad,
        [
            "line 4: invalid scope 'nowhere': it names no kind",
            "line 5: there is no value",
            "line 6: it is no record",
        ]
    );
    let lines = told(json::read(&bytes(
        "{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"b\",\"value\":\"2\"}\n",
    )));
    assert_eq!(lines.entries, ["a=1", "b=2"]);
}

#[test]
fn broken_json_is_told_with_its_line_and_without_its_text() {
    for (text, why) in [
        ("{\"a\":\n\"sk-1\"", "line 2, column 6: the file ends within a value"),
        ("{\"a\":\n sk-1}", "line 2, column 2: it is no JSON"),
    ] {
        let error = json::read(&bytes(text)).err().expect("refused");
        assert_eq!(error.to_string(), why);
    }
    let newer = "{\"format\":\"tresor-export\",\"version\":2,\"secrets\":[]}";
    assert_eq!(json::read(&bytes(newer)).err().expect("refused").kind().word(), "unsupported");
}

/// An export as Bitwarden's own program writes it.
const BITWARDEN: &str = r#"{
  "encrypted": false,
  "folders": [{"id": "f1", "name": "Work/Ops"}],
  "items": [
    {"id": "1", "organizationId": null, "folderId": "f1", "type": 1, "reprompt": 0, "name": "Git Hub", "notes": "hello",
     "favorite": false, "fields": [{"name": "PIN", "value": "1234", "type": 1, "linkedId": null}, {"name": "L", "value": null, "type": 3, "linkedId": 100}],
     "login": {"fido2Credentials": [{"credentialId": "x"}], "uris": [{"match": null, "uri": "https://a.example"}, {"match": 1, "uri": "https://b.example"}],
       "username": "me", "password": "hunter2", "totp": "JBSWY3DPEHPK3PXP"}, "collectionIds": null,
     "passwordHistory": [{"lastUsedDate": "x", "password": "old"}]},
    {"id": "2", "folderId": null, "type": 2, "name": "Safe", "notes": "words", "secureNote": {"type": 0}},
    {"id": "3", "folderId": null, "type": 3, "name": "Card", "notes": null, "card": {"cardholderName": "Me", "brand": "Visa", "number": "4111", "expMonth": "1", "expYear": null, "code": "99"}},
    {"id": "4", "type": 5, "name": "Key", "sshKey": {"privateKey": "-----BEGIN OPENSSH PRIVATE KEY-----\nx", "publicKey": "ssh-ed25519 AAAA", "keyFingerprint": "SHA256:x"}},
    {"id": "5", "type": 1, "name": "Gone", "deletedDate": "2026-01-01T00:00:00Z", "login": {"password": "x"}},
    {"id": "6", "type": 1, "name": ["broken"]}
  ]
}"#;

#[test]
fn bitwardens_json_becomes_secrets() {
    let all = told(bitwarden::read(&bytes(BITWARDEN)));
    assert_eq!(
        all.entries,
        [
            "work.ops.git-hub=hunter2",
            "work.ops.git-hub.otp=JBSWY3DPEHPK3PXP",
            "work.ops.git-hub.pin=1234",
            "safe=words",
            "card.brand=Visa",
            "card.cardholdername=Me",
            "card.code=99",
            "card.expmonth=1",
            "card.number=4111",
            "key=-----BEGIN OPENSSH PRIVATE KEY-----\nx",
            "key.public=ssh-ed25519 AAAA",
            "key.fingerprint=SHA256:x",
        ]
    );
    assert_eq!(all.bad, ["line 14: it is no item of Bitwarden"]);
    assert_eq!(all.left_out, ["1 item in the trash", "1 passkey", "1 former password"]);
    let patch = patch(bitwarden::read(&bytes(BITWARDEN)), "work.ops.git-hub");
    assert_eq!((patch.username, patch.note), (some("me"), some("hello\nhttps://b.example")));
}

#[test]
fn an_encrypted_export_of_bitwarden_is_refused_with_what_to_do() {
    let text = r#"{"encrypted": true, "passwordProtected": true, "salt": "x", "data": "2.x"}"#;
    let error = bitwarden::read(&bytes(text)).err().expect("refused");
    assert_eq!(error.kind().word(), "unsupported");
    assert!(error.help().contains("bw export"), "{}", error.help());
    assert!(bitwarden::read(&bytes("{\"a\":1}")).is_err());
}

#[test]
fn what_does_not_fit_into_metadata_becomes_a_secret() {
    let long = "n".repeat(5000);
    let text = format!("title,password,username,notes\na,pw,\"two\nlines\",{long}\n");
    let all = of_csv(&text);
    assert_eq!(all.entries, ["a=pw", "a.username=two\nlines", &format!("a.notes={long}")]);
}

/// Every reader of one file.
fn readers() -> [fn(&SensitiveBytes) -> Outcome; 4] {
    [json::read, bitwarden::read, |file| csv::read(file, None), dotenv::read]
}

fn check(outcome: Outcome, lines: usize) {
    match outcome {
        Ok(found) => {
            let mut names = std::collections::HashSet::new();
            for entry in &found.entries {
                assert!(names.insert((entry.scope.clone(), entry.key.clone())), "{}", entry.key);
                entry.patch.check().expect("metadata the vault takes");
                assert!(matches!(entry.place, Place::Line(line) if (1..=lines).contains(&line)));
            }
            assert!(found.bad.iter().all(|bad| is_visible(&bad.to_string())));
            assert!(found.left_out.iter().all(|what| is_visible(what)));
        }
        Err(error) => assert!(is_visible(&error.to_string()), "{error:?}"),
    }
}

proptest! {
    #[test]
    fn nothing_makes_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
        for read in readers() {
            check(read(&SensitiveBytes::copy_of(&bytes)), lines);
        }
    }

    #[test]
    fn nothing_near_a_file_makes_a_reader_panic(
        cut in 0..BITWARDEN.len(), with in "[\\[\\]{}\",:\\\\a\n]{0,6}", header in "[a-z,;\"]{0,20}\n", rows in "[a-z,;\"\n\r]{0,60}",
    ) {
        let mut text = BITWARDEN.to_owned();
        text.replace_range(cut..=cut, &with);
        check(bitwarden::read(&bytes(&text)), text.lines().count() + 1);
        check(json::read(&bytes(&text)), text.lines().count() + 1);
        let table = format!("title,password,{header}{rows}");
        check(csv::read(&bytes(&table), None), table.lines().count() + table.len());
    }
}
