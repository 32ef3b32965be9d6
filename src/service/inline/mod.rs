//! Finds secrets that stand in clear in files of other programs, in whatever form. Keeps none of them: only
//! where they stand and what they look like.

mod line;
mod names;
mod pairs;
mod values;

use zeroize::Zeroizing;

use crate::service::dotenv::Assignment;
use crate::service::reference::Template;
use crate::text::visible;
use crate::vault::SecretKind;
pub use names::names_password;
use names::{Says, says};
use values::{SHORTEST, is_token, looks_random, looks_real, private_key_header};

/// Passwords in `.env` files may be as short.
const SHORTEST_PASSWORD: usize = 4;
/// What a line has beyond is data, not settings.
const LONGEST_LINE: usize = 256 * 1024;

/// A secret in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inline {
    /// Its line, from 1.
    pub line: usize,
    /// The name it is assigned to; empty when it stands by itself. Safe to show.
    pub name: String,
    /// What it looks like; `Other` when only its name tells.
    pub kind: SecretKind,
}

/// All that are found in a text, in order; of several on a line each one.
pub fn find(text: &[u8]) -> Vec<Inline> {
    find_from(1, text, false)
}

/// The same in a text that begins on some line of a file, and may be prose.
fn find_from(first: usize, text: &[u8], is_prose: bool) -> Vec<Inline> {
    let lines = text.split(|byte| *byte == b'\n').zip(first..);
    let in_line = |(line, number): (&[u8], usize)| {
        let start = line.get(..line.len().min(LONGEST_LINE)).unwrap_or_default();
        with_letters(start, |start| {
            let found = line::secrets(start, is_prose).into_iter();
            let inline = |(name, kind): (&str, _)| {
                let name = visible(name).into_owned();
                Inline { line: number, name, kind }
            };
            found.map(inline).collect::<Vec<_>>()
        })
    };
    lines.flat_map(in_line).collect()
}

/// All that are found in a `.env` file: the values of its assignments, and what stands between them, in
/// comments and on lines that are no assignment.
pub fn find_in_dotenv(text: &[u8], assignments: &[Assignment]) -> Vec<Inline> {
    let mut found = Vec::new();
    let (mut from, mut line) = (0, 1);
    for assignment in assignments {
        let between = text.get(from..assignment.at.start).unwrap_or_default();
        found.extend(find_from(line, between, false));
        let kind = assignment.value.with(|value| judge_variable(&assignment.name, value));
        let name = || visible(&assignment.name).into_owned();
        found.extend(kind.map(|kind| Inline { line: assignment.line, name: name(), kind }));
        let passed = text.get(from..assignment.at.end).unwrap_or_default();
        line += passed.iter().filter(|byte| **byte == b'\n').count();
        from = assignment.at.end;
    }
    found.extend(find_from(line, text.get(from..).unwrap_or_default(), false));
    found
}

/// Whether the value of a variable of a `.env` file is a secret or has one in it, and of what kind.
pub fn judge_variable(name: &str, value: &[u8]) -> Option<SecretKind> {
    if has_references(value) {
        return None;
    }
    with_letters(value, |value| judge_as(name, value, SHORTEST_PASSWORD))
        .or_else(|| find_from(1, value, true).first().map(|inside| inside.kind))
}

/// Lends a text in which U+FFFD stands for what is no UTF-8: in Latin-1, a password is one as well.
fn with_letters<R>(text: &[u8], read: impl FnOnce(&str) -> R) -> R {
    if let Ok(text) = std::str::from_utf8(text) {
        return read(text);
    }
    // A byte becomes three at the most, so that no part of it is left where it grew.
    let mut letters = Zeroizing::new(String::with_capacity(3 * text.len()));
    for part in text.utf8_chunks() {
        letters.push_str(part.valid());
        if !part.invalid().is_empty() {
            letters.push(char::REPLACEMENT_CHARACTER);
        }
    }
    read(&letters)
}

/// Whether a value under a name is a secret, and of what kind.
fn judge(name: &str, value: &str) -> Option<SecretKind> {
    judge_as(name, value, SHORTEST).filter(|_| !has_references(value.as_bytes()))
}

/// The same, but only of a value whose name tells.
fn judge_by_name(name: &str, value: &str) -> Option<SecretKind> {
    name_tells(name, value, SHORTEST).then(|| judge(name, value)).flatten()
}

fn judge_as(name: &str, value: &str, shortest_password: usize) -> Option<SecretKind> {
    if private_key_header(value.trim_start()).is_some() {
        return Some(SecretKind::PrivateKey);
    }
    let by_name = || name_tells(name, value, shortest_password).then_some(SecretKind::Other);
    is_token(value.as_bytes()).or_else(by_name)
}

