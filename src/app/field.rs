//! One text field that wipes what it held: for values, passphrases, names and notes alike. Not a widget.

use unicode_segmentation::GraphemeCursor;
use zeroize::Zeroize;

use crate::config::{Chord, KeyCode};
use crate::vault::SensitiveBytes;

/// Text being typed. Without `Clone` and `Debug`; every buffer it outgrows is wiped.
pub struct SecretField {
    /// Always UTF-8.
    bytes: Vec<u8>,
    /// A byte offset on a grapheme boundary.
    cursor: usize,
    /// The longest content in bytes.
    max: usize,
    multi_line: bool,
    /// Whether the characters are shown; dots of their number else.
    pub shown: bool,

    /// The first line on screen, kept by the application so that the cursor stays visible.
    pub top: usize,
    /// The first column on screen, likewise.
    pub left: usize,
}

impl SecretField {
    /// An empty field of one line whose characters are shown.
    pub fn line(max: usize) -> Self {
        Self::new(max, false, true)
    }

    fn new(max: usize, multi_line: bool, shown: bool) -> Self {
        Self { bytes: Vec::new(), cursor: 0, max, multi_line, shown, top: 0, left: 0 }
    }

    /// An empty field of one line that shows dots.
    pub fn hidden(max: usize) -> Self {
        Self::new(max, false, false)
    }

    /// An empty field of many lines whose characters are shown.
    pub fn lines(max: usize) -> Self {
        Self::new(max, true, true)
    }

    /// Whether Enter makes a new line here.
    pub fn is_multi_line(&self) -> bool {
        self.multi_line
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The cursor as a byte offset on a grapheme boundary.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Lends the text.
    pub fn with_str<R>(&self, read: impl FnOnce(&str) -> R) -> R {
        read(std::str::from_utf8(&self.bytes).unwrap_or_default())
    }

    /// A second, equally wiped copy of the text as a value.
    pub fn to_sensitive(&self) -> SensitiveBytes {
        SensitiveBytes::copy_of(&self.bytes)
    }
}

impl SecretField {
    /// Replaces the text, cut at the longest that fits, and puts the cursor at its end.
    pub fn set(&mut self, text: &str) {
        self.clear();
        self.insert_text(text);
    }

    /// Wipes the text.
    pub fn clear(&mut self) {
        self.bytes.zeroize();
        (self.cursor, self.top, self.left) = (0, 0, 0);
    }

    /// Inserts a paste at the cursor; false when it is not UTF-8 or does not fit, and nothing changed.
    ///
    /// In a field of one line, line ends at the paste's end are dropped and others refused.
    pub fn paste(&mut self, pasted: &SensitiveBytes) -> bool {
        pasted.with_str(|text| self.paste_text(text)).unwrap_or(false)
    }

    fn paste_text(&mut self, text: &str) -> bool {
        let text = if self.multi_line { text } else { text.trim_end_matches(['\n', '\r']) };
        let fits = self.bytes.len() + text.len() <= self.max;
        let one_line = self.multi_line || !text.contains(['\n', '\r']);
        if fits && one_line {
            self.insert_text(text);
        }
        fits && one_line
    }

    /// Inserts what fits of `text` at the cursor, up to the last whole character.
    fn insert_text(&mut self, text: &str) {
        let room = self.max.saturating_sub(self.bytes.len());
        let end = text.floor_char_boundary(room);
        let inserted = text.as_bytes().get(..end).unwrap_or_default();
        self.reserve(inserted.len());
        let at = self.cursor;
        let old = self.bytes.len();
        self.bytes.resize(old + inserted.len(), 0);
        self.bytes.copy_within(at..old, at + inserted.len());
        self.bytes[at..at + inserted.len()].copy_from_slice(inserted);
        self.cursor = at + inserted.len();
    }

    /// Makes room without leaving an unwiped copy behind.
    fn reserve(&mut self, more: usize) {
        let needed = self.bytes.len() + more;
        if needed <= self.bytes.capacity() {
            return;
        }
        let mut grown = Vec::with_capacity(needed.next_power_of_two().max(64));
        grown.extend_from_slice(&self.bytes);
        self.bytes.zeroize();
        self.bytes = grown;
    }

    /// Removes the bytes of `range` and wipes where they were.
    fn remove(&mut self, range: std::ops::Range<usize>) {
        let (old, gone) = (self.bytes.len(), range.len());
        self.bytes.copy_within(range.end..old, range.start);
        self.bytes[old - gone..].zeroize();
        self.bytes.truncate(old - gone);
        self.cursor = range.start;
    }

