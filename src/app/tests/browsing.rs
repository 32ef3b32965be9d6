//! Revealing, peeking, copying, the clipboard's fate.

use super::*;

#[test]
fn the_first_listing_shows_everything() {
    let shell = Shell::open();
    assert_eq!(shell.browse().listing.len(), 9);
    assert_eq!(shell.listed().len(), 9);
    assert_eq!(shell.selected(), "global/openai_api_key");
    assert!(shell.browse().detail.description.is_some());
}

#[test]
fn enter_reveals_and_the_value_hides_itself() {
    let mut shell = Shell::open();
    shell.keys("<enter>");
    assert_eq!(shell.shown().as_deref(), Some("canary-openai"));
    shell.wait(9);
    assert!(shell.shown().is_some());
    let redraws = shell.count("redraw");
    shell.wait(1);
    assert_eq!(shell.shown(), None);
    assert_eq!(shell.count("redraw"), redraws + 1);
}

#[test]
fn the_journal_tells_a_look_from_an_edit() {
    let mut shell = Shell::open();
    shell.keys("<enter>").keys("p").wait(3).keys("e2<ctrl-s>").keys("Hj<enter>");
    let words = ["reveal", "reveal", "edit", "reveal"];
    assert_eq!(shell.recorded(), words.map(|word| format!("{word} global/openai_api_key")));
}

#[test]
fn what_is_revealed_hides_at_once_for_every_reason() {
    let reasons: [fn(&mut Shell); 6] = [
        |shell| {
            shell.keys("<enter>");
        },
        |shell| {
            shell.keys("j");
        },
        |shell| {
            shell.keys("<esc>");
        },
        |shell| {
            shell.event(Event::Focus(false));
        },
        |shell| {
            shell.keys("?");
        },
        |shell| {
            shell.event(Event::Resumed);
        },
    ];
    for (at, reason) in reasons.into_iter().enumerate() {
        let mut shell = Shell::open();
        shell.keys("<enter>");
        assert!(shell.shown().is_some());
        shell.log.clear();
        reason(&mut shell);
        assert_eq!(shell.shown(), None, "reason {at}");
        assert!(shell.count("redraw") >= 1, "reason {at} leaves it in the cells");
    }
}

#[test]
fn a_value_that_comes_late_is_not_shown_for_another_secret() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("<enter>j");
    shell.deliver();
    assert_eq!(shell.shown(), None);
    shell.keys("k<enter>");
    shell.event(Event::Focus(false));
    shell.deliver();
    assert_eq!(shell.shown(), None);
}

#[test]
fn whoever_types_has_the_focus() {
    let mut shell = Shell::open();
    shell.event(Event::Focus(false)).keys("<enter>");
    assert!(shell.shown().is_some());
}

#[test]
fn a_peek_is_gone_with_the_next_key_or_after_two_seconds() {
    let mut shell = Shell::open();
    shell.keys("p");
    assert!(shell.shown().is_some());
    shell.keys("<f5>");
    assert_eq!(shell.shown(), None);
    shell.keys("p").wait(2);
    assert_eq!(shell.shown(), None);
}

#[test]
fn a_copy_counts_down_and_tells_its_receipt() {
    let mut shell = Shell::open();
    shell.keys("y");
    assert_eq!(shell.clipboard.as_deref(), Some("canary-openai"));
    let status = shell.app.clipboard.as_ref().expect("a status");
    assert_eq!(status.what, "openai_api_key");
    assert!(status.is_held());
    shell.wait(30);
    shell.event(Event::Clipboard(ClipboardReceipt::Replaced));
    let ended = &shell.app.clipboard.as_ref().expect("a status").state;
    assert!(matches!(ended, ClipboardState::Ended(ClipboardReceipt::Replaced)));
    shell.wait(9);
    assert!(shell.app.clipboard.is_none());
}

