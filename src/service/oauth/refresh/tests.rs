//! When tokens are renewed, what is kept of it, and how a provider that fails is left alone.

mod others;
mod saving;

use super::*;
use crate::service::http::HttpError;
use crate::service::oauth::testing::{Desk, at, id, name, text, tokens};
use crate::vault::journal::Action;

const NEW: &str = r#"{"access_token":"at-2","token_type":"bearer","expires_in":3600,"refresh_token":"rt-2","scope":"read write"}"#;

/// A desk with the profile `a`, whose access token ends in so many seconds.
fn ending_in(seconds: i64) -> Desk {
    let desk = Desk::new();
    desk.profile("a");
    desk.clock.forward(3600 - seconds);
    desk
}

#[test]
fn a_token_is_renewed_five_minutes_before_its_end_and_not_earlier() {
    let desk = ending_in(301);
    let fresh = desk.token("a", Wish::WhenDue).unwrap();
    assert_eq!((text(&fresh.token).as_str(), fresh.refreshed), ("at-1", false));
    assert!(desk.provider.asked().is_empty() && fresh.warning.is_none());

    desk.clock.forward(1);
    desk.provider.says(200, NEW);
    let fresh = desk.token("a", Wish::WhenDue).unwrap();
    assert_eq!((text(&fresh.token).as_str(), fresh.refreshed), ("at-2", true));
    assert_eq!(fresh.profile, desk.registry().get(&id("a")).unwrap());
    let asked = desk.provider.asked().remove(0);
    assert_eq!(asked.uri, "https://op.example/token");
    assert_eq!(asked.form["grant_type"], "refresh_token");
    assert_eq!((asked.form["refresh_token"].as_str(), asked.form.len()), ("rt-1", 3));
    assert_eq!(asked.form["client_id"], "client");

    let oauth = desk.oauth("a");
    assert_eq!(oauth.expires_at, Some(desk.now().plus(3600)));
    assert_eq!((oauth.state.refreshed_at, oauth.state.failures), (Some(desk.now()), 0));
    assert_eq!(oauth.scopes, ["read", "write"]);
    let described = desk.view.describe(&name("a.access_token")).unwrap();
    assert_eq!(described.metadata.expires_at, oauth.expires_at);
}

#[test]
fn one_commit_writes_the_refresh_token_before_the_access_token() {
    let desk = ending_in(0);
    let before = desk.vault.generation().unwrap();
    desk.provider.says(200, NEW);
    desk.token("a", Wish::WhenDue).unwrap();
    assert_eq!(desk.vault.generation().unwrap(), before + 1);
    let journal = desk.view.journal().unwrap().entries;
    let mut written: Vec<_> =
        journal.iter().filter(|entry| entry.action == Action::Write).collect();
    written.reverse();
    let names: Vec<_> = written.iter().map(|e| e.name.as_ref().unwrap().key.to_string()).collect();
    let twice = ["a.refresh_token", "a.access_token"];
    assert_eq!(names, [twice, twice].concat());
    assert_eq!(desk.value("a.refresh_token").as_deref(), Some("rt-2"));
    let kept = desk.view.describe(&name("a.refresh_token")).unwrap();
    assert_eq!(kept.history.len(), 2, "the one before is in the history");
}

#[test]
fn an_answer_without_a_refresh_token_keeps_the_old_one() {
    let desk = ending_in(0);
    for body in [
        r#"{"access_token":"at-2","token_type":"bearer"}"#,
        r#"{"access_token":"at-3","refresh_token":""}"#,
        r#"{"access_token":"at-4","refresh_token":null}"#,
    ] {
        desk.provider.says(200, body);
        desk.token("a", Wish::Now).unwrap();
        assert_eq!(desk.value("a.refresh_token").as_deref(), Some("rt-1"));
    }
    assert_eq!(desk.value("a.access_token").as_deref(), Some("at-4"));
    assert_eq!(desk.oauth("a").scopes, ["read"], "what it does not say stays");
    assert_eq!(desk.oauth("a").expires_at, Some(desk.now().plus(3600)));
}

