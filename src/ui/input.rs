//! A field being typed into: its text or dots, scrolled to the cursor. Keeps nothing of what it shows.

use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

use super::canvas::Canvas;
use super::width;
use crate::app::SecretField;
use crate::config::Meaning;
use crate::text::visible_secret;

/// How a field is to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Whether the cursor is in it.
    pub focused: bool,
    /// What stands there while it is empty.
    pub placeholder: &'a str,
    /// The style of its text.
    pub meaning: Meaning,
}

/// Draws the field into `area`, and the cursor when it has the focus.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, field: &SecretField, look: Look<'_>) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    if field.is_empty() && !look.placeholder.is_empty() {
        canvas.sentence(area.x, area.y, area.width, look.placeholder, Meaning::Dim);
    }
    field.with_str(|text| match field.is_multi_line() {
        true => draw_wrapped(canvas, area, text, field, look),
        false => draw_scrolled(canvas, area, text, field, look),
    });
}

/// One line that scrolls sideways so that the cursor is seen.
fn draw_scrolled(
    canvas: &mut Canvas<'_>,
    area: Rect,
    text: &str,
    field: &SecretField,
    look: Look<'_>,
) {
    let before = text.get(..field.cursor()).unwrap_or(text);
    let at = before.graphemes(true).map(|grapheme| columns(grapheme, field.shown)).sum();
    let left = scrolled(field.left, at, usize::from(area.width));
    draw_line(canvas, (area.x, area.y, area.width), text, left, field.shown, look.meaning);
    if look.focused {
        let column = u16::try_from(at - left).unwrap_or(area.width);
        canvas.place_cursor(area.x + column.min(area.width - 1), area.y);
    }
}

/// Lines that are broken where they are full; one column is kept free for the cursor.
fn draw_wrapped(
    canvas: &mut Canvas<'_>,
    area: Rect,
    text: &str,
    field: &SecretField,
    look: Look<'_>,
) {
    let height = usize::from(area.height);
    let room = usize::from(area.width.saturating_sub(1)).max(1);
    let (text, cursor) = from_line(text, field.top, field.cursor());
    let wide = |grapheme: &str| columns(grapheme, field.shown);
    // As many rows as reach from the top to the cursor, and a screen more.
    let mut rows = width::rows_by(text, room, height, wide);
    if rows.last().is_some_and(|last| last.end < cursor) {
        let before = text.get(..cursor).unwrap_or(text);
        let needed = width::rows_by(before, room, usize::MAX, wide).len();
        rows = width::rows_by(text, room, needed + height, wide);
    }
    let row = rows.iter().rposition(|row| row.start <= cursor).unwrap_or(0);
    let first = (row + 1).saturating_sub(height);
    for (y, row) in (area.y..area.bottom()).zip(rows.iter().skip(first)) {
        let line = text.get(row.clone()).unwrap_or_default();
        draw_line(canvas, (area.x, y, area.width), line, 0, field.shown, look.meaning);
    }
    if look.focused {
        let start = rows.get(row).map_or(0, |row| row.start);
        let before = text.get(start..cursor).unwrap_or_default();
        let column: usize = before.graphemes(true).map(wide).sum();
        let column = u16::try_from(column).unwrap_or(area.width).min(area.width - 1);
        let row = u16::try_from(row - first).unwrap_or(0);
        canvas.place_cursor(area.x + column, area.y + row);
    }
}

/// The text from line `top` on, or from the cursor's line if that is above; and the cursor in it.
fn from_line(text: &str, top: usize, cursor: usize) -> (&str, usize) {
    let line = text.bytes().take(cursor).filter(|byte| *byte == b'\n').count();
    let start = match top.min(line) {
        0 => 0,
        skip => text.match_indices('\n').nth(skip - 1).map_or(0, |(at, _)| at + 1),
    };
    (text.get(start..).unwrap_or_default(), cursor - start.min(cursor))
}

fn columns(grapheme: &str, shown: bool) -> usize {
    if shown { width::shown_width(grapheme) } else { 1 }
}

/// The first line or column to show so that the cursor is seen, near to what was shown before.
fn scrolled(first: usize, cursor: usize, room: usize) -> usize {
    first.min(cursor).max((cursor + 1).saturating_sub(room))
}

