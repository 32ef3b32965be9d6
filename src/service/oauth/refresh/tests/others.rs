//! Others while tokens are renewed: other profiles of the provider, and those who change the same one.

use super::*;
use crate::vault::Actor;

/// A desk with two more profiles, one of the same origin and one of another.
fn with_others() -> Desk {
    let desk = ending_in(0);
    for (name, host) in [("same", "op.example"), ("other", "op.example:8443")] {
        let tokens = tokens("at-1", Some("rt-1"), Some(0));
        desk.keep(name, Flow::Device, &at(host), None, &tokens, None);
    }
    desk
}

#[test]
fn a_provider_that_fails_for_one_is_left_alone_by_all_of_its_origin() {
    let desk = with_others();
    desk.provider.times_out();
    desk.refused("a", Wish::WhenDue);
    let error = desk.refused("same", Wish::Now);
    let until = desk.now().plus(15);
    assert!(matches!(error, OauthError::CoolingDown { until: told, .. } if told == until));
    desk.provider.says(200, NEW);
    assert!(desk.token("other", Wish::WhenDue).unwrap().refreshed);
    desk.provider.says(200, NEW);
    assert!(desk.token("same", Wish::Anyway).unwrap().refreshed);
    desk.clock.forward(15);
    desk.provider.says(200, NEW);
    assert!(desk.token("a", Wish::WhenDue).unwrap().refreshed);
}

