//! Tokens are put together from parts, so that no scanner takes this file for a leak.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

/// Made for these tests by openssl: `CN=shop.example`, issued by a demo authority.
const CERTIFICATE: &str = "\
    MIIB+jCCAaCgAwIBAgIUPjoJ4PCJpafTzhqV5R4ccQJq/DAwCgYIKoZIzj0EAwIw\
    KzEUMBIGA1UECgwLdHJlc29yIGRlbW8xEzARBgNVBAMMCkRlbW8gQ0EgUjEwHhcN\
    MjYxMTIzMTk1MTU3WhcNMjcwMjIxMTk1MTU3WjAXMRUwEwYDVQQDDAxzaG9wLmV4\
    YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASxJmtP2ywYEtpTX0Aog5vd\
    Dgn7klaIV+2pWMqyhDi+s5fEbiE2tZLHhoUWrvJlgZ3oJoCLxAwD0Tbx2VuOUZV4\
    o4G1MIGyMFAGA1UdEQRJMEeCDHNob3AuZXhhbXBsZYIQd3d3LnNob3AuZXhhbXBs\
    ZYIQYXBpLnNob3AuZXhhbXBsZYITc3RhdHVzLnNob3AuZXhhbXBsZTATBgNVHSUE\
    DDAKBggrBgEFBQcDATAJBgNVHRMEAjAAMB0GA1UdDgQWBBSYBKo7qED4m/L7HnvR\
    OsA9aQGQPjAfBgNVHSMEGDAWgBRyy6udLvczAFQGnlElIsWDEqKszDAKBggqhkjO\
    PQQDAgNIADBFAiEApjH3QLsSiNroG1vMsDPUCHeDDhI6TotjKaIENWJ02FICIEUM\
    MqcKv9rDzNET752cRq7Ldg2NuvYKK3E1Ln5gBxmx";
/// Made for these tests by ssh-keygen; opens nothing.
const OPENSSH: &str = "\
    b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\
    QyNTUxOQAAACA7F+6u7i4zterczUpRk1CVllvhKEMLDUWyqfCBbE+cDwAAAJiZJK5amSSu\
    WgAAAAtzc2gtZWQyNTUxOQAAACA7F+6u7i4zterczUpRk1CVllvhKEMLDUWyqfCBbE+cDw\
    AAAEBjUCOa5LbYHHIZeb4Rehk+wahgpsY6A86m7YAiwGraFTsX7q7uLjO16tzNSlGTUJWW\
    W+EoQwsNRbKp8IFsT5wPAAAAE2RlcGxveUBzaG9wLmV4YW1wbGUBAg==";
