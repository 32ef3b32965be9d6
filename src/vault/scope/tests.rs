//! What is and is not a scope, a key, a reference.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

#[test]
fn aliases_are_read_as_their_canonical_kind() {
    for (input, canonical) in [
        ("user:ops", "principal:ops"),
        ("plugin:extractor", "skill:extractor"),
        ("principal:user:alice", "principal:user:alice"),
        ("channel:slack:acct:1", "channel:slack:acct:1"),
        ("project:shop:prod", "project:shop:prod"),
    ] {
        assert_eq!(input.parse::<Scope>().map(|s| s.to_string()).ok().as_deref(), Some(canonical));
    }
}

#[test]
fn what_is_not_a_scope_is_refused_and_never_changed() {
    let long = format!("skill:{}", "a".repeat(257));
    for input in [
        "",
        "Global",
        "global:",
        "skill:",
        "skill: a",
        "skill:a ",
        "skill:a:b",
        "channel:slack",
        "channel::x",
        "project:a:b:c",
        "project:",
        "other:x",
        "skill:a/b",
        "skill:a\\b",
        "skill:a\u{1b}b",
        "skill:a\u{202e}b",
        "skill:a\u{2028}b",
        "skill:e\u{301}",
        &long,
    ] {
        assert!(input.parse::<Scope>().is_err(), "{input:?} was accepted");
    }
}

#[test]
fn references_split_at_the_first_slash_and_survive_a_uri() {
    for input in ["global/a", "principal:zoë x/k.1-_", "channel:slack:a%b?c/key"] {
        let name: SecretRef = input.parse().expect("valid");
        assert_eq!(name.to_string(), input);
        assert_eq!(name.uri().parse::<SecretRef>().expect("valid"), name);
    }
    assert!("tresor:/global/a".parse::<SecretRef>().is_err());
    assert!("tresor://tresor://global/a".parse::<SecretRef>().is_err());
}

#[test]
fn a_uri_may_ask_for_a_field() {
    let locator: Locator = "tresor://global/a?field=username".parse().expect("valid");
    assert_eq!(locator.field.as_deref(), Some("username"));
    for input in ["tresor://global/a?field=", "tresor://global/a?x=1", "tresor://global"] {
        assert!(input.parse::<Locator>().is_err(), "{input:?} was accepted");
    }
    // Where a secret is named, a field would be dropped in silence.
    assert!("tresor://global/a?field=username".parse::<SecretRef>().is_err());
}