fn name_tells(name: &str, value: &str, shortest_password: usize) -> bool {
    match says(name) {
        Says::Nothing => false,
        Says::Key => looks_random(value),
        Says::Secret => looks_real(value, SHORTEST),
        Says::Password => looks_real(value, shortest_password),
    }
}

fn has_references(value: &[u8]) -> bool {
    !Template::parse(value).spots().is_empty()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    use crate::service::dotenv::readable_assignments;

    fn rows(found: Vec<Inline>) -> Vec<(usize, String, &'static str)> {
        found.into_iter().map(|one| (one.line, one.name, one.kind.word())).collect()
    }

    fn found(text: &str) -> Vec<(usize, String, &'static str)> {
        rows(find(text.as_bytes()))
    }

    fn found_in_dotenv(text: &str) -> Vec<(usize, String)> {
        let (assignments, _) = readable_assignments(text.as_bytes()).unwrap();
        let found = find_in_dotenv(text.as_bytes(), &assignments);
        found.into_iter().map(|one| (one.line, one.name)).collect()
    }

    /// The names of what is found on one line.
    fn names(line: &str) -> Vec<String> {
        found(line).into_iter().map(|(_, name, _)| name).collect()
    }

    fn stripe() -> String {
        ["sk", "live", "51H8xQ2eZvKYlo2C0aBcDeFgH"].join("_")
    }

    #[test]
    fn tokens_and_named_secrets_are_found_in_every_form() {
        let stripe = stripe();
        for (text, name, kind) in [
            (format!("STRIPE={stripe}"), "STRIPE", "api_key"),
            (format!("  \"stripe\": \"{stripe}\","), "stripe", "api_key"),
            (format!("# curl -H 'Authorization: {stripe}'"), "", "api_key"),
            (format!("args: [\"-x\", \"{stripe}\"]"), "", "api_key"),
            ("db: postgres://u:hunter22@h/d".to_owned(), "db", "connection_url"),
            ("export DB_PASSWORD='hunter22' # mine".to_owned(), "DB_PASSWORD", "other"),
            ("- client-secret: hunter22".to_owned(), "client-secret", "other"),
            ("key = -----BEGIN RSA PRIVATE KEY-----".to_owned(), "key", "private_key"),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----".to_owned(), "", "private_key"),
            ("#DB_PASSWORD=hunter22".to_owned(), "DB_PASSWORD", "other"),
            ("Client Secret: hunter22".to_owned(), "Client Secret", "other"),
            ("pass: hunter22".to_owned(), "pass", "other"),
            ("MYSQL_PWD=hunter22".to_owned(), "MYSQL_PWD", "other"),
            ("'password' => 'hunter22',".to_owned(), "password", "other"),
            ("curl \"https://h/?a=1&token=hunter22\"".to_owned(), "token", "other"),
            ("app --db-password=hunter22 --port=1".to_owned(), "db-password", "other"),
            ("hmac_key: 9f86d081884c7d659a2feaa0".to_owned(), "hmac_key", "other"),
        ] {
            assert_eq!(found(&format!("\n{text}\n")), [(2, name.to_owned(), kind)], "{text}");
        }
    }

    #[test]
    fn every_assignment_of_a_line_is_found_once() {
        for (line, expected) in [
            (
                "{\"user\": \"x\", \"password\": \"hunter22\", \"token\": \"hunter33\"}",
                vec!["password", "token"],
            ),
            ("{\"db\":{\"password\":\"hunter22\",\"port\":1},\"x\":[1]}", vec!["password"]),
            ("{\"a\": \"{\\\"password\\\": \\\"hunter22\\\"}\"}", vec!["password"]),
            ("db = { host = \"h\", password = \"hunter22\" }", vec!["password"]),
            ("db: {host: h, password: hunter22, pass: hunter33}", vec!["password", "pass"]),
            ("dsn: host=h password=hunter22 user=x", vec!["password"]),
            ("Server=h;User=x;Password=hunter22;Pwd=hunter33;", vec!["Password", "Pwd"]),
            ("password = hunter22 # was password=hunter33", vec!["password", "password"]),
            ("db: postgres://u:hunter22@h/d?token=hunter33", vec!["db"]),
            ("password: \"a, token: b99999\"", vec!["password"]),
            ("{\"x\": {\"dsn\": \"postgres://u:pa,ss99@h/d\"}}", vec!["dsn"]),
            ("x: [{dsn: postgres://u:pa,ss99@h/d}]", vec!["dsn"]),
        ] {
            assert_eq!(names(line), expected, "{line}");
        }
        let twice = format!("a = [\"{0}\", \"{0}\"]", stripe());
        assert_eq!(names(&twice), ["", ""]);
        let nested = format!("{{\"db\":{{\"stripe\":\"{0}\",\"list\":[\"{0}\"]}}}}", stripe());
        assert_eq!(names(&nested), ["stripe", ""]);
    }

    #[test]
    fn places_for_secrets_references_and_settings_about_them_are_none() {
        for text in [
            "PASSWORD=tresor://global/a",
            "password: {{ env:PASSWORD }}",
            "PASSWORD=changeme",
            "PASSWORD=<your password>",
            "PASSWORD=${PASSWORD}",
            "TOKEN_FILE=/run/secrets/token",
            "TOKEN_TTL=3600000",
            "password = \"\"",
            "secret_name: production",
            "url: postgres://host/d",
            "url: postgres://user:${PASSWORD}@host/d",
            "# the password is in the vault",
            "# password: see the wiki",
            "// token: ask Bob for it",
            "{\"password\": \"tresor://global/a\", \"token\": \"{{ env:TOKEN }}\"}",
            "db = { password = \"tresor://global/a\", port = 5432 }",
            "{\"help\": \"the token: what the service gave out\"}",
            "{\"password\": {\"type\": \"string\", \"minLength\": 8}}",
            "password: string",
            "token: [a, b]",
            "export PASSWORD=`pass show x`",
            "token: *default-token",
            "token: &default-token",
            "{token: *token, x: 1}",
            "secrets: inherit",
            "max_tokens: 4000000",
            "bypass: everybody",
            "compass=northwest",
            "passthrough: enabled-for-all",
            "passport=international",
            "PWD=/srv/app/current",
            "OLDPWD=/home/me/work",
            "key: some-plain-words-here",
            "cache_key: v1-9f86d081884c7d659a2feaa0",
            "PUBLIC_KEY=9f86d081884c7d659a2feaa0c55ad015",
            "AWS_ACCESS_KEY_ID=of-somebody",
            "reset_password: \"Reset password\"",
            "if password == \"hunter22\" {",
            "password: !secret db_password",
            "token = op://vault/item/token",
            "password=root",
            "image: registry/token:latest-build",
            "https://token:@github.com/x",
            "std::password::hunter22",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn what_is_no_text_has_none_and_hides_nothing_on_its_line() {
        assert_eq!(
            rows(find(b"\xff\xfe password=hunter22 \xff")),
            [(1, "password".into(), "other")]
        );
        let long =
            format!("{{\"a\": \"{}\", \"password\": \"hunter22\"}}", "\u{e9}".repeat(50_000));
        assert_eq!(names(&long), ["password"]);
    }

    #[test]
    fn passwords_in_another_encoding_are_some_by_their_names() {
        let text = b"DB_PASSWORD=p\xe9ss\xf6rd\nA=p\xe9ss\xf6rd\nDB=postgres://u:p\xe9ss@h/d\n# TOKEN=t\xe9ken99\n";
        let (assignments, _) = readable_assignments(text).unwrap();
        let expected =
            [(1, "DB_PASSWORD", "other"), (3, "DB", "connection_url"), (4, "TOKEN", "other")];
        let expected = expected.map(|(line, name, kind)| (line, name.to_owned(), kind));
        assert_eq!(rows(find_in_dotenv(text, &assignments)), expected);
        assert_eq!(rows(find(text)), expected);
    }

    #[test]
    fn lines_as_no_program_writes_them_hold_nothing() {
        for part in [" ", "-", "{", "a=", "\"", "'a=", "\\\"a\\\":", "#", "a: ", "{{", "/"] {
            assert_eq!(found(&part.repeat(300)), [], "{part}");
        }
    }

    #[test]
    fn in_env_files_short_passwords_count_and_comments_and_bad_lines_too() {
        let text = "DB_PASS=root\nPASSWORD=true\nAPI_TOKEN=short\nDB_PASSWORD=\"a\nb\" # token=hunter22\n\
                    no line password=hunter33\nOPTS='user=x password=hunter44'\nPROMPT=Password: yes please\n\
                    USER=root\nPIN=1234\n#OLD_TOKEN=hunter55";
        let expected =
            [(1, "DB_PASS"), (5, "token"), (6, "password"), (7, "OPTS"), (11, "OLD_TOKEN")];
        assert_eq!(found_in_dotenv(text), expected.map(|(line, name)| (line, name.to_owned())));
        assert_eq!(judge_variable("C_PASSWORD", b"`pass show x`"), None);
        assert_eq!(judge_variable("A", b"password=hunter22 tresor://global/a"), None);
    }
}