    /// Applies an ordinary typing key; false when the key means nothing here.
    pub fn type_key(&mut self, chord: Chord) -> bool {
        if chord.ctrl || chord.alt {
            return self.command_key(chord);
        }
        match chord.code {
            KeyCode::Char(c) => self.insert_text(c.encode_utf8(&mut [0; 4])),
            KeyCode::Enter if self.multi_line => self.insert_text("\n"),
            KeyCode::Backspace => self.remove(self.before(self.cursor)..self.cursor),
            KeyCode::Delete => self.remove(self.cursor..self.after(self.cursor)),
            KeyCode::Left => self.cursor = self.before(self.cursor),
            KeyCode::Right => self.cursor = self.after(self.cursor),
            KeyCode::Home => self.cursor = self.line_start(self.cursor),
            KeyCode::End => self.cursor = self.line_end(self.cursor),
            KeyCode::Up if self.multi_line => self.move_lines(-1),
            KeyCode::Down if self.multi_line => self.move_lines(1),
            KeyCode::PageUp if self.multi_line => self.move_lines(-10),
            KeyCode::PageDown if self.multi_line => self.move_lines(10),
            _ => return false,
        }
        true
    }

    /// The line-editing keys of shells.
    fn command_key(&mut self, chord: Chord) -> bool {
        match (chord.ctrl, chord.alt, chord.code) {
            (true, false, KeyCode::Char('a')) => self.cursor = self.line_start(self.cursor),
            (true, false, KeyCode::Char('e')) => self.cursor = self.line_end(self.cursor),
            (true, false, KeyCode::Char('u')) => {
                self.remove(self.line_start(self.cursor)..self.cursor);
            }
            (true, false, KeyCode::Char('k')) => {
                self.remove(self.cursor..self.line_end(self.cursor));
            }
            (true, false, KeyCode::Char('w'))
            | (false, true, KeyCode::Backspace)
            | (true, false, KeyCode::Backspace) => {
                self.remove(self.word_before(self.cursor)..self.cursor);
            }
            (true, false, KeyCode::Left) | (false, true, KeyCode::Char('b')) => {
                self.cursor = self.word_before(self.cursor);
            }
            (true, false, KeyCode::Right) | (false, true, KeyCode::Char('f')) => {
                self.cursor = self.word_after(self.cursor);
            }
            (true, false, KeyCode::Home) => self.cursor = 0,
            (true, false, KeyCode::End) => self.cursor = self.bytes.len(),
            _ => return false,
        }
        true
    }

    /// Drops one newline at the end.
    pub fn strip_newline(&mut self) {
        if self.bytes.last() == Some(&b'\n') {
            let (cursor, end) = (self.cursor, self.bytes.len());
            self.remove(end - 1..end);
            self.cursor = cursor.min(self.bytes.len());
        }
    }

    /// The line of the cursor, from 0, and the byte offset where that line begins.
    pub fn cursor_line(&self) -> (usize, usize) {
        let before = &self.bytes[..self.cursor];
        (before.iter().filter(|byte| **byte == b'\n').count(), self.line_start(self.cursor))
    }

    /// Keeps the cursor within `height` lines and `width` columns on screen.
    pub fn scroll_into(&mut self, width: usize, height: usize) {
        let (line, start) = self.cursor_line();
        self.top = follow(self.top, line, height);
        let cursor = self.cursor;
        let column = self.with_str(|text| text.get(start..cursor).map_or(0, columns));
        self.left = follow(self.left, column, width);
    }

    fn before(&self, at: usize) -> usize {
        let step = |text: &str| {
            GraphemeCursor::new(at, text.len(), true).prev_boundary(text, 0).ok().flatten()
        };
        self.with_str(step).unwrap_or(0)
    }

    fn after(&self, at: usize) -> usize {
        let step = |text: &str| {
            GraphemeCursor::new(at, text.len(), true).next_boundary(text, 0).ok().flatten()
        };
        self.with_str(step).unwrap_or(self.bytes.len())
    }

    fn line_start(&self, at: usize) -> usize {
        self.bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |found| found + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        let rest = &self.bytes[at..];
        rest.iter().position(|byte| *byte == b'\n').map_or(self.bytes.len(), |found| at + found)
    }

    fn word_before(&self, mut at: usize) -> usize {
        while at > 0 && !is_word(self.bytes[at - 1]) {
            at -= 1;
        }
        while at > 0 && is_word(self.bytes[at - 1]) {
            at -= 1;
        }
        self.boundary(at)
    }

    fn word_after(&self, mut at: usize) -> usize {
        while at < self.bytes.len() && !is_word(self.bytes[at]) {
            at += 1;
        }
        while at < self.bytes.len() && is_word(self.bytes[at]) {
            at += 1;
        }
        self.boundary(at)
    }

