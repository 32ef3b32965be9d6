//! Search in every scope.

use super::*;

#[test]
fn typing_narrows_and_enter_goes_there() {
    let mut shell = Shell::open();
    shell.keys("/db_pass");
    assert_eq!(shell.listed(), ["project:shop:dev/db_password", "project:shop:prod/db_password"]);
    assert!(!shell.browse().keys.positions(0).is_empty());
    shell.keys("<down><enter>");
    assert_eq!(shell.selected(), "project:shop:prod/db_password");
    assert!(shell.browse().search.is_none());
    assert_eq!(shell.listed().len(), 9);
}

#[test]
fn from_within_a_scope_enter_goes_to_the_secrets_own_scope() {
    let mut shell = Shell::open();
    shell.keys("<shift-tab>jl/db_pass<down><enter>");
    assert_eq!(shell.selected(), "project:shop:prod/db_password");
    assert_eq!(shell.browse().scopes.row().expect("a row").label, "prod");
}

#[test]
fn going_to_a_folded_environment_unfolds_it() {
    let mut shell = Shell::open();
    shell.keys("<shift-tab>jjjj kkk/stripe");
    let shop = "project:shop".parse().unwrap();
    let Screen::Browse(browse) = &mut shell.app.screen else { panic!() };
    browse.scopes.folded.insert(shop);
    browse.rebuild_tree();
    shell.keys("<enter>");
    assert_eq!(shell.selected(), "project:shop:prod/stripe_key");
}

#[test]
fn esc_goes_back_to_where_it_began() {
    let mut shell = Shell::open();
    shell.keys("jj/stripe<esc>");
    assert_eq!(shell.selected(), "principal:ops/token");
    assert_eq!(shell.listed().len(), 9);
}

#[test]
fn every_character_is_typed_and_none_is_a_command() {
    let mut shell = Shell::open();
    shell.keys("/qydn?:N");
    let search = shell.browse().search.as_ref().expect("a search");
    assert_eq!(search.query.with_str(str::to_owned), "qydn?:N");
    assert_eq!(search.found, Some(0));
    assert_eq!((shell.count("quit"), shell.selected()), (0, String::new()));
    shell.keys("<enter>");
    assert!(shell.browse().search.is_some());
    shell.keys("<ctrl-u>stripe");
    assert_eq!(shell.selected(), "project:shop:prod/stripe_key");
}

#[test]
fn only_the_newest_answer_counts() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("/s").keys("entry");
    shell.deliver();
    assert_eq!(shell.listed(), ["global/sentry_dsn"]);
}

#[test]
fn enter_waits_for_the_answer_to_what_was_typed() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("/stripe<enter>");
    assert!(shell.browse().search.is_some());
    shell.deliver();
    assert_eq!(shell.selected(), "project:shop:prod/stripe_key");
    assert!(shell.browse().search.is_none());
}

#[test]
fn what_was_found_can_be_used_and_esc_still_clears() {
    let mut shell = Shell::open();
    shell.keys("/db_pass<tab>jy");
    assert_eq!(shell.clipboard.as_deref(), Some("canary-prod"));
    shell.keys("<enter>");
    assert_eq!(shell.shown().as_deref(), Some("canary-prod"));
    shell.keys("<esc>");
    assert!(shell.browse().search.is_some());
    shell.keys("<esc>");
    assert!(shell.browse().search.is_none());
}

#[test]
fn a_change_by_another_process_keeps_the_search_and_its_selection() {
    let mut shell = Shell::open();
    shell.keys("/db_pass<down>");
    shell.elsewhere("global/aaa", "x");
    assert_eq!(shell.selected(), "project:shop:prod/db_password");
    shell.elsewhere("project:shop:canary/db_password", "x");
    assert_eq!(shell.selected(), "project:shop:prod/db_password");
    assert_eq!(shell.listed().len(), 3);
}

#[test]
fn an_empty_search_shows_the_scope() {
    let mut shell = Shell::open();
    shell.keys("/x<backspace>");
    assert_eq!(shell.listed().len(), 9);
}
