//! What a sign-in brought: where it is kept, and that it is not lost.

use super::signing::code;
use super::wizard::FieldKind;
use super::*;
use crate::service::oauth::{Flow, Place, Step, Tried, Where};
use crate::vault::Scope;

#[test]
fn where_it_is_kept_is_asked_until_it_can_be() {
    let mut shell = Shell::granted();
    assert_eq!(shell.place().fields[0].text.with_str(str::to_owned), "github");
    shell.keys("<ctrl-u>a b<enter>");
    assert!(shell.place().problem.as_ref().unwrap().contains("name has 1 to 100"));
    shell.keys("<ctrl-u>").keys(&"a".repeat(101)).keys("<enter>");
    assert_eq!((shell.place().focus, shell.place().problem.is_some()), (0, true));
    shell.keys("<ctrl-u>a<tab><ctrl-u>nowhere<enter>");
    assert_eq!((shell.place().focus, shell.place().problem.is_some()), (1, true));
    shell.keys("<ctrl-u>global<enter>");
    let place = |id: &str| Where::At(Place { id: id.parse().unwrap(), owner: Scope::global() });
    assert_eq!(shell.decided(), place("a"));
    shell.keys("x<enter><alt-left>");
    assert_eq!(shell.wizard().step().0, 5, "it is being kept");
    shell.step_of_sign_in(Step::NotThere("it is there already".into()));
    assert_eq!((shell.place().focus, shell.place().problem.is_some()), (0, true));
    shell.keys("b<enter>");
    assert_eq!(shell.decided(), place("ab"));
}

#[test]
fn it_is_thrown_away_only_when_somebody_says_so() {
    for (leave, step) in [("<esc>", None), ("<alt-left>", Some("client"))] {
        let mut shell = Shell::granted();
        shell.keys(leave);
        assert_eq!(shell.top(), Context::Confirm);
        shell.keys("<enter>");
        assert_eq!((shell.wizard().step().1, shell.asked().handle.is_left()), ("keep", false));
        shell.keys(leave).keys("y");
        assert_eq!(shell.decided(), Where::Nowhere);
        match step {
            Some(step) => assert_eq!(shell.wizard().step().1, step),
            None => assert_eq!(shell.top(), Context::Profiles),
        }
    }
    for keys in ["<ctrl-l>", "<ctrl-c><ctrl-c>", "<esc><ctrl-l>"] {
        let mut shell = Shell::granted();
        shell.keys(keys);
        assert!(shell.asked().handle.is_left(), "{keys}");
        assert_eq!(shell.decided(), Where::Anywhere, "{keys}");
    }
    let mut shell = Shell::granted();
    shell.event(Event::Slept);
    assert_eq!((shell.app.is_locked(), shell.decided()), (true, Where::Anywhere));
}

#[test]
fn whoever_leaves_while_it_is_kept_is_told_where() {
    let mut shell = Shell::granted();
    shell.keys("<enter><esc>");
    assert_eq!(shell.top(), Context::Profiles);
    let kept = shell.keep("github", None);
    let ticket = shell.signing_in.as_ref().unwrap().0;
    shell.event(Event::Done(ticket, Outcome::SignedIn(kept, Tried::Works)));
    assert_eq!(shell.toast(), "Signed in: github");
}

#[test]
fn what_could_not_be_taken_back_is_told() {
    let mut shell = Shell::granted();
    shell.keys("<esc>y").fails(FaultKind::Unreachable, "not taken back");
    assert_eq!((shell.top(), shell.toast()), (Context::Profiles, "not taken back"));
}

#[test]
fn signing_in_again_begins_with_what_was_typed_the_last_time() {
    let mut shell = Shell::with_profiles();
    shell.keys("js");
    assert_eq!(shell.wizard().step(), (3, "client"));
    assert_eq!(shell.typed(FieldKind::ClientId), "client");
    shell.keys("<enter>");
    let asked = shell.asked();
    assert_eq!((asked.again, asked.place.id.as_str()), (true, "two"));
    assert_eq!(asked.place.owner.as_str(), "project:shop");
    assert_eq!((asked.flow, asked.scopes.len()), (Flow::Device, 0));
    // Nothing was asked of the provider yet: the token is protected.
    let ticket = shell.signing_in.as_ref().unwrap().0;
    let name = "project:shop/two.access_token".parse().unwrap();
    let failure = Failure::from(&VaultError::Protected { name });
    shell.event(Event::Failed(ticket, failure));
    assert_eq!(shell.top(), Context::Prompt);
    shell.keys("wrong<enter>");
    let ticket = shell.signing_in.as_ref().unwrap().0;
    shell.event(Event::Failed(ticket, Failure::from(&VaultError::WrongPassphrase)));
    assert_eq!((shell.top(), shell.wizard_below()), (Context::Prompt, "client"));
    shell.keys("given up<enter><esc>");
    assert_eq!((shell.top(), shell.cancelled()), (Context::WizardForm, true));
    shell.keys("<enter>");
    let ticket = shell.signing_in.as_ref().unwrap().0;
    let name = "project:shop/two.access_token".parse().unwrap();
    shell.event(Event::Failed(ticket, Failure::from(&VaultError::Protected { name })));
    shell.keys("passphrase<enter>");
    assert!(shell.asked().passphrase.is_some());
    assert_eq!(shell.count("sign in"), 5);
    shell.step_of_sign_in(code(900)).keys("y");
    assert_eq!(shell.clipboard.as_deref(), Some("WDJB-MJHT"));
    shell.keys("<esc>");
    assert_eq!(shell.top(), Context::Profiles);
    shell.keys("s<alt-left>");
    assert_eq!(shell.wizard().step().1, "way");
    shell.keys("<left>");
    assert_eq!(shell.top(), Context::Profiles, "the provider stays as it is");
}
