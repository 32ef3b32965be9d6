//! Answers of providers: by the standard, beside it, and of those who mean harm.

use std::collections::BTreeMap;

use oauth2::http::Response;
use proptest::prelude::*;

use super::*;
use crate::service::oauth::profile::Flow;
use crate::service::oauth::sign_in::{SignIn, by_itself};
use crate::service::oauth::testing::{Fake, at, text};
use crate::text::is_visible;

/// What is made of an answer to a request for tokens.
fn answered(provider: &Fake) -> Result<Tokens, OauthError> {
    by_itself(
        provider,
        &SignIn {
            flow: Flow::ClientCredentials,
            endpoints: &at("op.example"),
            asker: Asker { client_id: "client", client_secret: None, auth: ClientAuth::Body },
            scopes: &[],
            separator: " ",
            parameters: &BTreeMap::new(),
            pkce: false,
            redirect_host: "127.0.0.1",
        },
    )
}

fn read(status: u16, body: &str) -> Result<Tokens, OauthError> {
    let provider = Fake::default();
    provider.says(status, body);
    answered(&provider)
}

fn good(body: &str) -> Tokens {
    read(200, body).unwrap_or_else(|error| panic!("{body}: {error}"))
}

fn bad(status: u16, body: &str) -> OauthError {
    match read(status, body) {
        Ok(_) => panic!("{status} {body} was taken"),
        Err(error) => error,
    }
}

