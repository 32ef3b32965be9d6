//! The world behind small traits: the clipboard, keyrings, search, generation, one-time passwords,
//! OAuth profiles, import files.

pub mod audit;
pub mod browser;
pub mod calibrate;
pub mod clipboard;
#[cfg(windows)]
pub mod console;
pub mod demo;
pub mod dotenv;
pub mod generate;
pub mod http;
pub mod keyring;
pub mod oauth;
pub mod otp;
pub mod qr;
pub mod reference;
pub mod search;
pub mod stdio;
pub mod strength;
pub mod surroundings;
pub mod unlock_cache;
pub mod ways_in;
