//! tresor: an interactive terminal secret manager, and the vault it keeps secrets in.
//!
//! The modules form layers, and each may use only those named after the arrow:
//!
//! ```text
//! text, fault           leaves: how foreign text is shown, what an error says
//! vault    -> text, fault                    the core: format, envelope, permissions
//! service  -> vault, text, fault             the world behind small traits: clock, clipboard, search
//! config   -> text, fault                    paths, settings, key bindings, theme files
//! app      -> vault's and service's types, config    the state machine, without I/O
//! ui       -> app, config, ratatui           pure drawing of the state
//! tui      -> everything above               the imperative shell
//! cli      -> all but app and ui             one file a command
//! ```
//!
//! Below them lies the package `tresor-aead` in `src/aead`: the ciphers, built for speed in a release that is
//! built for size.
//!
//! `tests/layers.rs` reads the `use` lines and keeps that direction.

pub mod app;
pub mod cli;
pub mod config;
pub mod fault;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod service;
pub mod text;
pub mod tui;
pub mod ui;
pub mod vault;
