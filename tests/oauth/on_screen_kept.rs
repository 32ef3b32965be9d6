//! What came of a sign-in on the real screen: it is kept where somebody says, is not lost when the screen
//! goes, and does not live on at the provider when nobody wants it.

use rustix::process::Signal;
use serde_json::json;

use crate::browsing;
use crate::home::{Home, until};
use crate::provider::Provider;
use crate::screen::{ID, Screen};
use crate::told::real;

/// A screen with tokens that wait for a place.
fn granted<'a>(home: &'a Home, provider: &Provider) -> Screen<'a> {
    let mut screen = Screen::open(home);
    screen.wizard("oidc", "By a code");
    screen.native(provider);
    browsing::enters(&screen.to_enter(provider), "approve");
    screen.at("keep");
    screen.terminal.shows("signed you in, and the token works");
    provider.forget();
    screen
}

/// The kinds of tokens that the provider took back, in their order.
fn taken_back(provider: &Provider) -> Vec<String> {
    let asked = provider.asked().into_iter().filter(|asked| asked.path == "/token/revocation");
    asked.filter_map(|asked| asked.hint).collect()
}

#[test]
fn a_place_that_is_taken_is_asked_about_again() {
    if !real("a_place_that_is_taken_is_asked_about_again") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in(&provider, "there", &[]);
    let there = home.tokens("there");
    let mut screen = granted(&home, &provider);
    screen.terminal.keys("<c-u>there<tab><c-u>global<enter>");
    screen.terminal.shows("profile 'there' already exists");
    screen.is_kept("is signed in", "✓ ok");
    screen.hides_tokens(&provider);
    assert_eq!(home.tokens("there"), there);
    assert!(taken_back(&provider).is_empty());
}

#[test]
fn what_is_thrown_away_is_taken_back_after_a_question() {
    if !real("what_is_thrown_away_is_taken_back_after_a_question") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut screen = granted(&home, &provider);
    screen.terminal.keys("<esc>");
    screen.terminal.shows("Throw the tokens away?");
    screen.terminal.keys("<enter>");
    screen.terminal.hides("Throw the tokens away?");
    assert!(taken_back(&provider).is_empty());
    screen.terminal.keys("<esc>");
    screen.terminal.shows("Throw the tokens away?");
    screen.terminal.keys("y");
    screen.terminal.shows("No profiles yet");
    until("taken back", || taken_back(&provider) == ["refresh_token", "access_token"]);
    home.is_empty();
}

#[test]
fn what_came_outlives_the_screen() {
    if !real("what_came_outlives_the_screen") {
        return;
    }
    // Under the next name that is free, too: this one is taken while nobody looks.
    for (leave, id) in [("<c-l>", "oidc"), ("<c-c><c-c>", "oidc"), ("<c-l>", "oidc-2")] {
        let (provider, home) = (Provider::shared(), Home::new());
        let mut screen = granted(&home, &provider);
        if id != "oidc" {
            home.signed_in(&provider, "oidc", &[]);
        }
        screen.terminal.keys(leave);
        until("kept", || home.run(&["profile", "show", id]).status.success());
        let (access, refresh) = home.tokens(id);
        assert!(provider.accepts(&access) && !screen.has_shown(&access));
        assert!(!screen.has_shown(&refresh));
        assert!(taken_back(&provider).is_empty());
    }
}

#[test]
fn a_signal_loses_nothing() {
    if !real("a_signal_loses_nothing") {
        return;
    }
    // A terminal that is closed hangs up.
    for signal in [Signal::HUP, Signal::TERM] {
        let (provider, home) = (Provider::shared(), Home::new());
        let mut screen = granted(&home, &provider);
        screen.terminal.signal(signal);
        screen.terminal.ends();
        let (access, refresh) = home.tokens("oidc");
        assert!(provider.accepts(&access) && !screen.has_shown(&access));
        assert!(!screen.has_shown(&refresh));
    }
}

#[test]
fn a_lock_while_a_provider_answers_loses_no_refresh_token() {
    if !real("a_lock_while_a_provider_answers_loses_no_refresh_token") {
        return;
    }
    for (leave, left_at) in [("<c-l>", "Unlock"), ("<c-c><c-c>", "")] {
        let (provider, home) = (Provider::shared(), Home::new());
        home.signed_in(&provider, ID, &[]);
        let old = home.tokens(ID);
        let mut screen = Screen::open(&home);
        screen.lists("✓ ok");
        provider.fails(json!([{"path": "/token", "kind": "delay", "ms": 1500}]));
        screen.terminal.keys("r");
        until("asked", || !provider.asked().is_empty());
        screen.terminal.keys(leave);
        screen.terminal.until("left", |screen| screen.contains(left_at));
        until("kept", || home.tokens(ID).1 != old.1);
        assert!(provider.accepts(&home.tokens(ID).0));
        assert!(home.run(&["profile", "refresh", ID]).status.success());
    }
}

#[test]
fn signing_in_again_takes_the_place_of_the_tokens() {
    if !real("signing_in_again_takes_the_place_of_the_tokens") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in(&provider, ID, &[]);
    let old = home.tokens(ID);
    let mut screen = Screen::open(&home);
    screen.lists("✓ ok");
    screen.terminal.keys("s");
    screen.at("client");
    let popup = screen.popup();
    assert!(popup.contains("native") && popup.contains("[x] offline_access"), "{popup}");
    screen.terminal.keys("<enter>");
    screen.at("approve");
    // As the last time: by pasting.
    screen.terminal.shows("waiting for your approval");
    let address = browsing::ends_at(&screen.copies());
    screen.paste(&address);
    screen.terminal.keys("<enter>");
    screen.at("done");
    screen.terminal.keys("<enter>");
    screen.lists("✓ ok");
    let new = screen.hides_tokens(&provider);
    assert!(new.0 != old.0 && new.1 != old.1);
    assert_eq!(home.json(&["profile", "list"])["count"], 1);
}
