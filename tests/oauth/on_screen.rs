//! Signing in on the real screen, at the real provider: every way through the wizard, and what ends it.

use std::time::Duration;

use serde_json::json;

use crate::browsing;
use crate::home::Home;
use crate::provider::{DISCOVERY, Provider, SERVICE_SECRET};
use crate::screen::{ID, Screen};
use crate::told::real;

/// The reason of a person who said no.
const DENIED: &str = "the provider says that access was denied";

/// Checks that a sign-in that was left asks nothing any more, even if it is allowed then, and kept nothing.
fn is_over(home: &Home, provider: &Provider, to_enter: &serde_json::Value) {
    has_arrived(provider);
    provider.forget();
    browsing::enters(to_enter, "approve");
    std::thread::sleep(Duration::from_millis(2500));
    assert!(provider.asked().is_empty(), "{:?}", provider.asked());
    home.is_empty();
}

/// Waits until what was on its way to the provider has arrived, a minute at most.
fn has_arrived(provider: &Provider) {
    let mut known = provider.asked().len();
    for _ in 0..120 {
        std::thread::sleep(Duration::from_millis(500));
        let now = provider.asked().len();
        if now == known {
            return;
        }
        known = now;
    }
    panic!("it goes on asking");
}

/// How long the code lives yet, as it stands there.
fn time_left(popup: &str) -> Option<String> {
    let (_, rest) = popup.split_once("code lives ")?;
    Some(rest.split_once(" s ")?.0.to_owned())
}

#[test]
fn a_code_is_shown_and_waited_for() {
    if !real("a_code_is_shown_and_waited_for") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut screen = Screen::open(&home);
    screen.terminal.shows("No profiles yet");
    screen.wizard("oidc", "By a code");
    screen.native(&provider);
    let to_enter = screen.to_enter(&provider);
    let popup = screen.popup();
    assert!(popup.contains("██▄▄▄▄▄▄▄█"), "no squares: {popup}");
    assert!(popup.contains("By a code, because there is no display here."), "{popup}");
    // It is asked once a second, and the time that is left runs.
    let first = time_left(&popup);
    assert!(first.is_some(), "{popup}");
    screen.terminal.until("less time", |_| {
        let now = time_left(&screen.popup());
        now.is_some() && now != first
    });
    screen.terminal.until("asked twice", |screen| {
        screen.contains("   asked ") && !screen.contains("asked once")
    });
    assert_eq!(screen.copies(), to_enter["user_code"]);
    screen.terminal.shows("Copied code");
    screen.terminal.keys("b");
    let page = screen.opened(1).remove(0);
    let code = to_enter["user_code"].as_str().unwrap();
    assert_eq!(page, format!("{}/device?user_code={code}", provider.url));
    browsing::enters(&to_enter, "approve");
    screen.keep("is signed in");
    // It was tried where it says whose it is.
    screen.terminal.shows("just now; OpenID Connect accepts it");
    screen.terminal.shows(" min; it renews itself when it is used");
    screen.terminal.keys("<enter>");
    screen.lists("✓ ok");
    screen.hides_tokens(&provider);
    let profile = home.profile(ID);
    assert_eq!(
        [&profile["flow"], &profile["provider"], &profile["owner"]],
        ["device", "oidc", "global"]
    );
    assert_eq!(profile["scopes"].as_array().unwrap().len(), 3, "{profile}");
}

#[test]
fn a_code_that_is_denied_goes_back_to_the_form() {
    if !real("a_code_that_is_denied_goes_back_to_the_form") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut screen = Screen::open(&home);
    screen.wizard("oidc", "By a code");
    screen.native(&provider);
    browsing::enters(&screen.to_enter(&provider), "deny");
    screen.is_back(DENIED);
    assert!(screen.popup().contains("begin again, and allow it in the browser"));
    home.is_empty();
    // What was typed is still there.
    screen.terminal.keys("<enter>");
    screen.at("approve");
    browsing::enters(&screen.to_enter(&provider), "approve");
    screen.is_kept("is signed in", "✓ ok");
    screen.hides_tokens(&provider);
}

