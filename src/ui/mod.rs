//! The screen as a pure function of the application's state. No input, no clock, no state of its own.

pub mod style;
pub mod width;
pub mod words;
