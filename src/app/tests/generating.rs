//! Generated values and imports.

use super::*;

const OPENAI: &str = "global/openai_api_key";

fn generated(shell: &mut Shell) -> String {
    let value = shell.app.generator().and_then(|generator| generator.value.as_ref());
    value.and_then(|value| value.with_str(str::to_owned)).expect("a value")
}

/// How many words of the list make up `passphrase`. Four of them, such as `yo-yo`, have the
/// separator within them.
fn words(passphrase: &str) -> usize {
    let list = include_str!("../../../assets/words.txt").lines();
    let word = list.filter(|word| passphrase.starts_with(word)).max_by_key(|word| word.len());
    let rest = &passphrase[word.expect("a word of the list").len()..];
    1 + rest.strip_prefix('-').map_or(0, words)
}

#[test]
fn the_generator_replaces_the_value_of_the_selected_secret() {
    let mut shell = Shell::open();
    shell.keys("<ctrl-g>");
    let first = generated(&mut shell);
    shell.keys(" ");
    let second = generated(&mut shell);
    assert_ne!(first, second);
    assert_eq!(second.len(), 22);
    shell.keys("y");
    assert_eq!(shell.clipboard.as_deref(), Some(second.as_str()));
    shell.keys("<enter>");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some(second.as_str()));
    shell.keys("u");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openai"));
}

#[test]
fn the_generator_makes_what_is_chosen() {
    let mut shell = Shell::open();
    shell.keys("gn<tab>l<tab><tab> <tab> <tab> ");
    let value = generated(&mut shell);
    assert!(value.len() == 23 && value.bytes().all(|b| b.is_ascii_lowercase()), "{value}");
    shell.keys("kkkkkl");
    assert_eq!(words(&generated(&mut shell)), 6);
    shell.keys("l");
    assert_eq!(generated(&mut shell).len(), 43);
    shell.keys("ljj kkkk");
    let strength = shell.app.generator().and_then(|g| g.strength.clone()).map(|s| s.score);
    assert_eq!(strength, None, "without any class of characters there is no value");
    shell.keys("<enter>");
    assert_eq!(shell.top(), Context::Generator);
}

#[test]
fn words_are_counted_whatever_they_are_made_of() {
    assert_eq!(words("left-shirt-t-shirt-drop-down-yo-yo-felt-tip"), 6);
}

#[test]
fn the_generator_fills_the_field_of_the_form() {
    let mut shell = Shell::open();
    shell.keys("ak<tab>old<ctrl-g>");
    let value = generated(&mut shell);
    shell.keys("<enter><ctrl-s>");
    assert_eq!(shell.stored("global/k").as_deref(), Some(value.as_str()));
    shell.keys("e<ctrl-g>");
    let value = generated(&mut shell);
    shell.keys("<enter><ctrl-s>");
    assert_eq!(shell.stored("global/k").as_deref(), Some(value.as_str()));
}

#[test]
fn an_import_shows_what_it_would_do_and_then_does_it() {
    let mut shell = Shell::open();
    shell.import =
        vec![("global/stripe".parse().unwrap(), "v"), ("global/url".parse().unwrap(), "w")];
    shell.import_left_out = 1;
    shell.keys("I<enter>");
    let Some(Layer::Import(import)) = shell.app.layers.last() else { panic!("no import") };
    assert_eq!(import.writes(), 2);
    assert_eq!(shell.count("import"), 0);
    shell.keys("<enter>");
    assert_eq!(shell.stored("global/url").as_deref(), Some("w"));
    assert_eq!((shell.top(), shell.toast()), (Context::Browse, "Imported 2 secrets"));
}

#[test]
fn an_import_over_a_protected_secret_asks_and_goes_on() {
    let mut shell = Shell::open();
    shell.import = vec![("global/openai_api_key".parse().unwrap(), "v")];
    shell.protected.insert("global/openai_api_key".into());
    shell.keys("I<enter><ctrl-o><enter>");
    assert_eq!(shell.top(), Context::Prompt);
    shell.keys("wrong<enter>");
    assert_eq!(shell.top(), Context::Prompt);
    shell.keys("<esc>");
    assert_eq!((shell.top(), shell.toast()), (Context::Import, ""));
    shell.keys(&format!("<enter>{PASSPHRASE}<enter>"));
    assert_eq!((shell.top(), shell.toast()), (Context::Browse, "Imported 1 secret"));
}

#[test]
fn an_import_says_what_is_wrong_and_stays() {
    let mut shell = Shell::open();
    shell.keys("I<ctrl-u>nothing.txt<enter>");
    let problem = |shell: &Shell| match shell.app.layers.last() {
        Some(Layer::Import(import)) => import.problem.clone(),
        _ => panic!("no import"),
    };
    assert_eq!(problem(&shell).as_deref(), Some("cannot read it"));
    shell.keys("<tab><ctrl-u>nonsense<enter>");
    assert!(problem(&shell).unwrap().contains("invalid scope"));
    shell.keys("<esc>");
    assert_eq!(shell.top(), Context::Browse);
}
