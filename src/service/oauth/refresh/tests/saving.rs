//! New tokens and a storage that fails.

use super::*;

#[test]
fn tokens_are_kept_though_saving_fails_twice() {
    let desk = ending_in(0);
    desk.provider.says(200, NEW);
    desk.storage.fail(2);
    assert!(desk.token("a", Wish::WhenDue).unwrap().refreshed);
    assert_eq!(desk.storage.left(), 0);
    assert_eq!(desk.value("a.refresh_token").as_deref(), Some("rt-2"));
    assert_eq!(desk.value("a.access_token").as_deref(), Some("at-2"));
    assert_eq!(desk.provider.asked().len(), 1);
}

#[test]
fn a_storage_that_goes_on_failing_is_told_and_leaves_all_as_it_was() {
    // Also where the old token would do for a while: the refresh token may be spent.
    for left in [0, 200] {
        let desk = ending_in(left);
        desk.provider.says(200, NEW);
        desk.storage.fail(usize::MAX);
        let error = desk.refused("a", Wish::WhenDue);
        assert!(matches!(error, OauthError::Unsaved(VaultError::Io { .. })), "{error}");
        assert_eq!(
            usize::MAX - desk.storage.left(),
            crate::service::oauth::registry::SAVES as usize
        );
        desk.storage.fail(0);
        assert_eq!(desk.value("a.refresh_token").as_deref(), Some("rt-1"));
        assert_eq!(desk.value("a.access_token").as_deref(), Some("at-1"));
        assert_eq!(desk.state("a").failures, 0);
    }
}

#[test]
fn scopes_without_end_cost_no_token() {
    let desk = ending_in(0);
    let scopes = "scope ".repeat(20_000);
    let body = format!(r#"{{"access_token":"at-2","refresh_token":"rt-2","scope":"{scopes}"}}"#);
    desk.provider.says(200, &body);
    desk.token("a", Wish::Now).unwrap();
    assert_eq!(desk.value("a.refresh_token").as_deref(), Some("rt-2"));
    assert_eq!(desk.oauth("a").scopes, ["read"]);
}
