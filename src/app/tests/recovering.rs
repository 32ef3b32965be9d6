//! A new recovery code: shown once, hidden when nobody looks, typed back from paper.

use super::recovery::Recovery;
use super::*;

/// The box with the code.
fn code_box(shell: &Shell) -> &Recovery {
    match shell.app.layers.last() {
        Some(Layer::Recovery(recovery)) => recovery,
        _ => panic!("no code"),
    }
}

fn on_paper(shell: &Shell) -> String {
    code_box(shell).code.with_str(str::to_owned).unwrap()
}

/// The first run with a passphrase typed twice, at the offer of a code.
fn offered() -> Shell {
    let mut shell = Shell::start(Start::FirstRun { path: "~/vault".into() });
    shell.keys("correct horse battery staple<enter>correct horse battery staple<enter>");
    assert_eq!((shell.top(), shell.count("create")), (Context::Confirm, 0));
    shell
}

#[test]
fn the_code_of_the_first_run_opens_the_vault_it_was_made_with() {
    let mut shell = offered();
    shell.keys("y");
    assert!(code_box(&shell).shown && !code_box(&shell).typing);
    let written = on_paper(&shell);
    shell.keys("<enter>");
    assert!(!code_box(&shell).shown, "it is hidden while it is typed back");
    shell.keys(&written.to_uppercase()).keys("<enter>");
    assert_eq!((shell.made_with_code, shell.app.is_browsing()), (Some(true), true));
    assert_eq!(shell.written_code(), written);
    shell.keys(&format!("<ctrl-l>{written}<enter>"));
    assert!(shell.app.is_browsing());
}

#[test]
fn what_is_typed_back_wrongly_makes_no_vault_and_stays_to_be_mended() {
    let mut shell = offered();
    shell.keys("y<enter>tresor1 qqqq<enter>");
    assert!(code_box(&shell).problem.as_deref().unwrap().contains("45 letters"));
    let other = shell.written_code();
    shell.keys(&format!("<ctrl-u>{other}<enter>"));
    assert_eq!(code_box(&shell).problem.as_deref(), Some("That is another code."));
    assert_eq!(shell.count("create"), 0);
    let written = on_paper(&shell);
    shell.keys(&format!("<ctrl-u>{written}<enter>"));
    assert_eq!(shell.count("create"), 1);
}

#[test]
fn it_hides_on_focus_loss_and_comes_back_only_when_asked() {
    let mut shell = offered();
    shell.keys("y");
    shell.log.clear();
    shell.event(Event::Focus(false)).event(Event::Focus(true));
    assert!(!code_box(&shell).shown && shell.count("redraw") == 1);
    shell.keys("<enter>");
    assert!(code_box(&shell).shown && !code_box(&shell).typing);
    shell.keys("<enter>tresor1").event(Event::Focus(false));
    assert!(!code_box(&shell).typed.shown);
    shell.event(Event::Focus(true)).keys(" ");
    assert!(code_box(&shell).typed.shown);
    shell.keys("<ctrl-r>");
    assert!(code_box(&shell).shown && !code_box(&shell).typed.is_empty());
}

#[test]
fn leaving_it_goes_back_to_the_offer_and_the_next_code_is_another() {
    let mut shell = offered();
    shell.keys("y");
    let first = on_paper(&shell);
    shell.keys("<esc>");
    assert_eq!((shell.top(), shell.count("create")), (Context::FirstRun, 0));
    shell.keys("<enter>y");
    assert_ne!(on_paper(&shell), first);
    shell.keys("<enter>x<esc>");
    assert_eq!(shell.top(), Context::Confirm, "what was typed is asked about");
}

#[test]
fn esc_at_the_offer_makes_nothing() {
    let mut shell = offered();
    shell.keys("<esc>");
    assert_eq!((shell.top(), shell.count("create")), (Context::FirstRun, 0));
}

#[test]
fn the_keyring_is_taken_beside_the_code_and_each_is_asked_once() {
    let mut shell = offered();
    shell.keys("k");
    assert_eq!((shell.top(), shell.count("create")), (Context::Confirm, 0));
    assert!(shell.app.confirm().unwrap().choices.iter().all(|choice| choice.key != 'k'));
    shell.keys("<enter>");
    assert_eq!((shell.made_with_code, shell.made_with_keyring), (Some(false), true));
    let mut shell = offered();
    shell.keys("ky");
    let written = on_paper(&shell);
    shell.keys(&format!("<enter>{written}<enter>"));
    assert_eq!((shell.made_with_code, shell.made_with_keyring), (Some(true), true));
    let mut shell = offered();
    shell.keys("<enter>");
    assert_eq!((shell.made_with_code, shell.made_with_keyring), (Some(false), false));
}