#[test]
fn an_answer_without_a_life_keeps_the_last_one_that_was_told() {
    let desk = ending_in(0);
    let described = || desk.view.describe(&name("a.access_token")).unwrap().metadata.expires_at;
    let silent = r#"{"access_token":"at-2","token_type":"bearer"}"#;
    let told = r#"{"access_token":"at-3","token_type":"bearer","expires_in":7200}"#;
    for (body, life) in [(silent, 3600), (silent, 3600), (told, 7200), (silent, 7200)] {
        desk.clock.forward(10_000);
        desk.provider.says(200, body);
        assert!(desk.token("a", Wish::WhenDue).unwrap().refreshed, "it is due by itself");
        let end = Some(desk.now().plus(life));
        assert_eq!((desk.oauth("a").expires_at, described()), (end, end));
    }
    // A failure in between changes nothing of it.
    desk.clock.forward(10_000);
    desk.provider.times_out();
    desk.refused("a", Wish::WhenDue);
    desk.provider.says(200, silent);
    desk.token("a", Wish::Anyway).unwrap();
    assert_eq!(desk.oauth("a").expires_at, Some(desk.now().plus(7200)));
}

#[test]
fn a_life_that_was_never_told_has_no_end() {
    let desk = Desk::new();
    let tokens = tokens("at-1", Some("rt-1"), None);
    desk.keep("a", Flow::Device, &at("op.example"), None, &tokens, None);
    desk.provider.says(200, r#"{"access_token":"at-2","token_type":"bearer"}"#);
    desk.token("a", Wish::Now).unwrap();
    assert_eq!(desk.oauth("a").expires_at, None);
}

#[test]
fn a_refresh_token_that_comes_only_now_is_kept() {
    let desk = Desk::new();
    let none = tokens("at-1", None, Some(3600));
    desk.keep("a", Flow::ClientCredentials, &at("op.example"), Some("s"), &none, None);
    desk.provider.says(200, NEW);
    desk.token("a", Wish::Now).unwrap();
    assert_eq!(desk.oauth("a").refresh, Some(name("a.refresh_token")));
    assert_eq!(desk.value("a.refresh_token").as_deref(), Some("rt-2"));
}

#[test]
fn a_refresh_token_that_is_not_taken_is_not_tried_again() {
    let desk = ending_in(0);
    desk.provider.says(400, r#"{"error":"invalid_grant","error_description":"revoked"}"#);
    let error = desk.refused("a", Wish::WhenDue);
    assert!(matches!(&error, OauthError::SignInAgain { id } if id.as_str() == "a"), "{error}");
    assert!(desk.state("a").rejected && desk.state("a").not_before.is_none());
    desk.provider.asked();
    for wish in [Wish::WhenDue, Wish::Now, Wish::Anyway] {
        assert!(matches!(desk.refused("a", wish), OauthError::SignInAgain { .. }));
    }
    assert!(desk.provider.asked().is_empty());
    assert_eq!(desk.value("a.refresh_token").as_deref(), Some("rt-1"));
    assert_eq!(desk.value("a.access_token").as_deref(), Some("at-1"));
}

#[test]
fn a_provider_that_fails_is_left_alone_for_longer_each_time() {
    let desk = ending_in(0);
    for (failures, pause) in [15, 30, 60, 120, 240, 480, 900, 900, 900].into_iter().enumerate() {
        match failures % 4 {
            0 => desk.provider.says(500, "<html>"),
            1 => desk.provider.times_out(),
            2 => desk.provider.says(200, "no JSON"),
            _ => desk.provider.says(400, r#"{"error":"temporarily_unavailable"}"#),
        };
        desk.refused("a", Wish::Now);
        let (state, until) = (desk.state("a"), desk.now().plus(pause));
        assert_eq!((state.failures as usize, state.not_before), (failures + 1, Some(until)));
        assert_eq!(desk.provider.asked().len(), 1);

        desk.clock.forward(pause - 1);
        for wish in [Wish::WhenDue, Wish::Now] {
            let error = desk.refused("a", wish);
            assert!(matches!(error, OauthError::CoolingDown { until: told, .. } if told == until));
        }
        assert!(desk.provider.asked().is_empty());
        desk.clock.forward(1);
    }
    desk.provider.says(200, NEW);
    desk.token("a", Wish::Now).unwrap();
    let state = desk.state("a");
    assert_eq!((state.failures, state.not_before), (0, None));
}

#[test]
fn a_provider_says_itself_when_it_wants_to_be_asked_again() {
    let desk = ending_in(0);
    for (header, pause) in [("90", 90), ("0", 1), ("4294967295", 900), ("x", 120), ("-1", 240)] {
        let answer = oauth2::http::Response::builder().status(429).header("retry-after", header);
        desk.provider.answers(Ok(answer.body(Vec::new()).unwrap()));
        let error = desk.refused("a", Wish::Anyway);
        assert!(matches!(error, OauthError::Failing { status: 429, .. }), "{error}");
        assert_eq!(desk.state("a").not_before, Some(desk.now().plus(pause)), "{header}");
    }
}

#[test]
fn a_provider_that_refuses_is_not_asked_again_and_again() {
    let desk = ending_in(0);
    for (failures, (pause, code)) in [
        (15, "invalid_client"),
        (30, "unauthorized_client"),
        (60, "invalid_scope"),
        (120, "unsupported_grant_type"),
        (240, "invalid_request"),
        (480, "access_denied"),
        (900, "expired_token"),
        (900, "a_word_of_its_own"),
    ]
    .into_iter()
    .enumerate()
    {
        let status = [400, 401, 403][failures % 3];
        desk.provider.says(status, &format!(r#"{{"error":"{code}"}}"#));
        assert!(desk.refused("a", Wish::WhenDue).is_refusal(), "{code}");
        let (state, until) = (desk.state("a"), desk.now().plus(pause));
        assert_eq!((state.failures as usize, state.not_before), (failures + 1, Some(until)));
        assert!(state.refused && !state.rejected, "{code}");
        assert_eq!(desk.provider.asked().len(), 1);
        desk.clock.forward(pause - 1);
        assert!(matches!(desk.refused("a", Wish::WhenDue), OauthError::CoolingDown { .. }));
        assert!(desk.provider.asked().is_empty());
        desk.clock.forward(1);
    }
    assert_eq!(desk.value("a.refresh_token").as_deref(), Some("rt-1"));
    assert_eq!(desk.value("a.access_token").as_deref(), Some("at-1"));
    desk.provider.says(200, NEW);
    assert!(desk.token("a", Wish::WhenDue).unwrap().refreshed);
    assert_eq!((desk.state("a").failures, desk.state("a").not_before), (0, None));
    assert!(!desk.state("a").refused);
}

#[test]
fn a_request_that_was_never_sent_makes_no_pause() {
    let desk = ending_in(0);
    desk.provider.answers(Err(HttpError::Private { host: "op.example".into() }));
    assert!(matches!(desk.refused("a", Wish::Now), OauthError::Http(_)));
    assert_eq!(desk.state("a").not_before, None);
    assert!(!desk.state("a").rejected);
}

#[test]
fn only_who_insists_asks_a_provider_that_failed_lately() {
    let desk = ending_in(0);
    desk.provider.times_out();
    desk.refused("a", Wish::WhenDue);
    assert!(matches!(desk.refused("a", Wish::Now), OauthError::CoolingDown { .. }));
    desk.provider.says(200, NEW);
    assert!(desk.token("a", Wish::Anyway).unwrap().refreshed);
    assert_eq!(desk.provider.asked().len(), 2);
}

#[test]
fn a_token_that_is_still_good_is_handed_out_with_a_warning() {
    let desk = ending_in(300);
    desk.provider.says(503, "");
    let fresh = desk.token("a", Wish::WhenDue).unwrap();
    assert_eq!((text(&fresh.token).as_str(), fresh.refreshed), ("at-1", false));
    assert!(matches!(fresh.warning, Some(OauthError::Failing { status: 503, .. })));
    let fresh = desk.token("a", Wish::WhenDue).unwrap();
    assert!(matches!(fresh.warning, Some(OauthError::CoolingDown { .. })));
    assert!(matches!(desk.refused("a", Wish::Now), OauthError::CoolingDown { .. }));

    desk.clock.forward(299);
    desk.provider.says(400, r#"{"error":"invalid_grant"}"#);
    let fresh = desk.token("a", Wish::WhenDue).unwrap();
    assert!(matches!(fresh.warning, Some(OauthError::SignInAgain { .. })));
    // At its end it is not handed out any more.
    desk.clock.forward(1);
    assert!(matches!(desk.refused("a", Wish::WhenDue), OauthError::SignInAgain { .. }));
}

#[test]
fn a_client_by_itself_needs_no_refresh_token() {
    let desk = Desk::new();
    let none = tokens("at-1", None, Some(60));
    desk.keep("a", Flow::ClientCredentials, &at("op.example"), Some("s&cret"), &none, None);
    desk.provider.says(200, r#"{"access_token":"at-2","token_type":"bearer","expires_in":60}"#);
    assert_eq!(text(&desk.token("a", Wish::WhenDue).unwrap().token), "at-2");
    let asked = desk.provider.asked().remove(0);
    assert_eq!(asked.form["grant_type"], "client_credentials");
    assert_eq!(asked.form["scope"], "read");
    assert!(!asked.form.contains_key("client_secret"));
    // "client:s%26cret" (RFC 6749, section 2.3.1).
    assert_eq!(asked.authorization.as_deref(), Some("Basic Y2xpZW50OnMlMjZjcmV0"));
}

#[test]
fn without_a_refresh_token_nobody_is_asked() {
    let desk = Desk::new();
    let none = tokens("at-1", None, Some(60));
    desk.keep("a", Flow::Device, &at("op.example"), None, &none, None);
    let fresh = desk.token("a", Wish::WhenDue).unwrap();
    assert!(matches!(fresh.warning, Some(OauthError::NoRefreshToken { .. })));
    assert!(matches!(desk.refused("a", Wish::Anyway), OauthError::NoRefreshToken { .. }));
}

#[test]
fn what_is_gone_from_the_vault_is_missing() {
    let desk = ending_in(0);
    for key in ["a.refresh_token", "a.access_token"] {
        let (name, expect) = (name(key), crate::vault::Expect::Any);
        let delete = crate::vault::Change::Delete { name: name.clone(), expect };
        desk.view.apply(vec![delete], None).unwrap();
        if key == "a.access_token" {
            desk.clock.forward(-3600);
        }
        let error = desk.refused("a", Wish::WhenDue);
        assert!(
            matches!(&error, OauthError::Missing { name: told, .. } if *told == name),
            "{error}"
        );
    }
    assert!(desk.provider.asked().is_empty());
}

#[test]
fn a_plain_key_is_handed_out_and_never_renewed() {
    let desk = Desk::new();
    let new = crate::service::oauth::New {
        id: id("k"),
        owner: crate::vault::Scope::global(),
        provider: "openai",
        name: "OpenAI",
        former: None,
    };
    let key = SensitiveBytes::copy_of(b"sk-1");
    desk.registry().keep_key(&new, &key, desk.now()).unwrap();
    assert_eq!(text(&desk.token("k", Wish::WhenDue).unwrap().token), "sk-1");
    assert!(matches!(desk.refused("k", Wish::Now), OauthError::Static { .. }));
}
