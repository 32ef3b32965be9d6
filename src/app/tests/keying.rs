//! The keys screen: ways in listed, added, changed and removed, and the vault key replaced.

use super::slots::Slots;
use super::*;
use crate::vault::SlotKind;

/// Unlocked, with the keys screen on top.
fn keys_screen() -> Shell {
    let mut shell = Shell::open();
    shell.keys("K");
    assert_eq!(shell.top(), Context::Slots);
    shell
}

fn slots(shell: &mut Shell) -> &mut Slots {
    shell.app.slots().expect("the keys screen")
}

fn kinds(shell: &mut Shell) -> Vec<SlotKind> {
    slots(shell).slots.as_ref().unwrap().iter().map(|slot| slot.kind).collect()
}

/// Types the passphrase into the prompt.
fn prove(shell: &mut Shell) {
    assert_eq!(shell.top(), Context::Prompt);
    shell.keys(&format!("{PASSPHRASE}<enter>"));
}

/// Copies the code from the screen and types it back.
fn type_back(shell: &mut Shell) -> String {
    let Some(Layer::Recovery(recovery)) = shell.app.layers.last() else { panic!("no code") };
    let written = recovery.code.with_str(str::to_owned).unwrap();
    shell.keys(&format!("<enter>{written}<enter>"));
    written
}

fn notice(shell: &Shell) -> String {
    match &shell.app.screen {
        Screen::Unlock(unlock) => unlock.notice.clone().unwrap_or_default(),
        _ => panic!("not locked"),
    }
}

#[test]
fn a_code_is_added_after_the_passphrase_and_opens_the_vault_after_a_lock() {
    let mut shell = keys_screen();
    assert_eq!(kinds(&mut shell), [SlotKind::Passphrase, SlotKind::KeyFile]);
    shell.keys("ac");
    prove(&mut shell);
    let written = type_back(&mut shell);
    assert_eq!((shell.top(), shell.toast()), (Context::Slots, "Added the recovery code"));
    assert!(kinds(&mut shell).contains(&SlotKind::Recovery));
    assert!(slots(&mut shell).proof.is_none());
    shell.keys(&format!("<ctrl-l>{written}<enter>"));
    assert!(shell.app.is_browsing());
}

#[test]
fn a_wrong_passphrase_is_told_before_anything_new_is_made_up() {
    let mut shell = keys_screen();
    shell.keys("p").keys("nope<enter>");
    assert_eq!((shell.top(), shell.count("change")), (Context::Prompt, 0));
    shell.keys("<esc>");
    assert!(slots(&mut shell).proof.is_none());
    assert_eq!(shell.top(), Context::Slots);
}

#[test]
fn the_passphrase_is_changed_and_only_the_new_one_opens() {
    let mut shell = keys_screen();
    shell.keys("p");
    prove(&mut shell);
    shell.keys("a new and longer one<enter>a new and longer one<enter>");
    assert_eq!((shell.top(), shell.toast()), (Context::Slots, "Changed the passphrase"));
    assert_eq!(shell.passphrase, "a new and longer one");
    shell.keys(&format!("<ctrl-l>{PASSPHRASE}<enter>"));
    assert!(!shell.app.is_browsing());
    shell.keys("a new and longer one<enter>");
    assert!(shell.app.is_browsing());
}

#[test]
fn a_way_in_is_removed_after_one_question_whose_safe_answer_is_focused() {
    let mut shell = keys_screen();
    shell.keys("jd");
    let text = shell.app.confirm().unwrap().lines.join(" ");
    assert!(text.contains("key file") && text.contains("The vault key stays"), "{text}");
    shell.keys("<enter>");
    assert_eq!((kinds(&mut shell).len(), shell.count("change")), (2, 0));
    shell.keys("dy");
    assert_eq!(kinds(&mut shell), [SlotKind::Passphrase]);
    assert_eq!(shell.toast(), "Removed the key file");
    shell.keys("dy");
    assert_eq!(kinds(&mut shell), [SlotKind::Passphrase]);
    let toast = shell.app.toasts.items.last().unwrap();
    assert!(toast.text.contains("last way in") && !toast.help.is_empty(), "{}", toast.text);
}

#[test]
fn a_key_file_is_added_by_its_path_and_a_bad_one_keeps_the_form() {
    let mut shell = keys_screen();
    shell.keys("af<ctrl-u><enter>");
    let form = shell.app.key_file_form().unwrap();
    assert_eq!(form.failure.as_ref().unwrap().message, "name the file first");
    shell.keys("/none/key<enter>");
    assert!(shell.app.key_file_form().unwrap().failure.is_some());
    shell.keys("<ctrl-u>~/key<enter>");
    assert_eq!(shell.toast(), "Added the key file");
    assert_eq!(kinds(&mut shell).len(), 3);
}

