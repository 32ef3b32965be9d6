//! Where a new vault keeps secrets: suggested by trying, chosen by a key, never waited for by a typist.

use super::*;

const TWICE: &str = "correct horse battery staple<enter>correct horse battery staple<enter><enter>";

fn start() -> Shell {
    Shell::start(Start::FirstRun { path: "~/vault".into() })
}

/// Before what is tried is known.
fn untried() -> Shell {
    let settings = AppSettings::with_random(Arc::new(SystemRandom));
    let mut shell = Shell::new(Start::FirstRun { path: "~/vault".into() }, settings);
    shell.answers = false;
    shell
}

fn first_run(shell: &Shell) -> &FirstRun {
    match &shell.app.screen {
        Screen::FirstRun(first_run) => first_run,
        _ => panic!("not the first run"),
    }
}

fn store() -> BackendKind {
    BackendKind::OF_THE_SYSTEM.unwrap_or(BackendKind::EncryptedFile)
}

#[test]
fn what_is_suggested_is_taken_by_whoever_only_types_a_passphrase() {
    let mut shell = start();
    assert_eq!(first_run(&shell).backends.chosen(), Some(store()));
    shell.keys(TWICE);
    assert_eq!((shell.count("try"), shell.made_in), (1, Some(store())));
}

#[test]
fn tab_reaches_the_table_and_the_arrows_choose_what_works() {
    let mut shell = start();
    shell.keys("<tab><tab>");
    assert!(first_run(&shell).choosing);
    shell.keys("<up>");
    assert_eq!(first_run(&shell).backends.chosen(), Some(BackendKind::EncryptedFile));
    // Letters are no text there, and those of other systems cannot be chosen.
    shell.keys("x<down><down><down>");
    assert_eq!(first_run(&shell).backends.chosen(), Some(store()));
    assert!(first_run(&shell).new.passphrase.is_empty());
    shell.keys("<up><up>");
    let state = first_run(&shell);
    assert!(!state.choosing && state.new.focus == new_passphrase::NewFocus::Again);
    shell.keys("<tab><tab>").keys(TWICE);
    assert_eq!(shell.made_in, Some(BackendKind::EncryptedFile));
}

#[test]
fn enter_at_the_table_goes_on_and_leads_to_what_is_missing() {
    let mut shell = start();
    shell.keys("<shift-tab>");
    assert!(first_run(&shell).choosing);
    shell.keys("<enter>");
    assert!(!first_run(&shell).choosing && first_run(&shell).new.problem.is_some());
    shell.keys("correct horse battery staple<tab>correct horse battery staple<tab><up>");
    shell.keys("<enter><enter>");
    assert_eq!(shell.made_in, Some(BackendKind::EncryptedFile));
}

#[test]
fn a_click_chooses_one_that_works_and_another_the_field() {
    let mut shell = start();
    let list = layout::popup(&shell.app, usize::MAX).list;
    shell.click(layout::Rect { height: 1, ..list });
    let state = first_run(&shell);
    assert!(state.choosing && state.backends.chosen() == Some(BackendKind::EncryptedFile));
    let last = layout::Rect { y: list.y + list.height - 1, height: 1, ..list };
    shell.click(last);
    assert_eq!(first_run(&shell).backends.chosen(), Some(BackendKind::EncryptedFile));
    let field = layout::popup(&shell.app, usize::MAX).fields[0];
    shell.click(field).keys("x");
    assert_eq!(first_run(&shell).new.passphrase.len(), 1);
}

#[test]
fn until_it_is_tried_the_passphrase_is_typed_and_nothing_is_made() {
    let mut shell = untried();
    // The table cannot be reached yet.
    shell.keys("<tab><tab>").keys(TWICE);
    assert_eq!((shell.count("create"), shell.made_in), (0, None));
    assert!(first_run(&shell).working.is_some());
    shell.keys("x<enter><tab>");
    assert_eq!(first_run(&shell).new.passphrase.len(), 28);
    shell.deliver();
    shell.deliver();
    assert_eq!((shell.count("create"), shell.made_in), (1, Some(store())));
    assert!(shell.app.is_browsing());
}

#[test]
fn where_it_cannot_even_be_tried_encrypted_files_are_taken() {
    let mut shell = untried();
    let Some(Event::Done(ticket, _)) = shell.waiting.pop_front() else { panic!("no answer") };
    let failure = Failure::plain(FaultKind::Internal, "there are no threads", "");
    shell.event(Event::Failed(ticket, failure));
    let suggested = first_run(&shell).backends.suggested.clone().unwrap();
    assert_eq!(
        (suggested.kind, &*suggested.why),
        (BackendKind::EncryptedFile, "there are no threads")
    );
    shell.keys(TWICE);
    shell.deliver();
    assert_eq!(shell.made_in, Some(BackendKind::EncryptedFile));
}

#[test]
fn a_store_that_does_not_work_is_passed_by() {
    let mut shell = untried();
    shell.backends.rows.retain(|row| row.kind == BackendKind::EncryptedFile);
    shell
        .backends
        .rows
        .push(BackendRow { kind: store(), tried: Tried::Not("it is locked".into()) });
    shell.backends.choice = Choice { kind: BackendKind::EncryptedFile, why: "it is locked".into() };
    let answer = Outcome::Backends(shell.backends.clone());
    let Some(Event::Done(ticket, _)) = shell.waiting.pop_front() else { panic!("no answer") };
    shell.event(Event::Done(ticket, answer)).keys("<shift-tab><down><down>");
    assert_eq!(first_run(&shell).backends.chosen(), Some(BackendKind::EncryptedFile));
}

#[test]
fn calls_that_wait_for_a_person_are_counted_and_nothing_is_drawn_meanwhile() {
    let mut shell = Shell::open();
    let idle = shell.app.deadline();
    shell.event(Event::StoreWaits(true)).event(Event::StoreWaits(true));
    shell.event(Event::StoreWaits(false));
    assert_eq!((shell.app.stores_wait, shell.app.deadline()), (1, idle));
    // A lock leaves it to the call to end.
    shell.keys("<ctrl-l>").event(Event::StoreWaits(false));
    assert_eq!((shell.app.stores_wait, shell.app.is_locked()), (0, true));
}
