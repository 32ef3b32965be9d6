//! Recovery codes: what is read is shown in one form, and that form reads as the same code.
#![no_main]

use tresor::vault::{RecoveryCode, SensitiveBytes};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let typed = SensitiveBytes::copy_of(bytes);
    let _ = RecoveryCode::looks_like(&typed);
    if let Ok(code) = RecoveryCode::parse(&typed) {
        let shown = code.shown().expect("a code can be shown");
        let again = RecoveryCode::parse(&shown).expect("what is shown reads");
        assert!(again.same_as(&code));
        let letters = |bytes: &[u8]| -> Vec<u8> {
            let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
            text.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c as u8).collect()
        };
        assert_eq!(letters(bytes), shown.with(letters), "two texts are one code");
    }
});
