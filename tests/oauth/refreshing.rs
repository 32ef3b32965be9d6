//! Tokens that are handed out and renewed in time, and refresh tokens that are not taken any more.

use serde_json::json;

use crate::browsing;
use crate::home::{Home, Ran, says_an_hour};
use crate::provider::Provider;
use crate::told::real;

#[test]
fn a_token_that_is_good_is_handed_out_as_it_is() {
    if !real("a_token_that_is_good_is_handed_out_as_it_is") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let profile = home.signed_in(&provider, "a", &[]);
    let (access, refresh) = home.tokens("a");
    let ran = home.run(&["token", "a"]).succeeds();
    assert_eq!((&ran.out, ran.err.as_str()), (&access, ""));
    let ran = home.run(&["token", "a", "--header"]).succeeds();
    assert_eq!(ran.out, format!("Authorization: Bearer {access}\n"));
    let end = &profile["expires_at"];
    let told = json!({"id": "a", "expires_at": end, "refreshed": false, "value": access});
    assert_eq!(home.json(&["token", "a"]), told);
    assert_eq!(home.tokens("a"), (access, refresh));
    assert!(provider.asked().is_empty());
    home.run(&["token", "none"]).fails(8, &["'none'", "'tresor profile list'"]);
}

#[test]
fn a_token_is_renewed_five_minutes_before_its_end() {
    if !real("a_token_is_renewed_five_minutes_before_its_end") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    // A minute before it is due a busy machine is still early enough.
    home.signed_in_for(&provider, "early", 360);
    home.run(&["token", "early"]).succeeds();
    assert!(provider.asked().is_empty());

    home.signed_in_for(&provider, "a", 300);
    assert_eq!(home.profile("a")["health"], "expiring");
    let (access, refresh) = home.tokens("a");
    let told = home.json(&["token", "a"]);
    let now = home.tokens("a");
    assert_eq!((&told["refreshed"], &told["value"]), (&json!(true), &json!(now.0)));
    assert!(now.0 != access && now.1 != refresh && provider.accepts(&now.0));
    let asked = provider.asked();
    assert_eq!((asked.len(), asked[0].grant.as_deref()), (1, Some("refresh_token")), "{asked:?}");
    assert_eq!(home.profile("a")["health"], "ok");
    // The old one is kept, and what was kept of the new one works.
    let old = home.run(&["read", "global/a.refresh_token", "--revision", "1"]);
    assert_eq!(old.succeeds().out, refresh);
    let ran = home.run(&["profile", "refresh", "a"]).succeeds();
    assert!(says_an_hour(&ran.out, "Renewed 'a'; the token is good for "), "{ran:?}");
    assert!(home.tokens("a").1 != now.1);
}

#[test]
fn where_every_token_is_due_at_once_each_call_gets_a_new_one() {
    if !real("where_every_token_is_due_at_once_each_call_gets_a_new_one") {
        return;
    }
    let (provider, home) = (Provider::start(&[("ACCESS_TTL", "200")]), Home::new());
    home.signed_in(&provider, "a", &[]);
    let mut seen = vec![home.tokens("a").0];
    for _ in 0..3 {
        let token = home.run(&["token", "a"]).succeeds().out;
        assert!(!seen.contains(&token) && provider.accepts(&token));
        seen.push(token);
    }
    assert_eq!(provider.paths(), ["/token"; 3]);
}

/// Checks that a profile is told to be signed in again, without another request.
fn is_over(home: &Home, provider: &Provider, ran: Ran) {
    let again = "sign in again: 'tresor profile add a --again'";
    let over = "the provider does not take the refresh token of 'a' any more";
    ran.fails(7, &[over, again, "the old tokens are kept"]);
    provider.forget();
    home.run(&["profile", "refresh", "a", "--now"]).fails(7, &[over, again]);
    let profile = home.profile("a");
    assert_eq!((&profile["health"], &profile["refreshable"]), (&json!("expired"), &json!(false)));
    assert_eq!(profile["next"], "sign in again: tresor profile add a --again");
    assert!(provider.asked().is_empty());
}

#[test]
fn a_refresh_token_that_somebody_else_used() {
    if !real("a_refresh_token_that_somebody_else_used") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in_for(&provider, "a", 200);
    let tokens = home.tokens("a");
    provider.takes(&tokens.1);
    is_over(&home, &provider, home.run(&["profile", "refresh", "a"]));
    assert_eq!(home.tokens("a"), tokens);
    // What is left of the access token is handed out all the same.
    let ran = home.run(&["token", "a"]).succeeds();
    assert_eq!(ran.out, tokens.0);
    ran.says(&["warning: not renewed: the provider does not take the refresh token of 'a'"]);
    // Signing in again makes all well.
    home.signed_in(&provider, "a", &["--again"]);
    assert_eq!(home.profile("a")["health"], "ok");
    assert!(provider.accepts(&home.run(&["token", "a"]).succeeds().out));
}

#[test]
fn a_refresh_token_that_is_refused_when_the_token_has_ended() {
    if !real("a_refresh_token_that_is_refused_when_the_token_has_ended") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in_for(&provider, "a", 1);
    let tokens = home.tokens("a");
    home.wait_for_the_end_of("a");
    assert_eq!(home.profile("a")["health"], "expired");
    provider.takes(&tokens.1);
    let ran = home.run(&["token", "a"]);
    assert_eq!(ran.out, "");
    is_over(&home, &provider, ran);
    home.run(&["token", "a"]).fails(7, &["sign in again"]);
    assert_eq!(home.tokens("a"), tokens);
    assert!(provider.asked().is_empty());
}

#[test]
fn a_provider_that_gives_no_refresh_token() {
    if !real("a_provider_that_gives_no_refresh_token") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    provider.says(json!({"expires_in": 1}));
    let at = ["profile", "add", "a", "--issuer", &provider.url, "--client-id", "native"];
    let more = ["--flow", "paste", "--scopes", "openid", "--json"];
    let mut add = home.start(&[&at[..], &more].concat());
    let page = add.event();
    add.write(&format!("{}\n", browsing::ends_at(page["url"].as_str().unwrap())));
    add.end().succeeds();
    provider.forget();
    assert_eq!(home.names("list"), ["global/a.access_token", "global/a.id_token"]);
    home.wait_for_the_end_of("a");
    let ran = home.run(&["token", "a"]);
    ran.fails(7, &["has expired, and the provider gave no refresh token", "--again"]);
    assert!(provider.asked().is_empty());
}
