//! Takes known values out of a stream of bytes: each becomes `*****`, however it was cut into writes, and in the
//! encodings a program may print it in. A net against accidents; no boundary against a program that means to
//! show a value, which has endless other ways to write it.
//!
//! The patterns hold every value in every one of these forms as long as they live: in a process that others
//! cannot read, wiped when they are dropped. The tables beside them know only hashes of their first bytes.

mod base64_forms;
mod escape;
mod filter;
mod forms;
mod masker;
mod patterns;
mod percent;
mod pump;

pub use masker::{HOLD, Masker};
pub use patterns::{Patterns, SHORTEST};
pub use pump::{CHUNK, Feed, Reading, Writing, line};

/// What is written in place of a value: always as long, whatever the value was.
pub const MASK: &[u8] = b"*****";

#[cfg(test)]
#[allow(clippy::unwrap_used)] // these are tests
mod pump_tests;
#[cfg(test)]
mod tests;
