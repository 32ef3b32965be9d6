//! First run, unlock, lock, idle.

use super::*;

fn first_run(shell: &Shell) -> &FirstRun {
    match &shell.app.screen {
        Screen::FirstRun(first_run) => first_run,
        _ => panic!("not the first run"),
    }
}

fn unlock(shell: &Shell) -> &Unlock {
    match &shell.app.screen {
        Screen::Unlock(unlock) => unlock,
        _ => panic!("not locked"),
    }
}

fn start() -> Shell {
    Shell::start(Start::FirstRun { path: "~/vault".into() })
}

#[test]
fn the_first_run_takes_three_keys_beside_the_passphrase() {
    let mut shell = start();
    shell.keys("correct horse battery staple<enter>correct horse battery staple<enter><enter>");
    assert_eq!(shell.made_with_code, Some(false));
    assert_eq!(shell.count("create"), 1);
    assert!(shell.app.is_browsing());
}

#[test]
fn the_strength_follows_what_is_typed() {
    let mut shell = start();
    shell.keys("password");
    let weak = first_run(&shell).new.strength.clone().expect("a strength");
    shell.keys(" correct horse battery staple");
    let strong = first_run(&shell).new.strength.clone().expect("a strength");
    assert!(weak.score < 2 && strong.score > weak.score && strong.bar > weak.bar);
    shell.keys("<ctrl-u>");
    assert!(first_run(&shell).new.strength.is_none());
}

#[test]
fn a_weak_passphrase_is_warned_about_once() {
    let mut shell = start();
    shell.keys("abc<enter>");
    assert!(first_run(&shell).new.problem.as_deref().unwrap().contains("easy to guess"));
    shell.keys("<enter>abc<enter><enter>");
    assert_eq!(shell.count("create"), 1);
}

#[test]
fn two_that_differ_make_no_vault() {
    let mut shell = start();
    shell.keys("correct horse battery<enter>correct horse batterz<enter>");
    assert_eq!(shell.count("create"), 0);
    assert_eq!(first_run(&shell).new.problem.as_deref(), Some("The two differ. Type it again."));
    shell.keys("correct horse battery<enter><enter>");
    assert_eq!(shell.count("create"), 1);
}

#[test]
fn an_empty_passphrase_makes_no_vault_and_esc_leaves() {
    let mut shell = start();
    shell.keys("<enter><tab><enter>");
    assert!(first_run(&shell).new.problem.is_some());
    assert_eq!((shell.count("create"), shell.keys("<esc>").count("quit")), (0, 1));
}

#[test]
fn a_wrong_passphrase_is_said_as_such_and_counted() {
    let mut shell = Shell::start(Start::Locked { path: "~/vault".into(), has_recovery: false });
    shell.keys("nope<enter>nope<enter>");
    assert_eq!(unlock(&shell).tries, 2);
    assert!(unlock(&shell).failure.as_ref().unwrap().wrong_passphrase);
    assert!(unlock(&shell).passphrase.is_empty());
    shell.keys("x<ctrl-r>");
    assert!(unlock(&shell).passphrase.shown);
    shell.keys("<ctrl-u>").paste(b"correct horse\n").keys("<enter>");
    assert!(shell.app.is_browsing());
}

#[test]
fn the_recovery_code_is_taken_in_place_of_the_passphrase() {
    let mut shell = Shell::start(Start::Locked { path: "~/vault".into(), has_recovery: true });
    assert!(unlock(&shell).has_recovery);
    let code = shell.written_code();
    shell.keys(&code.to_uppercase()).keys("<enter>");
    assert!(shell.app.is_browsing());
}

#[test]
fn a_wrong_letter_of_the_code_is_said_and_what_was_typed_stays_to_be_mended() {
    let mut shell = Shell::start(Start::Locked { path: "~/vault".into(), has_recovery: true });
    let code = shell.written_code();
    let last = if code.ends_with('q') { 'p' } else { 'q' };
    shell.keys(&code[..code.len() - 1]).keys(&format!("{last}<enter>"));
    let failure = unlock(&shell).failure.as_ref().unwrap();
    assert!(failure.message.contains("a letter is wrong"), "{}", failure.message);
    assert_eq!((unlock(&shell).tries, shell.app.is_browsing()), (0, false));
    shell.keys("<backspace>").keys(&code[code.len() - 1..]).keys("<enter>");
    assert!(shell.app.is_browsing());
}

#[test]
fn a_protected_secret_is_shown_for_the_code_and_a_wrong_letter_keeps_the_prompt() {
    let mut shell = Shell::open();
    shell.protected.insert("global/openai_api_key".into());
    let code = shell.written_code();
    shell.keys("<enter>tresor1 qqqq qqqq qqqq qqqq qqqq qqqq<enter>");
    let Some(Layer::Prompt(prompt)) = shell.app.layers.last() else { panic!("no prompt") };
    assert!(prompt.failure.as_ref().unwrap().wrong_code && !prompt.passphrase.is_empty());
    shell.keys(&format!("<ctrl-u>{code}<enter>"));
    assert_eq!(shell.shown().as_deref(), Some("canary-openai"));
}

