//! The port that waits for the browser: it takes one answer, and that of this sign-in only.

use std::net::{SocketAddr, TcpListener};

use serde_json::json;

use crate::browsing;
use crate::home::Home;
use crate::provider::{DISCOVERY, Provider, exchange};
use crate::told::real;

/// Where an address leads, and what is asked there.
fn place(address: &str) -> (SocketAddr, String, String) {
    let rest = address.strip_prefix("http://").expect("http");
    let (host, target) = rest.split_once('/').expect("a path");
    (host.parse().expect("an address"), host.to_owned(), format!("/{target}"))
}

fn request(method: &str, target: &str, host: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n\r\n")
}

#[test]
fn only_the_answer_of_this_sign_in_is_taken_and_only_one() {
    if !real("only_the_answer_of_this_sign_in_is_taken_and_only_one") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut add = home.add(&provider, "a", &["--flow", "browser", "--json"]);
    let page = add.event();
    let (to, host, target) = place(&browsing::ends_at(page["url"].as_str().unwrap()));
    assert!(to.ip().is_loopback() && target.starts_with("/callback?"), "{host} {target}");
    provider.forget();
    // Whatever is not it is turned away, and the waiting goes on.
    let port = to.port();
    let strangers = [
        request("GET", "/favicon.ico", &host),
        request("GET", &target.replace("/callback?", "/callback/?"), &host),
        request("GET", &target.replace("/callback?", "/Callback?"), &host),
        request("POST", &target, &host),
        request("HEAD", &target, &host),
        request("GET", &target, &format!("rebound.example:{port}")),
        request("GET", &target, &format!("localhost:{port}")),
        request("GET", &target, "127.0.0.1"),
        request("GET", &format!("http://{host}{target}"), &host),
        format!("GET {target} HTTP/1.1\r\n\r\n"),
        format!("GET {target} HTTP/2.0\r\nHost: {host}\r\n\r\n"),
        "\r\n\r\n".to_owned(),
    ];
    for stranger in strangers {
        let answer = exchange(to, &stranger).expect("it goes on listening");
        assert!(answer.starts_with("HTTP/1.1 404 "), "{stranger}: {answer}");
    }
    assert!(provider.asked().is_empty());
    let answer = exchange(to, &request("GET", &target, &host)).expect("it still listens");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    for header in ["Cache-Control: no-store", "Referrer-Policy: no-referrer", "default-src 'none'"]
    {
        assert!(answer.contains(header), "no {header}: {answer}");
    }
    let secret = page["url"].as_str().unwrap().split("state=").nth(1).unwrap();
    assert!(!answer.contains(&secret[..20]), "{answer}");
    assert_eq!(add.event()["event"], "done");
    add.end().succeeds();
    assert!(exchange(to, &request("GET", &target, &host)).is_none(), "the port is open still");
    assert_eq!(provider.paths(), ["/token"]);
}

#[test]
fn a_port_that_is_named_is_the_one_the_browser_comes_back_to() {
    if !real("a_port_that_is_named_is_the_one_the_browser_comes_back_to") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port().to_string();
    let redirect = format!("redirect_uri=http%3A%2F%2F127.0.0.1%3A{port}%2Fcallback");
    let at = ["--redirect-port", &port, "--json"];
    let ran = home.add(&provider, "a", &[&["--flow", "browser"], &at[..]].concat()).end();
    let taken = format!("port {port} of this machine, which the browser comes back to, is taken");
    ran.fails(4, &[&taken, "end what listens there", "--flow paste", "--redirect-port"]);
    home.is_empty();
    // What is pasted needs none.
    let mut add = home.add(&provider, "a", &[&["--flow", "paste"], &at[..]].concat());
    let page = add.event();
    let page = page["url"].as_str().unwrap();
    assert!(page.contains(&redirect), "{page}");
    add.write(&format!("{}\n", browsing::ends_at(page)));
    add.end().succeeds();
    // The next time it need not be named.
    drop(other);
    let again = ["profile", "add", "a", "--again", "--flow", "browser", "--no-browser", "--json"];
    let mut add = home.start(&again);
    let page = add.event();
    let page = page["url"].as_str().unwrap();
    assert!(page.contains(&redirect), "{page}");
    assert_eq!(browsing::comes_back(page, "approve"), "200");
    add.end().succeeds();
}

#[test]
fn a_port_that_the_provider_came_to_name_is_used_for_older_profiles() {
    if !real("a_port_that_the_provider_came_to_name_is_used_for_older_profiles") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let folder = home.path("config/tresor/providers");
    std::fs::create_dir_all(&folder).unwrap();
    let known = |more: &str| {
        let text = format!(
            "name = \"Ours\"\nabout = \"x\"\n[oauth]\nflows = [\"browser\"]\n\
             authorization = \"{0}/auth\"\ntoken = \"{0}/token\"\n{more}",
            provider.url
        );
        std::fs::write(folder.join("ours.toml"), text).unwrap();
    };
    let signs_in = |more: &[&str]| {
        let add = ["profile", "add", "a", "--flow", "paste", "--json"];
        let mut add = home.start(&[&add[..], more].concat());
        let page = add.event()["url"].as_str().unwrap().to_owned();
        add.write(&format!("{}\n", browsing::ends_at(&page)));
        add.end().succeeds();
        page
    };
    known("");
    let client = ["--provider", "ours", "--client-id", "native", "--scopes", "openid"];
    signs_in(&client);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    known(&format!("redirect_port = {free}\n"));
    let page = signs_in(&["--again"]);
    assert!(page.contains(&format!("127.0.0.1%3A{free}%2Fcallback")), "{page}");
}

