//! Stores of pass and gopass: a folder of files that gpg decrypts, one for each entry. Encrypts none.
//!
//! ```text
//! hunter2                        the first line is the password
//! login: me                      named values; login, user, username and url become metadata
//! otpauth://totp/…               a one-time password, wherever it stands
//! the rest                       the note, from the first line that is none of these
//! ```

pub mod gpg;
mod walk;

use std::path::Path;

use super::collect::Collector;
use super::item::Item;
use super::{Bad, ImportError, Outcome, Place};
use crate::fault::FaultKind;
use crate::service::otp::{Otp, OtpError};
use crate::text::visible_path;
use crate::vault::SensitiveBytes;

/// After so many failures in a row, with nothing decrypted, the rest would fail too.
const ENOUGH: usize = 20;
/// The longest name of a value, in bytes.
const LONGEST_NAME: usize = 64;

/// Why a file was not decrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// This file cannot be; safe to show.
    File(String),
    /// No file can be.
    All(ImportError),
}

/// Decrypts a file.
pub type Decrypt<'a> = &'a mut dyn FnMut(&Path) -> Result<SensitiveBytes, Trouble>;

/// Reads a store; `done` is told how many files of how many are.
///
/// # Errors
///
/// A folder that is no store, or a gpg that cannot be had; files that cannot be decrypted are in what was found.
pub fn read(store: &Path, decrypt: Decrypt<'_>, done: &mut dyn FnMut(usize, usize)) -> Outcome {
    let walk::Walked { files, left_out } = walk::walk(store)?;
    let (mut collector, mut failed, mut opened) = (Collector::default(), 0, false);
    left_out.into_iter().for_each(|what| collector.left_out(what));
    for (number, file) in files.iter().enumerate() {
        match decrypt(&file.path) {
            Ok(text) => {
                opened = true;
                let (item, bad) = entry(&file.name, &text);
                bad.into_iter().for_each(|bad| collector.bad(bad.place, bad.why, bad.help));
                collector.add(item, &Place::Path(file.name.join("/")));
            }
            Err(Trouble::All(error)) => return Err(error),
            Err(Trouble::File(why)) => {
                failed += 1;
                collector.bad(
                    Place::Path(file.name.join("/")),
                    why,
                    "try 'gpg --decrypt' on that file",
                );
                if failed >= ENOUGH && !opened {
                    let what = visible_path(store);
                    let why = format!("gpg decrypts none of its first {failed} files");
                    return Err(ImportError::Io { what, why, kind: FaultKind::Locked });
                }
            }
        }
        done(number + 1, files.len());
    }
    collector.done()
}

/// What a file holds, under its name, and the lines in it that cannot be read.
fn entry(name: &[String], text: &SensitiveBytes) -> (Item, Vec<Bad>) {
    let (title, folders) =
        name.split_last().map_or(("", &[][..]), |(title, rest)| (title.as_str(), rest));
    let mut item = Item { folders: folders.to_vec(), title: title.to_owned(), ..Item::default() };
    let path = name.join("/");
    let read = text.with_str(|text| match text.starts_with("-----BEGIN ") {
        true => None,
        false => Some(lines(text, &path, &mut item)),
    });
    match read.flatten() {
        Some(bad) => (item, bad),
        // A key or a file: nothing in it is a line.
        None => {
            item.whole = Some(text.duplicate());
            (item, Vec::new())
        }
    }
}

fn lines(text: &str, path: &str, item: &mut Item) -> Vec<Bad> {
    let mut bad = Vec::new();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    item.password = first.strip_suffix('\r').unwrap_or(first).to_owned().into();
    // As large as all of it: a note that grew would leave copies.
    let mut note = String::with_capacity(rest.len() + 1);
    for (number, line) in rest.lines().enumerate() {
        let otp = line.trim().starts_with("otpauth://").then_some(line.trim());
        let named = named(line).filter(|_| note.is_empty());
        let otp = otp.or(named.filter(|(name, _)| is_otp(name)).map(|(_, value)| value));
        if let Some(key) = otp.filter(|_| item.totp.is_empty()) {
            match Otp::parse(&SensitiveBytes::copy_of(key.as_bytes())) {
                Ok(_) | Err(OtpError::Steam) => item.totp = key.to_owned().into(),
                Err(error) => bad.push(Bad {
                    place: Place::Path(format!("{path}, line {}", number + 2)),
                    why: format!("one-time password: {error}"),
                    help: "compare the key with what the site shows",
                }),
            }
            continue;
        }
        match named {
            Some((name, value)) => value_of(item, name, value),
            None if note.is_empty() && line.trim().is_empty() => {}
            None if note.is_empty() && is_url(line) => item.urls.push(line.trim().to_owned()),
            None => note.extend([line, "\n"]),
        }
    }
    note.truncate(note.trim_end().len());
    item.notes = note.into();
    bad
}

/// A named value goes where its name says.
fn value_of(item: &mut Item, name: &str, value: &str) {
    match name.to_ascii_lowercase().as_str() {
        "login" | "user" | "username" | "user name" if item.username.is_empty() => {
            item.username = value.to_owned().into();
        }
        "url" | "uri" | "website" | "site" | "link" => item.urls.push(value.to_owned()),
        _ => item.field(name, value),
    }
}

/// `name: value`, where the name is one.
fn named(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.len() <= LONGEST_NAME
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _.-".contains(&byte));
    let is_value = value.is_empty() || value.starts_with([' ', '\t']);
    (is_name && is_value).then(|| (name, value.trim()))
}

fn is_otp(name: &str) -> bool {
    ["otp", "totp", "otpauth"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn is_url(line: &str) -> bool {
    ["http://", "https://"].iter().any(|begin| line.trim().starts_with(begin))
}

#[cfg(test)]
mod tests;
