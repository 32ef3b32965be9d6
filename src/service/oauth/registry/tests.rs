//! What is kept of a profile, and what becomes of it when it is signed in again or removed.

use super::*;
use crate::service::oauth::profile::{ClientAuth, MAX_ID};
use crate::service::oauth::testing::{Desk, at, id, name, tokens};
use crate::vault::Actor;

fn new<'a>(name: &str, former: Option<&'a Profile>) -> New<'a> {
    New { id: id(name), owner: Scope::global(), provider: "custom", name: "Custom", former }
}

/// The keys that lie in the vault.
fn keys(desk: &Desk) -> Vec<String> {
    desk.view.list().unwrap().secrets.iter().map(|one| one.name.key.to_string()).collect()
}

fn trash(desk: &Desk) -> Vec<String> {
    let mut all: Vec<_> =
        desk.view.trash().unwrap().iter().map(|one| one.summary.name.key.to_string()).collect();
    all.sort();
    all
}

fn full() -> Tokens {
    let id_token = Some(SensitiveBytes::copy_of(b"x.y.z"));
    Tokens { id_token, ..tokens("at-1", Some("rt-1"), Some(3600)) }
}

/// Signs in with a client secret, for all tokens there can be.
fn signed_in(desk: &Desk) -> Profile {
    desk.keep("a", Flow::Browser, &at("op.example"), Some("s"), &full(), None)
}

#[test]
fn a_key_and_its_profile_are_one_commit() {
    let desk = Desk::new();
    let before = desk.vault.generation().unwrap();
    let key = SensitiveBytes::copy_of(b"sk-1");
    let profile = desk.registry().keep_key(&new("a", None), &key, desk.now()).unwrap();
    assert_eq!(desk.vault.generation().unwrap(), before + 1);
    assert_eq!(desk.registry().get(&id("a")).unwrap(), profile);
    assert_eq!((profile.revision, profile.flow()), (1, Flow::ApiKey));
    assert_eq!(profile.handed_out(), &name("a.api_key"));
    let kept = desk.view.describe(&name("a.api_key")).unwrap().metadata;
    assert_eq!((kept.kind, kept.tags), (SecretKind::ApiKey, vec!["oauth".to_owned()]));
    assert_eq!(desk.value("a.api_key").as_deref(), Some("sk-1"));
}

#[test]
fn tokens_and_their_profile_are_one_commit() {
    let desk = Desk::new();
    let before = desk.vault.generation().unwrap();
    let profile = signed_in(&desk);
    assert_eq!(desk.vault.generation().unwrap(), before + 1);
    assert_eq!(desk.registry().all().unwrap(), std::slice::from_ref(&profile));
    assert_eq!(keys(&desk), ["a.access_token", "a.client_secret", "a.id_token", "a.refresh_token"]);
    assert_eq!(profile.secrets().len(), 4);
    assert_eq!(profile.expires_at(), Some(desk.now().plus(3600)));
    let oauth = profile.oauth("looked at").unwrap();
    assert_eq!(
        (oauth.scopes.as_slice(), oauth.client.auth),
        (&["read".to_owned()][..], ClientAuth::Basic)
    );
    let kind = |key: &str| desk.view.describe(&name(key)).unwrap().metadata.kind;
    assert_eq!(kind("a.client_secret"), SecretKind::Password);
    assert_eq!(kind("a.refresh_token"), SecretKind::OauthToken);
    // The record holds no token.
    let record = desk.view.record(&id("a")).unwrap();
    let body = String::from_utf8(record.body).unwrap();
    assert!(!["at-1", "rt-1", "x.y.z"].iter().any(|token| body.contains(token)), "{body}");
}

#[test]
fn the_order_of_writing_begins_with_the_refresh_token() {
    let named = |key: &str| Some(name(key));
    let names = Names { access: name("a"), refresh: named("r"), id_token: named("i") };
    let written = |tokens: &Tokens| -> Vec<String> {
        let key = |change: Change| match change {
            Change::Write { name, .. } => name.key.to_string(),
            _ => panic!("something else than a write"),
        };
        names.writes(tokens, None).into_iter().map(key).collect()
    };
    assert_eq!(written(&full()), ["r", "a", "i"]);
    assert_eq!(written(&tokens("at", None, None)), ["a"]);
}

#[test]
fn signing_in_again_for_less_puts_the_rest_into_the_trash() {
    let desk = Desk::new();
    let former = signed_in(&desk);
    desk.clock.forward(60);
    let less = tokens("at-2", None, None);
    let profile = desk.keep("a", Flow::Device, &at("op.example"), None, &less, Some(&former));
    assert_eq!(keys(&desk), ["a.access_token"]);
    assert_eq!(trash(&desk), ["a.client_secret", "a.id_token", "a.refresh_token"]);
    assert_eq!(profile.revision, 2);
    assert_eq!(profile.body.created_at, former.body.created_at);
    assert_eq!(profile.expires_at(), None);
    let history = desk.view.describe(&name("a.access_token")).unwrap().history;
    assert_eq!(history.len(), 2, "the former token is in the history");
    assert_eq!(desk.view.describe(&name("a.access_token")).unwrap().metadata.expires_at, None);

    // From tokens to a key, and what is gone already is no hindrance.
    let delete = Change::Delete { name: name("a.access_token"), expect: Expect::Any };
    desk.view.apply(vec![delete], None).unwrap();
    let key = SensitiveBytes::copy_of(b"sk-1");
    desk.registry().keep_key(&new("a", Some(&profile)), &key, desk.now()).unwrap();
    assert_eq!(keys(&desk), ["a.api_key"]);
}