/// One line from column `left` on; dots instead of characters when it is hidden.
fn draw_line(
    canvas: &mut Canvas<'_>,
    (x, y, max): (u16, u16, u16),
    line: &str,
    left: usize,
    shown: bool,
    meaning: Meaning,
) {
    let (mut column, mut used) = (0, 0);
    let dot = canvas.glyphs().dot;
    for grapheme in line.graphemes(true) {
        let wide = columns(grapheme, shown);
        column += wide;
        if column <= left {
            continue;
        }
        if used >= max {
            return;
        }
        let text = if shown { grapheme } else { dot };
        if column - wide < left {
            // The first character is scrolled half away.
            used += canvas.say(x, y, max, &" ".repeat(column - left), meaning);
            continue;
        }
        used += canvas.say(x + used, y, max - used, &visible_secret(text), meaning);
    }
}

/// Draws a label left of a field; the focused one stands out.
pub fn label(canvas: &mut Canvas<'_>, field: Rect, columns: u16, text: &str, focused: bool) {
    let x = field.x.saturating_sub(columns);
    let meaning = if focused { Meaning::TitleFocused } else { Meaning::Dim };
    if focused && x > 1 {
        let mark = canvas.glyphs().mark;
        canvas.say(x - 2, field.y, 1, mark, Meaning::BorderFocused);
    }
    canvas.say(x, field.y, columns.saturating_sub(1), text, meaning);
}

/// Draws `[x] label`, the cursor on the cross when it has the focus.
pub fn check_box(canvas: &mut Canvas<'_>, area: Rect, text: &str, on: bool, focused: bool) {
    let cross = if on { "x" } else { " " };
    let meaning = if focused { Meaning::TitleFocused } else { Meaning::Text };
    let shown = format!("[{cross}] {text}");
    canvas.say(area.x, area.y, area.width, &shown, meaning);
    if focused && area.width > 1 {
        canvas.place_cursor(area.x + 1, area.y);
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Position;

    use super::super::style::Skin;
    use super::*;
    use crate::config::{Chord, KeyCode, Theme};

    /// Draws a field of ten columns and three rows with the cursor after some steps to the left.
    fn drawn(mut field: SecretField, text: &str, left: usize) -> (Vec<String>, Option<Position>) {
        field.set(text);
        for _ in 0..left {
            assert!(field.type_key(Chord::plain(KeyCode::Left)));
        }
        let area = Rect::new(0, 0, 10, 3);
        let mut buf = Buffer::empty(area);
        let mut canvas = Canvas::new(&mut buf, Skin::new(&Theme::mono(), false));
        let look = Look { focused: true, placeholder: "", meaning: Meaning::Text };
        draw(&mut canvas, area, &field, look);
        let cursor = canvas.cursor;
        let row = |y| (0..10).map(|x| buf[(x, y)].symbol()).collect::<String>();
        ((0..3).map(|y| row(y).trim_end().to_owned()).collect(), cursor)
    }

    #[test]
    fn a_line_scrolls_to_its_cursor() {
        let (rows, cursor) = drawn(SecretField::line(99), "abcdefghijklm", 0);
        assert_eq!((&*rows[0], cursor), ("efghijklm", Some(Position::new(9, 0))));
        let (rows, cursor) = drawn(SecretField::line(99), "abcdefghijklm", 13);
        assert_eq!((&*rows[0], cursor), ("abcdefghij", Some(Position::new(0, 0))));
        let (rows, _) = drawn(SecretField::hidden(99), "日本", 0);
        assert_eq!(rows[0], "●●");
    }

    #[test]
    fn lines_are_broken_and_the_cursor_is_always_seen() {
        let field = || SecretField::lines(99);
        let (rows, cursor) = drawn(field(), "abcdefghijk\nx", 0);
        assert_eq!(
            (rows, cursor.map(|at| (at.x, at.y))),
            (vec_of(["abcdefghi", "jk", "x"]), Some((1, 2)))
        );
        let (rows, cursor) = drawn(field(), "abcdefghi", 0);
        assert_eq!((&*rows[0], cursor), ("abcdefghi", Some(Position::new(9, 0))));
        let (rows, cursor) = drawn(field(), "1\n2\n3\n4\n", 0);
        assert_eq!((rows, cursor), (vec_of(["3", "4", ""]), Some(Position::new(0, 2))));
        let (rows, cursor) = drawn(field(), &"z".repeat(60), 0);
        assert_eq!((&*rows[2], cursor), ("zzzzzz", Some(Position::new(6, 2))));
        let (_, cursor) = drawn(field(), "日本語日本語", 1);
        assert_eq!(cursor, Some(Position::new(2, 1)));
    }

    fn vec_of(rows: [&str; 3]) -> Vec<String> {
        rows.map(str::to_owned).into()
    }
}
