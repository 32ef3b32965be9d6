//! What is done to profiles that are there: looked at, put in order, revoked and removed.

use serde_json::json;

use crate::home::{Home, members};
use crate::provider::{Provider, SERVICE_SECRET};
use crate::told::real;

#[test]
fn profiles_are_listed_shown_and_put_in_order() {
    if !real("profiles_are_listed_shown_and_put_in_order") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    assert_eq!(home.json(&["profile", "list"]), json!({"count": 0, "profiles": []}));
    home.signed_in_for(&provider, "a", 600);
    home.client_signed_in(&provider, "b");
    let key = ["profile", "add", "c", "--provider", "webhook", "--key-stdin", "--quiet"];
    home.run_with(&key, "the key").succeeds();
    let list = home.run(&["profile", "list"]).succeeds().out;
    let rows: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows[0][..4], ["a", "oidc", "global", "expiring"]);
    assert!(["9 min", "10 min"].contains(&rows[0][4]), "{rows:?}");
    assert_eq!(rows[1][..4], ["b", "oidc", "global", "ok"]);
    assert_eq!(rows[2], ["c", "webhook", "global", "static", "-"]);
    let ids = || -> Vec<String> {
        let list = home.json(&["profile", "list"]);
        let profiles = list["profiles"].as_array().unwrap().iter();
        profiles.map(|profile| profile["id"].as_str().unwrap().to_owned()).collect()
    };
    let ran = home.run(&["profile", "order", "c", "b"]).succeeds();
    assert_eq!(
        (ran.out.as_str(), ids()),
        ("The order is c, b, a\n", ["c", "b", "a"].map(Into::into).into())
    );
    home.run(&["profile", "order", "a"]).succeeds();
    assert_eq!(ids(), ["a", "c", "b"]);
    home.run(&["profile", "order", "a", "none"]).fails(8, &["'none'"]);
    home.run(&["profile", "order", "a", "a"]).fails(2, &["named twice"]);
    assert_eq!(ids(), ["a", "c", "b"]);

    let health = home.json(&["profile", "health"]);
    assert_eq!((members(&health), &health["count"]), (vec!["count", "profiles"], &json!(3)));
    let of = |index: usize| health["profiles"][index].clone();
    assert_eq!(members(&of(0)), ["id", "health", "expires_at", "next"]);
    assert_eq!(of(0)["next"], "renews itself when it is used; now: tresor profile refresh a");
    assert_eq!((&of(1)["health"], &of(1)["next"]), (&json!("static"), &json!(null)));
    assert_eq!((&of(2)["health"], &of(2)["next"]), (&json!("ok"), &json!(null)));
    assert_eq!(home.json(&["profile", "health", "b"])["profiles"], json!([of(2)]));
    home.run(&["profile", "health", "none"]).fails(8, &["'none'"]);
    home.run(&["profile", "show", "none"]).fails(8, &["'none'"]);
    let shown = home.run(&["profile", "show", "a"]).succeeds().out;
    let tokens = home.tokens("a");
    for part in ["OpenID Connect", "paste", "expiring", "native", "global/a.refresh_token"] {
        assert!(shown.contains(part), "no {part}: {shown}");
    }
    assert!(!shown.contains(&tokens.0) && !shown.contains(&tokens.1), "{shown}");
    assert!(provider.asked().is_empty());
}

#[test]
fn revoking_takes_both_tokens_back_and_keeps_the_profile() {
    if !real("revoking_takes_both_tokens_back_and_keeps_the_profile") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in(&provider, "a", &[]);
    let (access, _) = home.tokens("a");
    home.run(&["profile", "revoke", "a"]).fails(6, &["add --yes"]);
    assert!(provider.asked().is_empty() && provider.accepts(&access));
    // A provider that fails keeps them, and so does the vault.
    let down = json!({"path": "/token/revocation", "kind": "status", "status": 503});
    provider.fails(json!([down]));
    home.run(&["profile", "revoke", "a", "--yes"]).fails(4, &["out of order"]);
    assert_eq!((home.names("list").len(), home.names("trash").len()), (3, 0));
    provider.forget();

    let ran = home.run(&["profile", "revoke", "a", "--yes"]).succeeds();
    assert_eq!(ran.out, "Revoked the tokens of 'a'; they are in the trash\n");
    let asked = provider.asked();
    let hints: Vec<_> = asked.iter().map(|asked| (&*asked.path, asked.hint.as_deref())).collect();
    let at = "/token/revocation";
    assert_eq!(hints, [(at, Some("refresh_token")), (at, Some("access_token"))]);
    assert!(!provider.accepts(&access));
    provider.forget();
    assert_eq!((home.names("list").len(), home.names("trash").len()), (0, 3));
    let profile = home.profile("a");
    assert_eq!((&profile["health"], &profile["id"]), (&json!("missing"), &json!("a")));
    assert_eq!(profile["next"], "sign in again: tresor profile add a --again");
    home.run(&["token", "a"]).fails(7, &["the tokens of 'a' were revoked", "--again"]);
    home.run(&["restore", "global/a.access_token"]).succeeds();
    assert_eq!(home.profile("a")["health"], "expired");
    home.run(&["token", "a"]).fails(7, &["the tokens of 'a' were revoked", "--again"]);
    home.run(&["delete", "global/a.access_token", "--yes"]).succeeds();
    let ran = home.run(&["profile", "revoke", "a", "--yes", "--json"]).succeeds();
    assert_eq!(ran.events(), [json!({"id": "a", "revoked": 0})]);
    assert!(provider.asked().is_empty());
    home.signed_in(&provider, "a", &["--again"]);
    assert!(provider.accepts(&home.run(&["token", "a"]).succeeds().out));
}

