//! Keys and tokens that are tried, also such as would go somewhere else.

use super::*;
use crate::service::oauth::find;
use crate::service::oauth::testing::Fake;

fn key(text: &str) -> SensitiveBytes {
    SensitiveBytes::copy_of(text.as_bytes())
}

#[test]
fn a_key_goes_where_its_provider_wants_it() {
    let provider = Fake::default();
    provider.says(200, "{}").says(200, "{}").says(200, "{}");
    assert!(try_key(&provider, &find("openai", None).unwrap(), &key("sk-1")).unwrap());
    assert!(try_key(&provider, &find("telegram", None).unwrap(), &key("1:AA")).unwrap());
    assert!(try_token(&provider, &find("github", None).unwrap(), None, &key("at-1")).unwrap());
    let asked = provider.asked();
    let sent = |at: usize| (asked[at].uri.as_str(), asked[at].authorization.as_deref());
    assert_eq!(sent(0), ("https://api.openai.com/v1/models", Some("Bearer sk-1")));
    assert_eq!(sent(1), ("https://api.telegram.org/bot1:AA/getMe", None));
    assert_eq!(sent(2), ("https://api.github.com/user", Some("Bearer at-1")));
}

#[test]
fn a_token_is_tried_where_it_says_whose_it_is_if_nothing_else_is_known() {
    let provider = Fake::default();
    provider.says(200, "{}");
    let userinfo: Endpoint = "https://op.example/userinfo".parse().unwrap();
    let custom = find("custom", None).unwrap();
    assert!(try_token(&provider, &custom, Some(&userinfo), &key("at-1")).unwrap());
    let asked = provider.asked().remove(0);
    assert_eq!(asked.uri, "https://op.example/userinfo");
    assert_eq!(asked.authorization.as_deref(), Some("Bearer at-1"));
}

#[test]
fn where_nobody_knows_how_nothing_is_sent() {
    let provider = Fake::default();
    assert!(!try_key(&provider, &find("webhook", None).unwrap(), &key("x")).unwrap());
    assert!(!try_key(&provider, &find("oidc", None).unwrap(), &key("x")).unwrap());
    assert!(!try_token(&provider, &find("custom", None).unwrap(), None, &key("x")).unwrap());
    assert!(provider.asked().is_empty());
}

#[test]
fn a_key_that_cannot_stand_in_a_request_is_not_sent() {
    let provider = Fake::default();
    let (openai, telegram) = (find("openai", None).unwrap(), find("telegram", None).unwrap());
    for text in ["a\r\nX-Evil: 1", "a\nb", "a\0b"] {
        let error = try_key(&provider, &openai, &key(text)).err().unwrap();
        assert!(matches!(error, OauthError::Malformed(_)), "{text:?}");
    }
    for text in ["a?x=", "a#", &"a".repeat(3000)] {
        let error = try_key(&provider, &telegram, &key(text)).err().unwrap();
        assert!(matches!(error, OauthError::Malformed(_)), "{text:?}");
    }
    let bytes = SensitiveBytes::copy_of(b"\xff");
    assert!(try_key(&provider, &telegram, &bytes).is_err());
    assert!(provider.asked().is_empty());
}

#[test]
fn a_key_leads_to_no_other_host() {
    let provider = Fake::default();
    let telegram = find("telegram", None).unwrap();
    for text in
        ["@evil.example/", "/../../..//evil.example/", "\\\\evil.example\\", ".evil.example"]
    {
        provider.says(404, "");
        let error = try_key(&provider, &telegram, &key(text)).err().unwrap();
        assert!(matches!(error, OauthError::KeyRefused { status: 404 }));
        let asked = provider.asked().remove(0);
        assert!(asked.uri.starts_with("https://api.telegram.org/"), "{}", asked.uri);
    }
}

#[test]
fn the_status_says_whether_it_works() {
    let openai = find("openai", None).unwrap();
    for (status, refused) in
        [(401, true), (403, true), (400, true), (404, true), (429, false), (500, false)]
    {
        let provider = Fake::default();
        provider.says(status, "");
        let error = try_key(&provider, &openai, &key("sk-1")).err().unwrap();
        assert_eq!(matches!(error, OauthError::KeyRefused { .. }), refused, "{status}");
        assert_eq!(matches!(error, OauthError::Failing { .. }), !refused, "{status}");
        assert!(!error.to_string().contains("sk-1"));
    }
}