#[test]
fn copying_again_starts_the_countdown_anew() {
    let mut shell = Shell::open();
    shell.keys("y").wait(20);
    shell.keys("jy").wait(20);
    let status = shell.app.clipboard.as_ref().expect("a status");
    assert_eq!(status.what, "sentry_dsn");
    assert!(status.is_held());
}

#[test]
fn the_copy_menu_copies_what_is_no_secret() {
    let mut shell = Shell::open();
    for (keys, copied) in [
        ("Yu", "ada"),
        ("Yr", "global/openai_api_key"),
        ("Yi", "tresor://global/openai_api_key"),
        ("Yv", "canary-openai"),
        ("Yj<enter>", "ada"),
    ] {
        shell.keys(keys);
        assert_eq!(shell.clipboard.as_deref(), Some(copied), "{keys}");
        assert_eq!(shell.top(), Context::Browse);
    }
}

#[test]
fn osc52_is_asked_about_once() {
    let mut shell = Shell::open();
    shell.only_osc52 = true;
    shell.keys("y");
    assert_eq!(shell.top(), Context::Confirm);
    shell.keys("n");
    assert_eq!(shell.clipboard, None);
    shell.keys("yy");
    assert_eq!(shell.clipboard.as_deref(), Some("canary-openai"));
    shell.keys("jy");
    assert_eq!(shell.clipboard.as_deref(), Some("canary-sentry"));
}

#[test]
fn osc52_that_is_refused_is_never_asked_about() {
    let mut shell = Shell::open();
    shell.only_osc52 = true;
    shell.app.settings.chosen.osc52 = Osc52::Never;
    shell.keys("y");
    assert_eq!(shell.top(), Context::Browse);
    assert_eq!(shell.toast(), "only OSC 52 is left");
}

/// Whether the terminal got the last copy as well.
fn handed_on(shell: &Shell) -> bool {
    shell.app.clipboard.as_ref().is_some_and(|status| status.report.to_terminal)
}

#[test]
fn in_tmux_the_terminal_is_offered_once_and_never_without_an_answer() {
    let mut shell = Shell::open();
    shell.in_tmux = true;
    // The second key is meant for copying and answers nothing.
    shell.keys("yy");
    assert_eq!((shell.top(), handed_on(&shell)), (Context::Confirm, false));
    let question = shell.app.confirm().expect("a question").lines.join(" ");
    assert!(question.contains("paste with prefix ]") && question.contains("cannot be cleared"));
    shell.keys("<enter>");
    assert_eq!((shell.count("copy"), handed_on(&shell)), (1, false));
    shell.keys("jy");
    assert_eq!((shell.top(), shell.clipboard.as_deref()), (Context::Browse, Some("canary-sentry")));
    assert!(!handed_on(&shell));
}

#[test]
fn in_tmux_an_agreed_copy_goes_to_the_terminal_and_so_do_the_next() {
    let mut shell = Shell::open();
    shell.in_tmux = true;
    shell.keys("y<tab><enter>");
    assert_eq!((shell.count("copy"), shell.top()), (2, Context::Browse));
    assert!(handed_on(&shell));
    shell.keys("jy");
    assert_eq!(shell.top(), Context::Browse);
    assert!(handed_on(&shell));
}

#[test]
fn in_tmux_nothing_is_offered_that_is_settled_or_would_disturb_a_text() {
    for osc52 in [Osc52::Never, Osc52::Always] {
        let mut shell = Shell::open();
        (shell.in_tmux, shell.app.settings.chosen.osc52) = (true, osc52);
        shell.keys("y");
        assert_eq!((shell.top(), handed_on(&shell)), (Context::Browse, osc52 == Osc52::Always));
    }
    let mut shell = Shell::open();
    (shell.in_tmux, shell.answers) = (true, false);
    shell.keys("y/").deliver();
    assert_eq!(shell.top(), Context::Search);
    shell.answers = true;
    shell.keys("<esc>y");
    assert_eq!(shell.top(), Context::Confirm);
}