#[test]
fn the_unlock_screen_names_the_code_after_a_lock_only_where_there_is_one() {
    for has_recovery in [true, false] {
        let facts = VaultFacts { has_recovery, ..facts(true) };
        let mut shell = Shell::start(Start::Open(facts));
        shell.keys("<ctrl-l>");
        assert_eq!(unlock(&shell).has_recovery, has_recovery);
    }
}

#[test]
fn what_is_typed_while_the_key_is_derived_is_lost() {
    let mut shell = Shell::start(Start::Locked { path: "~/vault".into(), has_recovery: false });
    shell.answers = false;
    shell.keys(&format!("{PASSPHRASE}<enter>dy{PASSPHRASE}<enter>")).paste(b"x");
    shell.answers = true;
    shell.deliver();
    assert_eq!((shell.top(), shell.browse().listing.len()), (Context::Browse, 9));
    assert_eq!((shell.count("unlock"), shell.count("apply")), (1, 0));
}

#[test]
fn keys_typed_before_the_first_listing_wait_for_it() {
    let mut shell = Shell::start(Start::Locked { path: "~/vault".into(), has_recovery: false });
    shell.keys(PASSPHRASE);
    shell.answers = false;
    shell.keys("<enter>");
    let unlocked = shell.waiting.pop_front().unwrap();
    shell.event(unlocked).keys("jy");
    assert_eq!(shell.clipboard, None);
    shell.deliver();
    assert_eq!(shell.clipboard.as_deref(), Some("canary-sentry"));
}

#[test]
fn a_paste_never_submits() {
    let mut shell = Shell::start(Start::Locked { path: "~/vault".into(), has_recovery: false });
    shell.paste(format!("{PASSPHRASE}\n").as_bytes());
    assert_eq!(shell.count("unlock"), 0);
    let mut shell = Shell::open();
    shell.paste(b"qdy:\n");
    assert_eq!((shell.log.len(), shell.top()), (0, Context::Browse));
}

#[test]
fn lock_wipes_everything() {
    let mut shell = Shell::open();
    shell.keys("y<enter>");
    shell.log.clear();
    shell.keys("<ctrl-l>");
    assert_eq!(shell.log, ["lock", "clear", "redraw"]);
    assert_eq!(shell.clipboard, None);
    assert!(shell.app.layers.is_empty() && shell.app.facts.is_none());
    assert_eq!(unlock(&shell).notice, None);
    shell.keys(&format!("{PASSPHRASE}<enter>u"));
    assert_eq!(shell.toast(), "Nothing to undo");
}

#[test]
fn it_locks_itself_when_idle_and_warns_before() {
    let mut shell = Shell::open();
    shell.wait(279);
    assert_eq!(shell.toast(), "");
    shell.wait(2);
    assert!(shell.toast().starts_with("Locks in"), "{}", shell.toast());
    shell.keys("j");
    shell.wait(299);
    assert!(shell.app.is_browsing());
    shell.wait(1);
    assert!(unlock(&shell).notice.as_deref().unwrap().contains("5 minutes"));
    assert_eq!(shell.app.deadline(), None);
}

#[test]
fn an_idle_lock_wipes_an_edit_and_says_so() {
    let mut shell = Shell::open();
    shell.keys("eX").wait(301);
    let notice = unlock(&shell).notice.clone().unwrap();
    assert!(notice.contains("unsaved edit of global/openai_api_key was wiped"), "{notice}");
}

#[test]
fn a_lock_while_an_edit_is_saved_does_not_call_it_wiped() {
    let mut shell = Shell::open();
    shell.keys("eX");
    shell.answers = false;
    shell.keys("<ctrl-s><ctrl-l>");
    let notice = unlock(&shell).notice.clone().unwrap();
    assert!(notice.contains("was being saved") && !notice.contains("wiped"), "{notice}");
}

#[test]
fn a_key_that_comes_after_the_deadline_does_not_reach_the_passphrase() {
    let mut shell = Shell::open();
    shell.at += Duration::from_secs(301);
    shell.keys("y");
    assert!(unlock(&shell).passphrase.is_empty());
    assert_eq!(shell.count("copy"), 0);
}

#[test]
fn a_program_that_was_stopped_for_the_idle_time_comes_back_locked() {
    let mut shell = Shell::open();
    shell.stop(100);
    assert!(shell.app.is_browsing());
    shell.stop(400);
    assert!(shell.app.is_locked());
}

