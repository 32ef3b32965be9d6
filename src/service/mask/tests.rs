//! The mask over streams of every form and cut, with a clock that stands. No threads: those are the pump's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

use super::*;

pub fn patterns(values: &[&str]) -> Arc<Patterns> {
    let mut patterns = Patterns::default();
    values.iter().for_each(|value| patterns.add(value.as_bytes()));
    patterns.finish();
    Arc::new(patterns)
}

/// A masker and what came through it, with a clock that stands.
struct Stream {
    masker: Masker,
    out: Vec<u8>,
    now: Instant,
}

impl Stream {
    fn new(patterns: &Arc<Patterns>) -> Self {
        let masker = Masker::new(Arc::clone(patterns));
        Self { masker, out: Vec::new(), now: Instant::now() }
    }

    fn push(&mut self, bytes: &[u8]) -> String {
        // Too little room for most of what is held back, and enough for some.
        let mut buffer = [&[0; 4], bytes].concat();
        self.masker.push(&mut buffer, 4, self.now, &mut self.out).unwrap();
        self.text()
    }

    /// Lets time pass; what is due is written.
    fn after(&mut self, milliseconds: u64) -> String {
        self.now += Duration::from_millis(milliseconds);
        if self.masker.due().is_some_and(|due| due <= self.now) {
            self.masker.release(self.now, &mut self.out).unwrap();
        }
        self.text()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }

    fn end(mut self) -> Vec<u8> {
        self.masker.release(self.now, &mut self.out).unwrap();
        self.out
    }
}

/// All of it in these parts.
fn masked(patterns: &Arc<Patterns>, parts: &[&[u8]]) -> Vec<u8> {
    let mut stream = Stream::new(patterns);
    parts.iter().for_each(|part| drop(stream.push(part)));
    stream.end()
}

fn shown(values: &[&str], text: &str) -> String {
    String::from_utf8(masked(&patterns(values), &[text.as_bytes()])).unwrap()
}

#[test]
fn a_value_becomes_the_mask_and_the_rest_passes() {
    assert_eq!(shown(&["hunter2"], "pw=hunter2, hunter hunter22\n"), "pw=*****, hunter *****2\n");
    for end in ["\n", "\r\n", "\r"] {
        let value = format!("hunter2{end}");
        assert_eq!(shown(&[&value], "hunter2\nx"), "*****\nx", "{end:?}");
    }
    assert_eq!(shown(&["abc", ""], "abc"), "abc", "too short to be masked");
    assert!(!Patterns::takes(b"abc\n") && !Patterns::takes(b"abc\r") && Patterns::takes(b"abcd"));
    let all: Vec<u8> = (0..=255).cycle().take(5000).collect();
    assert_eq!(masked(&patterns(&["hunter2"]), &[&all]), all);
}

#[test]
fn the_leftmost_and_then_the_longest_value_is_taken() {
    assert_eq!(shown(&["abcd", "abcdef", "cdefgh"], "abcdefgh abcdeg"), "*****gh *****eg");
    // The end of what could have been the longer one is a value of its own.
    assert_eq!(shown(&["bcde", "abcdefg"], "abcdef"), "a*****f");
}

#[test]
fn a_value_is_found_however_it_is_split() {
    let patterns = patterns(&["hunter2-and-more", "and-more\nlines-of-it", "pass word/€\"\\"]);
    let text = "x hunter2-and-more hunter2-and-mor\nand-more\nlines-of-it \x1b[31mhunter2-and-more\x1b[0m \
                aHVudGVyMi1hbmQtbW9yZQ== pass%20word%2F%E2%82%AC%22%5C hunter2-";
    let whole = masked(&patterns, &[text.as_bytes()]);
    assert_eq!(String::from_utf8_lossy(&whole).matches("*****").count(), 5, "{whole:?}");
    let bytes = text.as_bytes();
    for first in 0..bytes.len() {
        assert_eq!(masked(&patterns, &[&bytes[..first], &bytes[first..]]), whole, "at {first}");
        let second = (first + 5).min(bytes.len());
        let parts = [&bytes[..first], &bytes[first..second], &bytes[second..]];
        assert_eq!(masked(&patterns, &parts), whole, "at {first} and {second}");
    }
    let bytes: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(masked(&patterns, &bytes), whole);
}

