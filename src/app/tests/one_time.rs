//! One-time codes: shown live, copied, used up once.

use super::*;

/// The key of RFC 4226, appendix D, and of RFC 6238, appendix B.
const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
/// Where the stories begin: at the beginning of a minute.
const START: Timestamp = Timestamp(1_800_000_000);

fn by_time() -> String {
    format!("otpauth://totp/ACME?secret={KEY}")
}

fn by_counter(counter: u64) -> String {
    format!("otpauth://hotp/ACME?secret={KEY}&counter={counter}")
}

/// A vault whose selected secret has that value.
fn open(value: &str) -> Shell {
    let mut shell = Shell::open();
    shell.elsewhere("global/acme_totp", value);
    shell.keys("gg");
    assert_eq!(shell.selected(), "global/acme_totp");
    shell
}

/// The code of so many seconds after the start.
fn code(seconds: i64) -> String {
    let key = crate::service::otp::Otp::parse(&SensitiveBytes::copy_of(by_time().as_bytes()));
    let code = key.ok().and_then(|key| key.code(START.plus(seconds).0).ok()).expect("a code");
    code.with_str(str::to_owned).expect("digits")
}

#[test]
fn enter_shows_the_code_and_not_the_key() {
    let mut shell = open(&by_time());
    shell.keys("<enter>");
    assert_eq!(shell.shown(), Some(code(0)));
    assert_eq!(shell.recorded(), ["reveal global/acme_totp"]);
    shell.keys("<enter>");
    assert_eq!(shell.shown(), None);
}

#[test]
fn a_code_is_shown_until_it_ends() {
    let mut shell = open(&by_time());
    shell.keys("<enter>").wait(29);
    assert_eq!(shell.shown(), Some(code(0)));
    let redraws = shell.count("redraw");
    shell.wait(1);
    assert_eq!(shell.shown(), None);
    assert_eq!(shell.count("redraw"), redraws + 1, "it leaves the cells");
}

#[test]
fn the_next_code_takes_the_place_of_one_that_ends_soon() {
    let mut shell = open(&by_time());
    shell.wait(27).keys("<enter>");
    assert_eq!(shell.shown(), Some(code(0)));
    shell.wait(2);
    assert_eq!(shell.shown(), Some(code(0)));
    let redraws = shell.count("redraw");
    shell.wait(1);
    assert_eq!(shell.shown(), Some(code(30)));
    assert_eq!(shell.count("redraw"), redraws + 1, "the old one leaves the cells");
    shell.wait(6);
    assert_eq!(shell.shown(), Some(code(30)), "as long as any value");
    shell.wait(1);
    assert_eq!(shell.shown(), None);
}

#[test]
fn a_long_period_is_not_shown_to_its_end() {
    let mut shell = open(&format!("{}&period=86400", by_time()));
    shell.keys("<enter>").wait(59);
    assert!(shell.shown().is_some());
    shell.wait(1);
    assert_eq!(shell.shown(), None);
}

/// How often the program wakes in so many seconds.
fn wakes(shell: &mut Shell, seconds: u64) -> usize {
    shell.app.locks_at = None;
    let end = shell.at + Duration::from_secs(seconds);
    let mut wakes = 0;
    while let Some(at) = shell.app.deadline().filter(|at| *at <= end) {
        wakes += 1;
        shell.advance(at);
        shell.event(Event::Tick);
        shell.app.locks_at = None;
    }
    wakes
}

#[test]
fn a_code_wakes_the_program_once_a_second_and_a_hidden_one_never() {
    let mut shell = open(&by_time());
    assert_eq!(wakes(&mut shell, 600), 0);
    shell.into_second = Duration::from_millis(400);
    shell.keys("<enter>");
    // The seconds of the date, not those since the key.
    let first = shell.app.deadline().expect("a deadline") - shell.at;
    assert_eq!(first, Duration::from_millis(600));
    assert_eq!(wakes(&mut shell, 20), 20);
    shell.keys("<enter>");
    assert_eq!(shell.shown(), None);
    assert_eq!(wakes(&mut shell, 600), 0);
}

#[test]
fn a_code_hides_as_every_value_does() {
    for (at, hide) in ["<esc>", "j", "?"].iter().enumerate() {
        let mut shell = open(&by_time());
        shell.keys("<enter>").keys(hide);
        assert_eq!(shell.shown(), None, "{at}");
    }
    let mut shell = open(&by_time());
    shell.keys("<enter>").event(Event::Focus(false));
    assert_eq!(shell.shown(), None);
    shell.keys("<enter><ctrl-l>");
    assert!(shell.app.is_locked());
    let mut shell = open(&by_time());
    shell.keys("p");
    assert_eq!(shell.shown(), Some(code(0)));
    shell.wait(2);
    assert_eq!(shell.shown(), None);
}

#[test]
fn presenting_shows_no_code() {
    let mut shell = open(&by_time());
    shell.keys("P<enter>");
    assert_eq!(shell.shown(), None);
    assert!(shell.toast().contains("presenter"), "{}", shell.toast());
    shell.keys("P");
    shell.answers = false;
    shell.keys("<enter>P");
    shell.deliver();
    assert_eq!(shell.shown(), None);
}

