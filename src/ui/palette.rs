//! The palette: every command by its name.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::input;
use super::rows::{Row, Window};
use super::{empty, form, popup, width};
use crate::app::layout::Popup;
use crate::app::palette::{Palette, PaletteRow};
use crate::config::Meaning;

/// Draws the palette.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Palette) {
    popup::frame(canvas, area, "Commands", "");
    if let Some(field) = form::place(area, 0) {
        canvas.say(field.x.saturating_sub(area.label), field.y, 1, ":", Meaning::HintKey);
        let look = form::plain(true, "type a part of its name");
        input::draw(canvas, field, &state.query, look);
    }
    if state.rows.is_empty() {
        let text = state.query.with_str(|query| format!("No command is called \"{query}\""));
        return empty::say(canvas, rect(area.list), &text);
    }
    let len = state.rows.len();
    let window = Window { len, offset: state.offset, selected: state.selected, focused: true };
    popup::list(canvas, area, window, |canvas, row| {
        if let Some(entry) = state.rows.get(row.index) {
            draw_row(canvas, &row, entry);
        }
    });
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Row, entry: &PaletteRow) {
    let Rect { x, y, width: columns, .. } = row.area;
    let end = columns.saturating_sub(1);
    let keys = row.style(canvas, Meaning::HintKey);
    let taken = canvas.right(x + end, y, end / 3, &entry.keys, keys);
    let room = end.saturating_sub(taken + 3);
    let style = row.style(canvas, Meaning::Text);
    let text = entry.description;
    let hit = |at: usize| entry.positions.binary_search(&at).is_ok();
    let used = canvas.matched((x + 1, y, room), text, style, hit);
    let word = format!("  {}", entry.word);
    let dim = row.style(canvas, Meaning::Dim);
    if width::width(&word) + usize::from(used) <= usize::from(room) {
        canvas.put(x + 1 + used, y, room - used, &word, dim);
    }
}