#[test]
fn a_machine_that_slept_comes_back_locked_however_long_it_was() {
    for (seconds, idle) in [(1, 0), (1, 300), (100_000, 300)] {
        let mut shell = Shell::open();
        shell.app.settings.chosen.idle_lock = Duration::from_secs(idle);
        shell.keys("y<enter>eX");
        shell.log.clear();
        shell.sleep_machine(seconds);
        let notice = unlock(&shell).notice.clone().unwrap();
        assert!(notice.starts_with("Locked: the machine was asleep."), "{notice}");
        assert!(notice.contains("unsaved edit"), "{notice}");
        assert_eq!((shell.count("lock"), shell.clipboard.as_deref()), (1, None));
        shell.keys(&format!("{PASSPHRASE}<enter>"));
        assert!(shell.app.is_browsing());
    }
}

#[test]
fn what_cannot_be_locked_hides_its_values_when_the_machine_slept() {
    let mut shell = Shell::start(Start::Open(facts(false)));
    shell.keys("<enter>");
    assert!(shell.shown().is_some());
    shell.sleep_machine(1);
    assert!(shell.app.is_browsing() && shell.shown().is_none());
}

#[test]
fn keys_that_changed_elsewhere_lead_to_the_unlock_screen() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.event(Event::VaultChanged);
    shell.waiting.clear();
    let failure = Failure::from(&VaultError::KeysChanged);
    shell.event(Event::Failed(shell.newest_ticket(), failure));
    assert!(unlock(&shell).notice.as_deref().unwrap().contains("keys have changed"));
}

#[test]
fn a_late_answer_after_a_lock_is_dropped() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("<enter><ctrl-l>");
    shell.deliver();
    assert!(shell.app.is_locked() && shell.app.layers.is_empty());
}

#[test]
fn zero_never_locks() {
    let mut shell = Shell::open();
    shell.app.settings.chosen.idle_lock = Duration::ZERO;
    shell.keys("j").wait(100_000);
    assert!(shell.app.is_browsing());
    assert_eq!(shell.app.deadline(), None);
}

#[test]
fn a_lock_is_undone_by_the_key_file_alone_only_where_there_is_no_passphrase() {
    let locked = |can_protect| {
        let facts = VaultFacts { can_protect, ..facts(true) };
        let mut shell = Shell::start_with(Start::Open(facts), Some("~/key"));
        shell.keys("<ctrl-l>");
        shell
    };
    let mut shell = locked(false);
    let notice = unlock(&shell).notice.clone();
    assert_eq!(notice.as_deref(), Some("Enter alone takes the key file ~/key."));
    shell.keys("<enter>");
    assert_eq!((shell.count("unlock"), shell.app.is_browsing()), (1, true));
    let mut shell = locked(true);
    assert_eq!(unlock(&shell).notice, None);
    shell.keys("<enter>");
    assert_eq!((shell.count("unlock"), shell.app.is_browsing()), (0, false));
    shell.keys(&format!("{PASSPHRASE}<enter>"));
    assert!(shell.app.is_browsing());
}

/// Locked at the start, with a key in the desktop's keyring; its answer still to come.
fn asking_the_keyring(works: bool) -> Shell {
    let mut shell = Shell::start_locked_with_keyring();
    shell.keyring_works = works;
    assert!(unlock(&shell).notice.as_deref().unwrap().starts_with("Asking the desktop's keyring"));
    shell
}

#[test]
fn the_keyring_opens_the_vault_at_the_start_without_a_key() {
    let mut shell = asking_the_keyring(true);
    shell.deliver();
    assert!(shell.app.is_browsing());
    // A lock is not undone by it.
    shell.answers = true;
    shell.keys("<ctrl-l>");
    assert_eq!((unlock(&shell).notice.as_deref(), shell.count("unlock")), (None, 1));
}

#[test]
fn a_keyring_that_does_not_open_it_says_why_and_leaves_the_passphrase_alone() {
    let mut shell = asking_the_keyring(true);
    shell.waiting.clear();
    shell.keys("corr");
    let failure = Failure::from(&VaultError::WrongKeyringKey);
    shell.event(Event::Failed(shell.newest_ticket(), failure));
    let notice = unlock(&shell).notice.clone().unwrap();
    assert!(notice.starts_with("Not opened by the keyring: the keyring's key"), "{notice}");
    assert_eq!((unlock(&shell).tries, unlock(&shell).failure.is_none()), (0, true));
    shell.answers = true;
    shell.keys("ect horse<enter>");
    assert!(shell.app.is_browsing());
}

#[test]
fn a_passphrase_typed_while_the_keyring_is_asked_opens_it_and_the_late_answer_is_dropped() {
    let mut shell = asking_the_keyring(true);
    let late = shell.waiting.pop_front().unwrap();
    shell.answers = true;
    shell.keys(&format!("{PASSPHRASE}<enter>j"));
    let selected = shell.selected();
    shell.event(late);
    assert_eq!((shell.app.is_browsing(), shell.selected()), (true, selected));
}