#[test]
fn a_protected_secret_asks_each_time_and_counts_wrong_tries() {
    let mut shell = Shell::open();
    shell.protected.insert("global/openai_api_key".into());
    for (key, done) in [("<enter>", "read"), ("y", "copy"), ("e", "read")] {
        shell.log.clear();
        shell.keys(key);
        assert_eq!(shell.top(), Context::Prompt, "{key}");
        shell.keys("wrong<enter>");
        let Some(Layer::Prompt(prompt)) = shell.app.layers.last() else { panic!("no prompt") };
        assert_eq!(prompt.tries, 1);
        assert!(prompt.passphrase.is_empty());
        shell.keys(&format!("{PASSPHRASE}<enter>"));
        assert_eq!(shell.count(done), 3);
        assert_ne!(shell.top(), Context::Prompt);
        shell.keys("<esc>");
    }
    assert_eq!(shell.clipboard.as_deref(), Some("canary-openai"));
}

#[test]
fn the_prompt_can_be_left() {
    let mut shell = Shell::open();
    shell.protected.insert("global/openai_api_key".into());
    shell.keys("<enter>abc<esc>");
    assert_eq!((shell.top(), shell.shown()), (Context::Browse, None));
}

#[test]
fn a_busy_sign_comes_only_after_a_while() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("y");
    assert!(!shell.app.is_busy());
    let wanted = shell.app.deadline().expect("a deadline") - shell.app.now;
    assert_eq!(wanted, Duration::from_millis(150));
    shell.wait(1);
    assert!(shell.app.is_busy());
    shell.deliver();
    assert!(!shell.app.is_busy());
}

#[test]
fn nothing_wakes_an_idle_demo() {
    let mut shell = Shell::start(Start::Open(facts(false)));
    assert!(shell.browse().loaded);
    assert_eq!(shell.app.deadline(), None);
    shell.keys("<ctrl-l>");
    assert!(shell.app.is_browsing());
    shell.wait(10_000);
    assert_eq!(shell.app.deadline(), None);
    assert!(shell.app.is_browsing());
}

#[test]
fn errors_stay_until_a_key_and_there_are_at_most_three_messages() {
    let mut shell = Shell::open();
    shell.app.toast(Tone::Error, "broken".into(), String::new());
    for text in ["a", "b", "c", "d"] {
        shell.app.toast(Tone::Note, text.into(), String::new());
    }
    let texts: Vec<&str> = shell.app.toasts.items.iter().map(|toast| toast.text.as_str()).collect();
    assert_eq!(texts, ["broken", "c", "d"]);
    shell.wait(60);
    assert_eq!(shell.toast(), "broken");
    shell.keys("j");
    assert_eq!(shell.toast(), "");
}

#[test]
fn ctrl_c_cancels_and_twice_quits() {
    let mut shell = Shell::open();
    shell.keys("a<ctrl-c>");
    assert_eq!(shell.top(), Context::Browse);
    assert_eq!(shell.count("quit"), 0);
    shell.wait(3);
    shell.keys("<ctrl-c>");
    assert_eq!(shell.count("quit"), 0);
    shell.keys("<ctrl-c>");
    assert_eq!(shell.count("quit"), 1);
}

#[test]
fn q_quits_and_so_does_the_palette() {
    assert_eq!(Shell::open().keys("q").count("quit"), 1);
    assert_eq!(Shell::open().keys(":q<enter>").count("quit"), 1);
    assert_eq!(Shell::open().keys("<ctrl-p>quit<enter>").count("quit"), 1);
}

#[test]
fn suspend_hides_first() {
    let mut shell = Shell::open();
    shell.keys("<enter>");
    shell.log.clear();
    shell.keys("<ctrl-z>");
    assert_eq!(shell.shown(), None);
    assert_eq!(shell.log.last(), Some(&"suspend"));
    assert_eq!(shell.count("redraw"), 2);
}
