//! A provider that is out of order: nothing that is kept is lost, nothing foreign reaches the terminal,
//! and it is not asked again and again.

use std::net::TcpListener;
use std::time::Instant;

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::home::{Home, Ran};
use crate::provider::{DISCOVERY, Provider};
use crate::told::real;

/// Runs the program; gives what it did and how long from now the provider is left alone then, at least
/// and at most.
fn paused(home: &Home, arguments: &[&str]) -> (Ran, [i64; 2]) {
    let begin = OffsetDateTime::now_utc().unix_timestamp();
    let ran = home.run(arguments);
    let end = OffsetDateTime::now_utc().unix_timestamp();
    let profile = home.profile("a");
    let until = OffsetDateTime::parse(profile["not_before"].as_str().unwrap(), &Rfc3339).unwrap();
    (ran, [until.unix_timestamp() - end, until.unix_timestamp() - begin])
}

#[test]
fn a_provider_out_of_order_is_left_alone_for_longer_and_longer() {
    if !real("a_provider_out_of_order_is_left_alone_for_longer_and_longer") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in_for(&provider, "other", 200);
    home.signed_in_for(&provider, "a", 200);
    let tokens = home.tokens("a");
    provider.answers(9, 500, r#"{"error":"server_error"}"#);
    // What is left of the token is handed out with a warning.
    let (ran, [least, most]) = paused(&home, &["token", "a"]);
    assert_eq!(ran.out, tokens.0);
    ran.succeeds().says(&["warning: not renewed: the provider is out of order", "status 500"]);
    assert!(least <= 15 && 15 <= most, "{least} {most}");
    assert_eq!((provider.asked().len(), &home.profile("a")["failures"]), (1, &json!(1)));
    // Within the pause nobody asks it: not this profile, and no other one of the same provider.
    provider.forget();
    let ran = home.run(&["token", "a"]).succeeds();
    assert_eq!(ran.out, tokens.0);
    ran.says(&["warning: not renewed: the provider of 'a' failed lately"]);
    home.run(&["token", "other"]).succeeds().says(&["the provider of 'other' failed lately"]);
    let now = "'tresor profile refresh a --now' does not wait";
    home.run(&["profile", "refresh", "a"]).fails(4, &["failed lately", now]);
    assert!(provider.asked().is_empty());
    // Who insists does; the pause doubles.
    for (failures, pause) in [(2, 30), (3, 60), (4, 120)] {
        let (ran, [least, most]) = paused(&home, &["profile", "refresh", "a", "--now"]);
        ran.fails(4, &["out of order", "try again later"]);
        assert!(least <= pause && pause <= most, "{failures}: {least} {most}");
        assert_eq!(home.profile("a")["failures"], failures);
    }
    assert_eq!(provider.asked().len(), 3);
    assert_eq!(home.tokens("a"), tokens);
    // And is forgotten when it works.
    provider.fails(json!([]));
    home.run(&["profile", "refresh", "a", "--now"]).succeeds();
    let profile = home.profile("a");
    assert_eq!((&profile["failures"], &profile["not_before"]), (&json!(0), &Value::Null));
    assert!(home.tokens("a") != tokens && provider.accepts(&home.tokens("a").0));
}

#[test]
fn a_provider_that_refuses_a_client_is_not_asked_in_a_loop() {
    if !real("a_provider_that_refuses_a_client_is_not_asked_in_a_loop") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in_for(&provider, "other", 200);
    home.signed_in_for(&provider, "a", 200);
    let tokens = home.tokens("a");
    provider.answers(1, 401, r#"{"error":"invalid_client"}"#);
    let (ran, [least, most]) = paused(&home, &["token", "a"]);
    ran.succeeds().says(&["warning: not renewed: the provider refuses: invalid_client"]);
    assert!(least <= 15 && 15 <= most, "{least} {most}");
    for _ in 0..3 {
        home.run(&["token", "a"]).succeeds().says(&["failed lately"]);
    }
    assert_eq!((home.tokens("a"), provider.asked().len()), (tokens, 1));
    home.run(&["profile", "refresh", "other"]).succeeds();
    home.run(&["profile", "refresh", "a", "--now"]).succeeds();
    assert_eq!(home.profile("a")["failures"], 0);
}

#[test]
fn an_ended_token_is_never_handed_out() {
    if !real("an_ended_token_is_never_handed_out") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in_for(&provider, "a", 1);
    home.wait_for_the_end_of("a");
    provider.answers(1, 500, "");
    let ran = home.run(&["token", "a"]).fails(4, &["out of order", "try again later"]);
    assert_eq!(ran.out, "");
    let ran = home.run(&["token", "a"]).fails(4, &["failed lately and is asked again after"]);
    assert_eq!((ran.out.as_str(), provider.asked().len()), ("", 1));
    home.run(&["profile", "refresh", "a", "--now"]).succeeds();
    assert!(provider.accepts(&home.run(&["token", "a"]).succeeds().out));
}

#[test]
fn an_answer_that_never_comes_is_waited_for_so_long() {
    if !real("an_answer_that_never_comes_is_waited_for_so_long") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in_for(&provider, "a", 200);
    let tokens = home.tokens("a");
    provider.fails(json!([{"path": "/token", "kind": "hang"}]));
    let begin = Instant::now();
    let ran = home.run(&["profile", "refresh", "a"]);
    ran.fails(4, &["127.0.0.1 did not answer in 20 seconds", "try again later"]);
    let took = begin.elapsed().as_secs();
    assert!((19..40).contains(&took), "{took} s");
    assert_eq!((home.tokens("a"), provider.asked().len()), (tokens, 1));
    home.run(&["profile", "refresh", "a", "--now"]).succeeds();
}

#[test]
fn an_answer_that_makes_no_sense_changes_nothing() {
    if !real("an_answer_that_makes_no_sense_changes_nothing") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.client_signed_in(&provider, "a");
    let token = home.value("global/a.access_token");
    let answer =
        |status: u16, body: &str| json!({"kind": "status", "status": status, "body": body});
    let no_sense = "the provider's answer makes no sense";
    let lure = TcpListener::bind("127.0.0.1:0").unwrap();
    lure.set_nonblocking(true).unwrap();
    let elsewhere = format!("http://{}/token", lure.local_addr().unwrap());
    let cases = [
        (json!({"kind": "oversized"}), "127.0.0.1 answered with more than 256 KiB"),
        (json!({"kind": "redirect", "location": elsewhere}), "which is not followed"),
        (answer(200, "<html>no</html>"), no_sense),
        (answer(200, ""), no_sense),
        (answer(200, "{}"), no_sense),
        (answer(200, "[1,2"), no_sense),
        (answer(200, r#"{"access_token":"","token_type":"Bearer"}"#), no_sense),
        (answer(200, r#"{"access_token":"a\r\nb","token_type":"Bearer"}"#), no_sense),
        (answer(200, r#"{"access_token":7,"token_type":"Bearer"}"#), no_sense),
        (answer(400, "<html>no</html>"), no_sense),
        (answer(404, ""), no_sense),
        (answer(429, ""), "it answers with status 429"),
        (answer(503, "{}"), "it answers with status 503"),
        (json!({"kind": "drop_after"}), "127.0.0.1 cannot be reached"),
    ];
    for (mut fault, said) in cases {
        fault["path"] = "/token".into();
        provider.forget();
        provider.fails(json!([fault]));
        home.run(&["profile", "refresh", "a", "--now"]).fails(4, &[said]);
        assert_eq!(provider.paths(), ["/token"], "{fault}");
    }
    assert!(lure.accept().is_err(), "a redirect was followed");
    assert_eq!(home.value("global/a.access_token"), token);
    home.run(&["profile", "refresh", "a", "--now"]).succeeds();
}

#[test]
fn what_a_provider_says_reaches_no_terminal_as_it_is() {
    if !real("what_a_provider_says_reaches_no_terminal_as_it_is") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.client_signed_in(&provider, "a");
    let evil = "\u{1b}]0;title\u{7}\u{1b}[31mred\r\n\tnext\u{9b}2J\u{202e}\u{0}end".to_owned();
    let body = json!({"error": format!("odd{evil}"), "error_description": evil.repeat(40)});
    for json in [None, Some("--json")] {
        provider.answers(1, 400, &body.to_string());
        let arguments = ["profile", "refresh", "a", "--now"];
        let ran = home.run(&arguments.into_iter().chain(json).collect::<Vec<_>>());
        let ran = ran.fails(4, &["the provider refuses: odd␛]0;title␇␛[31mred␍␊"]);
        let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!ran.err.contains(obeyed) && !ran.out.contains(obeyed), "{ran:?}");
        assert!(ran.err.chars().count() < 1000, "{ran:?}");
    }
    // Nor does what it grants, which is no scope and not taken for one, nor what a device is to show.
    provider.says(json!({"scope": "api \u{1b}[2J", "token_type": "\u{1b}[2J"}));
    home.run(&["profile", "refresh", "a", "--now"]).succeeds();
    assert!(!home.run(&["profile", "show", "a"]).succeeds().out.contains("[2J"));
    home.run(&["profile", "show", "a", "--json"]).succeeds();
    let device = |members: Value| {
        provider.fails(json!([{"path": "/device/auth", "kind": "members", "members": members}]));
        home.add(&provider, "b", &["--flow", "device"])
    };
    let mut add = device(json!({"user_code": "AB\u{1b}[2J"}));
    assert!(add.line().starts_with("Open ") && add.line() == "Enter  A B ␛ [ 2 J\n");
    let _ = add.child.kill();
    add.end();
    for page in ["javascript:alert(1)", "http://evil.example/", "file:///etc/passwd"] {
        for member in ["verification_uri", "verification_uri_complete"] {
            let ran = device(json!({member: page})).end();
            ran.fails(4, &["it sends to a page that is not of the web"]);
        }
    }
}

#[test]
fn a_discovery_that_fails_leaves_nothing() {
    if !real("a_discovery_that_fails_leaves_nothing") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let evil = json!({"token_endpoint": "http://evil.example/token"});
    let cases = [
        (json!({"kind": "oversized"}), "answered with more than 256 KiB"),
        (json!({"kind": "redirect", "location": "http://127.0.0.1:1/"}), "is not followed"),
        (json!({"kind": "status", "status": 404}), "it answers with status 404"),
        (json!({"kind": "status", "status": 200, "body": "<html>"}), "no discovery document"),
        (json!({"kind": "members", "members": evil}), "no discovery document"),
    ];
    for (mut fault, said) in cases {
        fault["path"] = DISCOVERY.into();
        provider.forget();
        provider.fails(json!([fault]));
        home.add(&provider, "a", &["--flow", "device"]).end().fails(4, &[said]);
        assert_eq!(provider.paths(), [DISCOVERY], "{fault}");
    }
    home.is_empty();
}

#[test]
fn a_reply_that_is_lost_after_the_provider_took_the_refresh_token() {
    if !real("a_reply_that_is_lost_after_the_provider_took_the_refresh_token") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in_for(&provider, "a", 200);
    let tokens = home.tokens("a");
    provider.fails(json!([{"path": "/token", "kind": "drop_after"}]));
    let ran = home.run(&["profile", "refresh", "a"]);
    ran.fails(4, &["127.0.0.1 cannot be reached"]);
    assert_eq!((home.tokens("a"), provider.has_failed()), (tokens.clone(), true));
    assert_eq!(home.run(&["token", "a"]).succeeds().out, tokens.0);
    let ran = home.run(&["profile", "refresh", "a", "--now"]);
    ran.fails(7, &["does not take the refresh token of 'a' any more", "sign in again"]);
    assert_eq!(home.tokens("a"), tokens);
    assert_eq!(home.profile("a")["health"], "expired");
    assert_eq!(provider.asked().len(), 2);
}
