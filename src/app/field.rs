//! One text field that wipes what it held: for values, passphrases, names and notes alike. Not a widget.

use zeroize::Zeroize;

use crate::vault::SensitiveBytes;

/// Text being typed. Without `Clone` and `Debug`; every buffer it outgrows is wiped.
pub struct SecretField {
    /// Always UTF-8.
    pub(super) bytes: Vec<u8>,
    /// A byte offset on a grapheme boundary.
    pub(super) cursor: usize,
    /// The longest content in bytes.
    pub(super) max: usize,
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

impl Drop for SecretField {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}
