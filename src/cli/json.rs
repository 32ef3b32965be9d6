//! JSON that a terminal may be shown: what it would obey is written as an escape. The data is the same.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::text::is_visible;

/// Writes `value` on one line, without a newline at its end. Nothing is kept in buffers of its own.
pub fn write(to: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(to, Harmless)).map_err(io::Error::from)
}

/// The same as text.
pub fn text(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    // Writing to memory cannot fail, and serde_json writes UTF-8.
    let _ = write(&mut bytes, value);
    String::from_utf8(bytes).unwrap_or_default()
}

/// Compact, and every character that is not plainly shown as `\uXXXX` (RFC 8259, section 7).
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut plain = 0;
        for (at, letter) in fragment.char_indices() {
            let shown =
                (' '..='~').contains(&letter) || is_visible(letter.encode_utf8(&mut [0; 4]));
            if shown {
                continue;
            }
            writer.write_all(fragment.as_bytes().get(plain..at).unwrap_or_default())?;
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            plain = at + letter.len_utf8();
        }
        writer.write_all(fragment.as_bytes().get(plain..).unwrap_or_default())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_reads_back_the_same() {
        let value = "naïve 日本 \u{1b}[2J \u{9b}31m \u{202e}x\u{7f}\u{e0041}\"\\\n";
        let json = text(&value);
        assert!(json.contains("naïve 日本") && json.contains("\\u009b31m"), "{json}");
        assert!(json.contains("\\u202ex\\u007f\\udb40\\udc41"), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), value);
    }
}