/// The same with a passphrase.
const OPENSSH_ENCRYPTED: &str = "\
    b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABC9nXh+WB\
    PImLLlnhAY6oDMAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIMjoOUqCrczU4RGk\
    ajFFmF6wG+na5AmLhtWsUGkW7rn9AAAAkNMeAI84ggWT5gYkyUT53IIvlV1LL8jNU6m4xO\
    1DowyDbItr39cYoOOrmO+GTfYdZ0dFhhvH4LJpIV0cgsKdI9L9rKYPhfPTXUznsVeRD3T+\
    DGh1cBJc1OLTF4/Xv3UqVyRwh2xvbf05Zyrdx2UQmXOCaQ0LBGMofWOPIPIPGKhjMfvFis\
    dsLwaFVF1UJZIh1A==";

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
fn tokens_are_told_by_prefix_and_length() {
    for (parts, kind, what, key) in [
        (
            ["ghp_", &"a1B".repeat(12)],
            SecretKind::ApiKey,
            "GitHub personal access token",
            "github_token",
        ),
        (
            ["gho_", &"a1B".repeat(12)],
            SecretKind::OauthToken,
            "GitHub OAuth token",
            "github_oauth_token",
        ),
        (
            ["github_pat_", &"a1_".repeat(27)],
            SecretKind::ApiKey,
            "GitHub fine-grained token",
            "github_token",
        ),
        (
            ["glpat-", &"a-1_".repeat(5)],
            SecretKind::ApiKey,
            "GitLab personal access token",
            "gitlab_token",
        ),
        (["AKIA", &"A2B3".repeat(4)], SecretKind::ApiKey, "AWS access key id", "aws_access_key_id"),
        (
            ["sk-proj-", &"aB3_".repeat(12)],
            SecretKind::ApiKey,
            "OpenAI project key",
            "openai_api_key",
        ),
        (["sk-", &"aB3d".repeat(12)], SecretKind::ApiKey, "OpenAI API key", "openai_api_key"),
        (
            ["sk-ant-", &"api03-aB3".repeat(9)],
            SecretKind::ApiKey,
            "Anthropic API key",
            "anthropic_api_key",
        ),
        (
            ["xoxb-", "123456789012-abcdefABCDEF"],
            SecretKind::ApiKey,
            "Slack bot token",
            "slack_bot_token",
        ),
        (
            ["xapp-", "1-A0000-111-abcdef0123"],
            SecretKind::ApiKey,
            "Slack app-level token",
            "slack_app_token",
        ),
        (
            ["sk_live_", &"a1B2".repeat(6)],
            SecretKind::ApiKey,
            "Stripe secret key",
            "stripe_secret_key",
        ),
        (
            ["sk_test_", &"a1B2".repeat(6)],
            SecretKind::ApiKey,
            "Stripe test secret key",
            "stripe_secret_key",
        ),
        (
            ["whsec_", &"a1B2".repeat(8)],
            SecretKind::ApiKey,
            "Stripe webhook secret",
            "stripe_webhook_secret",
        ),
        (["npm_", &"a1B".repeat(12)], SecretKind::ApiKey, "npm access token", "npm_token"),
        (["pypi-", &"AgEIcHlw".repeat(12)], SecretKind::ApiKey, "PyPI API token", "pypi_token"),
        (
            ["SG.", &format!("{}.{}", "a1".repeat(11), "B2c".repeat(14))],
            SecretKind::ApiKey,
            "SendGrid API key",
            "sendgrid_api_key",
        ),
        (["AIza", &"aB-3_".repeat(7)], SecretKind::ApiKey, "Google API key", "google_api_key"),
        (
            ["ya29.", &"aB-3_".repeat(12)],
            SecretKind::OauthToken,
            "Google OAuth access token",
            "google_access_token",
        ),
        (
            ["dop_v1_", &"0a".repeat(32)],
            SecretKind::ApiKey,
            "DigitalOcean personal token",
            "digitalocean_token",
        ),
        (["hf_", &"aB".repeat(17)], SecretKind::ApiKey, "Hugging Face token", "huggingface_token"),
        (
            ["dckr_pat_", &"aB-1_".repeat(6)],
            SecretKind::ApiKey,
            "Docker Hub access token",
            "docker_token",
        ),
        (["cio", &"aB01".repeat(8)], SecretKind::ApiKey, "crates.io token", "crates_io_token"),
        (
            ["12345678", &format!(":{}", "aB-1_".repeat(7))],
            SecretKind::ApiKey,
            "Telegram bot token",
            "telegram_bot_token",
        ),
        (["SK", &"0a".repeat(16)], SecretKind::ApiKey, "Twilio API key SID", "twilio_api_key"),
        (
            ["https://hooks.slack.com", "/services/T0/B0/xyz"],
            SecretKind::ApiKey,
            "Slack webhook URL",
            "slack_webhook_url",
        ),
        (
            ["https://discord.com/api", "/webhooks/1/xyz"],
            SecretKind::ApiKey,
            "Discord webhook URL",
            "discord_webhook_url",
        ),
        (
            ["AKIA", &format!("{}:{}", "A2B3".repeat(4), "aB3/".repeat(10))],
            SecretKind::ApiKey,
            "AWS access key pair",
            "aws_credentials",
        ),
        (
            ["", &"aB3/".repeat(10)],
            SecretKind::ApiKey,
            "AWS secret access key, by its shape",
            "aws_secret_access_key",
        ),
        (["AGE-SECRET-KEY-1", &"Q2".repeat(29)], SecretKind::PrivateKey, "age identity", "age_key"),
        (
            ["MTAwMDAwMDAwMDAwMDAwMDAw.", &format!("GaBcDe.{}", "aB-1_".repeat(6))],
            SecretKind::ApiKey,
            "Discord bot token",
            "discord_bot_token",
        ),
    ] {
        for around in ["", "\n", "\r\n", "  "] {
            let found = of(&format!("{}{around}", parts.concat()));
            assert_eq!((found.kind, found.what()), (kind, Some(what)));
            assert_eq!(proposed_key(&found), Some(key));
        }
    }
}

#[test]
fn what_is_too_short_or_has_other_characters_is_no_token() {
    for parts in
        [["ghp_", "short"], ["AKIA", "lowercase0000000"], ["sk-", "with space and more text"]]
    {
        assert_ne!(of(&parts.concat()).kind, SecretKind::ApiKey, "{parts:?}");
    }
}

#[test]
fn every_prefix_is_reachable_and_every_key_is_a_key() {
    let longer_first = tokens::prefixes();
    for (place, prefix) in longer_first.iter().enumerate() {
        let hidden = longer_first[..place].iter().any(|earlier| prefix.starts_with(earlier));
        assert!(!hidden, "{prefix} is hidden by an earlier row");
    }
    for key in tokens::keys() {
        assert!(key.parse::<crate::vault::SecretKey>().is_ok(), "{key}");
    }
}

