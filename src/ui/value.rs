//! A secret value on the screen: masked, as text, or as bytes. The plaintext is lent, never copied to a string.

use std::ops::Range;

use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

use super::canvas::Canvas;
use super::{width, words};
use crate::config::Meaning;
use crate::text::visible_secret;
use crate::vault::SensitiveBytes;

/// Dots of a masked value, whatever its length.
pub const MASK: u16 = 16;
/// The most rows of a value that are laid out: more than any screen has.
const MOST_ROWS: usize = 4096;

/// Draws the sixteen dots.
pub fn masked(canvas: &mut Canvas<'_>, x: u16, y: u16, max: u16) {
    let mask = canvas.glyphs().mask;
    canvas.repeat(x, y, MASK.min(max), mask, Meaning::Secret);
}

/// Rows that the value takes at this width, at most `limit`.
pub fn height(value: &SensitiveBytes, columns: u16, limit: u16) -> u16 {
    let rows = value
        .with_str(|text| width::rows(text, usize::from(columns), usize::from(limit)).len())
        .unwrap_or_else(|| value.len().div_ceil(hex_bytes(columns)) + 1);
    u16::try_from(rows).unwrap_or(u16::MAX).clamp(1, limit.max(1))
}

/// Draws the value into `area` from row `scroll` on; what does not fit is counted in the last row.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, value: &SensitiveBytes, scroll: usize) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    let shown = value.with_str(|text| draw_text(canvas, area, text, scroll));
    if shown.is_none() {
        value.with(|bytes| draw_bytes(canvas, area, bytes, scroll));
    }
}

fn draw_text(canvas: &mut Canvas<'_>, area: Rect, text: &str, scroll: usize) {
    let room = usize::from(area.height);
    let limit = scroll.saturating_add(room).saturating_add(1).min(MOST_ROWS);
    let rows = width::rows(text, usize::from(area.width), limit);
    let scroll = scroll.min(rows.len().saturating_sub(room));
    let more = rows.len() > scroll + room;
    let whole = if more { room - 1 } else { room };
    for (y, row) in (area.y..).zip(rows.iter().skip(scroll).take(whole)) {
        draw_row(canvas, (area.x, y, area.width), text.get(row.clone()).unwrap_or_default());
    }
    if more {
        let rest = rows.get(scroll + whole).map_or("", |row| rest_of(text, row));
        let hidden = format!("{} {} hidden", canvas.glyphs().ellipsis, amount(rest));
        canvas.sentence(area.x, area.bottom() - 1, area.width, &hidden, Meaning::Dim);
    }
}

fn rest_of<'a>(text: &'a str, row: &Range<usize>) -> &'a str {
    text.get(row.start..).unwrap_or_default()
}

/// How much a text is, in the unit a reader thinks in.
fn amount(text: &str) -> String {
    match text.trim_end_matches('\n').bytes().filter(|byte| *byte == b'\n').count() {
        0 => words::counted(text.chars().count(), "character"),
        breaks => words::counted(breaks + 1, "line"),
    }
}

fn draw_row(canvas: &mut Canvas<'_>, (x, y, max): (u16, u16, u16), row: &str) {
    let mut used = 0;
    for grapheme in row.graphemes(true) {
        used += canvas.say(x + used, y, max - used, &visible_secret(grapheme), Meaning::Secret);
    }
}

/// Bytes in one row of a hex view: a multiple of four, two digits and a space each.
fn hex_bytes(columns: u16) -> usize {
    (usize::from(columns).saturating_sub(8) / 3 / 4 * 4).clamp(4, 16)
}

fn draw_bytes(canvas: &mut Canvas<'_>, area: Rect, bytes: &[u8], scroll: usize) {
    let each = hex_bytes(area.width);
    let size = format!("binary, {}", words::counted(bytes.len(), "byte"));
    canvas.sentence(area.x, area.y, area.width, &size, Meaning::Dim);
    let room = usize::from(area.height.saturating_sub(1));
    let rows = bytes.len().div_ceil(each);
    let scroll = scroll.min(rows.saturating_sub(room));
    let shown = bytes.chunks(each).enumerate().skip(scroll).take(room);
    for (y, (row, chunk)) in (area.y + 1..).zip(shown) {
        let mut used =
            canvas.say(area.x, y, area.width, &format!("{:06x}  ", row * each), Meaning::Dim);
        for byte in chunk {
            let mut digits = [0_u8; 3];
            digits.copy_from_slice(&[hex_digit(byte >> 4), hex_digit(byte & 15), b' ']);
            let text = std::str::from_utf8(&digits).unwrap_or_default();
            used += canvas.say(area.x + used, y, area.width - used, text, Meaning::Secret);
        }
    }
}

fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + nibble - 10,
    }
}