fn scopes_of(value: &str) -> Option<Vec<String>> {
    good(&format!(r#"{{"access_token":"a","scope":{value}}}"#)).scopes
}

fn lives(value: &str) -> Option<i64> {
    good(&format!(r#"{{"access_token":"a","expires_in":{value}}}"#)).lives
}

#[test]
fn an_answer_by_the_standard() {
    let tokens = good(
        r#"{"access_token":"a","token_type":"Bearer","expires_in":3600,"refresh_token":"r",
            "scope":"one two","id_token":"x.y.z","example_parameter":{"deep":[1]}}"#,
    );
    let optional = |token: &Option<SensitiveBytes>| token.as_ref().map(text);
    assert_eq!(text(&tokens.access), "a");
    assert_eq!(optional(&tokens.refresh).as_deref(), Some("r"));
    assert_eq!(optional(&tokens.id_token).as_deref(), Some("x.y.z"));
    assert_eq!(tokens.lives, Some(3600));
    assert_eq!(tokens.scopes.as_deref(), Some(&["one".to_owned(), "two".to_owned()][..]));
    assert_eq!(text(&read(201, r#"{"access_token":"a"}"#).unwrap().access), "a");
}

#[test]
fn the_type_of_a_token_is_of_no_interest() {
    for kind in [r#""bearer""#, r#""user""#, r#""bot""#, r#""""#, "null", "7", "[]"] {
        good(&format!(r#"{{"access_token":"a","token_type":{kind}}}"#));
    }
}

#[test]
fn failures_may_come_with_any_status() {
    for status in [200, 201, 400, 401, 403] {
        let error = bad(status, r#"{"error":"authorization_pending","error_description":"wait"}"#);
        let told = matches!(&error, OauthError::Rejected { code, description }
            if code == "authorization_pending" && description == "wait");
        assert!(told, "{status}: {error}");
    }
    // Slack.
    let error = bad(200, r#"{"ok":false,"error":"invalid_refresh_token"}"#);
    assert!(matches!(error, OauthError::Rejected { code, .. } if code == "invalid_refresh_token"));
    good(r#"{"ok":true,"error":null,"access_token":"xoxp-1","token_type":"user","scope":"a,b"}"#);
    // Microsoft.
    let error = bad(
        400,
        r#"{"error":"invalid_grant","error_description":"AADSTS70043: The refresh token has expired.\r\nTrace ID: 1",
            "error_codes":[70043],"timestamp":"2026-01-01 00:00:00Z","suberror":"bad_token","claims":"{}"}"#,
    );
    assert!(matches!(&error, OauthError::Rejected { code, .. } if code == "invalid_grant"));
    assert!(is_visible(&error.to_string()));
    for code in ["access_denied", "authorization_declined"] {
        assert!(matches!(bad(400, &format!(r#"{{"error":"{code}"}}"#)), OauthError::Denied));
    }
    assert!(matches!(bad(400, r#"{"error":"expired_token"}"#), OauthError::CodeExpired));
}

#[test]
fn a_failure_beside_a_token_is_none() {
    good(r#"{"access_token":"a","error":"x"}"#);
    assert!(matches!(
        bad(200, r#"{"access_token":null,"error":"x"}"#),
        OauthError::Rejected { .. }
    ));
}

#[test]
fn a_provider_that_is_out_of_order_says_when_to_come_back() {
    for (status, header, told) in [
        (429, Some("30"), Some(30)),
        (503, Some("Wed, 21 Oct 2026 07:28:00 GMT"), None),
        (500, Some("99999999999"), None),
        (502, Some("\u{e9}"), None),
        (500, None, None),
    ] {
        let mut answer = Response::builder().status(status);
        if let Some(header) = header {
            answer = answer.header("retry-after", header.as_bytes());
        }
        let provider = Fake::default();
        provider.answers(Ok(answer.body(br#"{"access_token":"a"}"#.to_vec()).unwrap()));
        let error = answered(&provider).err().unwrap();
        assert!(error.is_passing() && error.retry_after() == told, "{status}: {error}");
    }
}

#[test]
fn how_long_a_token_lives_is_read_however_it_is_written() {
    for (value, told) in [
        ("3600", Some(3600)),
        (r#""3599""#, Some(3599)),
        (r#"" 3599 ""#, Some(3599)),
        ("3600.9", Some(3600)),
        ("0", Some(0)),
        ("-1", Some(0)),
        (r#""-1""#, Some(0)),
        (r#""nan""#, Some(0)),
        ("18446744073709551615", Some(LONGEST as i64)),
        ("1e300", Some(LONGEST as i64)),
        (r#""inf""#, Some(LONGEST as i64)),
        ("null", None),
        (r#""soon""#, None),
        ("[3600]", None),
        ("true", None),
    ] {
        assert_eq!(lives(value), told, "{value}");
    }
}

#[test]
fn scopes_are_read_however_they_are_written() {
    let two = Some(vec!["a:b".to_owned(), "c".to_owned()]);
    for value in [r#""a:b c""#, r#""a:b,c""#, r#""a:b, c ,""#, r#"["a:b","c"]"#, r#"["a:b c"]"#] {
        assert_eq!(scopes_of(value), two, "{value}");
    }
    assert_eq!(scopes_of(r#""""#), Some(Vec::new()));
    // What cannot be a scope, or cannot be kept, says nothing.
    for value in ["null", "7", r#""a\u001b[2J""#, r#""a \"b\"""#, r#""\u202e""#] {
        assert_eq!(scopes_of(value), None, "{value}");
    }
    assert_eq!(scopes_of(&format!("{:?}", "a ".repeat(4096))), None);
}

#[test]
fn what_is_no_token_is_refused() {
    for token in ["", " ", "a b", r"a\n", r"a\r\nX-Evil: 1", r"\u0000", "\u{e9}", r"\u202e"] {
        let error = bad(200, &format!(r#"{{"access_token":"{token}","refresh_token":"r"}}"#));
        assert!(matches!(error, OauthError::Malformed(_)), "{token}: {error}");
    }
    for empty in [r#""""#, "null"] {
        let body = format!(r#"{{"access_token":"a","refresh_token":{empty},"id_token":{empty}}}"#);
        let tokens = good(&body);
        assert!(tokens.refresh.is_none() && tokens.id_token.is_none());
    }
}

#[test]
fn what_is_no_answer_is_refused() {
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "<html>",
        "null",
        "[]",
        "{}",
        r#""a""#,
        r#"{"access_token":7}"#,
        r#"{"access_token":null}"#,
        r#"{"access_token":"a","access_token":"b"}"#,
        r#"{"error":{"message":"x"}}"#,
        r#"{"access_token":"a""#,
        "access_token=a&token_type=bearer",
        &deep,
    ] {
        for status in [200, 400, 404] {
            let error = bad(status, body);
            assert!(matches!(error, OauthError::Malformed(_)), "{status} {body}: {error}");
        }
    }
    // A page of a portal, whatever it says.
    let answer = Response::builder().header("content-type", "text/html");
    let provider = Fake::default();
    provider.answers(Ok(answer.body(br#"{"access_token":"a"}"#.to_vec()).unwrap()));
    assert!(matches!(answered(&provider).err(), Some(OauthError::Malformed(_))));
}

#[test]
fn words_of_a_provider_are_short_and_safe_to_show() {
    let long =
        format!(r#"{{"error":"\u001b[31m","error_description":"\u202e{}"}}"#, "x".repeat(9999));
    let told = bad(400, &long).to_string();
    assert!(is_visible(&told) && told.len() < 400, "{told}");
}

#[test]
fn nothing_of_the_tokens_can_be_printed() {
    let answer: Answer = serde_json::from_str(r#"{"access_token":"at-1"}"#).unwrap();
    assert_eq!(format!("{answer:?}"), "Answer");
}

/// JSON that is nearly an answer.
fn nearly() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("access_token"),
        Just("refresh_token"),
        Just("expires_in"),
        Just("scope"),
        Just("token_type"),
        Just("error"),
        Just("error_description"),
        Just("id_token"),
    ];
    let value = prop_oneof![
        any::<f64>().prop_map(|number| format!("{number:?}")),
        any::<i64>().prop_map(|number| number.to_string()),
        ".{0,20}".prop_map(|text| Value::String(text).to_string()),
        Just("null".to_owned()),
        Just(r#"["a",1,{}]"#.to_owned()),
    ];
    proptest::collection::vec((word, value), 0..6).prop_map(|fields| {
        let fields: Vec<_> = fields.iter().map(|(k, v)| format!("{k:?}:{v}")).collect();
        format!("{{{}}}", fields.join(","))
    })
}

fn any_answer(status: u16, body: Vec<u8>) -> Result<(), TestCaseError> {
    let provider = Fake::default();
    let answer = Response::builder().status(status).body(body).unwrap();
    provider.answers(Ok(answer));
    match answered(&provider) {
        Ok(tokens) => {
            prop_assert!(tokens.access.with(|token| token.iter().all(u8::is_ascii_graphic)));
            prop_assert!(tokens.lives.is_none_or(|lives| (0..=LONGEST as i64).contains(&lives)));
        }
        Err(error) => prop_assert!(is_visible(&error.to_string()), "{error:?}"),
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer_or_an_error(
        status in 200_u16..600,
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        any_answer(status, body)?;
    }

    #[test]
    fn anything_like_an_answer_is_one_or_an_error(status in 200_u16..600, body in nearly()) {
        any_answer(status, body.into_bytes())?;
    }
}
