//! What becomes of what a sign-in brought: kept where somebody says, taken back where nobody does.

use super::*;
use crate::service::oauth::profile::Flow;
use crate::service::oauth::provider::find;
use crate::service::oauth::registry::{Place, put};
use crate::service::oauth::sign_in::Step;
use crate::service::oauth::testing::{Desk, at, id, name, text};
use crate::vault::{Scope, SystemRandom, VaultError};

const TOKENS: &str =
    r#"{"access_token":"at-2","token_type":"bearer","refresh_token":"rt-2","expires_in":60}"#;

/// Somebody who names these places, one after the other, and then gives up.
struct Chooser {
    places: Vec<(&'static str, &'static str)>,
    refused: Vec<String>,
    asked: Vec<Granted>,
}

impl Chooser {
    fn of(places: &[(&'static str, &'static str)]) -> Self {
        let places = places.iter().rev().copied().collect();
        Self { places, refused: Vec::new(), asked: Vec::new() }
    }
}

impl Person for Chooser {
    fn show(&mut self, step: Step) {
        panic!("{step:?}");
    }

    fn pasted(&mut self) -> Result<Option<SensitiveBytes>, OauthError> {
        Ok(None)
    }

    fn place(
        &mut self,
        granted: &Granted,
        refused: Option<OauthError>,
    ) -> Result<Option<Place>, OauthError> {
        self.asked.push(granted.clone());
        self.refused.extend(refused.map(|error| error.to_string()));
        let (id, owner) = self.places.pop().ok_or(OauthError::Cancelled)?;
        Ok(Some(Place { id: id.parse().unwrap(), owner: owner.parse().unwrap() }))
    }
}

/// Signs in by the client alone, for a profile that is to be called `a`.
fn run(
    desk: &Desk,
    protection: Option<&ProtectionKey>,
    former: Option<&Profile>,
    person: &mut dyn Person,
) -> Result<Onboarded, OauthError> {
    run_at("custom", desk, protection, former, person)
}

/// The same at a provider that is known.
fn run_at(
    provider: &str,
    desk: &Desk,
    protection: Option<&ProtectionKey>,
    former: Option<&Profile>,
    person: &mut dyn Person,
) -> Result<Onboarded, OauthError> {
    let provider = find(provider, None).unwrap();
    let endpoints = at("op.example");
    let asked = Onboard {
        new: New {
            id: id("a"),
            owner: Scope::global(),
            provider: "custom",
            name: "Custom",
            former,
        },
        provider: &provider,
        flow: Flow::ClientCredentials,
        endpoints: &endpoints,
        client_id: "client",
        client_secret: None,
        scopes: &[],
        check: true,
    };
    let world = World {
        view: &desk.view,
        protection,
        http: &desk.provider,
        random: &SystemRandom,
        clock: &*desk.clock,
        cancel: &Cancel::default(),
    };
    onboard(&world, &asked, person)
}

#[test]
fn it_is_kept_where_the_person_says_after_other_places_were_refused() {
    let desk = Desk::new();
    desk.profile("there");
    desk.provider.says(200, TOKENS);
    let mut person = Chooser::of(&[("there", "global"), ("b", "project:shop")]);
    let done = run(&desk, None, None, &mut person).unwrap();
    assert_eq!((done.profile.id.as_str(), done.profile.owner.as_str()), ("b", "project:shop"));
    assert_eq!(person.refused, ["profile 'there' already exists"]);
    let granted = Granted { lives: Some(60), renews: true, tried: Tried::Not };
    assert_eq!(person.asked, [granted.clone(), granted]);
    let kept = desk.view.read(&"project:shop/b.access_token".parse().unwrap()).unwrap();
    assert_eq!(text(&kept.value), "at-2");
    assert_eq!(desk.provider.asked().len(), 1);
}

#[test]
fn a_test_that_fails_costs_no_tokens() {
    for (status, tried) in [(200, None), (503, Some("503")), (403, Some("403"))] {
        let desk = Desk::new();
        desk.provider.says(200, TOKENS).says(status, "{}");
        let mut person = Chooser::of(&[("b", "global")]);
        let done = run_at("github", &desk, None, None, &mut person).unwrap();
        match (&done.tried, tried) {
            (Tried::Works, None) => {}
            (Tried::Failed(why), Some(status)) => assert!(why.contains(status), "{why}"),
            (tried, _) => panic!("{tried:?}"),
        }
        assert_eq!(person.asked[0].tried, done.tried);
        assert_eq!(desk.value("b.refresh_token").as_deref(), Some("rt-2"));
        // Nothing was taken back.
        assert_eq!(desk.provider.asked().len(), 2);
    }
}

