//! Imports of .env files: lines go up, names are names, errors are safe to show.
#![no_main]

use tresor::service::dotenv;
use tresor::text::is_visible;
use tresor::vault::SensitiveBytes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    match dotenv::parse(&SensitiveBytes::copy_of(bytes)) {
        Ok(entries) => {
            let lines = bytes.iter().filter(|b| matches!(b, b'\n' | b'\r')).count() + 1;
            assert!(entries.iter().all(|entry| (1..=lines).contains(&entry.line)));
            assert!(entries.iter().all(|entry| entry.value.len() <= bytes.len()));
        }
        Err(error) => assert!(is_visible(&error.to_string()), "{error:?}"),
    }
});