#[test]
fn signing_in_again_for_a_profile_that_was_changed_is_refused_as_a_whole() {
    let desk = Desk::new();
    let former = signed_in(&desk);
    let less = tokens("at-2", None, None);
    desk.keep("a", Flow::Device, &at("op.example"), None, &less, Some(&former));
    let key = SensitiveBytes::copy_of(b"sk-1");
    let error = desk.registry().keep_key(&new("a", Some(&former)), &key, desk.now()).err().unwrap();
    assert!(matches!(error, OauthError::Vault(VaultError::RecordChanged { .. })), "{error}");
    assert_eq!(keys(&desk), ["a.access_token"]);
}

#[test]
fn a_profile_goes_with_its_secrets() {
    let desk = Desk::new();
    let profile = signed_in(&desk);
    desk.view
        .write(&name("a.note"), SensitiveBytes::copy_of(b"mine"), Default::default(), Expect::Any)
        .unwrap();
    let before = desk.vault.generation().unwrap();
    desk.registry().remove(&profile).unwrap();
    assert_eq!(desk.vault.generation().unwrap(), before + 1);
    assert_eq!(keys(&desk), ["a.note"], "only what it named itself");
    assert_eq!(trash(&desk).len(), 4);
    let error = desk.registry().get(&id("a")).err().unwrap();
    assert!(matches!(error, OauthError::Vault(VaultError::NoRecord { .. })));
    assert!(desk.registry().remove(&profile).is_err());
    desk.registry().check_new(&id("a"), &Scope::global()).unwrap();
}

#[test]
fn tokens_that_are_dropped_leave_what_signs_in_again() {
    let desk = Desk::new();
    let profile = signed_in(&desk);
    desk.registry().drop_tokens(&profile).unwrap();
    assert_eq!(keys(&desk), ["a.client_secret"]);
    assert_eq!(trash(&desk), ["a.access_token", "a.id_token", "a.refresh_token"]);
    let kept = desk.registry().survey(desk.now()).unwrap().remove(0);
    assert_eq!((kept.health, kept.profile.revision), (Health::Missing, 2));
    // They are gone already.
    desk.registry().drop_tokens(&kept.profile).unwrap();
    assert!(desk.registry().drop_tokens(&profile).is_err(), "that was of an earlier state");
}

#[test]
fn an_id_or_name_that_is_taken_is_told_before_anybody_signs_in() {
    let desk = Desk::new();
    signed_in(&desk);
    let check = |name: &str| desk.registry().check_new(&id(name), &Scope::global()).err();
    assert!(matches!(check("a"), Some(OauthError::Vault(VaultError::RecordExists { .. }))));
    assert!(check("b").is_none());
    for ending in ["access_token", "refresh_token", "id_token", "client_secret", "api_key"] {
        let name = name(&format!("b.{ending}"));
        let value = || SensitiveBytes::copy_of(b"x");
        desk.view.write(&name, value(), Default::default(), Expect::Absent).unwrap();
        assert!(
            matches!(check("b"), Some(OauthError::Vault(VaultError::Exists { name: told })) if told == name)
        );
        desk.view.apply(vec![Change::Delete { name, expect: Expect::Any }], None).unwrap();
    }
    assert!(check(&"x".repeat(MAX_ID)).is_none());
    assert!(matches!(check(&"x".repeat(MAX_ID + 1)), Some(OauthError::Incomplete { .. })));
}

#[test]
fn profiles_are_put_in_order() {
    let desk = Desk::new();
    for name in ["a", "b", "c"] {
        desk.profile(name);
    }
    let ids = |desk: &Desk| -> Vec<String> {
        desk.registry().all().unwrap().iter().map(|one| one.id.to_string()).collect()
    };
    desk.registry().order(vec![id("c"), id("a")]).unwrap();
    assert_eq!(ids(&desk), ["c", "a", "b"]);
    assert!(desk.registry().order(vec![id("nobody")]).is_err());
    assert!(desk.registry().order(vec![id("a"), id("a")]).is_err());
    assert_eq!(ids(&desk), ["c", "a", "b"]);
}

#[test]
fn others_see_the_profiles_of_their_scopes_only() {
    let desk = Desk::new();
    let owner: Scope = "skill:one".parse().unwrap();
    let key = SensitiveBytes::copy_of(b"sk-1");
    let theirs = New { owner: owner.clone(), ..new("theirs", None) };
    desk.registry().keep_key(&theirs, &key, desk.now()).unwrap();
    desk.profile("ours");
    let ids = |actor: Actor| -> Vec<String> {
        let view = desk.vault.view(actor);
        Registry::new(&view).all().unwrap().iter().map(|one| one.id.to_string()).collect()
    };
    assert_eq!(ids(Actor::Scoped(owner)), ["theirs", "ours"]);
    let other = Actor::Scoped("skill:two".parse().unwrap());
    assert_eq!(ids(other.clone()), ["ours"]);
    let view = desk.vault.view(other);
    let registry = Registry::new(&view);
    assert!(registry.remove(&desk.registry().get(&id("ours")).unwrap()).is_err());
    assert!(registry.keep_key(&new("mine", None), &key, desk.now()).is_err());
}

#[test]
fn a_record_that_is_no_profile_is_told() {
    let desk = Desk::new();
    let put = Change::PutRecord {
        id: id("a"),
        owner: Scope::global(),
        body: br#"{"provider":"x"}"#.to_vec(),
        expect: Expect::Absent,
    };
    desk.view.apply(vec![put], None).unwrap();
    let error = desk.registry().get(&id("a")).err().unwrap();
    assert!(matches!(error, OauthError::Unreadable { .. }), "{error}");
    // It hinders nobody from a token of another.
    desk.profile("b");
    desk.clock.forward(3600);
    desk.provider.says(200, r#"{"access_token":"at-2"}"#);
    desk.token("b", crate::service::oauth::Wish::WhenDue).unwrap();
}