#[test]
fn a_jwt_shows_its_public_claims_and_expiry() {
    let found = of(&jwt(
        r#"{"iss":"https://id.example","sub":42,"aud":["a","b"],"exp":1798000000.5,"email":"x@y.z"}"#,
    ));
    assert_eq!((found.kind, found.expires_at), (SecretKind::Jwt, Some(Timestamp(1_798_000_000))));
    let all: Vec<_> = found.facts.iter().map(|(label, text)| (&**label, &**text)).collect();
    assert_eq!(
        all,
        [
            ("Type", "JSON Web Token"),
            ("Algorithm", "RS256"),
            ("Issuer", "https://id.example"),
            ("Subject", "42"),
            ("Audience", "a, b"),
            ("Expires", "2026-12-23T04:26:40Z"),
        ]
    );
    for odd in ["[]", "not json", r#"{"exp":"soon"}"#, r#"{"exp":1e300}"#, r#"{"exp":null}"#] {
        let found = of(&jwt(odd));
        assert_eq!((found.kind, found.expires_at), (SecretKind::Jwt, None), "{odd}");
    }
    let hostile = of(&jwt(r#"{"iss":"\u001b]0;x\u0007"}"#));
    assert_eq!(fact(&hostile, "Issuer"), "␛]0;x␇");
    assert_ne!(of("eyJhbGciOiJSUzI1NiJ9.e30").kind, SecretKind::Jwt);
}

#[test]
fn a_certificate_tells_whose_it_is_and_until_when() {
    for text in
        [pem("CERTIFICATE", CERTIFICATE), pem("CERTIFICATE", CERTIFICATE).replace('\n', "\r\n")]
    {
        let found = of(&text);
        assert_eq!(found.kind, SecretKind::Certificate);
        assert_eq!(fact(&found, "Subject"), "CN=shop.example");
        assert_eq!(fact(&found, "Issuer"), "O=tresor demo, CN=Demo CA R1");
        assert_eq!(fact(&found, "Names"), "shop.example www.shop.example api.shop.example +1");
        assert_eq!(fact(&found, "Key"), "EC, 256 bits");
        assert_eq!(
            (&*fact(&found, "Valid from"), &*fact(&found, "Valid to")),
            ("2026-11-23", "2027-02-21")
        );
        assert_eq!(
            found.expires_at.map(|at| at.to_string()[..10].to_owned()).as_deref(),
            Some("2027-02-21")
        );
    }
    let der = STANDARD.decode(CERTIFICATE).unwrap();
    assert_eq!(fact(&recognise(&der), "Subject"), "CN=shop.example");
    let chain = format!("{0}{0}{1}", pem("CERTIFICATE", CERTIFICATE), pem("PRIVATE KEY", "AAAA"));
    let found = of(&chain);
    assert_eq!(found.what(), Some("Certificate with its private key"));
    assert_eq!(fact(&found, "Chain"), "2 certificates");
    let broken = of(&pem("CERTIFICATE", "AAAA"));
    assert_eq!(broken.what(), Some("Certificate that cannot be read"));
}

#[test]
fn private_keys_are_told_apart() {
    let pkcs8 = |body: &[u8]| pem("PRIVATE KEY", &STANDARD.encode(body));
    for (text, kind, what, encrypted) in [
        (pem("RSA PRIVATE KEY", "MIIB"), SecretKind::PrivateKey, "RSA private key", "no"),
        (
            pem("RSA PRIVATE KEY", "MIIB").replacen('\n', "\nProc-Type: 4,ENCRYPTED\n\n", 1),
            SecretKind::PrivateKey,
            "RSA private key",
            "yes",
        ),
        (pem("EC PRIVATE KEY", "MHcC"), SecretKind::PrivateKey, "EC private key", "no"),
        (pem("ENCRYPTED PRIVATE KEY", "MIHs"), SecretKind::PrivateKey, "Private key", "yes"),
        (
            pkcs8(b"0.\x02\x01\x000\x05\x06\x03\x2b\x65\x70\x04\x22"),
            SecretKind::PrivateKey,
            "Ed25519 private key",
            "no",
        ),
        (pkcs8(b"?"), SecretKind::PrivateKey, "Private key", "no"),
        (pem("OPENSSH PRIVATE KEY", OPENSSH), SecretKind::SshKey, "OpenSSH private key", "no"),
        (
            pem("OPENSSH PRIVATE KEY", OPENSSH_ENCRYPTED),
            SecretKind::SshKey,
            "OpenSSH private key",
            "yes",
        ),
        (pem("OPENSSH PRIVATE KEY", "AAAA"), SecretKind::SshKey, "OpenSSH private key", ""),
        (pem("PUBLIC KEY", "AAAA"), SecretKind::Other, "Public key", ""),
    ] {
        let found = of(&text);
        assert_eq!((found.kind, found.what()), (kind, Some(what)));
        assert_eq!(fact(&found, "Encrypted"), encrypted, "{what}");
    }
}

#[test]
fn an_openssh_key_has_the_fingerprint_ssh_keygen_shows() {
    let found = of(&pem("OPENSSH PRIVATE KEY", OPENSSH));
    assert_eq!(fact(&found, "Algorithm"), "ssh-ed25519");
    assert_eq!(fact(&found, "Fingerprint"), "SHA256:PHLIA3kvuNze5kckFjGN86E6xLmokO2Jg/bVTtG6GII");
    let found = of(&pem("OPENSSH PRIVATE KEY", OPENSSH_ENCRYPTED));
    assert_eq!(fact(&found, "Fingerprint"), "SHA256:MCRRh2KoxS0bzFaUOInwv+YvYbuhOD91scw+xNzHRfo");
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
