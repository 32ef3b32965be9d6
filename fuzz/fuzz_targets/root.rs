//! root.json: what is read is what would be written, byte for byte.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(header) = tresor::fuzzing::root(bytes) {
        let written = [b"{\"header\":", header.as_slice()].concat();
        assert!(bytes.starts_with(&written), "another form of the header was read");
    }
});