#[test]
fn what_nobody_wants_is_taken_back() {
    let desk = Desk::new();
    desk.provider.says(200, TOKENS).says(200, "").says(200, "");
    let refused = run(&desk, None, None, &mut Chooser::of(&[])).err().unwrap();
    assert!(matches!(refused, OauthError::Cancelled), "{refused}");
    let taken: Vec<_> =
        desk.provider.asked().iter().skip(1).map(|one| one.form["token"].clone()).collect();
    assert_eq!(taken, ["rt-2", "at-2"]);
    assert!(desk.registry().all().unwrap().is_empty());
}

#[test]
fn what_is_not_taken_back_is_told() {
    let desk = Desk::new();
    desk.provider.says(200, TOKENS).says(503, "");
    let refused = run(&desk, None, None, &mut Chooser::of(&[])).err().unwrap();
    assert!(matches!(refused, OauthError::NotTakenBack(_)), "{refused}");
}

#[test]
fn what_cannot_be_kept_is_told_and_the_tokens_that_are_there_live_on() {
    let desk = Desk::new();
    desk.profile("a");
    desk.provider.says(200, TOKENS);
    // Whoever said beforehand where it goes is not asked again.
    struct Said;
    impl Person for Said {
        fn show(&mut self, _: Step) {}
        fn pasted(&mut self) -> Result<Option<SensitiveBytes>, OauthError> {
            Ok(None)
        }
    }
    let refused = run(&desk, None, None, &mut Said).err().unwrap();
    assert!(matches!(refused, OauthError::Vault(VaultError::RecordExists { .. })), "{refused}");
    // A provider may end all tokens of one person and client together: none is taken back.
    assert_eq!(desk.provider.asked().len(), 1);
    assert_eq!(desk.value("a.access_token").as_deref(), Some("at-1"));
}

#[test]
fn what_somebody_renewed_meanwhile_is_written_over_and_not_lost() {
    let desk = Desk::new();
    let former = desk.profile("a");
    let (view, record) = (desk.view.clone(), former.clone());
    desk.provider.says(200, TOKENS).meanwhile(move || {
        view.apply(vec![put(&record).unwrap()], None).unwrap();
    });
    let done = run(&desk, None, Some(&former), &mut Chooser::of(&[])).unwrap();
    assert!(done.profile.revision > former.revision + 1);
    assert_eq!(desk.value("a.access_token").as_deref(), Some("at-2"));
}

#[test]
fn a_profile_that_was_removed_meanwhile_is_made_anew() {
    let desk = Desk::new();
    let former = desk.profile("a");
    let (view, gone) = (desk.view.clone(), former.clone());
    desk.provider.says(200, TOKENS).meanwhile(move || {
        Registry::new(&view).remove(&gone).unwrap();
    });
    run(&desk, None, Some(&former), &mut Chooser::of(&[])).unwrap();
    assert_eq!(desk.value("a.access_token").as_deref(), Some("at-2"));
}

#[test]
fn a_disk_that_is_full_for_a_moment_costs_nothing() {
    let desk = Desk::new();
    desk.provider.says(200, TOKENS);
    desk.storage.fail(2);
    run(&desk, None, None, &mut Chooser::of(&[("b", "global")])).unwrap();
    assert_eq!(desk.value("b.refresh_token").as_deref(), Some("rt-2"));
}

#[test]
fn signing_in_again_asks_for_no_place_and_writes_over_protected_tokens() {
    let (desk, key) = Desk::with_protected();
    let former = desk.registry().get(&id("a")).unwrap();
    assert_eq!(desk.registry().protected(&former).unwrap(), Some(name("a.access_token")));
    desk.provider.says(200, TOKENS);
    let mut nobody = Chooser::of(&[]);
    let done = run(&desk, Some(&key), Some(&former), &mut nobody).unwrap();
    assert!(nobody.asked.is_empty() && done.profile.revision > former.revision);
    let read = desk.view.read_with(&name("a.access_token"), None, Some(&key)).unwrap();
    assert_eq!(text(&read.value), "at-2");
}
