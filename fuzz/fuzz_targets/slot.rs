//! Slots and their parameters, hostile ones too: one form, and no cost beyond the limits is paid.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(written) = tresor::fuzzing::slot(bytes) {
        assert_eq!(written, bytes, "another form of a slot was read");
    }
});
