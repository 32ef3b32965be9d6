//! The world behind small traits: the clipboard, search, generation, import files.

pub mod clipboard;
pub mod demo;
pub mod dotenv;
pub mod generate;
pub mod search;
pub mod strength;
pub mod ways_in;