#[test]
fn a_rotation_says_what_it_is_worth_and_reissues_the_code() {
    let mut shell = keys_screen();
    shell.keys("ac");
    prove(&mut shell);
    let old = type_back(&mut shell);
    shell.keys("R");
    prove(&mut shell);
    let confirm = shell.app.confirm().unwrap();
    let text = confirm.lines.join(" ");
    for said in ["does not help", "already copied", "new recovery code", "Dropped", "key file"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(confirm.selected, 0);
    shell.keys("y");
    let new = type_back(&mut shell);
    assert!(shell.toast().starts_with("Replaced the vault key"), "{}", shell.toast());
    assert_eq!(kinds(&mut shell), [SlotKind::Passphrase, SlotKind::Recovery]);
    shell.keys(&format!("<ctrl-l>{old}<enter>"));
    assert!(!shell.app.is_browsing());
    shell.keys(&format!("<ctrl-u>{new}<enter>"));
    assert!(shell.app.is_browsing());
}

/// In the middle of a rotation, its answer still to come.
fn rotating() -> Shell {
    let mut shell = keys_screen();
    shell.keys("R");
    prove(&mut shell);
    shell.answers = false;
    shell.keys("y");
    assert!(shell.app.is_rotating());
    let ticket = shell.newest_ticket();
    shell.event(Event::Progress(ticket, 3, 9));
    assert_eq!(slots(&mut shell).rotating, Some((3, 9)));
    shell
}

#[test]
fn a_rotation_outlives_an_idle_lock_and_its_end_is_told_on_the_unlock_screen() {
    let mut shell = rotating();
    shell.keys("p");
    assert!(shell.toast().contains("one thing after the other"), "{}", shell.toast());
    shell.wait(301);
    assert!(shell.app.is_locked());
    assert!(notice(&shell).contains("still being replaced"), "{}", notice(&shell));
    shell.answers = true;
    shell.deliver();
    assert_eq!(notice(&shell), "The vault key was replaced.");
    shell.keys(&format!("{PASSPHRASE}<enter>"));
    assert!(shell.app.is_browsing());
}

#[test]
fn a_rotation_that_fails_says_that_the_old_key_holds() {
    let mut shell = rotating();
    shell.waiting.clear();
    let ticket = shell.newest_ticket();
    shell.event(Event::Failed(ticket, Failure::from(&VaultError::Busy)));
    let toast = shell.app.toasts.items.last().unwrap();
    assert!(toast.help.contains("as it was"), "{}", toast.help);
    assert!(!shell.app.is_rotating() && slots(&mut shell).rotating.is_none());
}

#[test]
fn quitting_in_the_middle_is_asked_about_once() {
    let mut shell = rotating();
    shell.keys("<ctrl-c><ctrl-c>");
    assert_eq!((shell.top(), shell.count("quit")), (Context::Confirm, 0));
    shell.keys("<enter>");
    assert_eq!(shell.count("quit"), 0);
    shell.keys("<ctrl-c><ctrl-c>y");
    assert_eq!(shell.count("quit"), 1);
}

#[test]
fn a_lock_wipes_what_was_typed_for_a_change_and_says_so() {
    let mut shell = keys_screen();
    shell.keys("ac");
    prove(&mut shell);
    shell.keys("<enter>tres").wait(301);
    assert!(shell.app.layers.is_empty());
    assert!(notice(&shell).contains("recovery code was thrown away"), "{}", notice(&shell));
}

#[test]
fn through_a_lens_and_in_a_demo_the_keys_are_left_alone() {
    let mut shell = Shell::open();
    shell.app.look_as("skill:extractor".parse().unwrap());
    shell.keys("K");
    assert_eq!((shell.top(), shell.toast()), (Context::Browse, "The keys are the owner's"));
    let mut shell = Shell::start(Start::Open(facts(false)));
    shell.keys("Ka");
    assert_eq!(shell.top(), Context::Slots);
    assert!(shell.toast().contains("in memory only"), "{}", shell.toast());
}

#[test]
fn a_key_in_the_keyring_is_added_with_two_keys_and_removed_like_any_other() {
    let mut shell = keys_screen();
    shell.keys("ak");
    assert_eq!((shell.top(), shell.toast()), (Context::Slots, "Added the desktop keyring"));
    assert_eq!(kinds(&mut shell), [SlotKind::Passphrase, SlotKind::KeyFile, SlotKind::Keyring]);
    shell.keys("jjdy");
    assert_eq!(shell.toast(), "Removed the desktop keyring");
    assert!(!kinds(&mut shell).contains(&SlotKind::Keyring));
}

#[test]
fn a_keyring_that_is_not_there_is_told_and_nothing_is_added() {
    let mut shell = keys_screen();
    shell.keyring_works = false;
    shell.keys("ak");
    assert!(shell.toast().contains("keyring is not available"), "{}", shell.toast());
    assert_eq!(kinds(&mut shell).len(), 2);
}

#[test]
fn presenter_mode_shows_no_recovery_code() {
    let mut shell = Shell::open();
    shell.keys(&format!("Kac{PASSPHRASE}<enter>"));
    type_back(&mut shell);
    shell.keys("<esc>P");
    for keys in ["Kac", "KR"] {
        shell.keys(keys);
        assert_eq!(shell.top(), Context::Slots, "{keys}");
        assert!(shell.toast().starts_with("Not in presenter mode"), "{keys}: {}", shell.toast());
        shell.keys("<esc>");
    }
}
