//! Takes a line apart into what is assigned in it: `name = value`, `"name": "value"` and their kin, wherever
//! they stand. Judges nothing.

use std::ops::Range;

/// The longest name that is one, in bytes.
const LONGEST_NAME: usize = 128;
/// So far a value without quotes is read, in bytes: what is longer is no secret of a setting.
const LONGEST_BARE: usize = 4096;
/// The first word of a line begins before this byte.
const DEEPEST: usize = 256;

/// One assignment.
pub struct Pair<'a> {
    /// The name without quotes.
    pub name: &'a str,
    /// The value without quotes; a command of a shell with its backticks.
    pub value: &'a str,
    /// The bytes of the value in the line, its quotes with it.
    pub at: Range<usize>,
    /// Whether the value stands in quotes.
    pub is_quoted: bool,
    /// Whether it is meant as an assignment, also in the midst of a sentence: by `=`, or quotes around the
    /// name.
    pub is_plain: bool,
}

impl<'a> Pair<'a> {
    /// The one that begins at `from`, if one does. A value without quotes before `bare_to` ends there: it
    /// stands in another that does.
    pub fn at(line: &'a str, from: usize, bare_to: usize) -> Option<Self> {
        let head = Head::of(line.get(from..)?, is_first(line, from))?;
        let start = line.len() - head.rest.len();
        let known_end = bare_to.checked_sub(start).filter(|end| *end > 0);
        let (value, length, is_quoted) = value(head.rest, known_end);
        // A shell runs what stands in such quotes; other languages leave a blank before them.
        let is_command = line.get(..start)?.ends_with('=') && head.rest.starts_with('`');
        let written = head.rest.get(..length).filter(|_| is_command);
        let value = written.unwrap_or(value);
        let (name, is_plain) = (head.name, head.is_plain);
        Some(Self { name, value, at: start..start + length, is_quoted, is_plain })
    }

    /// Whether the value is a table or a list, with values of its own.
    pub fn is_nested(&self) -> bool {
        !self.is_quoted && matches!(self.value, "{" | "[")
    }
}

/// What stands between words.
const BETWEEN: &str = "\"'`,;<>()[]{}=";

/// Whether a word may begin at a place of a line: no blank, and nothing of a word before it.
pub fn begins_word(line: &str, at: usize) -> bool {
    begins_behind(line, at, is_between)
}

/// The same for an assignment, which may also be an option, or a part of an address.
pub fn begins_pair(line: &str, at: usize) -> bool {
    begins_behind(line, at, |letter| is_between(letter) || "&?|#-".contains(letter))
}

fn begins_behind(line: &str, at: usize, may_be_before: impl Fn(char) -> bool) -> bool {
    let Some((before, rest)) = line.split_at_checked(at) else { return false };
    let before = before.chars().next_back();
    !rest.starts_with(char::is_whitespace) && before.is_none_or(may_be_before)
}

/// Whether no word goes over a letter.
pub fn is_between(letter: char) -> bool {
    letter.is_whitespace() || BETWEEN.contains(letter)
}

/// Whether nothing but blanks, dashes and braces stands before a place.
pub fn is_first(line: &str, at: usize) -> bool {
    let before = line.get(..at.min(DEEPEST)).unwrap_or_default();
    at < DEEPEST && before.chars().all(|letter| letter.is_whitespace() || "-{".contains(letter))
}

/// A name and what stands behind its `=` or `:`.
struct Head<'a> {
    name: &'a str,
    is_plain: bool,
    rest: &'a str,
}

impl<'a> Head<'a> {
    /// A name of several words, as in `Client Secret: x`, is one only `with_blanks`.
    fn of(text: &'a str, with_blanks: bool) -> Option<Self> {
        let (quote, inner) = opening(text).unwrap_or(("", text));
        let with_blanks = with_blanks || !quote.is_empty();
        let is_name = |byte: u8| {
            byte.is_ascii_alphanumeric() || b"_-.".contains(&byte) || (with_blanks && byte == b' ')
        };
        // No further than a name goes: there may be such letters to the end of a long line.
        let end = inner.bytes().take(LONGEST_NAME + 1).position(|byte| !is_name(byte));
        let (name, behind) = inner.split_at_checked(end.unwrap_or(inner.len()))?;
        let begins_well =
            name.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
        if !begins_well || name.len() > LONGEST_NAME {
            return None;
        }
        let (is_equals, rest) = separator(behind.strip_prefix(quote)?.trim_start_matches(BLANKS))?;
        // Where nothing stands before the `=`, it is that of a shell: `export NAME=value`.
        let is_of_shell = is_equals && quote.is_empty() && !name.ends_with(' ');
        let last = name.rsplit(' ').next().map(|last| last.trim_start_matches('-'));
        let name = last.filter(|_| is_of_shell).unwrap_or(name).trim_end();
        let is_plain = is_equals || !quote.is_empty();
        Some(Self { name, is_plain, rest: rest.trim_start_matches(BLANKS) })
    }
}

const BLANKS: [char; 2] = [' ', '\t'];
/// What is never closed on its line is no quote.
const QUOTES: [char; 2] = ['"', '\''];

