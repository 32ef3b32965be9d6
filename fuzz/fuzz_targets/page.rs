//! Pages: no bytes open without the key; whatever entries there are come back the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tresor::fuzzing::page(bytes));
