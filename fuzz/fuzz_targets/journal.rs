//! The journal: no bytes open without the key; whatever is done to a genuine one is found.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tresor::fuzzing::journal(bytes));
