//! The permission lens.

use super::*;

#[test]
fn the_lens_tells_who_sees_what_and_why() {
    let mut shell = Shell::open();
    shell.keys("V");
    let Some(Layer::ViewAs(lens)) = shell.app.layers.last() else { panic!("no lens") };
    assert_eq!(lens.actors.len(), 7);
    assert_eq!(lens.actors[lens.selected].to_string(), "principal:ops");
    assert_eq!(lens.seen, (3, 9));
    shell.keys("l");
    let Some(Layer::ViewAs(lens)) = shell.app.layers.last() else { panic!("no lens") };
    let seen: Vec<_> = lens
        .rows
        .iter()
        .filter(|row| row.sees)
        .map(|row| (row.scope.as_str(), row.writes))
        .collect();
    assert_eq!(seen, [("global", false), ("skill:extractor", true)]);
}

#[test]
fn looking_through_it_lists_only_what_the_actor_sees() {
    let mut shell = Shell::open();
    shell.keys("V<enter>");
    assert_eq!(
        shell.listed(),
        ["global/openai_api_key", "global/sentry_dsn", "principal:ops/token"]
    );
    assert_eq!(shell.browse().actor.to_string(), "principal:ops");
    shell.keys("a<ctrl-u>k<tab>v<ctrl-s>");
    let Some(Layer::AddForm(form)) = shell.app.layers.last() else { panic!("no form") };
    assert!(form.problem.as_ref().unwrap().1.contains("may not change"), "{:?}", form.problem);
    shell.keys("<esc>y<esc>");
    assert_eq!((shell.browse().actor.clone(), shell.listed().len()), (Actor::Owner, 9));
}

#[test]
fn v_leaves_the_lens() {
    let mut shell = Shell::open();
    shell.keys("V<enter>V");
    assert_eq!((shell.browse().actor.clone(), shell.top()), (Actor::Owner, Context::Browse));
}

#[test]
fn an_answer_for_the_former_eyes_is_dropped() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.event(Event::VaultChanged);
    shell.keys("V<enter>");
    shell.deliver();
    assert_eq!(shell.listed().len(), 3);
}

#[test]
fn a_change_by_another_process_appears_and_the_selection_stays() {
    let mut shell = Shell::open();
    shell.keys("jjj");
    let before = shell.selected();
    shell.elsewhere("global/aaa", "x");
    assert_eq!(shell.selected(), before);
    assert_eq!(shell.browse().listing.len(), 10);
    shell.answers = false;
    shell.event(Event::VaultChanged).event(Event::VaultChanged).event(Event::VaultChanged);
    assert_eq!(shell.waiting.len(), 1);
    shell.deliver();
    assert_eq!(shell.waiting.len(), 0);
}

#[test]
fn a_description_newer_than_the_list_is_not_asked_for_again_and_again() {
    let mut shell = Shell::open();
    let name = shell.selected();
    shell.answers = false;
    // The new list never arrives: another process keeps the vault busy.
    shell.elsewhere(&name, "newer");
    assert_eq!(shell.waiting.len(), 1);
    shell.waiting.clear();
    shell.keys("j").deliver().keys("k");
    assert_eq!(shell.selected(), name);
    let answer = shell.waiting.pop_front().unwrap();
    shell.event(answer);
    assert_eq!(shell.browse().detail.description.as_ref().unwrap().metadata.revision, 2);
    assert!(shell.waiting.is_empty(), "it asks for the same again");
}

#[test]
fn presenter_mode_refuses_whatever_would_show_a_name_or_a_value() {
    let mut shell = Shell::open();
    shell.keys("<enter>");
    assert!(shell.shown().is_some());
    shell.keys("P");
    assert!(shell.app.presenting && shell.shown().is_none());
    for key in ["<enter>", "p", "Y", "/", "a", "e", "m", "r", "d", "u", "H", "t", "g n", "V", "I"] {
        shell.keys(&key.replace(' ', ""));
        assert_eq!((shell.top(), shell.shown()), (Context::Browse, None), "{key}");
        assert!(shell.toast().starts_with("Not in presenter mode"), "{key}: {}", shell.toast());
    }
    shell.keys("P<enter>");
    assert_eq!(shell.shown().as_deref(), Some("canary-openai"));
}

#[test]
fn presenter_mode_names_nothing_in_prompts_and_errors_and_outlives_a_lock() {
    let mut shell = Shell::open();
    shell.protected.insert("global/openai_api_key".into());
    shell.keys("Py");
    let Some(Layer::Prompt(prompt)) = shell.app.layers.last() else { panic!("no prompt") };
    assert_eq!(prompt.title, "Copy secret 1");
    shell.keys(&format!("{PASSPHRASE}<enter>"));
    assert_eq!(shell.clipboard.as_deref(), Some("canary-openai"));
    let name = "global/openai_api_key".parse().unwrap();
    shell.app.say(Failure::from(&VaultError::NotFound { name }));
    assert_eq!(shell.toast(), "That did not work");
    shell.keys(&format!("<ctrl-l>{PASSPHRASE}<enter>"));
    assert!(shell.app.presenting && shell.app.is_browsing());
}

#[test]
fn a_value_that_was_on_its_way_is_not_shown_in_presenter_mode() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("<enter>P");
    shell.answers = true;
    shell.deliver();
    assert_eq!(shell.shown(), None);
}
