//! One-time codes from the worker: those of a counter are saved before they are given out, and once.

use super::*;
use crate::app::CodeMade;

/// The key of RFC 4226, appendix D.
const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn holding(value: &str) -> (Bench, Vault) {
    let bench = open();
    let vault = bench.shared.vault(bench.shared.epoch()).unwrap();
    write(&vault, "global/totp", value.as_bytes());
    (bench, vault)
}

fn make(count: bool) -> Effect {
    let (name, purpose) = ("global/totp".parse().unwrap(), Purpose::Copy);
    Effect::MakeCode { ticket: Ticket(1), name, purpose, passphrase: None, count }
}

fn stored(vault: &Vault) -> String {
    let secret = vault.view(Actor::Owner).read(&"global/totp".parse().unwrap()).unwrap();
    secret.value.with_str(str::to_owned).unwrap()
}

#[test]
fn what_makes_codes_by_time_is_handed_over_and_recorded() {
    let (bench, vault) = holding(&format!("otpauth://totp/x?secret={KEY}&digits=8"));
    let Outcome::Code(_, 1, CodeMade::ByTime { key, into_second }) = bench.done(make(false)) else {
        panic!("no key");
    };
    // RFC 6238, appendix B.
    assert!(key.code(59).ok().unwrap().with(|code| code == b"94287082"));
    assert!(into_second < Duration::from_secs(1));
    let entries = vault.view(Actor::Owner).journal().unwrap().entries;
    assert_eq!(entries.first().unwrap().action.word(), "copy");
}

#[test]
fn a_counter_goes_on_once_a_code_and_only_when_that_was_agreed_to() {
    let uri = |counter: u64| format!("otpauth://hotp/x?secret={KEY}&counter={counter}");
    let (bench, vault) = holding(&uri(0));
    bench.done(Effect::Load(Ticket(1), Actor::Owner));
    assert!(bench.failed(make(false)).uses_up);
    assert_eq!(stored(&vault), uri(0));
    for (counter, code) in [(0, "755224"), (1, "287082"), (2, "359152")] {
        let Outcome::Code(_, revision, CodeMade::Counted { code: made, counter: at, .. }) =
            bench.done(make(true))
        else {
            panic!("not counted");
        };
        assert!(made.with(|made| made == code.as_bytes()), "{counter}");
        assert_eq!((at, revision, stored(&vault)), (counter, counter + 2, uri(counter + 1)));
    }
    bench.worker.compare();
    assert!(bench.is_quiet(), "our own change was told");
}

#[test]
fn a_value_that_makes_no_codes_comes_as_it_is_and_says_why() {
    let (bench, _) = holding("otpauth-migration://offline?data=abc");
    let Outcome::Code(_, _, CodeMade::NoKey { value, why }) = bench.done(make(true)) else {
        panic!("it made something");
    };
    assert!(value.with(|value| value.starts_with(b"otpauth-migration")));
    assert_eq!(why.message, "global/totp: the value is an authenticator's export of several keys");
}