#[test]
fn what_could_become_a_value_waits_fifty_milliseconds_and_no_longer() {
    let mut stream = Stream::new(&patterns(&["hunter2"]));
    assert_eq!(stream.push(b"say h"), "say ");
    assert_eq!(stream.after(49), "say ");
    assert_eq!(stream.after(1), "say h");
    // Nothing waits, so nothing wakes.
    assert_eq!(stream.masker.due(), None);
    assert_eq!(stream.push(b"i\n"), "say hi\n");
}

#[test]
fn bytes_that_follow_do_not_make_others_wait_longer() {
    let mut stream = Stream::new(&patterns(&["aaaaab"]));
    assert_eq!(stream.push(b"aaaa"), "");
    assert_eq!(stream.after(40), "");
    assert_eq!(stream.push(b"aa"), "a");
    assert_eq!(stream.after(10), "aaaaaa");
}

#[test]
fn what_comes_after_a_pause_is_masked_all_the_same() {
    let mut stream = Stream::new(&patterns(&["hunter2"]));
    stream.push(b"hun");
    assert_eq!(stream.after(60), "hun");
    assert_eq!(stream.push(b"ter2 hunter2"), "hun***** *****");
    stream.push(b" hunte");
    stream.after(60);
    assert_eq!(stream.push(b"r3"), "hun***** ***** hunter3");
}

#[test]
fn a_whole_value_that_may_be_a_longer_one_is_never_shown() {
    let mut stream = Stream::new(&patterns(&["abcd", "abcdefgh"]));
    assert_eq!(stream.push(b"abcdef"), "");
    assert_eq!(stream.after(50), "*****ef");
}

#[test]
fn every_usual_encoding_is_found() {
    // With what differs between the alphabets, and between sets of characters that are kept.
    let value = "p@ss~w\u{f6}rd/>>>???*'()!, x";
    let found = |text: &str| {
        let out = shown(&[value], &format!("<{text}>"));
        assert_eq!(out, "<*****>", "{text}");
    };
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        found(&engine.encode(value));
    }
    found(
        &utf8_percent_encode(value, NON_ALPHANUMERIC)
            .to_string()
            .replace("%7E", "~")
            .replace("%2A", "*")
            .replace("%27", "'")
            .replace("%28", "(")
            .replace("%29", ")")
            .replace("%21", "!"),
    );
    // Python: quote, quote_plus. JavaScript: URLSearchParams, encodeURIComponent. With small digits too.
    for text in [
        "p%40ss~w%C3%B6rd/%3E%3E%3E%3F%3F%3F%2A%27%28%29%21%2C%20x",
        "p%40ss~w%C3%B6rd%2F%3E%3E%3E%3F%3F%3F%2A%27%28%29%21%2C+x",
        "p%40ss%7Ew%C3%B6rd%2F%3E%3E%3E%3F%3F%3F*%27%28%29%21%2C+x",
        "p%40ss~w%C3%B6rd%2F%3E%3E%3E%3F%3F%3F*'()!%2C%20x",
        "p%40ss~w%c3%b6rd%2f%3e%3e%3e%3f%3f%3f*'()!%2c%20x",
    ] {
        found(text);
    }
    let json = "a\"b\\c\nd\te/f\u{1}\u{f6}\u{1f600}";
    for text in [
        serde_json::to_string(json).unwrap(),
        r#""a\"b\\c\nd\te\/f\u0001\u00f6\ud83d\ude00""#.to_owned(),
    ] {
        assert_eq!(shown(&[json], &text), "\"*****\"", "{text}");
    }
}

#[test]
fn base64_is_found_at_every_offset_and_by_lines() {
    let value = "hunter2-and-more";
    for before in ["", "a", "ab", "abc", "user:"] {
        for after in ["", "x", "xy", "xyz"] {
            let text = STANDARD.encode(format!("{before}{value}{after}"));
            let out = shown(&[value], &text);
            // At most one character on each side is shared with what is around.
            let around = STANDARD.encode(before).len() + STANDARD.encode(after).len();
            assert!(out.contains("*****") && out.len() <= around + 9, "{text} {out}");
            assert!(!after.is_empty() || !before.is_empty() || out == "*****", "{out}");
        }
    }
    assert_eq!(shown(&[value], &STANDARD.encode(format!("{value}\n"))), "*****");
    let long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for width in [76, 64] {
        for end in ["", "\n"] {
            let text = STANDARD.encode(format!("{long}{end}"));
            let (one, two) = text.split_at(width);
            assert_eq!(shown(&[long], &format!("{one}\n{two}\n")), "*****\n*****\n");
        }
    }
}

