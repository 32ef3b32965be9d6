//! Text measured and cut by the columns it takes on a terminal. Knows no styles.

use std::borrow::Cow;
use std::ops::Range;

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

/// Columns that `text` takes, grapheme by grapheme as it is drawn.
pub fn width(text: &str) -> usize {
    if is_simple(text) {
        return text.len();
    }
    text.graphemes(true).map(grapheme_width).sum()
}

/// Columns that one grapheme takes; control characters take none, they are never drawn.
pub fn grapheme_width(grapheme: &str) -> usize {
    if grapheme.contains(char::is_control) { 0 } else { usize::from(grapheme.cell_width()) }
}

/// Printable ASCII: one byte, one column.
fn is_simple(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// As much of the beginning of `text` as fits `max` columns.
pub fn head(text: &str, max: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme_width(grapheme);
        if used > max {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

/// As much of the end of `text` as fits `max` columns.
pub fn tail(text: &str, max: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += grapheme_width(grapheme);
        if used > max {
            return text.get(at + grapheme.len()..).unwrap_or_default();
        }
    }
    text
}

/// Cuts `text` in its middle so that it fits `max` columns; both ends of a name tell it apart.
pub fn middle<'a>(text: &'a str, max: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= max {
        return Cow::Borrowed(text);
    }
    if max == 0 {
        return Cow::Borrowed("");
    }
    let (front, back) = ends(text, max);
    let (front, back) = (text.get(..front), text.get(back..));
    Cow::Owned(format!("{}{ellipsis}{}", front.unwrap_or_default(), back.unwrap_or_default()))
}

/// Where the kept front ends and the kept back begins when `text` is cut to `max` columns with an
/// ellipsis of one column between, as byte offsets.
pub fn ends(text: &str, max: usize) -> (usize, usize) {
    let kept = max.saturating_sub(1);
    let front = head(text, kept - kept / 2);
    let back = tail(text, kept.saturating_sub(width(front)).min(kept / 2));
    (front.len(), text.len() - back.len())
}

/// Cuts `text` at its end so that it fits `max` columns; for sentences.
pub fn end<'a>(text: &'a str, max: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= max {
        return Cow::Borrowed(text);
    }
    if max == 0 {
        return Cow::Borrowed("");
    }
    Cow::Owned(format!("{}{ellipsis}", head(text, max - 1).trim_end()))
}

/// Cuts `text` at its start so that it fits `max` columns; for paths and scopes, whose end tells most.
pub fn start<'a>(text: &'a str, max: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= max {
        return Cow::Borrowed(text);
    }
    if max == 0 {
        return Cow::Borrowed("");
    }
    Cow::Owned(format!("{ellipsis}{}", tail(text, max - 1)))
}

/// Breaks prose between words into lines of at most `max` columns; a longer word is broken.
///
/// Newlines in the text begin a new line. At most `limit` lines are made.
pub fn words(text: &str, max: usize, limit: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    if max == 0 {
        return lines;
    }
    for paragraph in text.split('\n') {
        let mut rest = paragraph.trim_end();
        loop {
            if lines.len() >= limit {
                return lines;
            }
            let (line, after) = break_line(rest, max);
            lines.push(line);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
    }
    lines
}

/// The first line of `text`, and what follows it without the space between.
fn break_line(text: &str, max: usize) -> (&str, &str) {
    let fitting = head(text, max);
    if fitting.len() == text.len() {
        return (text, "");
    }
    let rest = text.get(fitting.len()..).unwrap_or_default();
    if fitting.is_empty() {
        // A grapheme wider than the line: it is left out rather than looped over.
        let skipped = text.graphemes(true).next().map_or(text.len(), str::len);
        return ("", text.get(skipped..).unwrap_or_default());
    }
    if rest.starts_with(' ') {
        return (fitting.trim_end(), rest.trim_start());
    }
    match fitting.rfind(' ').filter(|at| !fitting.get(..*at).unwrap_or_default().trim().is_empty())
    {
        Some(at) => {
            let (line, _) = fitting.split_at(at);
            let (_, after) = text.split_at(at);
            (line.trim_end(), after.trim_start())
        }
        None => break_word(text, fitting),
    }
}

/// Breaks a word too long for a line, after a sign such as addresses have if one is near its end.
fn break_word<'a>(text: &'a str, fitting: &str) -> (&'a str, &'a str) {
    let sign = fitting.rfind(['/', ':', ',', ';', '&', '?', '.', '@']).map(|at| at + 1);
    text.split_at(sign.filter(|at| *at * 2 > fitting.len()).unwrap_or(fitting.len()))
}