#[test]
fn a_code_that_runs_out_goes_back_to_the_form() {
    if !real("a_code_that_runs_out_goes_back_to_the_form") {
        return;
    }
    let provider = Provider::start(&[("INTERVAL", "1"), ("DEVICE_TTL", "2")]);
    let home = Home::new();
    let mut screen = Screen::open(&home);
    screen.wizard("oidc", "By a code");
    screen.native(&provider);
    screen.is_back("the code was not confirmed in time");
    home.is_empty();
}

#[test]
fn leaving_or_locking_ends_the_waiting() {
    if !real("leaving_or_locking_ends_the_waiting") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    for (key, left_at) in [("<esc>", "No profiles yet"), ("<c-l>", "Unlock")] {
        let mut screen = Screen::open(&home);
        screen.wizard("oidc", "By a code");
        screen.native(&provider);
        let to_enter = screen.to_enter(&provider);
        screen.terminal.shows("   asked ");
        screen.terminal.keys(key);
        screen.terminal.hides("New profile");
        screen.terminal.shows(left_at);
        is_over(&home, &provider, &to_enter);
        screen.terminal.shows(left_at);
    }
}

#[test]
fn a_step_back_ends_the_waiting_and_another_code_is_asked_for() {
    if !real("a_step_back_ends_the_waiting_and_another_code_is_asked_for") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut screen = Screen::open(&home);
    screen.wizard("oidc", "By a code");
    screen.native(&provider);
    let to_enter = screen.to_enter(&provider);
    screen.terminal.keys("<left>");
    screen.at("client");
    let popup = screen.popup();
    assert!(popup.contains("native") && popup.contains("[x] offline_access"), "{popup}");
    is_over(&home, &provider, &to_enter);
    screen.terminal.keys("<enter>");
    screen.at("approve");
    let again = screen.to_enter(&provider);
    assert_ne!(again, to_enter);
    browsing::enters(&again, "approve");
    screen.is_kept("is signed in", "✓ ok");
    screen.hides_tokens(&provider);
}

#[test]
fn the_browser_of_this_machine_opens_and_comes_back() {
    if !real("the_browser_of_this_machine_opens_and_comes_back") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    // It is enough that there is one; nothing is drawn there.
    let mut screen = Screen::open_with(&home, &[("WAYLAND_DISPLAY", "nowhere")]);
    screen.wizard("oidc", "By browser");
    screen.native(&provider);
    let page = screen.opened(1).remove(0);
    assert!(page.starts_with(&format!("{}/auth?", provider.url)), "{page}");
    screen.terminal.shows("By browser, because there is a browser here.");
    // The whole address stands there for whom it does not open.
    assert!(screen.popup().replace('\n', "").contains(&page), "{page}\n{}", screen.popup());
    assert_eq!(browsing::comes_back(&page, "deny"), "400");
    screen.is_back(DENIED);
    home.is_empty();
    screen.terminal.keys("<enter>");
    let again = screen.opened(2).remove(1);
    assert_ne!(again, page);
    screen.terminal.keys("b");
    assert_eq!(screen.opened(3)[2], again);
    provider.forget();
    assert_eq!(browsing::comes_back(&again, "approve"), "200");
    screen.is_kept("is signed in", "✓ ok");
    assert_eq!(provider.paths(), ["/token"]);
    screen.hides_tokens(&provider);
    assert_eq!(home.profile(ID)["flow"], "browser");
}

