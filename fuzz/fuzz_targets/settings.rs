//! config.toml and theme files: what is wrong with them is safe to show.
#![no_main]

use std::path::Path;

use tresor::config::{Chord, Theme};
use tresor::text::is_visible;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(why) = tresor::fuzzing::settings(bytes) {
        assert!(is_visible(&why), "{why:?}");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = Theme::parse(text, Path::new("theme.toml")) {
        assert!(is_visible(&error.to_string()), "{error}");
    }
    if let Ok(chord) = text.parse::<Chord>() {
        let printed = chord.to_string();
        assert!(printed.parse::<Chord>().is_ok_and(|again| again == chord), "{printed}");
    }
});
