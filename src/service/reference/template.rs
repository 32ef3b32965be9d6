//! Finds references in any text: `tresor://…` by itself, and every form in `{{ … }}`. Looks none up.

use std::ops::Range;

use thiserror::Error;

use super::Reference;
use crate::fault::{Fault, FaultKind};
use crate::text::visible;
use crate::vault::SensitiveBytes;

/// What begins a reference that stands by itself.
const SCHEME: &[u8] = b"tresor://";
/// The longest reference, in bytes.
const LONGEST: usize = 4096;

/// As long is a malformed reference that is shown, in bytes.
const LONGEST_SHOWN: usize = 199;

/// What is wrong with the words of a reference; safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{why}")]
pub struct Malformed {
    /// Why it is none.
    pub why: String,
    /// The words without their braces, as far as they belong to it; empty if they are too many.
    pub written: String,
}

impl Malformed {
    pub(super) fn new(why: &str, words: &[u8]) -> Self {
        Self { why: why.to_owned(), written: shown(words) }
    }
}

impl Fault for Malformed {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn help(&self) -> String {
        "write tresor://SCOPE/KEY, env:NAME, file:PATH or exec:PROGRAM".into()
    }
}

/// One reference in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The line it begins on, from 1.
    pub line: usize,
    /// The bytes that its value takes the place of.
    pub at: Range<usize>,
    /// What it refers to, or what is wrong with it.
    pub reference: Result<Reference, Malformed>,
}

/// A text with the references in it, in their order.
pub struct Template<'a> {
    text: &'a [u8],
    spots: Vec<Spot>,
}

impl<'a> Template<'a> {
    /// Finds all references. Braces around something else are left alone: other templates use them too.
    pub fn parse(text: &'a [u8]) -> Self {
        let mut spots: Vec<Spot> = Vec::new();
        let (mut at, mut line, mut counted) = (0, 1, 0);
        while let Some(next) = next_start(text, at) {
            let rest = text.get(next..).unwrap_or_default();
            let found = if rest.starts_with(SCHEME) { bare(rest) } else { in_braces(rest) };
            let Some((length, reference)) = found else {
                at = next + 1;
                continue;
            };
            let between = text.get(counted..next).unwrap_or_default();
            line += between.iter().filter(|byte| **byte == b'\n').count();
            (counted, at) = (next, next + length);
            spots.push(Spot { line, at: next..at, reference });
        }
        Self { text, spots }
    }

    /// The references, in their order.
    pub fn spots(&self) -> &[Spot] {
        &self.spots
    }

    /// The references alone, in their order.
    pub fn into_spots(self) -> Vec<Spot> {
        self.spots
    }

    /// The text with one value for each reference, in their order.
    pub fn fill(&self, values: &[&SensitiveBytes]) -> SensitiveBytes {
        let added: usize = values.iter().map(|value| value.len()).sum();
        // Room for all of it: a buffer that grows leaves copies behind.
        let mut filled = Vec::with_capacity(self.text.len() + added);
        let mut from = 0;
        for (spot, value) in self.spots.iter().zip(values) {
            filled.extend_from_slice(self.text.get(from..spot.at.start).unwrap_or_default());
            value.with(|bytes| filled.extend_from_slice(bytes));
            from = spot.at.end;
        }
        filled.extend_from_slice(self.text.get(from..).unwrap_or_default());
        SensitiveBytes::new(filled)
    }
}

/// Whether a text is one reference and nothing else, but for blanks around it.
pub fn is_reference(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    match Template::parse(text).spots() {
        [Spot { at, reference: Ok(_), .. }] => *at == (0..text.len()),
        _ => false,
    }
}

/// Where the next reference may begin.
fn next_start(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let starts = |at: &usize| {
        let here = rest.get(*at..).unwrap_or_default();
        here.starts_with(SCHEME) || here.starts_with(b"{{")
    };
    let candidates = rest.iter().enumerate().filter(|(_, byte)| matches!(byte, b't' | b'{'));
    candidates.map(|(at, _)| at).find(starts).map(|at| from + at)
}

/// A URI by itself: how long it is, and what it says. It ends where no key or field goes on.
fn bare(rest: &[u8]) -> Option<(usize, Result<Reference, Malformed>)> {
    let scope = span(rest, SCHEME.len(), |byte| {
        !byte.is_ascii_whitespace()
            && !byte.is_ascii_control()
            && !b"/\"'`<>{}\\?#,;|".contains(&byte)
    });
    let mut end = scope;
    if rest.get(end) == Some(&b'/') {
        end = span(rest, end + 1, |byte| is_key(byte) || byte == b'%');
        let query = rest.get(end..).unwrap_or_default();
        if query.starts_with(b"?field=") {
            end = span(rest, end + b"?field=".len(), |byte| is_key(byte) || byte == b'%');
        }
    }
    Some((end, read(rest.get(..end)?)))
}

/// What stands in `{{ … }}`: how long it is with its braces, and what it says; `None` for what is
/// somebody else's.
fn in_braces(rest: &[u8]) -> Option<(usize, Result<Reference, Malformed>)> {
    let inner = rest.get(2..)?;
    let line = inner.iter().take(LONGEST).take_while(|byte| **byte != b'\n').count();
    let inner = inner.get(..line)?;
    let close = inner.windows(2).position(|two| two == b"}}")?;
    let text = inner.get(..close)?.trim_ascii();
    let ours: [&[u8]; 4] = [SCHEME, b"env:", b"file:", b"exec:"];
    let is_ours = ours.iter().any(|scheme| text.starts_with(scheme));
    if !is_ours {
        return None;
    }
    Some((close + 4, read(text)))
}

/// The words of a malformed reference.
fn shown(words: &[u8]) -> String {
    // What an address has behind these belongs to it, and may be a secret.
    let words = words.split(|byte| b"&=".contains(byte)).next().unwrap_or_default();
    match words.len() <= LONGEST_SHOWN {
        true => visible(&String::from_utf8_lossy(words)).into_owned(),
        false => String::new(),
    }
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
}

/// The end of a run of bytes that begins at `from`.
fn span(bytes: &[u8], from: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let run = bytes.iter().skip(from).take(LONGEST).take_while(|byte| belongs(**byte)).count();
    from + run
}

fn read(words: &[u8]) -> Result<Reference, Malformed> {
    let text = std::str::from_utf8(words);
    text.map_err(|_| Malformed::new("it is not UTF-8 text", words)).and_then(str::parse)
}