#[test]
fn y_copies_the_code_of_that_moment() {
    let mut shell = open(&by_time());
    shell.keys("<enter>").wait(31).keys("y");
    assert_eq!(shell.clipboard, Some(code(31)));
    assert_eq!(shell.app.clipboard.as_ref().map(|it| &*it.what), Some("the code of acme_totp"));
    assert_eq!(shell.recorded(), ["reveal global/acme_totp", "copy global/acme_totp"]);
}

#[test]
fn the_copy_menu_has_the_code_and_what_makes_it() {
    let mut shell = open(&by_time());
    shell.keys("Y<enter>");
    assert_eq!(shell.clipboard, Some(code(0)));
    shell.keys("Ys");
    assert_eq!(shell.clipboard, Some(by_time()));
    shell.keys("Yc");
    assert_eq!(shell.clipboard, Some(code(0)));
}

#[test]
fn a_protected_code_asks_for_the_passphrase() {
    let mut shell = open(&by_time());
    shell.protected.insert("global/acme_totp".into());
    shell.keys("<enter>");
    assert_eq!((shell.top(), shell.shown()), (Context::Prompt, None));
    shell.keys("wrong<enter>");
    assert_eq!(shell.top(), Context::Prompt);
    shell.keys(&format!("{PASSPHRASE}<enter>"));
    assert_eq!(shell.shown(), Some(code(0)));
    shell.keys(&format!("<enter>y{PASSPHRASE}<enter>"));
    assert_eq!((shell.clipboard.clone(), shell.shown()), (Some(code(0)), None));
}

#[test]
fn a_copy_by_the_terminal_is_agreed_to_first() {
    let mut shell = open(&by_time());
    shell.only_osc52 = true;
    shell.keys("y");
    assert_eq!((shell.top(), &shell.clipboard), (Context::Confirm, &None));
    shell.keys("y");
    assert_eq!(shell.clipboard, Some(code(0)));
}

#[test]
fn a_code_of_a_counter_is_used_up_when_that_is_agreed_to_and_once() {
    let mut shell = open(&by_counter(0));
    for refusal in ["<enter>", "<esc>", "n"] {
        shell.keys("<enter>");
        assert_eq!((shell.top(), shell.shown()), (Context::Confirm, None));
        shell.keys(refusal);
        assert_eq!(shell.stored("global/acme_totp"), Some(by_counter(0)));
    }
    // RFC 4226, appendix D.
    shell.keys("<enter>t");
    assert_eq!(shell.shown().as_deref(), Some("755224"));
    assert_eq!(shell.stored("global/acme_totp"), Some(by_counter(1)));
    assert_eq!(shell.browse().detail.shown.as_ref().map(|it| it.revision), Some(1));
    // The one on the screen, not another one.
    shell.keys("y");
    assert_eq!(shell.clipboard.as_deref(), Some("755224"));
    assert_eq!(shell.stored("global/acme_totp"), Some(by_counter(1)));
    shell.wait(10);
    assert_eq!(shell.shown(), None);
    // The next one, shown too because it cannot be had again.
    shell.keys("yt");
    assert_eq!(shell.clipboard.as_deref(), Some("287082"));
    assert_eq!(shell.shown().as_deref(), Some("287082"));
    assert_eq!(shell.stored("global/acme_totp"), Some(by_counter(2)));
}

#[test]
fn a_key_pressed_twice_takes_no_code() {
    for keys in ["yy", "<enter><enter>"] {
        let mut shell = open(&by_counter(0));
        shell.keys(keys);
        assert_eq!(shell.stored("global/acme_totp"), Some(by_counter(0)), "{keys}");
    }
}

#[test]
fn who_types_the_passphrase_for_a_code_of_a_counter_is_not_asked_again() {
    let mut shell = open(&by_counter(0));
    shell.protected.insert("global/acme_totp".into());
    shell.keys(&format!("y{PASSPHRASE}<enter>"));
    assert_eq!(shell.clipboard.as_deref(), Some("755224"));
    assert_eq!(shell.stored("global/acme_totp"), Some(by_counter(1)));
}

#[test]
fn a_counted_code_that_comes_late_is_not_shown_elsewhere() {
    let mut shell = open(&by_counter(0));
    shell.keys("<enter>");
    shell.answers = false;
    // What is typed meanwhile waits until the code is there.
    shell.keys("tj");
    assert_eq!(shell.selected(), "global/acme_totp");
    shell.event(Event::Focus(false));
    shell.answers = true;
    shell.deliver();
    assert_eq!(shell.shown(), None);
    assert_eq!(shell.stored("global/acme_totp"), Some(by_counter(1)));
}

#[test]
fn presenting_takes_no_code_of_a_counter() {
    let mut shell = open(&by_counter(0));
    shell.keys("Py");
    assert_eq!(shell.top(), Context::Browse);
    assert!(shell.toast().contains("presenter"), "{}", shell.toast());
    assert_eq!(shell.stored("global/acme_totp"), Some(by_counter(0)));
}

#[test]
fn what_makes_no_codes_is_shown_as_it_is_and_not_copied_as_a_code() {
    let mut shell = open("otpauth-migration://offline?data=abc");
    shell.keys("<enter>");
    assert_eq!(shell.shown().as_deref(), Some("otpauth-migration://offline?data=abc"));
    assert_eq!(shell.toast(), "it makes no codes");
    shell.keys("y");
    assert_eq!(shell.clipboard, None);
    shell.keys("Ys");
    assert!(shell.clipboard.is_some());
}
