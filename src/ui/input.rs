//! A field being typed into: its text or dots, scrolled to the cursor. Keeps nothing of what it shows.

use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

use super::canvas::Canvas;
use super::width;
use crate::app::SecretField;
use crate::config::Meaning;
use crate::text::visible;

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
    field.with_str(|text| {
        let at = locate(text, field.cursor(), field.shown);
        let top = scrolled(field.top, at.line, usize::from(area.height));
        let left = scrolled(field.left, at.column, usize::from(area.width));
        for (row, line) in (area.y..area.bottom()).zip(text.split('\n').skip(top)) {
            draw_line(canvas, (area.x, row, area.width), line, left, field.shown, look.meaning);
        }
        if look.focused {
            let column = u16::try_from(at.column - left).unwrap_or(area.width);
            let row = u16::try_from(at.line - top).unwrap_or(area.height);
            canvas.place_cursor(area.x + column.min(area.width - 1), area.y + row);
        }
    });
}

/// Line and column of the cursor.
struct At {
    line: usize,
    column: usize,
}

fn locate(text: &str, cursor: usize, shown: bool) -> At {
    let before = text.get(..cursor).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let tail = before.get(start..).unwrap_or_default();
    At { line, column: tail.graphemes(true).map(|grapheme| columns(grapheme, shown)).sum() }
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
        used += canvas.say(x + used, y, max - used, &visible(text), meaning);
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
