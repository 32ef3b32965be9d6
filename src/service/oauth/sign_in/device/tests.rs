//! Codes for devices: how often is asked, when it ends, and what a person is never shown.

use std::collections::BTreeMap;

use super::*;
use crate::service::oauth::profile::{ClientAuth, Flow};
use crate::service::oauth::testing::{Fake, at, text};
use crate::service::oauth::wire::Asker;
use crate::text::is_visible;
use crate::vault::SensitiveBytes;

const TOKENS: &str = r#"{"access_token":"at-1","token_type":"bearer","expires_in":60}"#;
const PENDING: &str = r#"{"error":"authorization_pending"}"#;
const SLOW_DOWN: &str = r#"{"error":"slow_down"}"#;

/// Somebody who remembers what was shown.
#[derive(Default)]
struct Watcher(Vec<Step>);

impl Person for Watcher {
    fn show(&mut self, step: Step) {
        self.0.push(step);
    }

    fn pasted(&mut self) -> Result<Option<SensitiveBytes>, OauthError> {
        Ok(None)
    }
}

/// A sign-in whose waits are written down, and pass at once.
#[derive(Default)]
struct Try {
    provider: Fake,
    cancel: Cancel,
    person: Watcher,
    /// The waits in seconds.
    waits: Vec<u64>,
    /// It is cancelled in the wait of that number.
    cancelled_in: Option<usize>,
}