#[test]
fn a_provider_that_refuses_one_is_asked_for_the_others_of_its_origin() {
    let desk = with_others();
    desk.provider.says(401, r#"{"error":"invalid_client"}"#);
    desk.refused("a", Wish::WhenDue);
    desk.provider.says(200, NEW);
    assert!(desk.token("same", Wish::WhenDue).unwrap().refreshed);
    assert!(matches!(desk.refused("a", Wish::Now), OauthError::CoolingDown { .. }));
    // Where it fails later it is left alone by all.
    desk.provider.times_out();
    desk.refused("a", Wish::Anyway);
    assert!(matches!(desk.refused("same", Wish::Now), OauthError::CoolingDown { .. }));
}

#[test]
fn a_clock_that_was_ahead_leaves_nobody_alone_for_years() {
    let desk = ending_in(0);
    desk.clock.forward(1_000_000_000);
    desk.provider.times_out();
    desk.refused("a", Wish::Now);
    desk.clock.forward(-1_000_000_000);
    // What failed by the right time counts all the same.
    desk.profile("b");
    desk.provider.times_out();
    desk.refused("b", Wish::Now);
    assert!(matches!(desk.refused("a", Wish::Now), OauthError::CoolingDown { .. }));
    desk.clock.forward(15);
    desk.provider.says(200, NEW);
    assert!(desk.token("a", Wish::Now).unwrap().refreshed);
}

/// Has somebody sign in again for `a` while the provider is asked.
fn somebody_signs_in(desk: &Desk, lives: i64) {
    let (vault, now) = (desk.vault.clone(), desk.now());
    desk.provider.meanwhile(move || {
        let view = vault.view(Actor::Owner);
        let registry = Registry::new(&view);
        let former = registry.get(&id("a")).unwrap();
        let new = crate::service::oauth::New {
            id: id("a"),
            owner: former.owner.clone(),
            provider: "custom",
            name: "Custom",
            former: Some(&former),
        };
        let oauth = crate::service::oauth::NewOauth {
            flow: Flow::Device,
            endpoints: &at("op.example"),
            client_id: "client",
            client_secret: None,
            auth: Default::default(),
            scopes: &[],
            tokens: &tokens("theirs", Some("rt-theirs"), Some(lives)),
        };
        registry.keep_tokens(&new, &oauth, now).unwrap();
    });
}

#[test]
fn who_signs_in_again_meanwhile_wins_whatever_the_provider_says() {
    for (status, body) in [(200, NEW), (400, r#"{"error":"invalid_grant"}"#), (500, "")] {
        for wish in [Wish::WhenDue, Wish::Now] {
            let desk = ending_in(0);
            somebody_signs_in(&desk, 3600);
            desk.provider.says(status, body);
            let fresh = desk.token("a", wish).unwrap();
            assert_eq!((text(&fresh.token).as_str(), fresh.refreshed), ("theirs", false));
            assert!(fresh.warning.is_none());
            assert_eq!(desk.value("a.access_token").as_deref(), Some("theirs"));
            assert_eq!(desk.value("a.refresh_token").as_deref(), Some("rt-theirs"));
            let state = desk.state("a");
            assert!(!state.rejected && state.failures == 0, "{status}");
        }
    }
}

#[test]
fn a_profile_that_is_removed_meanwhile_stays_removed() {
    let desk = ending_in(0);
    let vault = desk.vault.clone();
    desk.provider.meanwhile(move || {
        let view = vault.view(Actor::Owner);
        let registry = Registry::new(&view);
        registry.remove(&registry.get(&id("a")).unwrap()).unwrap();
    });
    desk.provider.says(200, NEW);
    let error = desk.refused("a", Wish::Now);
    assert!(matches!(error, OauthError::Unsaved(VaultError::NoRecord { .. })), "{error}");
    assert_eq!(desk.value("a.access_token"), None);
    assert!(desk.registry().all().unwrap().is_empty());
}

#[test]
fn who_cannot_keep_new_tokens_does_not_ask_for_them() {
    let desk = ending_in(0);
    let guest = desk.vault.view(Actor::Scoped("skill:guest".parse().unwrap()));
    let error = desk.token_for(&guest, None, "a", Wish::Now).err().unwrap();
    assert!(matches!(error, OauthError::Vault(VaultError::NotAllowed { .. })), "{error}");
    assert!(desk.provider.asked().is_empty());
}

#[test]
fn a_protected_token_is_renewed_only_with_its_key() {
    let (desk, key) = Desk::with_protected();
    desk.clock.forward(3600);

    let error = desk.refused("a", Wish::Now);
    assert!(matches!(error, OauthError::Vault(VaultError::Protected { .. })), "{error}");
    assert!(desk.provider.asked().is_empty(), "its refresh token would have been spent");

    desk.provider.says(200, NEW);
    let fresh = desk.token_for(&desk.view, Some(&key), "a", Wish::Now).unwrap();
    assert_eq!(text(&fresh.token), "at-2");
    let described = desk.view.describe(&name("a.access_token")).unwrap();
    assert!(described.metadata.protected, "it stays so");
    assert_eq!(desk.value("a.refresh_token").as_deref(), Some("rt-2"));
}

#[test]
fn two_at_once_ask_once() {
    let desk = std::sync::Arc::new(ending_in(0));
    desk.provider.says(200, NEW);
    let at_once: Vec<_> = (0..2)
        .map(|_| {
            let desk = desk.clone();
            std::thread::spawn(move || text(&desk.token("a", Wish::WhenDue).unwrap().token))
        })
        .collect();
    for thread in at_once {
        assert_eq!(thread.join().unwrap(), "at-2");
    }
    assert_eq!(desk.provider.asked().len(), 1);
}

#[test]
fn whose_turn_does_not_come_gets_what_is_still_good() {
    let desk = ending_in(200);
    desk.storage.take_turns();
    let fresh = desk.token("a", Wish::WhenDue).unwrap();
    assert_eq!((text(&fresh.token).as_str(), fresh.refreshed), ("at-1", false));
    assert!(matches!(fresh.warning, Some(OauthError::Vault(VaultError::Busy))));
    // Who wants a new one is told, and so is everybody once it has ended.
    assert!(matches!(desk.refused("a", Wish::Now), OauthError::Vault(VaultError::Busy)));
    desk.clock.forward(200);
    assert!(matches!(desk.refused("a", Wish::WhenDue), OauthError::Vault(VaultError::Busy)));
    assert!(desk.provider.asked().is_empty());
}
