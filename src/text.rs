//! How foreign text may be shown: on the screen, by the command line and in errors. Not a validator.

use std::borrow::Cow;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Returns `text` with everything a terminal might obey made visible instead.
///
/// C0 controls become their control pictures (`␛`), all other control, format, line-separator,
/// private-use and unassigned characters become `<U+XXXX>`. Borrowed when nothing had to change.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if is_plain(c) => shown.push(c),
            c @ '\u{0}'..='\u{1f}' => {
                shown.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'));
            }
            '\u{7f}' => shown.push('\u{2421}'),
            c => shown.push_str(&format!("<U+{:04X}>", c as u32)),
        }
    }
    Cow::Owned(shown)
}

/// Like [`visible`], but keeps newlines and tabs, for text shown over several lines.
pub fn visible_lines(text: &str) -> String {
    let line = |line: &str| {
        line.split('\t').map(|part| visible(part).into_owned()).collect::<Vec<_>>().join("\t")
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
