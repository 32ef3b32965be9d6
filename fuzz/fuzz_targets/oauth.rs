//! What providers answer and browsers bring: tokens, failures, codes for devices, discovery documents and the
//! address at the end. Whatever it is, what is shown of it is safe to show.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for shown in tresor::fuzzing::oauth(bytes) {
        assert!(tresor::text::is_visible(&shown), "{shown:?}");
    }
});