#[test]
fn another_state_ends_it() {
    if !real("another_state_ends_it") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut add = home.add(&provider, "a", &["--flow", "browser", "--json"]);
    let page = add.event();
    let page = page["url"].as_str().unwrap();
    let other = "A".repeat(43);
    assert_eq!(browsing::comes_back_with_state(page, &other), "400");
    let ran = add.end().fails(6, &["its state is another one", "begin again"]);
    assert_eq!(ran.events()[1]["error"]["kind"], "refused");
    assert_eq!(provider.paths(), [DISCOVERY]);
    home.is_empty();
}

#[test]
fn a_person_who_says_no_ends_it() {
    if !real("a_person_who_says_no_ends_it") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut add = home.add(&provider, "a", &["--flow", "browser", "--json"]);
    let page = add.event();
    assert_eq!(browsing::comes_back(page["url"].as_str().unwrap(), "deny"), "400");
    add.end().fails(6, &["the provider says that access was denied"]);
    let mut add = home.add(&provider, "a", &["--flow", "paste", "--json"]);
    let page = add.event();
    let address = browsing::ends_denied_at(page["url"].as_str().unwrap());
    add.write(&format!("{address}\n"));
    add.end().fails(6, &["the provider says that access was denied"]);
    assert_eq!(provider.paths(), [DISCOVERY, DISCOVERY]);
    home.is_empty();
}

#[test]
fn an_answer_of_another_issuer_is_refused() {
    if !real("an_answer_of_another_issuer_is_refused") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let mut add = home.add(&provider, "a", &["--flow", "paste", "--json"]);
    let page = add.event();
    let address = browsing::ends_at(page["url"].as_str().unwrap());
    let (before, issuer) = address.split_once("&iss=").expect("an issuer");
    assert!(issuer.starts_with("http%3A%2F%2F127.0.0.1%3A"), "{issuer}");
    add.write(&format!("{before}&iss=https%3A%2F%2Fevil.example\n"));
    let ran = add.end().fails(6, &["it comes from another issuer"]);
    assert_eq!(ran.events()[1]["event"], "failed");
    // What is no answer at all.
    for (pasted, why) in [("hello", "it is no address"), ("", "there is no address")] {
        let mut add = home.add(&provider, "a", &["--flow", "paste", "--json"]);
        assert_eq!(add.event()["event"], "browser");
        add.write(&format!("{pasted}\n"));
        let code = if pasted.is_empty() { 2 } else { 6 };
        add.end().fails(code, &[why]);
    }
    assert_eq!(provider.paths(), [DISCOVERY; 3]);
    home.is_empty();
}

#[test]
fn an_answer_that_does_not_name_its_issuer_is_refused() {
    if !real("an_answer_that_does_not_name_its_issuer_is_refused") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let ends: [fn(&str) -> String; 2] = [browsing::ends_at, browsing::ends_denied_at];
    for end in ends {
        let mut add = home.add(&provider, "a", &["--flow", "paste", "--json"]);
        let page = add.event();
        let address = end(page["url"].as_str().unwrap());
        let (before, _) = address.split_once("&iss=").expect("an issuer");
        add.write(&format!("{before}\n"));
        let ran = add.end().fails(6, &["it does not name its issuer", "begin again"]);
        assert_eq!(ran.events()[1]["error"]["kind"], "refused");
    }
    assert_eq!(provider.paths(), [DISCOVERY; 2]);
    home.is_empty();
    // Where it is not announced nobody has to.
    let member = "authorization_response_iss_parameter_supported";
    provider.fails(json!([{"path": DISCOVERY, "kind": "members", "members": {member: false}}]));
    let mut add = home.add(&provider, "a", &["--flow", "paste", "--json"]);
    let address = browsing::ends_at(add.event()["url"].as_str().unwrap());
    add.write(&format!("{}\n", address.split_once("&iss=").expect("an issuer").0));
    assert_eq!(add.event()["event"], "done");
    add.end().succeeds();
}

#[test]
fn the_document_of_another_issuer_is_refused() {
    if !real("the_document_of_another_issuer_is_refused") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let members = json!({"issuer": "https://evil.example"});
    provider.fails(json!([{"path": DISCOVERY, "kind": "members", "members": members}]));
    let ran = home.add(&provider, "a", &["--flow", "device", "--json"]).end();
    let ran = ran.fails(6, &["the provider says it is another issuer"]);
    assert_eq!(ran.events()[0]["error"]["kind"], "refused");
    assert_eq!(provider.paths(), [DISCOVERY]);
    home.is_empty();
}
