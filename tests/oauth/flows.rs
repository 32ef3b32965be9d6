//! Every way to sign in, from the first request to what lies in the vault.

use serde_json::{Value, json};

use crate::browsing;
use crate::home::{Home, Ran, members, says_an_hour};
use crate::provider::{DISCOVERY, Provider, SERVICE_SECRET};
use crate::told::real;

const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const KEPT: [&str; 3] = ["global/a.access_token", "global/a.id_token", "global/a.refresh_token"];

/// Checks what a sign-in leaves: the event tells the profile, and the vault holds tokens that work.
fn is_kept(home: &Home, provider: &Provider, done: &Value, flow: &str) {
    assert_eq!(members(done), ["event", "profile"]);
    let (mut told, mut shown) = (done["profile"].clone(), home.profile("a"));
    for profile in [&mut told, &mut shown] {
        profile["expires_in"].take();
    }
    assert_eq!(told, shown);
    assert_eq!([&told["id"], &told["flow"], &told["health"]], ["a", flow, "ok"]);
    assert_eq!([&told["owner"], &told["provider"]], ["global", "oidc"]);
    assert_eq!(told["scopes"], json!(["openid", "offline_access", "profile", "api"]));
    assert_eq!((&told["revision"], &told["refreshable"]), (&json!(1), &json!(true)));
    assert_eq!(home.names("list"), KEPT);
    let (access, refresh) = home.tokens("a");
    assert!(access != refresh && provider.accepts(&access));
}

/// Checks the last event of a sign-in that failed, and that nothing is kept of it.
fn has_failed(home: &Home, ran: &Ran, kind: &str, message: &str) {
    let event = ran.events().pop().expect("an event");
    assert_eq!(members(&event), ["event", "error"]);
    assert_eq!(event["event"], "failed");
    assert_eq!(event["error"]["kind"], kind, "{event}");
    assert_eq!(event["error"]["message"], message, "{event}");
    let told: Value = serde_json::from_str(ran.err.lines().last().unwrap()).expect("JSON");
    assert_eq!(event["error"], told["error"], "the same as on standard error");
    home.is_empty();
}

#[test]
fn a_code_on_any_device() {
    if !real("a_code_on_any_device") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut add = home.add(&provider, "a", &["--flow", "device", "--json"]);
    let event = add.event();
    let all = ["event", "user_code", "verification_uri", "verification_uri_complete", "expires_at"];
    assert_eq!(members(&event), all);
    assert_eq!(event["event"], "device");
    assert_eq!(event["verification_uri"], format!("{}/device", provider.url));
    let complete = event["verification_uri_complete"].as_str().unwrap();
    assert!(complete.contains(event["user_code"].as_str().unwrap()), "{event}");
    assert!(event["expires_at"].as_str().unwrap().ends_with('Z'), "{event}");
    browsing::enters(&event, "approve");
    let done = add.event();
    let ran = add.end().succeeds();
    assert_eq!((ran.events().len(), ran.err.as_str()), (2, ""));
    let asked = provider.asked();
    assert_eq!([&*asked[0].path, &*asked[1].path], [DISCOVERY, "/device/auth"]);
    assert!(asked.len() > 2, "{asked:?}");
    assert!(asked[2..].iter().all(|asked| asked.grant.as_deref() == Some(DEVICE_GRANT)));
    is_kept(&home, &provider, &done, "device");
}

#[test]
fn a_code_as_people_see_it() {
    if !real("a_code_as_people_see_it") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut add = home.add(&provider, "a", &["--flow", "device"]);
    let (open, enter, lives) = (add.line(), add.line(), add.line());
    assert_eq!(open, format!("Open   {}/device\n", provider.url));
    assert_eq!(lives, "The code lives for 10 min; waiting for you to allow it.\n");
    let code = enter.strip_prefix("Enter  ").unwrap().trim().replace(' ', "");
    let page = format!("{}/device", provider.url);
    browsing::enters(&json!({"verification_uri": page, "user_code": code}), "approve");
    let ran = add.end().succeeds().says(&["note: by a code on any device, because you chose it"]);
    assert!(says_an_hour(&ran.out, "Signed in: 'a'; the token is good for "), "{ran:?}");
}

#[test]
fn a_code_that_is_denied() {
    if !real("a_code_that_is_denied") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut add = home.add(&provider, "a", &["--flow", "device", "--json"]);
    browsing::enters(&add.event(), "deny");
    let ran = add.end().fails(6, &["allow it in the browser"]);
    has_failed(&home, &ran, "refused", "the provider says that access was denied");
}