#[test]
fn the_last_address_of_a_browser_elsewhere_is_pasted() {
    if !real("the_last_address_of_a_browser_elsewhere_is_pasted") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    // Over SSH the clipboard of the terminal is the user's.
    let mut screen = Screen::open_with(&home, &[("SSH_TTY", "/dev/pts/0")]);
    screen.wizard("oidc", "By pasting");
    screen.native(&provider);
    screen.terminal.shows("waiting for your approval");
    let page = screen.copies();
    assert!(screen.popup().replace('\n', "").contains(&page), "{page}\n{}", screen.popup());
    let address = browsing::ends_at(&page);
    provider.forget();
    // One of another sign-in is not taken, and the waiting goes on.
    screen.paste("http://127.0.0.1/callback?code=stolen&state=of-another");
    screen.terminal.shows("code=stolen");
    screen.terminal.keys("<enter>");
    screen.terminal.shows("its state is another one");
    assert!(provider.asked().is_empty());
    screen.paste(&format!("{address}\r\n"));
    screen.terminal.hides("its state is another one");
    assert!(provider.asked().is_empty(), "a paste submits nothing");
    screen.terminal.keys("<enter>");
    screen.is_kept("is signed in", "✓ ok");
    assert_eq!(provider.paths(), ["/token"]);
    screen.hides_tokens(&provider);
    assert_eq!(home.profile(ID)["flow"], "paste");
    assert!(!home.path("opened").exists(), "a page was opened far away");
}

#[test]
fn a_client_signs_in_alone() {
    if !real("a_client_signs_in_alone") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut screen = Screen::open(&home);
    screen.wizard("oidc", "By the client");
    screen.fill_in(&[&provider.url, "service", "not-the-secret-of-it"]);
    screen.terminal.keys("<enter>");
    screen.is_back("the provider refuses: invalid_client");
    home.is_empty();
    // The secret is the line before the first one.
    screen.terminal.keys(&format!("<up><c-u>{SERVICE_SECRET}"));
    provider.forget();
    screen.terminal.keys("<enter>");
    screen.is_kept("is signed in", "✓ ok");
    assert_eq!(provider.paths(), [DISCOVERY, "/token"]);
    let token = home.value("global/a.access_token").expect("a token");
    assert_eq!(home.run(&["token", ID]).succeeds().out, token);
    assert_eq!(home.value("global/a.client_secret").as_deref(), Some(SERVICE_SECRET));
    assert!(!screen.has_shown(&token) && !screen.has_shown(SERVICE_SECRET));
}

#[test]
fn a_key_is_tried_before_it_is_kept() {
    if !real("a_key_is_tried_before_it_is_kept") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let folder = home.path("config/tresor/providers");
    std::fs::create_dir_all(&folder).unwrap();
    let check = format!("url = \"{}/me\"\nheader = \"authorization\"", provider.url);
    let text = format!(
        "name = \"Our API\"\nabout = \"A key of ours\"\n[api_key]\nhint = \"Ask Ada for one\"\n\
         [api_key.check]\n{check}\nprefix = \"Bearer \"\n"
    );
    std::fs::write(folder.join("ours.toml"), text).unwrap();
    // Whatever opens the provider's door is a key of it.
    home.signed_in(&provider, "other", &[]);
    let key = home.tokens("other").0;
    let mut screen = Screen::open(&home);
    screen.wizard("ours", "By a key");
    screen.terminal.shows("Ask Ada for one");
    screen.fill_in(&["a-key-that-opens-nothing"]);
    screen.terminal.keys("<enter>");
    screen.is_back("the provider does not take it: it answers with status 401");
    assert_eq!(home.json(&["profile", "list"])["count"], 1);
    screen.terminal.keys("<up><c-u>");
    screen.paste(&key);
    screen.terminal.keys("<enter>");
    screen.terminal.shows("Our API accepts the key.");
    screen.keep("is kept");
    screen.terminal.shows("just now; Our API accepts it");
    screen.terminal.keys("<enter>");
    screen.lists("● static");
    assert_eq!(home.run(&["token", ID]).succeeds().out, key);
    assert!(!screen.has_shown(&key) && !screen.has_shown("a-key-that-opens-nothing"));
}

