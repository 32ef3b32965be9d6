//! How profiles are, second by second.

use super::*;
use crate::service::oauth::profile::Flow;
use crate::service::oauth::testing::{Desk, at, id, name, tokens};
use crate::service::oauth::{New, OauthError};
use crate::vault::{Change, Expect, Scope, SensitiveBytes};

fn with(lives: Option<i64>, refresh: Option<&str>, flow: Flow) -> (Desk, Profile) {
    let desk = Desk::new();
    let tokens = tokens("at-1", refresh, lives);
    let profile = desk.keep("a", flow, &at("op.example"), None, &tokens, None);
    (desk, profile)
}

fn oauth(profile: &mut Profile) -> &mut Oauth {
    match &mut profile.body.credential {
        Credential::Oauth(oauth) => oauth,
        Credential::ApiKey { .. } => panic!("a key"),
    }
}

#[test]
fn the_word_follows_from_the_time_that_is_left() {
    let (desk, profile) = with(Some(3600), Some("rt-1"), Flow::Device);
    let end = desk.now().plus(3600);
    for (left, health, due) in [
        (3600, Health::Ok, false),
        (901, Health::Ok, false),
        (900, Health::Expiring, false),
        (301, Health::Expiring, false),
        (300, Health::Expiring, true),
        (1, Health::Expiring, true),
        (0, Health::Expired, true),
        (-1, Health::Expired, true),
        (i64::MIN, Health::Expired, true),
    ] {
        let now = Timestamp(end.0.saturating_sub(left));
        assert_eq!(Health::of(&profile, true, now), health, "{left}");
        assert_eq!(is_due(profile.oauth("asked").unwrap(), now), due, "{left}");
        assert_eq!(Health::of(&profile, false, now), Health::Missing);
    }
}

#[test]
fn one_that_does_not_end_is_static_and_one_that_is_rejected_has_expired() {
    let (desk, mut profile) = with(None, Some("rt-1"), Flow::Device);
    assert_eq!(Health::of(&profile, true, desk.now()), Health::Static);
    assert!(!is_due(profile.oauth("asked").unwrap(), desk.now()));
    oauth(&mut profile).state.rejected = true;
    assert_eq!(Health::of(&profile, true, desk.now()), Health::Expired);
}

#[test]
fn the_next_step_is_one_that_helps() {
    let step = |health: Health, profile: &Profile| health.next_step(profile).unwrap_or_default();
    let (_, mut profile) = with(Some(60), Some("rt-1"), Flow::Device);
    assert_eq!(Health::Ok.next_step(&profile), None);
    assert_eq!(Health::Static.next_step(&profile), None);
    for health in [Health::Expiring, Health::Expired] {
        assert!(step(health, &profile).ends_with("tresor profile refresh a"));
    }
    assert!(step(Health::Missing, &profile).ends_with("tresor profile add a --again"));
    oauth(&mut profile).state.rejected = true;
    assert!(step(Health::Expired, &profile).ends_with("--again"));

    let (_, profile) = with(Some(60), None, Flow::Device);
    assert!(step(Health::Expiring, &profile).ends_with("--again"));
    let (_, profile) = with(Some(60), None, Flow::ClientCredentials);
    assert!(step(Health::Expiring, &profile).ends_with("refresh a"));
}

#[test]
fn a_survey_tells_all_in_their_order() -> Result<(), OauthError> {
    let (desk, _) = with(Some(600), Some("rt-1"), Flow::Device);
    let new = New {
        id: id("k"),
        owner: Scope::global(),
        provider: "openai",
        name: "OpenAI",
        former: None,
    };
    desk.registry().keep_key(&new, &SensitiveBytes::copy_of(b"sk-1"), desk.now())?;
    let words = |desk: &Desk| -> Vec<&str> {
        let kept = desk.registry().survey(desk.now()).unwrap();
        kept.iter().map(|kept| kept.health.word()).collect()
    };
    assert_eq!(words(&desk), ["expiring", "static"]);
    let delete = Change::Delete { name: name("k.api_key"), expect: Expect::Any };
    desk.view.apply(vec![delete], None)?;
    assert_eq!(words(&desk), ["expiring", "missing"]);
    let profile = desk.registry().get(&id("k"))?;
    let step = Health::Missing.next_step(&profile);
    assert_eq!(step.as_deref(), Some("put it there: tresor set global/k.api_key"));
    Ok(())
}
