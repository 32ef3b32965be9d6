//! Recognition of values: facts are few, short and safe to show, and hold no password of an address. And
//! one-time passwords: whatever is taken for a key makes codes of 6 to 8 digits.
#![no_main]

use tresor::service::otp::Otp;
use tresor::vault::{SensitiveBytes, recognise};

fn facts(value: &[u8]) -> Vec<String> {
    let found = recognise(value);
    assert!(found.facts.len() <= 12);
    let _ = tresor::vault::proposed_key(&found);
    let all = found.facts.into_iter().map(|(_, fact)| fact).collect::<Vec<_>>();
    assert!(all.iter().all(|f| f.chars().count() <= 200 && tresor::text::is_visible(f)), "{all:?}");
    all
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    facts(bytes);
    if let Ok(otp) = Otp::parse(&SensitiveBytes::copy_of(bytes)) {
        assert!((6..=8).contains(&otp.code(59).expect("a key that was taken").len()));
    }
    // The same bytes around a password that occurs nowhere else.
    let password = "zq7Xw0password9Kv";
    let text = String::from_utf8_lossy(bytes);
    if text.contains(password) {
        return;
    }
    let (before, after) = text.split_at(text.floor_char_boundary(text.len() / 2));
    for value in [
        format!("postgres://user:{password}@{before}/{after}"),
        format!("{before}://user:{password}@host/{after}"),
        format!("https://{before}:{password}@host{after}"),
    ] {
        let told = facts(value.as_bytes());
        assert!(!told.iter().any(|fact| fact.contains(password)), "{value:?}: {told:?}");
    }
});
