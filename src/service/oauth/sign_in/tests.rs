//! Sign-ins by browser, here and by paste, and by the client alone.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::JoinHandle;

use super::*;
use crate::service::oauth::profile::ClientAuth;
use crate::service::oauth::testing::{Fake, at, text};
use crate::vault::SystemRandom;

const TOKENS: &str = r#"{"access_token":"at-1","token_type":"bearer","refresh_token":"rt-1"}"#;

#[test]
fn the_challenge_of_rfc_7636_appendix_b() {
    let challenge = challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(challenge.as_str(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    assert_eq!(challenge.method().as_str(), "S256");
}

#[test]
fn pages_that_a_person_may_be_sent_to() {
    for page in
        ["https://github.com/login/device", "https://a.example/?user_code=A", "http://127.0.0.1:1/"]
    {
        assert_eq!(super::page(page).as_deref(), Some(page));
    }
    for page in ["http://github.com/", "javascript:alert(1)", "file:///etc/passwd", "--help", ""] {
        assert_eq!(super::page(page), None);
    }
}

/// Somebody whose browser, or clipboard, brings back an address made from the one that was shown.
struct Visitor {
    /// What the browser comes back with, one try after the other.
    answers: Vec<fn(&Page) -> String>,
    pastes: bool,
    again: bool,
    page: Option<Page>,
    told: Vec<String>,
    browser: Option<JoinHandle<()>>,
}

/// The page that was shown.
struct Page {
    url: Url,
    query: BTreeMap<String, String>,
}

impl Visitor {
    fn new(pastes: bool, answers: &[fn(&Page) -> String]) -> Self {
        let answers = answers.iter().rev().copied().collect();
        Self { answers, pastes, again: true, page: None, told: Vec::new(), browser: None }
    }

    fn query(&self) -> &BTreeMap<String, String> {
        &self.page.as_ref().unwrap().query
    }
}

impl Person for Visitor {
    fn show(&mut self, step: Step) {
        match step {
            Step::Browser { url, listening } => {
                assert_eq!(listening, !self.pastes);
                let url = Url::parse(&url).unwrap();
                let query = url.query_pairs().into_owned().collect();
                let page = Page { url, query };
                if listening {
                    let target = Url::parse(&self.answers.pop().unwrap()(&page)).unwrap();
                    self.browser = Some(std::thread::spawn(move || visit(&target)));
                }
                self.page = Some(page);
            }
            Step::NotThat(why) => self.told.push(why),
            step => panic!("{step:?}"),
        }
    }

    fn pasted(&mut self) -> Result<Option<SensitiveBytes>, OauthError> {
        if !self.pastes {
            return Ok(None);
        }
        let answer = self.answers.pop().expect("one try too many");
        let address = answer(self.page.as_ref().unwrap());
        Ok(Some(SensitiveBytes::from_string(address)))
    }

    fn tries_again(&self) -> bool {
        self.again
    }
}

/// Goes to an address as a browser does.
fn visit(url: &Url) {
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let mut stream = TcpStream::connect(("127.0.0.1", url.port().unwrap())).unwrap();
    let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
}

fn right(page: &Page) -> String {
    format!("{}?code=c-1&state={}", page.query["redirect_uri"], page.query["state"])
}

fn foreign(page: &Page) -> String {
    format!("{}?code=evil&state=evil", page.query["redirect_uri"])
}

fn denied(page: &Page) -> String {
    format!("{}?error=access_denied&state={}", page.query["redirect_uri"], page.query["state"])
}

/// Signs in by browser, with what is asked for changed by `change`.
fn run(
    provider: &Fake,
    visitor: &mut Visitor,
    change: impl FnOnce(&mut SignIn<'_>),
) -> Result<Tokens, OauthError> {
    run_at(&endpoints(), provider, visitor, change)
}

fn endpoints() -> Endpoints {
    let authorization = Some("https://op.example/authorize".parse().unwrap());
    let issuer = Some("https://op.example".parse().unwrap());
    Endpoints { authorization, issuer, ..at("op.example") }
}

/// The same at those addresses.
fn run_at(
    endpoints: &Endpoints,
    provider: &Fake,
    visitor: &mut Visitor,
    change: impl FnOnce(&mut SignIn<'_>),
) -> Result<Tokens, OauthError> {
    let parameters = BTreeMap::from([("access_type".to_owned(), "offline".to_owned())]);
    let mut asked = SignIn {
        flow: if visitor.pastes { Flow::Paste } else { Flow::Browser },
        endpoints,
        asker: Asker { client_id: "client", client_secret: None, auth: ClientAuth::Body },
        scopes: &["one".to_owned(), "offline_access".to_owned()],
        separator: ",",
        parameters: &parameters,
        pkce: true,
        redirect_host: "127.0.0.1",
    };
    change(&mut asked);
    let done = sign_in(provider, &SystemRandom, &asked, &Cancel::default(), visitor);
    if let Some(browser) = visitor.browser.take() {
        browser.join().unwrap();
    }
    done
}

#[test]
fn the_browser_of_this_machine_brings_the_code() {
    for host in ["127.0.0.1", "localhost"] {
        let (provider, mut visitor) = (Fake::default(), Visitor::new(false, &[right]));
        provider.says(200, TOKENS);
        let tokens = run(&provider, &mut visitor, |asked| asked.redirect_host = host).ok().unwrap();
        assert_eq!(text(&tokens.access), "at-1");
        let query = visitor.query();
        assert!(
            visitor
                .page
                .as_ref()
                .unwrap()
                .url
                .as_str()
                .starts_with("https://op.example/authorize?")
        );
        assert_eq!(
            (query["response_type"].as_str(), query["client_id"].as_str()),
            ("code", "client")
        );
        assert_eq!(
            (query["scope"].as_str(), query["access_type"].as_str()),
            ("one,offline_access", "offline")
        );
        assert_eq!(
            (query["prompt"].as_str(), query["code_challenge_method"].as_str()),
            ("consent", "S256")
        );
        assert!(query["redirect_uri"].starts_with(&format!("http://{host}:")));
        assert!(query["redirect_uri"].ends_with("/callback"));
        assert_eq!((query["state"].len(), query["code_challenge"].len()), (43, 43));

        let form = provider.asked().remove(0).form;
        assert_eq!(
            (form["grant_type"].as_str(), form["code"].as_str()),
            ("authorization_code", "c-1")
        );
        assert_eq!(form["redirect_uri"], query["redirect_uri"]);
        // What was kept back until now is what the challenge was made of.
        assert_eq!(challenge(&form["code_verifier"]).as_str(), query["code_challenge"]);
        assert_ne!(form["code_verifier"], query["state"]);
    }
}

#[test]
fn no_two_sign_ins_are_alike() {
    let states: Vec<_> = (0..2)
        .map(|_| {
            let (provider, mut visitor) = (Fake::default(), Visitor::new(true, &[right]));
            provider.says(200, TOKENS);
            run(&provider, &mut visitor, |_| ()).ok().unwrap();
            [visitor.query()["state"].clone(), visitor.query()["code_challenge"].clone()]
        })
        .collect();
    assert!(states[0][0] != states[1][0] && states[0][1] != states[1][1]);
}

#[test]
fn without_pkce_there_is_no_verifier() {
    let (provider, mut visitor) = (Fake::default(), Visitor::new(true, &[right]));
    provider.says(200, TOKENS);
    run(&provider, &mut visitor, |asked| asked.pkce = false).ok().unwrap();
    assert!(!visitor.query().contains_key("code_challenge"));
    assert!(!provider.asked().remove(0).form.contains_key("code_verifier"));
}

#[test]
fn what_is_pasted_may_be_wrong_at_first() {
    let no_address: fn(&Page) -> String = |_| "c-1".to_owned();
    let tries = [no_address, foreign, |page| format!("  {}\n", right(page))];
    let (provider, mut visitor) = (Fake::default(), Visitor::new(true, &tries));
    provider.says(200, TOKENS);
    assert!(run(&provider, &mut visitor, |_| ()).is_ok());
    assert_eq!(visitor.told.len(), 2);
    assert_eq!(provider.asked().remove(0).form["code"], "c-1");

    let mut visitor = Visitor { again: false, ..Visitor::new(true, &[foreign]) };
    assert!(matches!(run(&provider, &mut visitor, |_| ()).err(), Some(OauthError::Foreign(_))));
    assert!(provider.asked().is_empty(), "a code of somebody else is never used");
}

#[test]
fn the_answer_to_another_sign_in_is_no_code() {
    let (provider, mut visitor) = (Fake::default(), Visitor::new(false, &[foreign]));
    assert!(matches!(run(&provider, &mut visitor, |_| ()).err(), Some(OauthError::Foreign(_))));
    let other: fn(&Page) -> String = |page| format!("{}&iss=https://evil.example", right(page));
    let mut visitor = Visitor::new(false, &[other]);
    assert!(matches!(run(&provider, &mut visitor, |_| ()).err(), Some(OauthError::Foreign(_))));
    assert!(provider.asked().is_empty());
}

#[test]
fn a_provider_that_announces_its_name_has_to_say_it() {
    let announced = Endpoints { names_issuer: true, ..endpoints() };
    let named: fn(&Page) -> String = |page| format!("{}&iss=https://op.example", right(page));
    for pastes in [true, false] {
        let (provider, mut visitor) = (Fake::default(), Visitor::new(pastes, &[named]));
        provider.says(200, TOKENS);
        assert!(run_at(&announced, &provider, &mut visitor, |_| ()).is_ok());
        provider.asked();

        let mut visitor = Visitor { again: false, ..Visitor::new(pastes, &[right]) };
        let done = run_at(&announced, &provider, &mut visitor, |_| ());
        assert!(matches!(done.err(), Some(OauthError::Foreign("it does not name its issuer"))));
        assert!(provider.asked().is_empty(), "a code of nobody knows whom is never used");
    }
}

#[test]
fn a_port_that_is_named_is_the_redirect_and_bound_only_to_listen() {
    // Somebody else may take it in the moment in which it is nobody's.
    assert!((0..5).any(|_| a_port_is_the_redirect_and_bound_only_to_listen()));
}

/// Whether it could be bound once it was free; all else is asserted.
fn a_port_is_the_redirect_and_bound_only_to_listen() -> bool {
    let other = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = other.local_addr().unwrap().port();
    let redirect_port = std::num::NonZeroU16::new(port);
    let fixed = Endpoints { redirect_port, ..endpoints() };
    let (provider, mut visitor) = (Fake::default(), Visitor::new(false, &[]));
    let done = run_at(&fixed, &provider, &mut visitor, |_| ());
    assert!(matches!(done.err(), Some(OauthError::PortTaken { port: told }) if told == port));
    assert!(visitor.page.is_none(), "nobody is sent to a page that cannot lead back");

    let redirect = format!("http://127.0.0.1:{port}/callback");
    let mut visitor = Visitor::new(true, &[right]);
    provider.says(200, TOKENS);
    assert!(run_at(&fixed, &provider, &mut visitor, |_| ()).is_ok(), "what is pasted needs none");
    assert_eq!(visitor.query()["redirect_uri"], redirect);
    assert_eq!(provider.asked().remove(0).form["redirect_uri"], redirect);

    drop(other);
    let mut visitor = Visitor::new(false, &[right]);
    provider.says(200, TOKENS);
    match run_at(&fixed, &provider, &mut visitor, |_| ()) {
        Err(OauthError::PortTaken { .. }) => return false,
        done => assert!(done.is_ok()),
    }
    assert_eq!(visitor.query()["redirect_uri"], redirect);
    assert_eq!(provider.asked().remove(0).form["redirect_uri"], redirect);
    true
}

#[test]
fn a_person_may_say_no() {
    for pastes in [true, false] {
        let (provider, mut visitor) = (Fake::default(), Visitor::new(pastes, &[denied]));
        assert!(matches!(run(&provider, &mut visitor, |_| ()).err(), Some(OauthError::Denied)));
    }
}

#[test]
fn what_lacks_an_address_or_is_no_sign_in_is_refused() {
    let (provider, nowhere) = (Fake::default(), Endpoints::default());
    for flow in [Flow::Device, Flow::Browser, Flow::Paste, Flow::ClientCredentials, Flow::ApiKey] {
        let mut visitor = Visitor::new(flow != Flow::Browser, &[]);
        let asked = SignIn {
            flow,
            endpoints: &nowhere,
            asker: Asker { client_id: "client", client_secret: None, auth: ClientAuth::Body },
            scopes: &[],
            separator: " ",
            parameters: &BTreeMap::new(),
            pkce: true,
            redirect_host: "127.0.0.1",
        };
        let done = sign_in(&provider, &SystemRandom, &asked, &Cancel::default(), &mut visitor);
        assert!(matches!(done.err(), Some(OauthError::Incomplete { .. })), "{flow:?}");
    }
}

#[test]
fn an_end_beyond_all_time_is_the_last_moment() {
    assert_eq!(ends(Timestamp(5), 7), Timestamp(12));
    assert_eq!(ends(Timestamp(5), u64::MAX), Timestamp(i64::MAX));
}

#[test]
fn a_code_is_spaced() {
    assert_eq!(spaced("WDJB-MJHT"), "W D J B - M J H T");
    assert_eq!(spaced("12 34"), "1 2 3 4");
}