impl Try {
    /// One whose code is given with this interval.
    fn with(interval: &str) -> Self {
        let one = Self::default();
        one.provider.says(200, &details(r#""https://op.example/device""#, interval));
        one
    }

    fn run(&mut self) -> Result<Tokens, OauthError> {
        let waits = RefCell::new(Vec::new());
        let (cancel, cancelled_in) = (self.cancel.clone(), self.cancelled_in);
        let wait = |time: Duration| {
            waits.borrow_mut().push(time.as_secs());
            if cancelled_in == Some(waits.borrow().len()) {
                cancel.set();
            }
            assert!(waits.borrow().len() < 100, "without end");
        };
        let asked = SignIn {
            flow: Flow::Device,
            endpoints: &at("op.example"),
            asker: Asker { client_id: "client", client_secret: None, auth: ClientAuth::Body },
            scopes: &["one".to_owned(), "two".to_owned()],
            separator: ",",
            parameters: &BTreeMap::new(),
            pkce: true,
            redirect_host: "127.0.0.1",
        };
        let done = with_waits(&self.provider, &asked, &self.cancel, &mut self.person, &wait);
        self.waits = waits.into_inner();
        done
    }

    fn error(&mut self) -> OauthError {
        self.run().err().expect("a failure")
    }
}

fn details(page: &str, interval: &str) -> String {
    format!(
        r#"{{"device_code":"d-1","user_code":"WDJB-MJHT","verification_uri":{page},"expires_in":900{interval}}}"#
    )
}

#[test]
fn a_code_is_shown_and_asked_for_until_it_was_entered() {
    let mut one = Try::with("");
    one.provider.says(400, PENDING).says(200, PENDING).says(200, TOKENS);
    assert_eq!(text(&one.run().ok().unwrap().access), "at-1");
    assert_eq!(one.waits, [5, 5, 5]);
    let asked = one.provider.asked();
    assert_eq!(asked[0].uri, "https://op.example/device");
    assert_eq!(
        (asked[0].form["client_id"].as_str(), asked[0].form["scope"].as_str()),
        ("client", "one two")
    );
    assert_eq!(asked.len(), 4);
    assert_eq!(asked[3].uri, "https://op.example/token");
    assert_eq!(asked[3].form["device_code"], "d-1");
    assert_eq!(asked[3].form["grant_type"], "urn:ietf:params:oauth:grant-type:device_code");
    let first = Step::Device {
        user_code: "WDJB-MJHT".into(),
        verification_uri: "https://op.example/device".into(),
        verification_uri_complete: None,
        lives: 900,
    };
    assert_eq!(one.person.0, [first, Step::Asked(1), Step::Asked(2), Step::Asked(3)]);
}

#[test]
fn a_provider_that_is_asked_too_often_is_asked_more_seldom_from_then_on() {
    let mut one = Try::with(r#","interval":7"#);
    one.provider.says(400, SLOW_DOWN).says(400, PENDING).says(400, SLOW_DOWN).says(200, TOKENS);
    assert!(one.run().is_ok());
    assert_eq!(one.waits, [7, 12, 12, 17]);
}

#[test]
fn a_network_that_fails_is_tried_again_after_longer_pauses() {
    let mut one = Try::with(r#","interval":10"#);
    for _ in 0..2 {
        one.provider.times_out();
        one.provider.says(503, "").says(429, "");
    }
    one.provider.says(200, TOKENS);
    assert!(one.run().is_ok());
    assert_eq!(one.waits, [10, 20, 40, 60, 60, 60, 60]);
}

#[test]
fn no_interval_is_no_reason_to_ask_without_a_pause() {
    let mut one = Try::with(r#","interval":0"#);
    one.provider.says(400, PENDING).times_out().says(200, TOKENS);
    assert!(one.run().is_ok());
    assert_eq!(one.waits, [1, 1, 1]);
}

#[test]
fn an_interval_without_end_is_refused() {
    for interval in [r#","interval":61"#, r#","interval":18446744073709551615"#] {
        let mut one = Try::with(interval);
        assert!(matches!(one.error(), OauthError::Malformed(_)), "{interval}");
        assert!(one.waits.is_empty() && one.person.0.is_empty());
    }
    for interval in [r#","interval":-1"#, r#","interval":"5""#, r#","interval":1e3"#] {
        assert!(matches!(Try::with(interval).error(), OauthError::Malformed(_)), "{interval}");
    }
}

#[test]
fn it_ends_at_once_when_it_is_cancelled() {
    for (wait, asked) in [(1, 1), (2, 2)] {
        let mut one = Try::with("");
        one.cancelled_in = Some(wait);
        if asked == 2 {
            one.provider.says(400, PENDING);
        }
        assert!(matches!(one.error(), OauthError::Cancelled));
        assert_eq!((one.waits.len(), one.provider.asked().len()), (wait, asked));
    }
    // Also in a wait that is a real one.
    let (cancel, begin) = (Cancel::default(), std::time::Instant::now());
    let other = cancel.clone();
    let thread = std::thread::spawn(move || other.set());
    cancel.wait(Duration::from_secs(600));
    thread.join().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(60) && cancel.is_set());
}

#[test]
fn what_the_provider_says_for_good_ends_it() {
    for (body, kind) in [
        (r#"{"error":"access_denied"}"#, "denied"),
        (r#"{"error":"authorization_declined"}"#, "denied"),
        (r#"{"error":"expired_token"}"#, "expired"),
        (r#"{"error":"invalid_client"}"#, "rejected"),
        ("<html>", "malformed"),
        (r#"{"access_token":""}"#, "malformed"),
    ] {
        let mut one = Try::with("");
        one.provider.says(400, PENDING).says(200, body);
        let told = match one.error() {
            OauthError::Denied => "denied",
            OauthError::CodeExpired => "expired",
            OauthError::Rejected { .. } => "rejected",
            OauthError::Malformed(_) => "malformed",
            other => panic!("{body}: {other}"),
        };
        assert_eq!(told, kind, "{body}");
    }
    for error in [HttpError::Redirect { host: "h".into() }, HttpError::Private { host: "h".into() }]
    {
        let mut one = Try::with("");
        one.provider.answers(Err(error.clone()));
        assert!(matches!(one.error(), OauthError::Http(told) if told == error));
    }
}

#[test]
fn a_code_that_was_not_entered_in_time_is_not_asked_for_any_more() {
    let mut one = Try::default();
    let body = details(r#""https://op.example/d""#, "").replace("900", "0");
    one.provider.says(200, &body);
    one.cancelled_in = Some(2);
    // Within the same moment it may be asked for once.
    one.provider.says(400, PENDING);
    let error = one.error();
    assert!(matches!(error, OauthError::CodeExpired | OauthError::Cancelled), "{error}");
    let mut one = Try::default();
    one.provider
        .says(200, &details(r#""https://op.example/d""#, "").replace("900", &u64::MAX.to_string()));
    assert!(matches!(one.error(), OauthError::Malformed(_)));
}

#[test]
fn nobody_is_sent_to_a_page_that_is_not_of_the_web() {
    for page in [
        "javascript:alert(1)",
        "http://op.example/device",
        "file:///etc/passwd",
        "tresor:x",
        "data:text/html,x",
        "--help",
        "",
        "/device",
        "https://",
    ] {
        let quoted = format!("{page:?}");
        let complete = format!(r#""https://op.example/d","verification_uri_complete":{quoted}"#);
        for page in [quoted, complete] {
            let mut one = Try::default();
            one.provider.says(200, &details(&page, ""));
            assert!(matches!(one.error(), OauthError::Malformed(_)), "{page}");
            assert!(one.person.0.is_empty(), "{page} was shown");
        }
    }
}

#[test]
fn what_is_shown_is_the_address_that_was_looked_at() {
    for (page, shown) in [
        (r#"" https://op.example/d\n""#, "https://op.example/d"),
        (r#""https:op.example""#, "https://op.example/"),
        (r#""ht\ntps://op.example/\t""#, "https://op.example/"),
        (
            r#""https://op\u0435n.example/\u001b[2J\u202e""#,
            "https://xn--opn-sdd.example/%1B[2J%E2%80%AE",
        ),
        (r#""http://127.0.0.1:9/d""#, "http://127.0.0.1:9/d"),
    ] {
        let mut one = Try::default();
        one.provider.says(200, &details(page, "")).says(200, TOKENS);
        assert!(one.run().is_ok());
        match &one.person.0[0] {
            Step::Device { verification_uri, .. } => assert_eq!(verification_uri, shown),
            step => panic!("{step:?}"),
        }
    }
}

#[test]
fn a_code_that_nobody_could_enter_is_refused() {
    for code in ["", &"A".repeat(65), &"\u{e4}".repeat(33)] {
        let mut one = Try::default();
        let body = details(r#""https://op.example/d""#, "").replace("WDJB-MJHT", code);
        one.provider.says(200, &body);
        assert!(matches!(one.error(), OauthError::Malformed(_)), "{code}");
    }
    let mut one = Try::default();
    let body = details(r#""https://op.example/d""#, "").replace("WDJB-MJHT", r"\u001b[2J");
    one.provider.says(200, &body).says(200, TOKENS);
    assert!(one.run().is_ok());
    assert!(matches!(&one.person.0[0], Step::Device { user_code, .. } if is_visible(user_code)));
}

#[test]
fn what_is_no_answer_gives_no_code() {
    for (status, body) in
        [(200, ""), (200, "<html>"), (200, "{}"), (404, "x"), (500, ""), (200, TOKENS)]
    {
        let mut one = Try::default();
        one.provider.says(status, body);
        assert!(one.run().is_err(), "{status} {body}");
        assert!(one.person.0.is_empty());
    }
}
