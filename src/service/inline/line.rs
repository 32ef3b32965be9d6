//! Looks through one line for every secret that stands in it. Keeps no value.

use std::ops::Range;

use super::pairs::{Pair, begins_pair, begins_word, is_between, is_first};
use super::values::{is_token, private_key_header};
use super::{judge, judge_by_name};
use crate::service::reference::Template;
use crate::vault::SecretKind;

/// A line, and how far it was looked through.
struct Scan<'a> {
    line: &'a str,
    references: Vec<Range<usize>>,
    at: usize,
    /// Up to here it is a text in quotes, or a comment: words that only look like an assignment are none.
    prose_to: usize,
    /// Up to here goes a value without quotes that was judged already.
    bare_to: usize,
}

/// Every secret of a line, or of prose, with the name it is assigned to, in order; without one it has no
/// name.
pub fn secrets(line: &str, is_prose: bool) -> Vec<(&str, SecretKind)> {
    let spots = Template::parse(line.as_bytes()).into_spots();
    // In what is none there may be anything.
    let well_formed = spots.into_iter().filter(|spot| spot.reference.is_ok());
    let references = well_formed.map(|spot| spot.at).collect();
    let prose_to = if is_prose { line.len() } else { 0 };
    let mut scan = Scan { line, references, at: 0, prose_to, bare_to: 0 };
    std::iter::from_fn(|| scan.next()).collect()
}

impl<'a> Scan<'a> {
    fn next(&mut self) -> Option<(&'a str, SecretKind)> {
        while self.at < self.line.len() {
            let from = self.at;
            if let Some(found) = self.look() {
                return Some(found);
            }
            if self.at == from {
                let letter = self.rest().chars().next().map_or(1, char::len_utf8);
                self.at += letter;
            }
        }
        None
    }

    fn rest(&self) -> &'a str {
        self.line.get(self.at..).unwrap_or_default()
    }

    /// What begins here; goes on behind a secret, and into the value of what is none.
    fn look(&mut self) -> Option<(&'a str, SecretKind)> {
        if !begins_pair(self.line, self.at) {
            return None;
        }
        let next = self.references.partition_point(|reference| reference.end <= self.at);
        if let Some(reference) = self.references.get(next).filter(|it| it.contains(&self.at)) {
            self.at = reference.end;
            return None;
        }
        if self.begins_comment() {
            self.prose_to = self.line.len();
            return None;
        }
        match Pair::at(self.line, self.at, self.bare_to).filter(|pair| self.is_meant(pair)) {
            Some(pair) => self.judged(&pair),
            None => self.word(),
        }
    }

    /// `#` behind a blank or first; `//` and `;` only first.
    fn begins_comment(&self) -> bool {
        let rest = self.rest();
        let before = self.line.get(..self.at).unwrap_or_default();
        let is_behind_blank = before.is_empty() || before.ends_with(char::is_whitespace);
        let is_mark = rest.starts_with("//") || rest.starts_with(';');
        (rest.starts_with('#') && is_behind_blank) || (is_mark && is_first(self.line, self.at))
    }

    /// Whether an assignment is one, and not a sentence with a colon in it.
    fn is_meant(&self, pair: &Pair<'_>) -> bool {
        let is_word = pair.is_quoted || !pair.value.contains(char::is_whitespace);
        self.at >= self.prose_to || (pair.is_plain && is_word)
    }

    fn judged(&mut self, pair: &Pair<'a>) -> Option<(&'a str, SecretKind)> {
        let kind = match pair {
            pair if pair.is_nested() => None,
            // Its form was looked at with the whole of `a=b=c`, and once is enough.
            pair if pair.at.end <= self.bare_to => judge_by_name(pair.name, pair.value),
            pair => judge(pair.name, pair.value),
        };
        if let Some(kind) = kind {
            self.at = pair.at.end;
            return Some((pair.name, kind));
        }
        self.at = pair.at.start;
        let judged_to = if pair.is_quoted { &mut self.prose_to } else { &mut self.bare_to };
        *judged_to = pair.at.end.max(*judged_to);
        None
    }

    /// A secret that stands by itself.
    fn word(&mut self) -> Option<(&'a str, SecretKind)> {
        let rest = self.rest();
        if let Some(length) = private_key_header(rest) {
            self.at += length;
            return Some(("", SecretKind::PrivateKey));
        }
        if !begins_word(self.line, self.at) {
            return None;
        }
        let end = rest.find(is_between).unwrap_or(rest.len());
        let kind = is_token(rest.get(..end)?.as_bytes())?;
        self.at += end;
        Some(("", kind))
    }
}
