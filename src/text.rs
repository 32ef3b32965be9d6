//! How foreign text may be shown, and how numbers of things are said: on the screen, by the command line and
//! in errors. Not a validator.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::ops::Deref;
use std::path::Path;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use zeroize::Zeroizing;

/// Returns `text` with everything a terminal might obey made visible instead.
///
/// C0 controls become their control pictures (`␛`), all other control, format, line-separator,
/// private-use and unassigned characters become `<U+XXXX>`. Borrowed when nothing had to change.
pub fn visible(text: &str) -> Cow<'_, str> {
    match is_visible(text) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(made(text, is_plain)),
    }
}

/// A path as [`visible`] text; what is no UTF-8 in it becomes replacement characters.
pub fn visible_path(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

/// Like [`visible`], but keeps newlines and tabs, for text shown over several lines.
pub fn visible_lines(text: &str) -> String {
    made(text, is_of_lines)
}

/// Like [`visible`], for a value: a copy is wiped when it is dropped.
pub fn visible_secret(text: &str) -> ShownSecret<'_> {
    match is_visible(text) {
        true => ShownSecret::AsItIs(text),
        false => ShownSecret::Made(Zeroizing::new(made(text, is_plain))),
    }
}

/// Like [`visible_lines`], for a value: the copy is wiped when it is dropped.
pub fn visible_secret_lines(text: &str) -> Zeroizing<String> {
    Zeroizing::new(made(text, is_of_lines))
}

/// Whether [`visible`] changes nothing.
pub fn is_visible(text: &str) -> bool {
    text.chars().all(is_plain)
}

/// Whether [`visible_lines`] changes nothing.
pub fn are_visible_lines(text: &str) -> bool {
    text.chars().all(is_of_lines)
}

/// `1 secret`, `9 secrets`, `1,234 secrets`. For a noun that takes an `s`, or an `ies` for its `y`.
pub fn counted(count: usize, noun: &str) -> String {
    let plural = match (count, noun.strip_suffix('y')) {
        (1, _) => noun.to_owned(),
        (_, Some(stem)) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{noun}s"),
    };
    format!("{} {plural}", grouped(count))
}

/// A number with a comma every three digits.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// A value as it may be shown: itself, or a copy that is wiped. Deliberately neither `Debug` nor `Clone`.
pub enum ShownSecret<'a> {
    /// Nothing had to change.
    AsItIs(&'a str),
    /// The copy.
    Made(Zeroizing<String>),
}

impl Deref for ShownSecret<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::AsItIs(text) => text,
            Self::Made(text) => text,
        }
    }
}

/// Makes the visible form in a buffer of its exact length: one that grew would leave copies behind.
fn made(text: &str, keeps: fn(char) -> bool) -> String {
    let mut length = Length(0);
    // Neither counting nor writing to a String can fail.
    let _ = write_visible(&mut length, text, keeps);
    let mut shown = String::with_capacity(length.0);
    let _ = write_visible(&mut shown, text, keeps);
    shown
}

/// Counts the bytes written to it.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

fn write_visible(to: &mut impl Write, text: &str, keeps: fn(char) -> bool) -> fmt::Result {
    text.chars().try_for_each(|c| match c {
        c if keeps(c) => to.write_char(c),
        c @ '\u{0}'..='\u{1f}' => {
            to.write_char(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'))
        }
        '\u{7f}' => to.write_char('\u{2421}'),
        c => write!(to, "<U+{:04X}>", c as u32),
    })
}

fn is_of_lines(c: char) -> bool {
    matches!(c, '\n' | '\t') || is_plain(c)
}

/// Whether a terminal shows `c` as itself and nothing else happens.
fn is_plain(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    !matches!(
        c.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::Surrogate
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
    )
}

/// Whether bytes are a text in some encoding of letters in bytes; a NUL stands in none.
pub fn is_text(bytes: &[u8]) -> bool {
    !bytes.contains(&0)
}

/// Without the mark with which some editors begin a UTF-8 text.
pub fn without_byte_order_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// Whether a text says of itself, by its first two bytes, that it is UTF-16.
pub fn is_utf16(text: &[u8]) -> bool {
    text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff")
}

/// The line, from 1, on which byte `at` of a text stands.
pub fn line_at(text: &[u8], at: usize) -> usize {
    1 + text.iter().take(at).filter(|byte| **byte == b'\n').count()
}

/// Without one newline (LF or CR LF) at the end.
pub fn without_newline(bytes: &[u8]) -> &[u8] {
    let line = bytes.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    line.unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_things_read_easily() {
        assert_eq!(counted(1, "secret"), "1 secret");
        assert_eq!(counted(100_000, "secret"), "100,000 secrets");
        assert_eq!(counted(2, "entry"), "2 entries");
        assert_eq!(counted(2, "day"), "2 days");
    }

    #[test]
    fn lines_are_counted_from_one() {
        let line = |at| line_at(b"a\r\nb\n", at);
        assert_eq!((line(0), line(2), line(3), line(5), line(99)), (1, 1, 2, 3, 3));
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(visible("naïve 日本語 •"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_a_terminal_obeys_becomes_visible() {
        assert_eq!(visible("a\u{1b}]0;x\u{7}b"), "a␛]0;x␇b");
        assert_eq!(visible("\u{202e}x\u{9b}\u{e0041}\u{7f}"), "<U+202E>x<U+009B><U+E0041>␡");
    }

    #[test]
    fn lines_and_tabs_survive_in_multi_line_text() {
        assert_eq!(visible_lines("a\tb\n\u{1b}c"), "a\tb\n␛c");
    }

    #[test]
    fn a_copy_of_a_value_is_the_same_and_never_grew() {
        for text in ["a\u{1b}b", &"\u{202e}\u{e0041}\u{7}\n\t".repeat(999), "\u{9b}"] {
            let copy = visible_secret(text);
            assert_eq!(&*copy, visible(text));
            let ShownSecret::Made(copy) = copy else { panic!("it had to change") };
            assert_eq!(copy.capacity(), copy.len());
            let lines = visible_secret_lines(text);
            assert_eq!((&**lines, lines.capacity()), (&*visible_lines(text), lines.len()));
        }
        assert!(matches!(visible_secret("naïve"), ShownSecret::AsItIs("naïve")));
        assert!(are_visible_lines("a\tb\nc") && !is_visible("a\tb") && !are_visible_lines("\r"));
    }
}