#[test]
fn a_code_that_nobody_enters() {
    if !real("a_code_that_nobody_enters") {
        return;
    }
    let provider = Provider::start(&[("DEVICE_TTL", "2"), ("INTERVAL", "1")]);
    let home = Home::new();
    let mut add = home.add(&provider, "a", &["--flow", "device", "--json"]);
    assert_eq!(add.event()["event"], "device");
    let ran = add.end().fails(7, &["begin again"]);
    has_failed(&home, &ran, "precondition", "the code was not confirmed in time");
}

#[test]
fn a_provider_that_is_asked_too_often_is_asked_less_often() {
    if !real("a_provider_that_is_asked_too_often_is_asked_less_often") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    provider.answers(1, 400, r#"{"error":"slow_down"}"#);
    let mut add = home.add(&provider, "a", &["--flow", "device", "--json"]);
    browsing::enters(&add.event(), "approve");
    let done = add.event();
    add.end().succeeds();
    let asked = provider.asked();
    let polls: Vec<u64> = asked.iter().filter(|a| a.path == "/token").map(|a| a.at).collect();
    assert_eq!(polls.len(), 2, "{asked:?}");
    // RFC 8628, section 3.5: five seconds more than the one second of this provider.
    assert!(polls[1] - polls[0] >= 6000, "{polls:?}");
    is_kept(&home, &provider, &done, "device");
}

#[test]
fn the_browser_of_this_machine() {
    if !real("the_browser_of_this_machine") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut add = home.add(&provider, "a", &["--flow", "browser", "--json"]);
    let event = add.event();
    assert_eq!((members(&event), &event["event"]), (vec!["event", "url"], &json!("browser")));
    let page = event["url"].as_str().unwrap();
    for part in ["response_type=code", "code_challenge_method=S256", "prompt=consent", "state="] {
        assert!(page.contains(part), "no {part}: {page}");
    }
    assert_eq!(browsing::comes_back(page, "approve"), "200");
    let done = add.event();
    assert_eq!(add.end().succeeds().events().len(), 2);
    assert_eq!(provider.paths(), [DISCOVERY, "/token"]);
    is_kept(&home, &provider, &done, "browser");
}

#[test]
fn a_browser_elsewhere_whose_last_address_is_pasted() {
    if !real("a_browser_elsewhere_whose_last_address_is_pasted") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut add = home.add(&provider, "a", &["--flow", "paste"]);
    let line = add.line();
    assert!(add.line().ends_with("paste that here.\n"));
    let address = browsing::ends_at(line.strip_prefix("Open  ").unwrap().trim());
    add.write(&format!("  {address}\r\n"));
    let ran = add.end().succeeds();
    assert!(says_an_hour(&ran.out, "Signed in: 'a'; the token is good for "), "{ran:?}");
    assert_eq!(provider.paths(), [DISCOVERY, "/token"]);
    is_kept(&home, &provider, &json!({"event": "done", "profile": home.profile("a")}), "paste");
}

#[test]
fn a_client_alone() {
    if !real("a_client_alone") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let flow = ["--flow", "client_credentials", "--client-secret-stdin", "--json"];
    let at = ["profile", "add", "a", "--issuer", &provider.url, "--client-id", "service"];
    let words = [&at[..], &flow, &["--scopes", "api"]].concat();
    let ran = home.run_with(&words, "").fails(2, &["--client-secret-stdin"]);
    has_failed(&home, &ran, "invalid", "standard input is empty");
    let ran = home.run_with(&words, "wrong").fails(4, &["check the client id"]);
    let refused = "the provider refuses: invalid_client (client authentication failed)";
    has_failed(&home, &ran, "unreachable", refused);
    provider.forget();
    let ran = home.run_with(&words, &format!("{SERVICE_SECRET}\n")).succeeds();
    assert_eq!(provider.paths(), [DISCOVERY, "/token"]);
    let events = ran.events();
    assert_eq!((events.len(), &events[0]["event"]), (1, &json!("done")));
    let profile = &events[0]["profile"];
    assert_eq!(
        (&profile["flow"], &profile["health"]),
        (&json!("client_credentials"), &json!("ok"))
    );
    assert_eq!(home.names("list"), ["global/a.access_token", "global/a.client_secret"]);
    // It needs nobody to renew it.
    let first = home.value("global/a.access_token");
    home.run(&["profile", "refresh", "a"]).succeeds();
    assert_ne!(home.value("global/a.access_token"), first);
    assert_eq!(home.value("global/a.client_secret").as_deref(), Some(SERVICE_SECRET));
}

#[test]
fn a_plain_key() {
    if !real("a_plain_key") {
        return;
    }
    let home = Home::new();
    let add = ["profile", "add", "a", "--provider", "webhook", "--key-stdin", "--json"];
    let ran = home.run_with(&add, "\n").fails(2, &["standard input is empty", "--key-stdin"]);
    has_failed(&home, &ran, "invalid", "standard input is empty");
    let ran = home.run_with(&add, "the key\n").succeeds();
    let events = ran.events();
    assert_eq!((events.len(), ran.err.as_str()), (1, ""));
    assert_eq!(events[0], json!({"event": "done", "profile": home.profile("a")}));
    let profile = &events[0]["profile"];
    assert_eq!((&profile["flow"], &profile["health"]), (&json!("api_key"), &json!("static")));
    assert_eq!(home.run(&["token", "a"]).succeeds().out, "the key");
    home.run(&["profile", "refresh", "a"]).fails(7, &["'a' is a plain key, which is not renewed"]);
    home.run(&["profile", "revoke", "a", "--yes"]).fails(7, &["which is not revoked"]);
    let ran = home.run(&["profile", "remove", "a", "--yes"]).succeeds();
    assert!(ran.out.contains("still good at Webhook"), "{ran:?}");
    assert_eq!(home.names("trash"), ["global/a.api_key"]);
}

#[test]
fn signing_in_again() {
    if !real("signing_in_again") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let first = home.signed_in(&provider, "a", &[]);
    let (access, refresh) = home.tokens("a");
    // Without --again the id is taken, and so is a name that a new profile would write to.
    let ran = home.add(&provider, "a", &["--flow", "paste"]).end();
    ran.fails(7, &["'a' already exists"]);
    home.run_with(&["set", "global/b.id_token", "--value-stdin"], "mine").succeeds();
    let ran = home.add(&provider, "b", &["--flow", "paste"]).end();
    ran.fails(7, &["global/b.id_token already exists"]);
    home.run(&["profile", "add", "c", "--again"]).fails(8, &["'c'"]);
    assert!(provider.asked().is_empty());
    assert_eq!(home.tokens("a"), (access.clone(), refresh.clone()));

    // With it nothing has to be said again.
    let mut again = home.start(&["profile", "add", "a", "--again", "--no-browser", "--json"]);
    let page = again.event();
    again.write(&format!("{}\n", browsing::ends_at(page["url"].as_str().unwrap())));
    let ran = again.end().succeeds();
    let second = &ran.events()[1]["profile"];
    assert_eq!(second["revision"], 2);
    for same in ["flow", "scopes", "client_id", "endpoints", "secrets", "created_at"] {
        assert_eq!(second[same], first[same]);
    }
    let now = home.tokens("a");
    assert!(now.0 != access && now.1 != refresh && provider.accepts(&now.0));
    let history = home.json(&["history", "global/a.refresh_token"]);
    assert_eq!(history["revisions"].as_array().map(Vec::len), Some(2), "{history}");
    let old = home.run(&["read", "global/a.refresh_token", "--revision", "1"]);
    assert_eq!(old.succeeds().out, refresh);
}

#[test]
fn a_provider_of_ones_own_and_a_client_with_a_secret() {
    if !real("a_provider_of_ones_own_and_a_client_with_a_secret") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let folder = home.path("config/tresor/providers");
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!(
        "name = \"Ours\"\nabout = \"x\"\n[oauth]\nauth = \"body\"\nsecret = \"required\"\n\
         flows = [\"browser\"]\nauthorization = \"{0}/auth\"\ntoken = \"{0}/token\"\n",
        provider.url
    );
    std::fs::write(folder.join("ours.toml"), text).unwrap();
    let secret = "confidential-secret-0123456789";
    let words = ["profile", "add", "a", "--provider", "ours", "--client-id", "confidential"];
    let more = ["--scopes", "openid offline_access", "--client-secret-stdin", "--no-browser"];
    let flow = ["--flow", "browser", "--json"];
    let mut add = home.start(&[&words[..], &more, &flow].concat());
    add.write(&format!("{secret}\n"));
    add.close();
    let page = add.event();
    assert_eq!(browsing::comes_back(page["url"].as_str().unwrap(), "approve"), "200");
    add.end().succeeds();
    // Nothing had to be looked up.
    assert_eq!(provider.paths(), ["/token"]);
    assert_eq!(home.value("global/a.client_secret").as_deref(), Some(secret));
    let (access, _) = home.tokens("a");
    home.run(&["profile", "refresh", "a"]).succeeds();
    assert!(home.tokens("a").0 != access && provider.accepts(&home.tokens("a").0));
}
