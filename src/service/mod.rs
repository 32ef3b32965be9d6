//! The world behind small traits: the clipboard, keyrings, search, generation, one-time passwords,
//! OAuth profiles, logins, files to import and to export.

pub mod age;
pub mod audit;
pub mod aws;
pub mod browser;
pub mod calibrate;
pub mod clipboard;
pub mod compare;
pub mod config_file;
#[cfg(windows)]
pub mod console;
pub mod demo;
pub mod dotenv;
pub mod env_files;
pub mod generate;
pub mod http;
pub mod import;
pub mod inline;
pub mod keyring;
pub mod logins;
pub mod mask;
pub mod new_file;
pub mod oauth;
pub mod otp;
#[cfg(unix)]
pub mod pty;
pub mod qr;
pub mod reference;
pub mod search;
pub mod stdio;
pub mod strength;
pub mod surroundings;
pub mod unlock_cache;
pub mod ways_in;
pub mod wiped_json;
