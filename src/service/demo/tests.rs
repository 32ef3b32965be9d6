#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use super::*;
use crate::vault::{ScopeKind, recognise};

fn name(text: &str) -> SecretRef {
    text.parse().unwrap()
}

#[test]
fn the_file_is_whole_and_holds_nothing_a_scanner_would_stop() {
    let demo: Demo = toml::from_str(DEMO).unwrap();
    assert_eq!(demo.secret.len(), 65);
    for mark in ["-----BEGIN", "ghp_a", "sk_live_a"] {
        assert!(!DEMO.contains(mark));
    }
}

#[test]
fn about_sixty_secrets_over_all_scopes_and_kinds() {
    let view = vault().unwrap().view(Actor::Owner);
    let listing = view.list().unwrap();
    assert_eq!((listing.secrets.len(), listing.trash), (62, 3));
    let scopes: BTreeSet<_> = listing.secrets.iter().map(|s| s.name.scope.kind()).collect();
    assert_eq!(scopes, BTreeSet::from(ScopeKind::ALL));
    let kinds: BTreeSet<_> = listing.secrets.iter().map(|s| s.kind).collect();
    assert_eq!(kinds, SecretKind::ALL.iter().map(|(kind, _)| *kind).collect());
    assert_eq!(view.trash().unwrap().len(), 3);
}

#[test]
fn values_are_recognised_as_what_they_are_said_to_be() {
    let view = vault().unwrap().view(Actor::Owner);
    for (reference, kind, what) in [
        ("global/github_token", SecretKind::ApiKey, "GitHub personal access token"),
        ("global/aws_credentials", SecretKind::ApiKey, "AWS access key pair"),
        ("global/sentry_dsn", SecretKind::ConnectionUrl, "Sentry DSN"),
        ("channel:slack:acct-1/bot_token", SecretKind::ApiKey, "Slack bot token"),
        (
            "channel:slack:acct-1/refresh_token",
            SecretKind::OauthToken,
            "Slack rotation refresh token",
        ),
        ("channel:discord:guild-9/bot_token", SecretKind::ApiKey, "Discord bot token"),
        ("skill:extractor/api_token", SecretKind::Jwt, "JSON Web Token"),
        ("principal:ops/ssh_key", SecretKind::SshKey, "OpenSSH private key"),
        ("principal:zoë/github_totp", SecretKind::Totp, "One-time password, by time"),
        ("project:shop/apple_pay_key", SecretKind::PrivateKey, "Ed25519 private key"),
        ("project:shop:dev/env_file", SecretKind::Env, "Environment file"),
        ("project:shop:prod/stripe_secret_key", SecretKind::ApiKey, "Stripe secret key"),
        ("project:shop:prod/database_url", SecretKind::ConnectionUrl, "PostgreSQL URL"),
        ("project:shop:prod/tls_certificate", SecretKind::Certificate, "Certificate"),
    ] {
        let metadata = view.describe(&name(reference)).unwrap().metadata;
        assert_eq!(metadata.kind, kind, "{reference}");
        assert_eq!(metadata.facts[0].1, what, "{reference}");
    }
}

#[test]
fn nothing_that_has_a_kind_of_its_own_is_left_unrecognised() {
    let view = vault().unwrap().view(Actor::Owner);
    for summary in view.list().unwrap().secrets {
        let secret = view.read(&summary.name).unwrap();
        let found = secret.value.with(recognise).kind;
        // Values without a mark of their own are told by their row in the file.
        let marked = !matches!(found, SecretKind::Other | SecretKind::Password);
        assert!(!marked || found == summary.kind, "{}: {found}", summary.name);
    }
}

#[test]
fn ages_expiries_and_history_count_from_now() {
    let now = SystemClock.now();
    let view = vault_at(now).unwrap().view(Actor::Owner);
    let found = view.describe(&name("project:shop:prod/stripe_secret_key")).unwrap();
    assert_eq!(found.metadata.revision, 4);
    assert_eq!(found.metadata.updated_at, now.plus(-12 * 86_400));
    assert_eq!(found.metadata.created_at, now.plus(-14 * 30 * 86_400));
    let written: Vec<i64> =
        found.history.iter().map(|r| now.since(r.written_at) / 86_400).collect();
    assert_eq!(written, [12, 210, 330, 420]);
    let days = |reference: &str| {
        let expires = view.describe(&name(reference)).unwrap().metadata.expires_at.unwrap();
        expires.since(now) / 86_400
    };
    assert_eq!(days("global/github_token"), 19);
    assert_eq!(days("project:shop:prod/tls_certificate"), 9);
    assert_eq!(days("project:shop:staging/tls_certificate"), -2);
    assert_eq!(days("project:blog:prod/deploy_token"), -2);
    assert_eq!(days("skill:extractor/api_token"), 6);
}

#[test]
fn each_revision_has_a_value_of_its_own() {
    let view = vault().unwrap().view(Actor::Owner);
    let reference = name("project:shop:prod/database_url");
    let values: BTreeSet<Vec<u8>> = (1..=4)
        .map(|revision| view.read_with(&reference, Some(revision), None).unwrap())
        .map(|secret| secret.value.with(<[u8]>::to_vec))
        .collect();
    assert_eq!(values.len(), 4);
}

#[test]
fn what_is_written_later_has_the_real_time() {
    let view = vault_at(Timestamp(1_700_000_000)).unwrap().view(Actor::Owner);
    let before = SystemClock.now();
    let value = crate::vault::SensitiveBytes::copy_of(b"x");
    view.write(&name("global/new"), value, MetadataPatch::default(), Expect::Absent).unwrap();
    let created = view.describe(&name("global/new")).unwrap().metadata.created_at;
    assert!(created >= before);
}

#[test]
fn times_are_read() {
    let read: Vec<_> =
        ["20min", "5h", "3d", "8mo", "2y", "3", "d", "3w", "-1d"].map(seconds).into();
    let day = 86_400;
    assert_eq!(
        read,
        [
            Some(1200),
            Some(18_000),
            Some(3 * day),
            Some(240 * day),
            Some(730 * day),
            None,
            None,
            None,
            None
        ]
    );
}
