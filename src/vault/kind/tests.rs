//! Shapes without a mark, addresses, and properties of all; the families have files of their own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;
use blocks::{CERTIFICATE, OPENSSH};

mod blocks;
mod tokens;

fn of(text: &str) -> Recognised {
    recognise(text.as_bytes())
}

/// Kind and type in words.
fn told(text: &str) -> (SecretKind, String) {
    let found = of(text);
    (found.kind, found.what().unwrap_or_default().to_owned())
}

fn fact(found: &Recognised, label: &str) -> String {
    found.facts.iter().find(|(l, _)| l == label).map(|(_, text)| text.clone()).unwrap_or_default()
}

fn pem(label: &str, body: &str) -> String {
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A token with that payload and no true signature.
fn jwt(payload: &str) -> String {
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    format!("{}.{}.c2lnbmF0dXJl", part(r#"{"alg":"RS256","typ":"JWT"}"#), part(payload))
}

#[test]
fn an_otpauth_uri_shows_issuer_and_account() {
    let found = of(
        "otpauth://totp/ACME%20Co:ops%40acme.example?secret=JBSWY3DPEHPK3PXP&issuer=ACME%20Co&digits=6",
    );
    assert_eq!((found.kind, &*fact(&found, "Issuer")), (SecretKind::Totp, "ACME Co"));
    assert_eq!((&*fact(&found, "Account"), &*fact(&found, "Digits")), ("ops@acme.example", "6"));
    assert!(!format!("{found:?}").contains("JBSWY3DP"));
    assert_eq!(of("otpauth://totp/x?issuer=y").kind, SecretKind::Other);
    assert_eq!(of("JBSWY3DPEHPK3PXP").kind, SecretKind::Totp);
    assert_eq!(of("jbsw y3dp ehpk 3pxp").kind, SecretKind::Totp);
    assert_ne!(of("this that with from").kind, SecretKind::Totp);
}

#[test]
fn a_connection_url_shows_the_place_and_never_the_password() {
    for (text, what, host, database) in [
        (
            "postgres://app:hunter2@db.example:5432/shop?sslmode=require",
            "PostgreSQL URL",
            "db.example",
            "shop",
        ),
        ("jdbc:mysql://app:hunter2@10.0.0.1/shop", "MySQL URL", "10.0.0.1", "shop"),
        ("redis://:hunter2@cache.example:6379/0", "Redis URL", "cache.example", "0"),
        ("mongodb+srv://a:hunter2@c.example/x", "MongoDB URL", "c.example", "x"),
        ("amqps://a:hunter2@mq.example/", "AMQP URL", "mq.example", ""),
        (
            "https://hunter2@git.example/hunter2/x",
            "Web address with credentials",
            "git.example",
            "",
        ),
        ("postgres://app:pw@hunter2@db.example/shop", "PostgreSQL URL", "db.example", "shop"),
        // No telling where the password ends.
        ("postgres://app:1234/hunter2@db.example/shop", "PostgreSQL URL", "", ""),
        ("postgres://app:1?hunter2@db.example/shop", "PostgreSQL URL", "", ""),
        ("sqlserver://db.example;user=x;password=hunter2", "SQL Server URL", "", ""),
        ("postgres://localhost/shop", "PostgreSQL URL", "localhost", "shop"),
        ("Server=db.example;Database=x;Password=hunter2;", "SQL connection string", "", ""),
    ] {
        let found = of(text);
        assert_eq!((found.kind, found.what()), (SecretKind::ConnectionUrl, Some(what)), "{text}");
        assert_eq!(
            (&*fact(&found, "Host"), &*fact(&found, "Database")),
            (host, database),
            "{text}"
        );
        let shown = format!("{found:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("1234"), "{text}: {shown}");
    }
    let sentry = format!("https://{}@o1.ingest.sentry.io/1", "0a".repeat(16));
    assert_eq!(told(&sentry), (SecretKind::ConnectionUrl, "Sentry DSN".into()));
    assert_eq!(proposed_key(&of(&sentry)), Some("sentry_dsn"));
    assert_eq!(of("https://example.com/a?b=c").kind, SecretKind::Other);
}

#[test]
fn what_has_no_mark_is_told_with_care() {
    for (text, kind) in [
        ("A=1\n# c\nexport B_C='2'\n", SecretKind::Env),
        ("A=1", SecretKind::Other),
        ("Tr0ub4dor&3", SecretKind::Password),
        ("Tr0ub4dor&3\n", SecretKind::Password),
        ("correct horse battery staple", SecretKind::Other),
        ("lowercase", SecretKind::Other),
        ("aB3_aB3_aB3_aB3_aB3_aB3_aB3_aB3_", SecretKind::Other),
        ("aB3!aB3_aB3_aB3_aB3_aB3_aB3_aB3_", SecretKind::Password),
        ("web-01.example.com", SecretKind::Other),
        ("ops1@example.com", SecretKind::Other),
        ("550e8400-e29b-41d4-a716-446655440000", SecretKind::Other),
        ("2026-11-23T10:00:00Z", SecretKind::Other),
        ("The code of the safe:\nleft, right, left.\n", SecretKind::Note),
        ("one\ntwo", SecretKind::Other),
        ("", SecretKind::Other),
    ] {
        assert_eq!(of(text).kind, kind, "{text:?}");
    }
    assert_eq!(recognise(&[0xff, 0xfe]).what(), Some("Binary data"));
    let account = r#"{"type":"service_account","project_id":"shop","private_key":"x","client_email":"ci@shop.example"}"#;
    let found = of(account);
    assert_eq!(
        (found.what(), &*fact(&found, "Project")),
        (Some("Google service account key"), "shop")
    );
    assert_eq!(of(r#"{"access_token":"x","expires_in":3600}"#).kind, SecretKind::OauthToken);
    assert_eq!(of(r#"{"a":1}"#).kind, SecretKind::Other);
}

#[test]
fn facts_are_short_and_few() {
    let names: String = (0..500).map(|n| format!("NAME_{n}=x\n")).collect();
    let found = of(&names);
    assert_eq!(fact(&found, "Variables"), "500");
    assert_eq!(fact(&found, "Names").chars().count(), MAX_FACT);
    let long = of(&jwt(&format!(r#"{{"iss":"{}"}}"#, "\\u0007".repeat(3000))));
    assert_eq!(fact(&long, "Issuer").chars().count(), MAX_FACT);
}

/// Beginnings of what the readers look for, so that random bytes get further.
fn beginning() -> impl Strategy<Value = String> {
    let certificate = pem("CERTIFICATE", CERTIFICATE);
    let key = pem("OPENSSH PRIVATE KEY", OPENSSH);
    proptest::sample::select(vec![
        String::new(),
        certificate,
        key,
        jwt(r#"{"exp":1,"iss":"a"}"#),
        "otpauth://totp/a:b?secret=".into(),
        "postgres://a:b@".into(),
        "-----BEGIN ".into(),
        "-----BEGIN CERTIFICATE-----\n".into(),
        "A=1\nB=".into(),
        "{\"type\":".into(),
        "eyJ".into(),
        "sk-".into(),
    ])
}

fn check(found: &Recognised) {
    assert!(found.facts.len() <= MAX_FACTS);
    for (label, text) in &found.facts {
        assert!(text.chars().count() <= MAX_FACT && !text.is_empty(), "{label}");
        assert_eq!(visible(text), *text);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_recognised_without_a_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        check(&recognise(&bytes));
    }

    #[test]
    fn likely_bytes_are_recognised_without_a_panic(
        beginning in beginning(), tail in any::<String>(), cut in 0_usize..900, flip: u8,
    ) {
        let mut bytes = format!("{beginning}{tail}").into_bytes();
        if let Some(byte) = bytes.get_mut(cut) {
            *byte ^= flip;
        }
        check(&recognise(&bytes));
        bytes.truncate(cut);
        check(&recognise(&bytes));
    }

    #[test]
    fn altered_certificates_are_read_or_refused(place in 0_usize..450, byte: u8) {
        let mut der = STANDARD.decode(CERTIFICATE).unwrap();
        if let Some(old) = der.get_mut(place) {
            *old = byte;
        }
        check(&recognise(&der));
        check(&of(&pem("CERTIFICATE", &STANDARD.encode(&der))));
    }

    #[test]
    fn a_password_in_a_url_is_never_a_fact(
        password in "[A-Za-z0-9:/?#@;&=%.-]{6,20}", scheme in "postgres|redis|https|mysql",
    ) {
        let found = of(&format!("{scheme}://app:{password}@db.example:5432/shop?x=y"));
        let shown = format!("{:?}", found.facts);
        prop_assert!(!shown.contains(&password), "{}", shown);
        for piece in password.split(['/', '?', '#', '@', ':']).filter(|piece| piece.len() > 4) {
            prop_assert!(!shown.contains(piece), "{} in {}", piece, shown);
        }
    }
}
