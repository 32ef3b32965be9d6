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
    let counted = "otpauth://hotp/ACME:ops?secret=JBSWY3DPEHPK3PXP&counter=1";
    assert_eq!(told(counted), (SecretKind::Totp, "One-time password, by counter".into()));
    assert_eq!(of(&counted.replace("hotp", "sotp")).kind, SecretKind::Other);
    let exported = "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6";
    assert_eq!(told(exported), (SecretKind::Totp, "Authenticator export".into()));
    for address in
        ["A:b://ops:hunter2@host/", "b://ops:hunter2@host/", "https%3A%2F%2Fops%3Ahunter2%40host"]
    {
        for uri in
            ["otpauth://totp/{}?secret=JBSWY3DP", "otpauth://totp/x?issuer={}&secret=JBSWY3DP"]
        {
            let found = of(&uri.replace("{}", address));
            assert_eq!(found.kind, SecretKind::Totp);
            assert!(!shown(&found).contains("hunter2"), "{:?}", found.facts);
        }
    }
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
        ("sqlserver://db.example;user=x;password=1234@hunter2", "SQL Server URL", "", ""),
        ("postgres://a:1234@db.example:hunter2/x", "PostgreSQL URL", "", "x"),
        ("postgres://a:1234@db.example/x?password=hunter2", "PostgreSQL URL", "db.example", "x"),
        // Without an @, a password that lost its host looks like one.
        ("postgres://hunter2", "PostgreSQL URL", "", ""),
        ("postgres://app:hunter2", "PostgreSQL URL", "", ""),
        ("postgres://app:1234", "PostgreSQL URL", "", ""),
        ("redis://:hunter2", "Redis URL", "", ""),
        ("redis://hunter2.hunter2:1234/0", "Redis URL", "", ""),
        ("redis://10.0.0.1:6379/0", "Redis URL", "10.0.0.1", "0"),
        ("mongodb://u:hunter2@[::1]:27017/x", "MongoDB URL", "[::1]", "x"),
        (
            "mongodb://u:hunter2@a.example:1,b.example:2/x",
            "MongoDB URL",
            "a.example:1,b.example:2",
            "x",
        ),
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
fn a_key_is_proposed_for_what_was_recognised_and_for_nothing_else() {
    let pem = |label: &str| pem(label, &"AAAA".repeat(20));
    for (text, key) in [
        (pem("CERTIFICATE"), Some("tls_certificate")),
        (pem("RSA PRIVATE KEY"), Some("private_key")),
        (pem("OPENSSH PRIVATE KEY"), Some("ssh_key")),
        (jwt("{}"), Some("jwt")),
        (r#"{"access_token":"x","expires_in":3600}"#.into(), Some("oauth_token")),
        ("A=1\n# c\nexport B_C='2'\n".into(), Some("env")),
        ("Tr0ub4dor&3".into(), Some("password")),
        ("JBSWY3DPEHPK3PXP".into(), Some("totp")),
        ("The code of the safe:\nleft, right, left.\n".into(), None),
        ("lowercase".into(), None),
    ] {
        assert_eq!(proposed_key(&of(&text)), key, "{text}");
    }
}

#[test]
fn a_secret_within_a_public_field_is_no_fact() {
    let token = format!("ghp_{}", "a1B".repeat(12));
    for claim in [token.as_str(), "https://a:hunter2@id.example", "postgres://hunter2"] {
        let found = of(&jwt(&format!(r#"{{"iss":"{claim}","sub":"me","aud":["x","{claim}"]}}"#)));
        let labels: Vec<&str> = found.facts.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(labels, ["Type", "Algorithm", "Subject"], "{claim}");
    }
    let nested = of(&jwt(&format!(r#"{{"sub":"{}"}}"#, jwt(r#"{"iss":"x"}"#))));
    assert_eq!(fact(&nested, "Subject"), "");
    let account = r#"{"type":"service_account","private_key":"x","project_id":"ftp://a:b@c"}"#;
    assert_eq!(fact(&of(account), "Project"), "");
    // Two secrets in base64 below each other look like two names without a value.
    let base64 = ["aHVudGVyMg==", "c2VjcmV0MTI="].join("\n");
    assert_ne!(of(&base64).kind, SecretKind::Env);
    let mixed = of(&format!("A=1\n{base64}\nEMPTY=\n"));
    assert_eq!((&*fact(&mixed, "Variables"), &*fact(&mixed, "Names")), ("4", "A"));
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
        password in password(), scheme in scheme(), jdbc in "(jdbc:)?",
        user in "[a-z]{0,3}", place in place(),
    ) {
        let around = format!("{jdbc}{scheme}://{user}:@{place}");
        let found = of(&format!("{jdbc}{scheme}://{user}:{password}@{place}"));
        check_hidden(&found, &password, &around)?;
    }

    #[test]
    fn what_stands_where_a_host_should_is_never_a_fact(
        password in password().prop_filter("a place", |text| !text.contains('@') && !is_place(text)),
        scheme in scheme(), before in "(app)?:?", after in "(/|/0|\\?a=b|@)?",
    ) {
        let found = of(&format!("{scheme}://{before}{password}{after}"));
        check_hidden(&found, &password, &scheme)?;
    }

    #[test]
    fn a_secret_in_otpauth_names_is_never_a_fact(secret in "[A-Z2-7]{8,32}") {
        for label in ["{}", "ACME:{}", "ACME {}:ops"] {
            let uri = format!("otpauth://totp/{label}?issuer={{}}&digits={{}}&period={{}}&secret={{}}");
            let found = of(&uri.replace("{}", &secret));
            prop_assert_eq!(found.kind, SecretKind::Totp);
            prop_assert!(!shown(&found).contains(&secret), "{:?}", found.facts);
        }
    }
}

/// Passwords of any characters, and such as look like parts of an address.
fn password() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9@:/?#;&=%.-]{4,20}",
        "(?s).{4,20}",
        "([A-Za-z0-9]{0,9}[@:/?#;&=%,.\\[\\] -]){1,4}[a-z]{4}",
    ]
}

fn scheme() -> impl Strategy<Value = String> {
    "postgres|redis|https|mysql|sqlserver|mongodb\\+srv|amqp|ldaps|ftp|nats"
}

/// What follows the password: a host, perhaps with more behind it.
fn place() -> impl Strategy<Value = String> {
    "db\\.example(:5432)?(/shop)?(\\?x=y)?(#z)?|\\[2001:db8::1\\]:1/0|a\\.example:1,b\\.example:2/x"
}

/// Addresses in digits and this machine's name are hosts, whoever uses them as a password.
fn is_place(password: &str) -> bool {
    let of_place = |c: char| c.is_ascii_digit() || "[].:,/?#".contains(c);
    password.chars().all(of_place) || password.contains("localhost")
}

/// All facts but the type, which is ours.
fn shown(found: &Recognised) -> String {
    let facts = found.facts.iter().filter(|(label, _)| label != "Type");
    facts.map(|(_, text)| format!("{text}\n")).collect()
}

/// Neither the password nor a part of it is shown, unless the text around it says the same.
fn check_hidden(found: &Recognised, password: &str, around: &str) -> Result<(), TestCaseError> {
    check(found);
    let shown = shown(found);
    let parts = password.split(|c: char| !c.is_alphanumeric()).filter(|part| part.len() > 3);
    for part in parts.chain([password]).filter(|part| !around.contains(part)) {
        prop_assert!(!shown.contains(part), "{:?} of {:?} in {:?}", part, password, found.facts);
    }
    Ok(())
}
