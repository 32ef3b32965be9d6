//! The real program on a real terminal: journeys through the screen, every way it can end, and what a
//! terminal remembers afterwards. All of it belongs to the real tier (`TRESOR_REAL=1`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // these are tests
#![allow(clippy::string_slice, clippy::indexing_slicing)]

mod copying;
mod endings;
#[path = "../executable/mod.rs"]
mod executable;
mod first_run;
mod journeys;
mod keyring;
mod leaks;
mod masked;
mod memory;
mod pointing;
mod scan;
mod scrollback;
mod terminal;
mod tmux;
#[path = "../told/mod.rs"]
mod told;
mod world;
