//! Discovery documents, also of those who would lead us elsewhere.

use proptest::prelude::*;

use super::*;
use crate::service::http::HttpError;
use crate::service::oauth::testing::Fake;

fn issuer(text: &str) -> Endpoints {
    Endpoints { issuer: Some(text.parse().unwrap()), ..Endpoints::default() }
}

fn found(at: &str, status: u16, body: &str) -> Result<Endpoints, OauthError> {
    let provider = Fake::default();
    provider.says(status, body);
    discover(&provider, issuer(at))
}

fn told(issuer: &str, token: &str) -> String {
    format!(
        r#"{{"issuer":"{issuer}","token_endpoint":"{token}","jwks_uri":"x","scopes_supported":["a"]}}"#
    )
}

#[test]
fn the_addresses_are_those_of_the_document() {
    let provider = Fake::default();
    provider.says(
        200,
        r#"{"issuer":"https://op.example/realm","authorization_endpoint":"https://login.op.example/a",
            "token_endpoint":"https://op.example/t","device_authorization_endpoint":"https://op.example/d",
            "revocation_endpoint":"https://op.example/r","end_session_endpoint":"https://op.example/e?x=y"}"#,
    );
    let found = discover(&provider, issuer("https://op.example/realm/")).unwrap();
    let asked = provider.asked().remove(0);
    assert_eq!(asked.uri, "https://op.example/realm/.well-known/openid-configuration");
    assert!(asked.authorization.is_none() && asked.form.is_empty());
    let text = |at: &Option<Endpoint>| at.as_ref().unwrap().as_str().to_owned();
    assert_eq!(text(&found.authorization), "https://login.op.example/a");
    assert_eq!(text(&found.token), "https://op.example/t");
    assert_eq!(text(&found.device_authorization), "https://op.example/d");
    assert_eq!(text(&found.revocation), "https://op.example/r");
}

#[test]
fn whether_answers_name_the_issuer_is_what_the_document_says_today() {
    let announced = |text: &str, before: bool| {
        let provider = Fake::default();
        provider.says(200, &format!(r#"{{"issuer":"https://op.example"{text}}}"#));
        let known = Endpoints { names_issuer: before, ..issuer("https://op.example") };
        discover(&provider, known).map(|found| found.names_issuer)
    };
    let word = r#","authorization_response_iss_parameter_supported":"#;
    for before in [false, true] {
        assert!(announced(&format!("{word}true"), before).unwrap());
        for silent in ["", &format!("{word}false"), &format!("{word}null")] {
            assert!(!announced(silent, before).unwrap(), "{silent}");
        }
        let odd = announced(&format!(r#"{word}"true""#), before);
        assert!(matches!(odd, Err(OauthError::Malformed(_))));
    }
}

#[test]
fn what_is_known_stays_and_without_an_issuer_nobody_is_asked() {
    let provider = Fake::default();
    provider.says(200, &told("https://op.example", "https://op.example/theirs"));
    let token = Some("https://op.example/ours".parse().unwrap());
    let hosts = vec!["op.example".to_owned()];
    let known = Endpoints { token, private_hosts: hosts, ..issuer("https://op.example") };
    assert_eq!(discover(&provider, known.clone()).unwrap(), known);
    let known = Endpoints { issuer: None, ..known };
    assert_eq!(discover(&Fake::default(), known.clone()).unwrap(), known);
}

#[test]
fn the_document_of_another_issuer_is_refused() {
    for other in [
        "https://evil.example",
        "https://op.example.evil.example",
        "https://op.example/realm",
        "https://OP.example",
        "http://op.example",
        "",
    ] {
        let error = found("https://op.example", 200, &told(other, "https://op.example/t")).err();
        assert!(matches!(error, Some(OauthError::Foreign(_))), "{other}");
    }
    for same in ["https://op.example", "https://op.example/"] {
        assert!(found(same, 200, &told("https://op.example/", "https://op.example/t")).is_ok());
    }
}

#[test]
fn addresses_where_no_request_may_go_spoil_the_document() {
    for token in [
        "http://op.example/t",
        "ftp://op.example/t",
        "https://user:pass@op.example/t",
        "https://op.example/t?x=y",
        "/t",
        "javascript:alert(1)",
    ] {
        let error = found("https://op.example", 200, &told("https://op.example", token)).err();
        assert!(matches!(error, Some(OauthError::Malformed(_))), "{token}");
    }
}

#[test]
fn nobody_elsewhere_names_addresses_of_this_machine() {
    let here =
        ["http://127.0.0.1:631/t", "http://localhost/t", "https://localhost/t", "http://[::1]:9/t"];
    for token in here {
        let error = found("https://op.example", 200, &told("https://op.example", token)).err();
        assert!(matches!(error, Some(OauthError::Malformed(_))), "{token}");
        let issuer = "http://127.0.0.1:8080";
        assert!(found(issuer, 200, &told(issuer, token)).is_ok(), "{token}");
    }
}

#[test]
fn what_is_no_document_is_refused() {
    for body in ["", "<html>", "[]", "{}", r#"{"issuer":7}"#, r#"{"issuer":"https://op.example""#] {
        let error = found("https://op.example", 200, body).err();
        assert!(matches!(error, Some(OauthError::Malformed(_))), "{body}");
    }
    for status in [204, 301, 404, 500] {
        let body = told("https://op.example", "https://op.example/t");
        let error = found("https://op.example", status, &body).err();
        assert!(matches!(error, Some(OauthError::Failing { status: told, .. }) if told == status));
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let provider = Fake::default();
    provider.answers(Err(HttpError::Redirect { host: "op.example".into() }));
    let error = discover(&provider, issuer("https://op.example")).err();
    assert!(matches!(error, Some(OauthError::Http(HttpError::Redirect { .. }))));
    assert_eq!(provider.asked().len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_are_a_document_or_an_error(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let provider = Fake::default();
        provider.says(200, &String::from_utf8_lossy(&body));
        prop_assert!(discover(&provider, issuer("https://op.example")).is_err());
    }
}
