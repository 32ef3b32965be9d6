//! Tells the linker to pack the addresses that are set when the program is loaded: a third of a megabyte less of a
//! binary that may have twelve. Linkers that do not know the word pass it over.

#![allow(clippy::print_stdout)] // that is how a build script speaks

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| var(name).is_ok_and(|set| set == value);
    // Other systems have other linkers; musl's loader is linked in, and older ones cannot read it.
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
