//! The world behind small traits: the clipboard, keyrings, search, generation, one-time passwords,
//! import files.

pub mod calibrate;
pub mod clipboard;
pub mod demo;
pub mod dotenv;
pub mod generate;
pub mod keyring;
pub mod otp;
pub mod search;
pub mod strength;
pub mod unlock_cache;
pub mod ways_in;
