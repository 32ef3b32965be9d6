//! The header of an age file: its version, a stanza for each recipient, and a code over all of it. Knows no
//! kind of stanza.

use std::io::{BufRead, Read as _};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{AgeError, FileKey, Result};

/// The first line.
pub(super) const VERSION: &str = "age-encryption.org/v1\n";
/// What every version begins with.
const ANY_VERSION: &[u8] = b"age-encryption.org/";
/// What the ASCII form begins with.
const ARMOUR: &[u8] = b"-----BEGIN AGE";
/// What a stanza begins with.
const STANZA: &str = "-> ";
/// What the last line begins with.
const END: &str = "---";
/// How many letters a full line of a body has.
const COLUMNS: usize = 64;
/// The longest header that is read: a few hundred recipients.
pub(super) const LONGEST: usize = 64 * 1024;

/// One way to the file key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stanza {
    pub kind: String,
    pub arguments: Vec<String>,
    pub body: Vec<u8>,
}

/// A header to be written.
pub(super) struct Header {
    pub stanzas: Vec<Stanza>,
}

impl Header {
    /// The whole header, with its code.
    pub(super) fn sealed(&self, key: &FileKey) -> Result<Vec<u8>> {
        let mut text = VERSION.to_owned();
        for stanza in &self.stanzas {
            text.push_str(STANZA);
            text.push_str(&stanza.kind);
            for argument in &stanza.arguments {
                text.push(' ');
                text.push_str(argument);
            }
            text.push('\n');
            // A body ends with a line that is not full, though it be empty.
            for line in BASE64.encode(&stanza.body).as_bytes().chunks(COLUMNS) {
                text.extend(line.iter().copied().map(char::from));
                text.push('\n');
            }
            if BASE64.encode(&stanza.body).len().is_multiple_of(COLUMNS) {
                text.push('\n');
            }
        }
        text.push_str(END);
        let code = BASE64.encode(mac(key, text.as_bytes())?.finalize().into_bytes());
        Ok(format!("{text} {code}\n").into_bytes())
    }
}

/// Whether a file begins as one of age does, in whatever version or form.
pub(super) fn is_begun(file: &[u8]) -> bool {
    file.starts_with(ANY_VERSION) || file.starts_with(ARMOUR)
}

/// HMAC-SHA-256 of a header up to and with `---`.
fn mac(key: &FileKey, header: &[u8]) -> Result<Hmac<Sha256>> {
    let key = key.derive(b"", "header")?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key[..]).map_err(|_| AgeError::Internal)?;
    mac.update(header);
    Ok(mac)
}

/// A header that was read, and not believed before [`Read::check`].
pub(super) struct Read {
    /// Up to and with `---`.
    text: Vec<u8>,
    code: Vec<u8>,
    stanzas: Vec<Stanza>,
}

impl Read {
    pub(super) fn stanzas(&self) -> &[Stanza] {
        &self.stanzas
    }

    /// Refuses a header that was not written with this file key.
    pub(super) fn check(&self, key: &FileKey) -> Result<()> {
        let checked = mac(key, &self.text)?.verify_slice(&self.code);
        checked.map_err(|_| AgeError::damaged("its header is not the one that was written"))
    }

    /// Reads up to the payload, and not a byte of that.
    pub(super) fn from(from: &mut impl BufRead) -> Result<Self> {
        let mut lines = Lines { from, text: Vec::new() };
        lines.version()?;
        let mut stanzas = Vec::new();
        loop {
            let begin = lines.text.len();
            let line = lines.next()?;
            if let Some(code) = line.strip_prefix("--- ") {
                let code = decode(code).filter(|code| code.len() == 32).ok_or(BAD)?;
                let mut text = lines.text;
                text.truncate(begin + END.len());
                return match stanzas.is_empty() {
                    true => Err(BAD),
                    false => Ok(Self { text, code, stanzas }),
                };
            }
            let mut words = line.strip_prefix(STANZA).ok_or(BAD)?.split(' ').map(str::to_owned);
            let kind = words.next().filter(|kind| !kind.is_empty()).ok_or(BAD)?;
            let arguments: Vec<String> = words.collect();
            if arguments.iter().any(String::is_empty) {
                return Err(BAD);
            }
            stanzas.push(Stanza { kind, arguments, body: lines.body()? });
        }
    }
}

/// Any other form than the one that is written.
const BAD: AgeError = AgeError::Damaged { why: "its header is not well formed" };

/// Strict base64: no padding, no stray bits.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// The same, encoded.
pub(super) fn encode(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// The lines of a header, and all of it that was read.
struct Lines<'a, R> {
    from: &'a mut R,
    text: Vec<u8>,
}

impl<R: BufRead> Lines<'_, R> {
    /// The first line.
    fn version(&mut self) -> Result<()> {
        let line = match self.read_line() {
            Ok(line) => line.to_vec(),
            Err(AgeError::Damaged { .. }) => self.text.clone(),
            Err(error) => return Err(error),
        };
        match line.as_slice() {
            line if line == VERSION.trim_end().as_bytes() && self.text.ends_with(b"\n") => Ok(()),
            line if line.starts_with(ARMOUR) => Err(AgeError::Armoured),
            line if line.starts_with(ANY_VERSION) && line.is_ascii() => Err(AgeError::NewerFormat),
            _ => Err(AgeError::NotAge),
        }
    }

    /// The next line, of visible ASCII and spaces.
    fn next(&mut self) -> Result<String> {
        let line = self.read_line()?;
        let visible = line.iter().all(|byte| (b' '..=b'~').contains(byte));
        match std::str::from_utf8(line) {
            Ok(line) if visible => Ok(line.to_owned()),
            _ => Err(BAD),
        }
    }

    /// The lines of a body, up to the one that is not full.
    fn body(&mut self) -> Result<Vec<u8>> {
        let mut text = String::new();
        loop {
            let line = self.next()?;
            text.push_str(&line);
            match line.len() {
                COLUMNS => {}
                length if length < COLUMNS => return decode(&text).ok_or(BAD),
                _ => return Err(BAD),
            }
        }
    }

    fn read_line(&mut self) -> Result<&[u8]> {
        let begin = self.text.len();
        let room = LONGEST.saturating_sub(begin) as u64;
        self.from.by_ref().take(room).read_until(b'\n', &mut self.text)?;
        let line = self.text.get(begin..).unwrap_or_default();
        line.strip_suffix(b"\n").ok_or(AgeError::damaged("its header is cut off or too long"))
    }
}
