use super::*;
use proptest::prelude::*;

use crate::vault::Timestamp;

fn secret(name: &str, url: &str, username: Option<&str>) -> SecretSummary {
    SecretSummary {
        name: name.parse().unwrap(),
        kind: SecretKind::Password,
        protected: false,
        revision: 1,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
        expires_at: None,
        tags: Box::default(),
        username: username.map(Into::into),
        url: Some(url.into()),
    }
}

fn found(secrets: &[SecretSummary], url: &str, path: bool, username: Option<&str>) -> String {
    let address = Address::parse(url).unwrap();
    let wanted = Wanted { address: &address, with_path: path, username };
    let names = wanted.find(secrets).into_iter().map(|secret| secret.name.key.as_str());
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn one_address_has_many_spellings() {
    let plain = Address::parse("https://example.org").unwrap();
    let spellings = [
        "example.org",
        "HTTPS://Example.org:443/",
        "https://user:word@example.org/?a#b",
        " https://example.org//",
    ];
    for text in spellings {
        assert_eq!(Address::parse(text), Some(plain.clone()), "{text}");
    }
    for text in ["http://example.org", "example.org:80", "example.org/a", "example.com"] {
        assert_ne!(Address::parse(text), Some(plain.clone()), "{text}");
    }
    for text in ["", "https://", "://example.org", "https:///", "https://a/%ff"] {
        assert_eq!(Address::parse(text), None, "{text}");
    }
    assert_eq!(Address::parse("[::1]:443").unwrap().url(), "https://[::1]");
    assert_eq!(Address::parse("localhost:5000").unwrap().url(), "https://localhost:5000");
    assert_eq!(Address::new("cert", "", "/home/a/key.pem").url(), "cert:///home/a/key.pem");
}

#[test]
fn the_longest_path_wins_and_a_path_ends_at_a_slash() {
    let secrets = [
        secret("global/host", "https://a.org", Some("u")),
        secret("global/team", "https://a.org/team", Some("u")),
        secret("global/repo", "https://a.org/team/repo.git", Some("u")),
        secret("global/plain", "http://a.org", Some("u")),
        secret("global/port", "https://a.org:8443", Some("u")),
    ];
    let find = |url, path| found(&secrets, url, path, None);
    assert_eq!(find("https://a.org/team/repo.git", true), "repo team host");
    assert_eq!(find("https://a.org/team/repo", true), "repo team host");
    assert_eq!(find("https://a.org/team2/repo", true), "host");
    assert_eq!(find("https://a.org/team/repository", true), "team host");
    assert_eq!(find("https://a.org", false), "host team repo");
    assert_eq!(find("https://a.org", true), "host");
    assert_eq!(find("http://a.org", false), "plain");
    assert_eq!(find("https://a.org:8443", false), "port");
    assert_eq!(find("https://b.a.org", false), "");
}

#[test]
fn accounts_fit_or_are_not_named() {
    let mut secrets = [
        secret("global/a", "a.org", Some("alice")),
        secret("global/b", "a.org", Some("bob")),
        secret("global/c", "a.org", None),
    ];
    assert_eq!(found(&secrets, "a.org", false, Some("bob")), "b c");
    assert_eq!(found(&secrets, "a.org", false, Some("eve")), "c");
    assert_eq!(found(&secrets, "a.org", false, None), "a b c");
    secrets[1].updated_at = Timestamp(1);
    assert_eq!(found(&secrets, "a.org", false, None), "b a c", "the newest first");
    let address = Address::parse("a.org").unwrap();
    let same = |username| {
        let wanted = Wanted { address: &address, with_path: true, username: Some(username) };
        wanted.same(&secrets).map(|secret| secret.name.key.as_str())
    };
    assert_eq!((same("alice"), same("eve")), (Some("a"), None));
}

#[test]
fn what_is_no_login_is_never_found() {
    let mut secrets =
        [secret("global/a", "a.org", None), secret("global/b.refresh", "a.org", None)];
    for (kind, word) in SecretKind::ALL {
        secrets[0].kind = kind;
        let is_login = ["password", "api_key", "oauth_token", "jwt", "other"].contains(&word);
        assert_eq!(!found(&secrets, "a.org", false, None).is_empty(), is_login, "{word}");
    }
}

#[test]
fn keys_are_plain_and_never_run_out_at_once() {
    let keys = |url: &str, username: &str| -> Vec<String> {
        let address = Address::parse(url).unwrap();
        keys("", &address, username).take(2).map(|key| key.to_string()).collect()
    };
    assert_eq!(
        keys("https://github.com", "octocat"),
        ["github.com-octocat", "github.com-octocat-2"]
    );
    assert_eq!(keys("http://h:8080/a/b", "me@x")[0], "h_8080-a_b-me_x");
    assert_eq!(keys("https://日本.example", "")[0], "__.example");
    let long = keys(&format!("https://{}", "a".repeat(300)), "u");
    assert_eq!((long.len(), long[1].len()), (2, 98));
}

proptest! {
    #[test]
    fn an_address_reads_back_as_it_was(
        protocol in "[a-z]{1,8}", host in "[a-z0-9.-]{1,20}(:[0-9]{1,5})?", path in "[^/\\p{Cc}][^\\p{Cc}]{0,20}",
    ) {
        let address = Address::new(&protocol, &host, &path);
        prop_assert_eq!(Address::parse(&address.url()), Some(address));
    }

    #[test]
    fn no_text_is_too_strange_to_be_read(text in "\\PC{0,40}", username in "\\PC{0,200}") {
        if let Some(address) = Address::parse(&text) {
            prop_assert!(keys("docker", &address, &username).next().is_some());
            prop_assert_eq!(Address::parse(&address.url()).map(|it| it.host), Some(address.host));
        }
    }
}