/// Whether `=`, `:` or their kin comes first, and what stands behind it; comparisons and addresses are none.
fn separator(text: &str) -> Option<(bool, &str)> {
    if let Some(rest) = ["=>", ":="].iter().find_map(|mark| text.strip_prefix(mark)) {
        return Some((true, rest));
    }
    match text.strip_prefix('=') {
        Some(rest) => (!rest.starts_with(['=', '~'])).then_some((true, rest)),
        None => {
            let rest = text.strip_prefix(':')?;
            (!rest.starts_with(':') && !rest.starts_with("//")).then_some((false, rest))
        }
    }
}

/// The quote that a text begins with, and what stands behind it. In a text that was quoted as a whole, quotes
/// have a backslash.
fn opening(text: &str) -> Option<(&str, &str)> {
    let length = ["\\\"", "\"", "'", "`"].iter().find(|quote| text.starts_with(**quote))?.len();
    text.split_at_checked(length)
}

/// The value that a text begins with, how long it is with its quotes, and whether it has some.
fn value(text: &str, known_end: Option<usize>) -> (&str, usize, bool) {
    if let Some((quote, inner)) = opening(text)
        && let Some(value) = closing(inner, quote).and_then(|end| inner.get(..end))
    {
        return (value, value.len() + 2 * quote.len(), true);
    }
    // Of a table or a list only its brace: what stands in it are values of their own.
    let opened = text.trim_start_matches(QUOTES);
    if let Some(brace) = opened.get(..1).filter(|brace| matches!(*brace, "{" | "[")) {
        return (brace, text.len() - opened.len() + brace.len(), false);
    }
    let end = known_end.unwrap_or_else(|| bare_end(text));
    let bare = text.get(..end).unwrap_or_default();
    let value = bare.trim_start_matches(QUOTES).trim_end_matches([' ', '\t', ',', ';']);
    let closed = value.trim_end_matches(['}', ']', ')']);
    // A brace that was opened inside belongs to the value.
    let is_whole = closed.len() == value.len() || value.contains(['{', '[', '(']);
    (if is_whole { value } else { closed }, end, false)
}

/// Where a quoted text ends; of double quotes, those behind a backslash are a part of it.
fn closing(text: &str, quote: &str) -> Option<usize> {
    if quote != "\"" {
        return text.find(quote);
    }
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })
}

/// Where a value without quotes ends: before a comment, the next assignment, or with the line.
fn bare_end(text: &str) -> usize {
    let begins_pair =
        |text: &str| Head::of(text.trim_start_matches([' ', '\t', '-', '{']), false).is_some();
    let ends = |(at, letter): &(usize, char)| {
        let behind = || text.get(at + letter.len_utf8()..).unwrap_or_default();
        match letter {
            _ if *at >= LONGEST_BARE => true,
            // Of a run of blanks only the last has something behind it.
            letter if letter.is_whitespace() && behind().starts_with(char::is_whitespace) => false,
            letter if letter.is_whitespace() => behind().starts_with('#') || begins_pair(behind()),
            letter => ",;&|".contains(*letter) && begins_pair(behind()),
        }
    };
    text.char_indices().find(ends).map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn first(line: &str) -> Option<(&str, &str, usize)> {
        Pair::at(line, 0, 0).map(|pair| (pair.name, pair.value, pair.at.end))
    }

    #[test]
    fn names_and_values_are_read_in_many_forms() {
        for (line, name, value, end) in [
            ("a=b", "a", "b", 3),
            ("a: b c", "a", "b c", 6),
            ("a = \"b \\\" c\", d = 1", "a", "b \\\" c", 12),
            ("'a' => 'b'", "a", "b", 10),
            ("a := b", "a", "b", 6),
            ("\"a\":{\"b\":1}", "a", "{", 5),
            ("a = [b, c]", "a", "[", 5),
            ("a: '{\"b\":", "a", "{", 5),
            ("a = \"{b}\"", "a", "{b}", 9),
            ("\\\"a\\\":\\\"b\\\"}", "a", "b", 11),
            ("a=b c=d", "a", "b", 3),
            ("a=b&c=d", "a", "b", 3),
            ("a: b, c: d}", "a", "b", 4),
            ("a: b}", "a", "b", 5),
            ("a=f(x) # note", "a", "f(x)", 6),
            ("a=b#c", "a", "b#c", 5),
            ("a='never closed", "a", "never closed", 15),
            ("two words: b", "two words", "b", 12),
            ("two words = b", "two words", "b", 13),
            ("export a=b", "a", "b", 10),
            ("a=`b c` d", "a", "`b c`", 7),
            ("a = `b c`", "a", "b c", 9),
            ("a: `b`", "a", "b", 6),
            ("a=", "a", "", 2),
        ] {
            assert_eq!(first(line), Some((name, value, end)), "{line}");
        }
    }

    #[test]
    fn what_assigns_nothing_is_passed_over() {
        for line in ["a", "a == b", "a != b", "a::b", "https://a", "=a", "-a=b", "ä=b", "a\"=b", ""]
        {
            assert_eq!(first(line), None, "{line}");
        }
    }
}
