//! Envelopes: what is read is what would be written, byte for byte.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(written) = tresor::fuzzing::envelope(bytes) {
        assert_eq!(written, bytes, "another form of an envelope was read");
    }
});
