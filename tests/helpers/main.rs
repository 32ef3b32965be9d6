//! The helpers, completions and manual pages with the programs that they are for: git at a server on this
//! machine, the Docker SDK, the AWS SDK, shells, man. All of it belongs to the real tier (`TRESOR_REAL=1`);
//! the SDKs lie in `venv/`, which `tests/run.sh` makes.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)] // these are tests
#![allow(clippy::string_slice, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods)] // modes are set as another program would

mod aws;
mod docker;
#[path = "../executable/mod.rs"]
mod executable;
mod git;
mod home;
mod pages;
mod shells;
#[path = "../pty/terminal.rs"]
#[allow(dead_code)] // not every target does all of it
mod terminal;
#[path = "../told/mod.rs"]
mod told;