#[test]
fn a_profile_is_renewed_copied_and_removed() {
    if !real("a_profile_is_renewed_copied_and_removed") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in_for(&provider, ID, 600);
    let old = home.tokens(ID);
    let mut screen = Screen::open(&home);
    screen.lists("⚠ expiring");
    screen.terminal.keys("r");
    screen.terminal.shows("New tokens for a");
    screen.lists("✓ ok");
    let asked = provider.asked();
    assert_eq!((asked.len(), &*asked[0].path), (1, "/token"));
    assert_eq!(asked[0].grant.as_deref(), Some("refresh_token"));
    let new = screen.hides_tokens(&provider);
    assert!(new.0 != old.0 && new.1 != old.1);
    assert!(!screen.has_shown(&old.0) && !screen.has_shown(&old.1));
    assert_eq!(screen.copies(), new.0);
    assert!(!screen.has_shown(&new.0));
    provider.forget();
    screen.terminal.keys("d");
    screen.terminal.shows("Remove the profile a?");
    assert!(provider.asked().is_empty());
    screen.terminal.keys("y");
    screen.terminal.shows("Removed a");
    screen.terminal.shows("No profiles yet");
    let hints: Vec<_> =
        provider.asked().into_iter().map(|asked| (asked.path, asked.hint)).collect();
    let taken_back = |hint: &str| ("/token/revocation".to_owned(), Some(hint.to_owned()));
    assert_eq!(hints, ["refresh_token", "access_token"].map(taken_back));
    assert!(!provider.accepts(&new.0));
    assert_eq!(home.json(&["profile", "list"])["count"], 0);
    assert!(home.names("list").is_empty());
    assert_eq!(home.names("trash").len(), 3);
}

#[test]
fn what_a_provider_says_is_shown_and_not_obeyed() {
    if !real("what_a_provider_says_is_shown_and_not_obeyed") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let evil = "\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}";
    let shown = |screen: &Screen, text: &str| {
        screen.terminal.until(text, |_| screen.popup().contains(text));
        let written = String::from_utf8_lossy(&screen.terminal.written()).into_owned();
        let obeyed = ["\u{1b}]0;owned", "\u{9b}", "\u{202e}"].map(|mark| written.contains(mark));
        assert_eq!(obeyed, [false; 3]);
    };
    let mut screen = Screen::open(&home);
    screen.wizard("oidc", "By a code");
    let members = json!({"user_code": format!("AB{evil}")});
    provider.fails(json!([{"path": "/device/auth", "kind": "members", "members": members}]));
    screen.native(&provider);
    shown(&screen, "A B ␛ ] 0 ; o w n e d");
    screen.terminal.keys("<left>");
    screen.at("client");
    let body = json!({"error": format!("odd{evil}"), "error_description": evil.repeat(40)});
    provider.answers(1, 400, &body.to_string());
    screen.terminal.keys("<enter>");
    shown(&screen, "the provider refuses: odd␛]0;owned␇");
    // Nor is a page opened that is none of the web.
    let members = json!({"verification_uri": "file:///etc/passwd"});
    provider.fails(json!([{"path": "/device/auth", "kind": "members", "members": members}]));
    screen.terminal.keys("<enter>");
    screen.is_back("it sends to a page that is not of the web");
    home.is_empty();
}

#[test]
fn a_token_that_is_revealed_is_found_where_it_is_looked_for() {
    if !real("a_token_that_is_revealed_is_found_where_it_is_looked_for") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in(&provider, ID, &[]);
    let mut screen = Screen::open(&home);
    screen.lists("✓ ok");
    let (access, refresh) = screen.hides_tokens(&provider);
    screen.terminal.keys("<esc>");
    screen.terminal.hides("OAuth profiles");
    screen.terminal.shows("▌a.access_token");
    screen.terminal.keys("<enter>");
    screen.terminal.until("the token", |_| screen.has_shown(&access));
    assert!(!screen.has_shown(&refresh));
}
