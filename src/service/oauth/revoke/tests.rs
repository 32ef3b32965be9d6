//! What is sent to take tokens back, in which order, and what is made of the answers.

use super::*;
use crate::service::oauth::health::Health;
use crate::service::oauth::profile::{Endpoints, Flow};
use crate::service::oauth::refresh::Wish;
use crate::service::oauth::testing::{Desk, at, id, name, tokens};
use crate::vault::{Actor, Change, Expect};

fn run(desk: &Desk, profile: &Profile) -> Result<usize, OauthError> {
    revoke(&desk.view, None, &desk.provider, profile)
}

#[test]
fn the_refresh_token_goes_first() {
    let desk = Desk::new();
    let profile = desk.profile("a");
    desk.provider.says(200, "").says(200, "{}");
    assert_eq!(run(&desk, &profile).unwrap(), 2);
    let asked = desk.provider.asked();
    let sent: Vec<_> = asked
        .iter()
        .map(|one| {
            (one.uri.as_str(), one.form["token"].as_str(), one.form["token_type_hint"].as_str())
        })
        .collect();
    let at = "https://op.example/revoke";
    assert_eq!(sent, [(at, "rt-1", "refresh_token"), (at, "at-1", "access_token")]);
    assert!(
        asked.iter().all(|one| one.form["client_id"] == "client" && one.authorization.is_none())
    );
}

#[test]
fn a_client_with_a_secret_says_who_it_is_in_the_header() {
    let desk = Desk::new();
    let only = tokens("at-1", None, None);
    let profile = desk.keep("a", Flow::Browser, &at("op.example"), Some("s:1"), &only, None);
    desk.provider.says(200, "");
    assert_eq!(run(&desk, &profile).unwrap(), 1);
    let asked = desk.provider.asked().remove(0);
    // "client:s%3A1".
    assert_eq!(asked.authorization.as_deref(), Some("Basic Y2xpZW50OnMlM0Ex"));
    assert!(!asked.form.contains_key("client_id") && !asked.form.contains_key("client_secret"));
}

#[test]
fn what_is_gone_already_is_not_sent() {
    let desk = Desk::new();
    let profile = desk.profile("a");
    for (key, count) in [("a.refresh_token", 1), ("a.access_token", 0)] {
        let delete = Change::Delete { name: name(key), expect: Expect::Any };
        desk.view.apply(vec![delete], None).unwrap();
        if count == 1 {
            desk.provider.says(200, "");
        }
        assert_eq!(run(&desk, &profile).unwrap(), count);
    }
    assert_eq!(desk.provider.asked().remove(0).form["token"], "at-1");
}

#[test]
fn a_token_that_is_none_any_more_is_no_failure() {
    let desk = Desk::new();
    let profile = desk.profile("a");
    desk.provider.says(200, "").says(400, r#"{"error":"invalid_token"}"#);
    assert_eq!(run(&desk, &profile).unwrap(), 2);
}

#[test]
fn a_refusal_ends_it() {
    for (status, body) in [
        (400, r#"{"error":"unsupported_token_type"}"#),
        (401, r#"{"error":"invalid_client"}"#),
        (200, r#"{"error":"invalid_client"}"#),
        (503, ""),
        (404, "<html>"),
    ] {
        let desk = Desk::new();
        let profile = desk.profile("a");
        desk.provider.says(status, body);
        assert!(run(&desk, &profile).is_err(), "{status}");
        assert_eq!(desk.provider.asked().len(), 1);
        assert_eq!(desk.value("a.access_token").as_deref(), Some("at-1"));
    }
}

#[test]
fn a_provider_without_an_address_for_it_is_not_asked() {
    let desk = Desk::new();
    let nowhere = Endpoints { revocation: None, ..at("op.example") };
    let tokens = tokens("at-1", Some("rt-1"), None);
    let profile = desk.keep("a", Flow::Device, &nowhere, None, &tokens, None);
    assert!(matches!(run(&desk, &profile).err(), Some(OauthError::Incomplete { .. })));
}

#[test]
fn a_provider_on_this_machine_is_asked_as_it_is_named() {
    let desk = Desk::new();
    let revocation = Some("http://127.0.0.1:8080/revoke".parse().unwrap());
    let here = Endpoints { revocation, ..at("op.example") };
    let profile = desk.keep("a", Flow::Device, &here, None, &tokens("at-1", None, None), None);
    desk.provider.says(200, "");
    assert_eq!(run(&desk, &profile).unwrap(), 1);
    assert_eq!(desk.provider.asked().remove(0).uri, "http://127.0.0.1:8080/revoke");
}

#[test]
fn a_profile_is_removed_after_its_tokens_were_taken_back() {
    let desk = Desk::new();
    let connect = |_: &[String]| -> Box<dyn Http> { Box::new(desk.provider.clone()) };
    let keep = |name: &str, endpoints: &Endpoints| {
        let only = tokens("at-1", None, None);
        desk.keep(name, Flow::Browser, endpoints, None, &only, None);
        id(name)
    };
    let revoker = Revoker { view: &desk.view, protection: None, connect: &connect };
    desk.provider.says(200, "");
    assert_eq!(revoker.remove(&keep("a", &at("op.example")), true).unwrap(), Some(1));
    let nowhere = Endpoints { revocation: None, ..at("op.example") };
    assert_eq!(revoker.remove(&keep("b", &nowhere), true).unwrap(), None);
    assert!(desk.registry().all().unwrap().is_empty());
    desk.provider.says(503, "");
    assert!(revoker.remove(&keep("c", &at("op.example")), true).is_err());
    assert_eq!(desk.registry().all().unwrap().len(), 1, "what could not be taken back stays");
    desk.provider.asked();
    assert_eq!(revoker.remove(&id("c"), false).unwrap(), None);
    assert!(desk.provider.asked().is_empty() && desk.registry().all().unwrap().is_empty());
}

#[test]
fn a_token_that_was_taken_back_and_restored_is_handed_out_no_more() {
    let desk = Desk::new();
    desk.profile("a");
    let connect = |_: &[String]| -> Box<dyn Http> { Box::new(desk.provider.clone()) };
    desk.provider.says(200, "").says(200, "");
    let revoker = Revoker { view: &desk.view, protection: None, connect: &connect };
    assert_eq!(revoker.revoke(&id("a")).unwrap(), 2);
    for entry in desk.view.trash().unwrap() {
        desk.view.apply(vec![Change::Restore { id: entry.id }], None).unwrap();
    }
    let profile = desk.registry().get(&id("a")).unwrap();
    assert_eq!(desk.registry().health(&profile, desk.now()).unwrap(), Health::Expired);
    for wish in [Wish::WhenDue, Wish::Now] {
        assert!(matches!(desk.refused("a", wish), OauthError::Revoked { .. }));
    }
    desk.provider.asked();
    desk.profile_again("a");
    assert!(desk.token("a", Wish::WhenDue).is_ok());
}

#[test]
fn whoever_may_not_change_a_profile_takes_nothing_back() {
    let desk = Desk::new();
    desk.profile("a");
    let connect = |_: &[String]| -> Box<dyn Http> { Box::new(desk.provider.clone()) };
    let view = desk.vault.view(Actor::Scoped("project:shop".parse().unwrap()));
    let revoker = Revoker { view: &view, protection: None, connect: &connect };
    for refused in [revoker.remove(&id("a"), true).err(), revoker.revoke(&id("a")).err()] {
        let refused = refused.expect("a refusal");
        assert!(matches!(refused, OauthError::Vault(VaultError::NotAllowed { .. })), "{refused}");
    }
    assert!(desk.provider.asked().is_empty());
}
