//! Who sees a profile, and whose refresh it is: `--as` is a lens, and what it hides is not there.

use serde_json::json;

use crate::home::Home;
use crate::provider::Provider;
use crate::told::real;

#[test]
fn a_profile_of_one_skill_is_not_there_for_another() {
    if !real("a_profile_of_one_skill_is_not_there_for_another") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    provider.says(json!({"expires_in": 200}));
    let profile = home.signed_in(&provider, "a", &["--owner", "skill:x"]);
    assert_eq!(profile["owner"], "skill:x");
    let names = ["skill:x/a.access_token", "skill:x/a.id_token", "skill:x/a.refresh_token"];
    assert_eq!(home.names("list"), names);
    let words: [&[&str]; 6] = [
        &["profile", "show", "a"],
        &["profile", "health", "a"],
        &["profile", "refresh", "a"],
        &["profile", "revoke", "a", "--yes"],
        &["profile", "remove", "a", "--yes"],
        &["token", "a"],
    ];
    for words in words {
        // Exactly what is said of one that nobody has.
        let hidden = home.run(&[&["--as", "skill:y"], words].concat());
        let other: Vec<&str> = words.iter().map(|w| if *w == "a" { "b" } else { w }).collect();
        let nowhere = home.run(&[&["--as", "skill:y"], &other[..]].concat());
        assert_eq!(hidden.err.replace("'a'", "'b'"), nowhere.err);
        assert_eq!(hidden.fails(8, &["'a'"]).out, nowhere.fails(8, &["'b'"]).out);
    }
    assert_eq!(home.json(&["--as", "skill:y", "profile", "list"])["count"], 0);
    assert_eq!(home.json(&["--as", "skill:y", "profile", "health"])["count"], 0);
    assert!(provider.asked().is_empty());
    // Its owner renews it.
    let first = home.value("skill:x/a.access_token").unwrap();
    let ran = home.run(&["--as", "skill:x", "token", "a"]).succeeds();
    assert!(ran.out != first && provider.accepts(&ran.out));
    assert_eq!(provider.paths(), ["/token"]);
}

#[test]
fn who_may_not_keep_new_tokens_does_not_ask_for_them() {
    if !real("who_may_not_keep_new_tokens_does_not_ask_for_them") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in_for(&provider, "a", 200);
    home.signed_in_for(&provider, "ended", 1);
    home.wait_for_the_end_of("ended");
    let tokens = home.tokens("a");
    // Everybody reads what is global, but only its owner writes it.
    let ran = home.run(&["--as", "skill:y", "token", "a"]).succeeds();
    assert_eq!(ran.out, tokens.0);
    ran.says(&["warning: not renewed: skill:y may not change global"]);
    let denied = "skill:y may not change global";
    home.run(&["--as", "skill:y", "token", "ended"]).fails(6, &[denied]);
    for words in [&["refresh", "a"][..], &["refresh", "a", "--now"], &["revoke", "a", "--yes"]] {
        home.run(&[&["--as", "skill:y", "profile"], words].concat()).fails(6, &[denied]);
    }
    home.run(&["--as", "skill:y", "profile", "remove", "a", "--yes"]).fails(6, &[denied]);
    home.run(&["--as", "skill:y", "profile", "order", "a"]).fails(6, &[denied]);
    let at = ["--issuer", &provider.url, "--client-id", "native", "--flow", "device"];
    let add = [&["--as", "skill:y", "profile", "add", "b"], &at[..]].concat();
    home.run(&add).fails(6, &[denied]);
    assert!(provider.asked().is_empty());
    assert_eq!(home.tokens("a"), tokens);
    // The refresh token was not used up.
    let ran = home.run(&["token", "a"]).succeeds();
    assert!(ran.out != tokens.0 && provider.accepts(&ran.out) && ran.err.is_empty());
}