    /// The boundary of a grapheme at or before `at`.
    fn boundary(&self, at: usize) -> usize {
        let is_boundary = |text: &str| {
            text.is_char_boundary(at)
                && GraphemeCursor::new(at, text.len(), true).is_boundary(text, 0).unwrap_or(true)
        };
        if self.with_str(is_boundary) { at } else { self.before_byte(at) }
    }

    fn before_byte(&self, at: usize) -> usize {
        self.before(self.with_str(|text| text.floor_char_boundary(at)))
    }

    /// Moves the cursor by whole lines and keeps its column of characters.
    fn move_lines(&mut self, by: isize) {
        let start = self.line_start(self.cursor);
        let column = self.with_str(|t| t.get(start..self.cursor).map_or(0, |l| l.chars().count()));
        for _ in 0..by.unsigned_abs() {
            let start = self.line_start(self.cursor);
            let end = self.line_end(self.cursor);
            match by {
                by if by < 0 && start > 0 => self.cursor = start - 1,
                by if by > 0 && end < self.bytes.len() => self.cursor = end + 1,
                _ => break,
            }
        }
        let (start, end) = (self.line_start(self.cursor), self.line_end(self.cursor));
        let at = self.with_str(|text| {
            let line = text.get(start..end).unwrap_or_default();
            line.char_indices().nth(column).map_or(end, |(offset, _)| start + offset)
        });
        self.cursor = self.boundary(at);
    }
}

/// Columns of a line as the screen shows it: tabs are four columns wide.
pub fn columns(text: &str) -> usize {
    use unicode_width::UnicodeWidthStr;
    text.split('\t').map(|part| crate::text::visible_secret(part).width()).sum::<usize>()
        + 4 * text.matches('\t').count()
}

/// Bytes of words; everything beyond ASCII counts as one.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// The first visible position so that `at` is among `room` visible ones.
pub(super) fn follow(first: usize, at: usize, room: usize) -> usize {
    if at < first {
        at
    } else if room > 0 && at >= first + room {
        at + 1 - room
    } else {
        first
    }
}

impl Drop for SecretField {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Types keys written as text: `a b <left> x`.
    fn typed(field: &mut SecretField, keys: &str) {
        for key in keys.split(' ') {
            assert!(field.type_key(key.parse().expect("a key")), "{key} meant nothing");
        }
    }

    fn text(field: &SecretField) -> String {
        field.with_str(str::to_owned)
    }

    #[test]
    fn typing_moves_and_removes_by_graphemes() {
        let mut field = SecretField::line(100);
        field.set("ae\u{301}👩‍🚀z");
        typed(&mut field, "left left backspace");
        assert_eq!(text(&field), "a👩‍🚀z");
        typed(&mut field, "delete");
        assert_eq!(text(&field), "az");
    }

    #[test]
    fn words_and_lines() {
        let mut field = SecretField::lines(100);
        field.set("one two\nthree four");
        typed(&mut field, "ctrl-w up end x");
        assert_eq!(text(&field), "one twox\nthree ");
        typed(&mut field, "home ctrl-k down enter");
        assert_eq!(text(&field), "\n\nthree ");
        assert_eq!(field.cursor_line(), (2, 2));
    }

    #[test]
    fn a_paste_fits_or_changes_nothing() {
        let mut field = SecretField::line(5);
        assert!(field.paste(&SensitiveBytes::copy_of(b"ab\n")));
        assert!(!field.paste(&SensitiveBytes::copy_of(b"cdef")));
        assert!(!field.paste(&SensitiveBytes::copy_of(b"c\nd")));
        assert!(!field.paste(&SensitiveBytes::copy_of(b"\xff")));
        assert_eq!(text(&field), "ab");
    }

    proptest! {
        #[test]
        fn no_key_leaves_the_text_or_the_cursor_broken(keys in prop::collection::vec(0usize..26, 0..80), start in "\\PC{0,20}") {
            let names = ["a", "é", "enter", "backspace", "delete", "left", "right", "up", "down", "home",
                "end", "ctrl-a", "ctrl-e", "ctrl-u", "ctrl-k", "ctrl-w", "ctrl-left", "ctrl-right", "alt-b",
                "alt-f", "pageup", "pagedown", "ctrl-home", "ctrl-end", "tab", "👩"];
            let mut field = SecretField::lines(60);
            field.set(&start);
            for key in keys {
                field.type_key(names[key].parse().unwrap());
                prop_assert!(std::str::from_utf8(&field.bytes).is_ok());
                prop_assert!(field.bytes.len() <= 60);
                prop_assert!(field.with_str(|text| text.is_char_boundary(field.cursor)));
                field.scroll_into(10, 3);
            }
        }
    }
}
