//! One value changes, and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::service::dotenv::assignments;

fn changed(form: Form, text: &str, at: &str) -> Result<String, ConfigError> {
    let text = SensitiveBytes::copy_of(text.as_bytes());
    let changed = with_value(form, &text, at, "tresor://global/a")?.text;
    Ok(changed.with_str(str::to_owned).unwrap())
}

#[test]
fn a_value_in_toml_is_replaced_with_everything_around_it_left_alone() {
    let text = "# top\n[db] # the database\n\nurl = 'postgres://u:p@h/d'   # see the wiki\nport= 5432\n\n[other]\nx=[1,\n 2]\n";
    let expected = text.replace("'postgres://u:p@h/d'", "\"tresor://global/a\"");
    assert_eq!(changed(Form::Toml, text, "db.url"), Ok(expected));
}

#[test]
fn keys_in_quotes_and_line_ends_of_windows_are_understood() {
    let text = "[b]\r\n\"dotted.key\" = 'old'\r\n";
    let expected = text.replace("'old'", "\"tresor://global/a\"");
    assert_eq!(changed(Form::Toml, text, "b.\"dotted.key\""), Ok(expected));
    let error = changed(Form::Toml, "", "list[0].x").unwrap_err();
    assert_eq!(error, ConfigError::NoPlace { at: "list[0].x".into() });
}

#[test]
fn what_is_not_there_in_toml_is_made() {
    assert_eq!(changed(Form::Toml, "", "key"), Ok("key = \"tresor://global/a\"\n".into()));
    let made = changed(Form::Toml, "a = 1 # one\n", "x.y.z").unwrap();
    assert_eq!(made, "a = 1 # one\n\n[x.y]\nz = \"tresor://global/a\"\n");
    let inline = changed(Form::Toml, "a = { b = 1 }\n", "a.c").unwrap();
    assert_eq!(inline, "a = { b = 1 , c = \"tresor://global/a\" }\n");
}

#[test]
fn toml_that_cannot_be_changed_is_refused_with_its_line() {
    let line = changed(Form::Toml, "a = 1\nb = = 2\n", "a").unwrap_err();
    assert!(matches!(line, ConfigError::Line { line: 2, .. }), "{line:?}");
    for at in ["t", "list", "list.0", "a.b"] {
        let error = changed(Form::Toml, "a = 1\nlist = [1]\n[t]\nx = 1\n", at).unwrap_err();
        assert_eq!(error, ConfigError::NoValue { at: at.into() });
    }
    for at in ["", "a.", ".a", "a..b"] {
        let error = changed(Form::Toml, "", at).unwrap_err();
        assert_eq!(error, ConfigError::NoPlace { at: at.into() });
    }
}

#[test]
fn a_variable_is_replaced_wherever_it_stands_or_added() {
    let text = "\u{feff}# top\nexport A='old'  # was old\r\nB=1\nA=\"newer\nline\" # kept\nC=2";
    let expected = text.replace("\"newer\nline\"", "tresor://global/a");
    let expected = expected.replace("'old'", "tresor://global/a");
    assert_eq!(changed(Form::Dotenv, text, "A"), Ok(expected));
    let places = |at| {
        let text = SensitiveBytes::copy_of(text.as_bytes());
        with_value(Form::Dotenv, &text, at, "x").map(|changed| changed.places)
    };
    assert_eq!((places("A"), places("B"), places("D")), (Ok(2), Ok(1), Ok(1)));
    let expected = format!("{text}\nD=tresor://global/a\n");
    assert_eq!(changed(Form::Dotenv, text, "D"), Ok(expected));
    assert_eq!(
        changed(Form::Dotenv, "A=1\r\nB=2\r\n", "A"),
        Ok("A=tresor://global/a\r\nB=2\r\n".into())
    );
    assert_eq!(changed(Form::Dotenv, "A=\n", "A"), Ok("A=tresor://global/a\n".into()));
}

#[test]
fn a_comment_right_behind_a_value_stays_a_comment() {
    for (text, expected) in [
        ("A=\"x\"# c\nB=1\n", "A=tresor://global/a # c\nB=1\n"),
        ("A='x'#c", "A=tresor://global/a #c"),
        ("A=# c\r\n", "A=tresor://global/a # c\r\n"),
        ("A= # c\n", "A= tresor://global/a # c\n"),
        ("A=x#y # c\n", "A=tresor://global/a # c\n"),
    ] {
        assert_eq!(changed(Form::Dotenv, text, "A").as_deref(), Ok(expected), "{text}");
        let values = assignments(expected.as_bytes()).unwrap();
        let is_reference = |value: &[u8]| value == b"tresor://global/a";
        assert!(values[0].value.with(is_reference), "{text}");
    }
}

#[test]
fn line_ends_and_a_byte_order_mark_stay_as_they_are() {
    let added = changed(Form::Dotenv, "A=1\r\nB=2\r\n", "D");
    assert_eq!(added, Ok("A=1\r\nB=2\r\nD=tresor://global/a\r\n".into()));
    let added = changed(Form::Dotenv, "A=1\r\nB=2", "D");
    assert_eq!(added, Ok("A=1\r\nB=2\r\nD=tresor://global/a\r\n".into()));
    let latin = SensitiveBytes::copy_of(b"# caf\xe9\r\nA=1\r\n");
    let added = with_value(Form::Dotenv, &latin, "D", "2").unwrap().text;
    assert!(added.with(|text| text == b"# caf\xe9\r\nA=1\r\nD=2\r\n"));
    for before in ["A=1\r\nB=2\n", ""] {
        let expected = format!("{before}D=tresor://global/a\n");
        assert_eq!(changed(Form::Dotenv, before, "D"), Ok(expected));
    }
    let marked = changed(Form::Toml, "\u{feff}a = 'x'\r\n", "a");
    assert_eq!(marked, Ok("\u{feff}a = \"tresor://global/a\"\r\n".into()));
    let line = changed(Form::Toml, "\u{feff}a = 1\nb = = 2\n", "a").unwrap_err();
    assert!(matches!(line, ConfigError::Line { line: 2, .. }), "{line:?}");
}

#[test]
fn a_dotenv_file_that_cannot_be_read_is_refused_with_its_line() {
    let error = changed(Form::Dotenv, "A=1\nB\n", "A").unwrap_err();
    assert_eq!(error.to_string(), "line 2: there is no = after the name");
    assert_eq!(error.help(), "the file was left as it is; mend it first");
    assert!(changed(Form::Dotenv, "", "A.B").is_err());
}

#[test]
fn forms_are_told_by_their_names() {
    let form = |name: &str| Form::of(Path::new(name));
    assert_eq!(
        (form("a/x.toml"), form(".env"), form(".env.prod")),
        (Some(Form::Toml), Some(Form::Dotenv), Some(Form::Dotenv))
    );
    assert_eq!((form("prod.env"), form("x.yaml"), form("env")), (Some(Form::Dotenv), None, None));
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_utf8_tells_the_form_as_well() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    let form = |name: &[u8]| Form::of(Path::new(OsStr::from_bytes(name)));
    assert_eq!((form(b"pr\xe9d.env"), form(b"\xe9.toml")), (Some(Form::Dotenv), Some(Form::Toml)));
    assert_eq!(form(b".env\xe9"), None);
}
