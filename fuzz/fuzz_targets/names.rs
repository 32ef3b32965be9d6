//! References, scopes, locators and addresses: what is read prints as itself.
#![no_main]

use tresor::vault::{Locator, Scope, SecretKey, SecretRef};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(name) = text.parse::<SecretRef>() {
        let (printed, address) = (name.to_string(), name.uri());
        assert!(printed.parse::<SecretRef>().is_ok_and(|again| again == name), "{printed}");
        assert!(address.parse::<SecretRef>().is_ok_and(|again| again == name), "{address}");
        assert!(!printed.contains(char::is_control) && address.is_ascii(), "{printed:?}");
    }
    if let Ok(scope) = text.parse::<Scope>() {
        // `user:` and `plugin:` are read as other words; what is printed is the one form.
        let printed = scope.to_string();
        assert_eq!(printed.split_once(':').map(|p| p.1), text.split_once(':').map(|p| p.1));
        assert!(printed.parse::<Scope>().is_ok_and(|again| again == scope), "{printed}");
    }
    if let Ok(key) = text.parse::<SecretKey>() {
        assert_eq!(key.to_string(), text, "a key has two spellings");
    }
    let _ = text.parse::<Locator>();
});