/// The visual rows of a value: byte ranges broken at newlines and at `max` columns exactly.
///
/// Nothing is copied, so that a secret stays where it is. At most `limit` rows are found.
pub fn rows(text: &str, max: usize, limit: usize) -> Vec<Range<usize>> {
    rows_by(text, max, limit, shown_width)
}

/// The same with other widths of graphemes, such as one column for every dot.
pub fn rows_by(
    text: &str,
    max: usize,
    limit: usize,
    columns: impl Fn(&str) -> usize,
) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let mut start = 0;
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        if rows.len() >= limit {
            return rows;
        }
        if matches!(grapheme, "\n" | "\r\n") {
            rows.push(start..at);
            (start, used) = (at + grapheme.len(), 0);
            continue;
        }
        let wide = columns(grapheme);
        if used > 0 && used + wide > max {
            rows.push(start..at);
            (start, used) = (at, 0);
        }
        used += wide;
    }
    if rows.len() < limit {
        rows.push(start..text.len());
    }
    rows
}

/// Columns of a grapheme of a value after [`crate::text::visible_secret`] has made it harmless.
pub fn shown_width(grapheme: &str) -> usize {
    if is_simple(grapheme) {
        return grapheme.len();
    }
    width(&crate::text::visible_secret(grapheme))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::string_slice)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_a_terminal() {
        for (text, columns) in
            [("abc", 3), ("日本", 4), ("e\u{301}", 1), ("🔑", 2), ("", 0), ("a\u{1b}b", 2)]
        {
            assert_eq!(width(text), columns, "{text:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_both_its_ends() {
        assert_eq!(middle("stripe_webhook_secret", 21, "…"), "stripe_webhook_secret");
        assert_eq!(middle("stripe_webhook_secret", 11, "…"), "strip…ecret");
        assert_eq!(middle("stripe_webhook_secret", 10, "…"), "strip…cret");
        assert_eq!(middle("日本語テスト", 7, "…"), "日…ト");
        assert_eq!(middle("ab", 1, "…"), "…");
        assert_eq!(middle("ab", 0, "…"), "");
    }

    #[test]
    fn nothing_is_ever_wider_than_asked() {
        let texts =
            ["stripe_webhook_secret", "日本語テスト", "e\u{301}e\u{301}e\u{301}", "a🔑b🔑c"];
        for text in texts {
            for max in 0..24 {
                assert!(width(&middle(text, max, "…")) <= max, "{text} {max}");
                assert!(width(&end(text, max, "…")) <= max, "{text} {max}");
                assert!(width(&start(text, max, "…")) <= max, "{text} {max}");
                for line in words(text, max, 99) {
                    assert!(width(line) <= max, "{text} {max}");
                }
            }
        }
    }

    #[test]
    fn prose_breaks_between_words() {
        let text = "Restricted key. Rotate with the billing team.\nSecond";
        assert_eq!(
            words(text, 18, 9),
            ["Restricted key.", "Rotate with the", "billing team.", "Second"]
        );
        assert_eq!(words("abcdefgh", 3, 9), ["abc", "def", "gh"]);
        assert_eq!(words("日本語", 1, 9).concat(), "");
        assert_eq!(words("one two", 18, 0).len(), 0);
        assert_eq!(words("", 5, 9), [""]);
    }

    #[test]
    fn a_value_is_broken_where_it_is_full() {
        let text = "abcd\nef\r\n日本語\n";
        let shown: Vec<&str> = rows(text, 4, 99).into_iter().map(|r| &text[r]).collect();
        assert_eq!(shown, ["abcd", "ef", "日本", "語", ""]);
        assert_eq!(rows(text, 4, 2).len(), 2);
        assert_eq!(rows("日本", 1, 9).len(), 2);
        assert_eq!(rows("", 4, 9).len(), 1);
    }
}
