//! The world behind small traits: the clipboard, keyrings, search, generation, import files.

pub mod calibrate;
pub mod clipboard;
pub mod demo;
pub mod dotenv;
pub mod generate;
pub mod keyring;
pub mod search;
pub mod strength;
pub mod unlock_cache;
pub mod ways_in;
