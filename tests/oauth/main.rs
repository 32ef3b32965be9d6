//! OAuth profiles through the real program and its screen, at a real provider on this machine:
//! oidc-provider in `provider/server.mjs`, which can be told to fail, and a scripted browser. All of it
//! belongs to the real tier (`TRESOR_REAL=1`) and needs node and `npm ci` in `provider/`; `tests/run.sh`
//! sees to both.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)] // these are tests
#![allow(clippy::string_slice, clippy::indexing_slicing)]

mod browsing;
#[path = "../executable/mod.rs"]
mod executable;
mod failing;
mod flows;
mod forgotten;
mod home;
mod kept;
mod killed;
mod leaks;
mod listening;
mod on_screen;
mod on_screen_kept;
mod owners;
mod provider;
mod reach;
mod refreshing;
#[path = "../pty/scan.rs"]
#[allow(dead_code)] // not every target does all of it
mod scan;
mod screen;
#[path = "../pty/terminal.rs"]
#[allow(dead_code)] // not every target does all of it
mod terminal;
#[path = "../told/mod.rs"]
mod told;
mod turns;
