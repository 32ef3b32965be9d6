//! A vault that is not the one seen before: told plainly, accepted only by a deliberate answer.

use super::answering::rolled_back;
use super::*;

fn altered() -> Shell {
    let mut shell = Shell::start(Start::Locked { path: "~/vault".into(), has_recovery: false });
    shell.altered = true;
    shell
}

fn unlock(shell: &Shell) -> &Unlock {
    match &shell.app.screen {
        Screen::Unlock(unlock) => unlock,
        _ => panic!("not locked"),
    }
}

fn question(shell: &mut Shell) -> String {
    let confirm = shell.app.confirm().expect("a question");
    assert_eq!(confirm.selected, 0);
    confirm.lines.join(" ")
}

#[test]
fn unlocking_an_older_vault_asks_and_the_safe_answer_is_focused() {
    let mut shell = altered();
    shell.keys(&format!("{PASSPHRASE}<enter>"));
    let text = question(&mut shell);
    for said in ["An older copy", "restored a backup", "someone put it there", "lost/"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    shell.keys("<enter>");
    assert_eq!((shell.top(), shell.count("accept")), (Context::Unlock, 0));
    assert!(unlock(&shell).failure.as_ref().unwrap().message.contains("rolled back"));
    shell.keys("<enter>");
    assert_eq!(shell.top(), Context::Confirm, "the next try does not ask again");
    shell.keys("<esc>");
    assert_eq!((shell.top(), shell.count("accept")), (Context::Unlock, 0));
}

#[test]
fn accepting_takes_the_passphrase_that_was_typed() {
    let mut shell = altered();
    shell.keys(&format!("{PASSPHRASE}<enter><tab><enter>"));
    assert_eq!((shell.count("unlock"), shell.count("accept")), (1, 1));
    assert_eq!((shell.browse().listing.len(), shell.top()), (9, Context::Browse));
    assert_eq!(shell.toast(), "This copy of the vault is accepted");
}

#[test]
fn accepting_with_a_wrong_passphrase_goes_on_with_the_next_one() {
    let mut shell = altered();
    shell.keys("nope<enter>y");
    assert!(unlock(&shell).failure.as_ref().unwrap().wrong_passphrase && shell.altered);
    shell.keys(&format!("{PASSPHRASE}<enter>"));
    assert_eq!((shell.count("unlock"), shell.count("accept")), (1, 2));
    assert!(shell.app.is_browsing());
}

#[test]
fn a_recovery_code_accepts_too_and_a_wrong_letter_does_not_end_the_accepting() {
    let mut shell = altered();
    let code = shell.written_code();
    shell.keys("tresor1 qqqq qqqq qqqq qqqq qqqq qqqq<enter>y");
    assert!(unlock(&shell).failure.as_ref().unwrap().wrong_code && unlock(&shell).accepting);
    shell.keys(&format!("<ctrl-u>{code}<enter>"));
    assert_eq!((shell.count("accept"), shell.app.is_browsing()), (2, true));
}

#[test]
fn at_the_start_it_is_asked_before_the_passphrase() {
    let failure = Failure::from(&rolled_back());
    let mut shell = Shell::start(Start::Altered { path: "~/vault".into(), failure });
    shell.altered = true;
    question(&mut shell);
    shell.keys("y");
    assert!(unlock(&shell).notice.as_deref().unwrap().contains("passphrase of this copy"));
    shell.keys(&format!("{PASSPHRASE}<enter>"));
    assert_eq!((shell.count("unlock"), shell.count("accept")), (0, 1));
    assert!(shell.app.is_browsing());
}

#[test]
fn while_browsing_it_is_asked_once_and_takes_a_passphrase() {
    let mut shell = Shell::open();
    shell.keys("<enter>");
    shell.altered = true;
    shell.event(Event::VaultChanged).event(Event::VaultChanged);
    question(&mut shell);
    assert_eq!((shell.app.layers.len(), shell.shown()), (1, None));
    shell.keys("y");
    assert_eq!(shell.top(), Context::Prompt);
    shell.keys("nope<enter>");
    assert_eq!((shell.top(), shell.altered), (Context::Prompt, true));
    shell.keys(&format!("{PASSPHRASE}<enter>"));
    assert_eq!((shell.top(), shell.count("accept")), (Context::Browse, 2));
    assert_eq!(shell.toast(), "This copy of the vault is accepted");
    shell.keys("<enter>");
    assert_eq!(shell.shown().as_deref(), Some("canary-openai"));
}

#[test]
fn at_the_start_a_key_file_that_was_named_accepts_by_itself() {
    let altered = |fits| {
        let failure = Failure::from(&rolled_back());
        let start = Start::Altered { path: "~/vault".into(), failure };
        let mut shell = Shell::start_with(start, Some("~/key"));
        (shell.altered, shell.file_fits) = (true, fits);
        question(&mut shell);
        shell.keys("y");
        shell
    };
    let shell = altered(true);
    assert_eq!((shell.count("unlock"), shell.count("accept")), (0, 1));
    assert!(shell.app.is_browsing());
    // One that does not fit leaves the passphrase to be typed.
    let mut shell = altered(false);
    let failure = unlock(&shell).failure.as_ref().unwrap();
    assert!(failure.message.contains("key file does not open this vault"));
    shell.keys(&format!("{PASSPHRASE}<enter>y"));
    assert_eq!((shell.count("accept"), shell.app.is_browsing()), (2, true));
}

#[test]
fn while_browsing_a_key_file_that_was_named_accepts_and_a_wrong_one_asks_on() {
    let browsing = |fits| {
        let mut shell = Shell::start_with(Start::Open(facts(true)), Some("~/key"));
        (shell.altered, shell.file_fits) = (true, fits);
        shell.event(Event::VaultChanged).keys("y");
        shell
    };
    let shell = browsing(true);
    assert_eq!((shell.top(), shell.count("accept")), (Context::Browse, 1));
    assert_eq!(shell.toast(), "This copy of the vault is accepted");
    let mut shell = browsing(false);
    let Some(Layer::Prompt(prompt)) = shell.app.layers.last() else { panic!("no prompt") };
    assert!(prompt.failure.as_ref().unwrap().message.contains("key file"));
    shell.keys(&format!("{PASSPHRASE}<enter>"));
    assert_eq!((shell.top(), shell.count("accept")), (Context::Browse, 2));
}

#[test]
fn leaving_it_refuses_every_action_with_the_same_question() {
    let mut shell = Shell::open();
    shell.altered = true;
    for key in ["<enter>", "y", "e", "t"] {
        shell.keys(key);
        question(&mut shell);
        shell.keys("<esc>");
        assert_eq!(shell.top(), Context::Browse, "{key}");
    }
    assert_eq!((shell.shown(), shell.clipboard.clone()), (None, None));
}

#[test]
fn an_edit_outlives_the_question_and_is_saved_afterwards() {
    let mut shell = Shell::open();
    shell.keys("e<ctrl-u>");
    shell.altered = true;
    shell.event(Event::VaultChanged).keys("my new value");
    assert_eq!(shell.top(), Context::Editor, "the question came between the keys");
    shell.keys("<ctrl-s>");
    question(&mut shell);
    shell.keys(&format!("y{PASSPHRASE}<enter>"));
    assert_eq!(shell.top(), Context::Editor);
    shell.keys("<ctrl-s>");
    assert_eq!(shell.stored("global/openai_api_key").as_deref(), Some("my new value"));
}

#[test]
fn a_prompt_that_is_left_while_accepting_still_shows_what_came_of_it() {
    let mut shell = Shell::open();
    shell.altered = true;
    shell.event(Event::VaultChanged);
    shell.keys(&format!("y{PASSPHRASE}"));
    shell.answers = false;
    shell.keys("<enter><esc>");
    assert_eq!(shell.top(), Context::Browse);
    shell.deliver();
    assert_eq!(shell.toast(), "This copy of the vault is accepted");
}

#[test]
fn each_kind_is_told_in_its_own_words() {
    use crate::app::restore::Altered;
    let path = || std::path::PathBuf::from("v");
    let root = || "root.json".to_owned();
    for (error, kind) in [
        (rolled_back(), Some(Altered::Older)),
        (VaultError::Replaced { generation: 3 }, Some(Altered::Replaced)),
        (VaultError::DifferentVault { path: path() }, Some(Altered::Different)),
        (VaultError::Damaged { what: root(), why: "it is missing" }, Some(Altered::NoRoot)),
        (VaultError::Damaged { what: "objects/x".into(), why: "x" }, None),
        (VaultError::NoVault { path: path() }, None),
    ] {
        assert_eq!(Failure::from(&error).altered, kind, "{error}");
    }
}