#[test]
fn a_clients_secret_outlives_its_tokens() {
    if !real("a_clients_secret_outlives_its_tokens") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.client_signed_in(&provider, "a");
    let ran = home.run(&["profile", "revoke", "a", "--yes", "--json"]).succeeds();
    assert_eq!(ran.events(), [json!({"id": "a", "revoked": 1})]);
    assert_eq!(home.names("list"), ["global/a.client_secret"]);
    assert_eq!(home.profile("a")["health"], "missing");
    home.run(&["profile", "add", "a", "--again"]).succeeds();
    assert_eq!(home.value("global/a.client_secret").as_deref(), Some(SERVICE_SECRET));
    assert!(home.run(&["token", "a"]).succeeds().err.is_empty());
    home.run(&["profile", "remove", "a", "--yes"]).succeeds();
    assert!(home.names("list").is_empty());
    assert!(home.names("trash").contains(&"global/a.client_secret".to_owned()));
}

#[test]
fn a_clients_secret_is_for_that_client_and_its_provider_alone() {
    if !real("a_clients_secret_is_for_that_client_and_its_provider_alone") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.client_signed_in(&provider, "a");
    let again = |more: &[&str]| home.run(&[&["profile", "add", "a", "--again"], more].concat());
    // Another name of this machine is another host.
    let elsewhere = provider.url.replace("127.0.0.1", "localhost");
    for option in ["--token-url", "--device-url", "--revocation-url"] {
        let refused = "the kept secret of the client is not sent to another host";
        again(&[option, &elsewhere]).fails(2, &[refused, "--client-secret-stdin"]);
    }
    let own = format!("'a' is of the issuer {}", provider.url);
    again(&["--issuer", &elsewhere]).fails(2, &[&own, "sign in anew"]);
    again(&["--provider", "custom"]).fails(2, &["'a' is of the provider 'oidc'"]);
    assert!(provider.asked().is_empty());
    // Another client is asked for its own.
    again(&["--client-id", "other"]).fails(2, &["standard input is empty"]);
    assert!(!provider.paths().iter().any(|path| path == "/token"));
    // The same ones may be named.
    let token = format!("{}/token", provider.url);
    let same = ["--issuer", &provider.url, "--client-id", "service", "--token-url", &token];
    again(&[&["--provider", "oidc"], &same[..]].concat()).succeeds();
    assert_eq!(home.value("global/a.client_secret").as_deref(), Some(SERVICE_SECRET));
}

#[test]
fn removing_takes_the_tokens_back_unless_told_not_to() {
    if !real("removing_takes_the_tokens_back_unless_told_not_to") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    for id in ["a", "b", "c"] {
        home.signed_in(&provider, id, &[]);
    }
    let access = |id| home.tokens(id).0;
    let (a, b) = (access("a"), access("b"));
    home.run(&["profile", "remove", "a"]).fails(6, &["add --yes"]);
    let ran = home.run(&["profile", "remove", "a", "--yes", "--json"]).succeeds();
    assert_eq!(ran.events(), [json!({"id": "a", "removed": true, "revoked": 2})]);
    assert_eq!(provider.paths(), ["/token/revocation", "/token/revocation"]);
    assert!(!provider.accepts(&a));
    provider.forget();
    let ran = home.run(&["profile", "remove", "b", "--yes", "--no-revoke"]).succeeds();
    assert!(ran.out.contains("still good at OpenID Connect"), "{ran:?}");
    assert!(provider.asked().is_empty() && provider.accepts(&b));
    // One that was revoked already says nothing else.
    home.run(&["profile", "revoke", "c", "--yes"]).succeeds();
    let ran = home.run(&["profile", "remove", "c", "--yes"]).succeeds();
    assert_eq!(ran.out, "Removed 'c'; it had no tokens to revoke\n");
    assert_eq!(home.json(&["profile", "list"])["count"], 0);
    assert_eq!((home.names("list").len(), home.names("trash").len()), (0, 9));
    home.run(&["profile", "remove", "a", "--yes"]).fails(8, &["'a'"]);
    // The id is free again.
    home.signed_in(&provider, "a", &[]);
}