#[test]
fn lines_of_a_key_are_found_one_by_one_and_with_the_ends_of_a_terminal() {
    let key = "-----BEGIN KEY-----\nMIIabcdefgh\nshort\nMIIijklmnop\n-----END KEY-----\n";
    assert_eq!(shown(&[key], "1 MIIijklmnop\r\nshort\n"), "1 *****\r\nshort\n");
    assert_eq!(shown(&[key], &key.replace('\n', "\r\n")), "*****\r\n");
    assert_eq!(shown(&["one two three"], "one two"), "one two", "not a part of a line");
}

#[test]
fn control_sequences_stay_whole() {
    let values = &["1049", "mysecret", "31mx", "[31mred-value"];
    for whole in ["\x1b[?1049h", "\x1b[38;5;1049m", "\x1b[1049", "\x1b(1049"] {
        assert_eq!(shown(values, whole), whole.replace("(1049", "(1*****"), "{whole:?}");
    }
    let coloured = "\x1b[31mmysecret\x1b[0m 1049 \x1b]0;mysecret\x07";
    assert_eq!(shown(values, coloured), "\x1b[31m*****\x1b[0m ***** \x1b]0;*****\x07");
    // What a sequence ends in is kept; the rest of the value is not shown for its sake.
    assert_eq!(shown(values, "\x1b[mysecret"), "\x1b[m*****");
    assert_eq!(shown(values, "\x1b[31mx"), "\x1b[31m*****");
    assert_eq!(shown(values, "\x1b[31mred-value"), "\x1b[31m*****");
    // Also when it began in a write before.
    let mut stream = Stream::new(&patterns(values));
    stream.push(b"\x1b[?");
    stream.push(b"10");
    assert_eq!(stream.push(b"49h"), "\x1b[?1049h");
}

#[test]
fn many_values_and_long_ones_are_found() {
    let many: Vec<String> = (0..3000).map(|n| format!("value-number-{n:05}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(shown(&many, "value-number-02999 value-number-03000"), "***** value-number-03000");
    let long = "ab".repeat(30_000) + "c";
    let text = format!("{}{long}{}", "ab".repeat(50), "ab".repeat(50));
    assert_eq!(shown(&[&long], &text), format!("{}*****{}", "ab".repeat(50), "ab".repeat(50)));
}

/// The same, the plainest way: at each place the longest form that stands there.
fn naive(forms: &[forms::Form], text: &[u8]) -> Vec<u8> {
    let (mut at, mut out) = (0, Vec::new());
    while at < text.len() {
        let here = forms.iter().filter(|form| text[at..].starts_with(form)).map(|form| form.len());
        match here.filter(|length| *length >= SHORTEST).max() {
            Some(length) => {
                out.extend_from_slice(MASK);
                at += length;
            }
            None => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out
}

proptest! {
    #[test]
    fn it_is_what_a_naive_replacer_does(
        values in proptest::collection::vec("[ab]{4,9}|[ab/ ]{4,6}", 1..5),
        text in "([ab/ %]|YWJh|%20|YmFi){0,60}",
        cuts in proptest::collection::vec(0_usize..60, 0..6),
    ) {
        let patterns = patterns(&values.iter().map(String::as_str).collect::<Vec<_>>());
        let forms: Vec<_> = values.iter().flat_map(|value| forms::of(value.as_bytes())).collect();
        let bytes = text.as_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let parts: Vec<&[u8]> = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
        prop_assert_eq!(masked(&patterns, &parts), naive(&forms, bytes));
    }

    #[test]
    fn no_value_comes_through_whatever_the_pauses(
        value in "[ -)+-~]{4,12}",
        around in "[ -~]{0,6}",
        parts in 1_usize..5,
    ) {
        let text = format!("{around}{value}{around}");
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(text.len().div_ceil(parts)).collect();
        let out = masked(&patterns(&[&value]), &pieces);
        prop_assert!(!out.windows(value.len()).any(|part| part == value.as_bytes()));
    }
}
