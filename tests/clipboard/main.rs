//! The clipboard, driven through the real holder process of the real program.
//!
//! `quick` and `tmux_faults` need nothing but Rust and a shell. The others belong to the real tier (`TRESOR_REAL=1`): they start
//! Xvfb, a headless sway and tmux themselves, read with `xclip`, `wl-paste` and `tmux`, and fail
//! when one of those is missing.

#![allow(clippy::disallowed_methods)] // modes are set as another program would
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod desk;
#[path = "../executable/mod.rs"]
mod executable;
mod quick;
mod stories;
mod tmux;
mod tmux_faults;
#[path = "../told/mod.rs"]
mod told;
mod wayland;
mod x11;
