//! Deleted secrets that can still be brought back.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::rows::{Row, Window};
use super::{empty, popup, words};
use crate::app::App;
use crate::app::layout::Popup;
use crate::app::trash::Trash;
use crate::config::Meaning;
use crate::vault::TrashEntry;

/// Columns of what stands at the right: when it was deleted.
const WHEN: u16 = 12;

/// Draws the trash.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Trash, app: &App) {
    let count = state.entries.as_ref().map_or(0, Vec::len);
    let note = if count > 0 { words::counted(count, "secret") } else { String::new() };
    popup::frame(canvas, area, "Trash", &note);
    let Some(entries) = &state.entries else { return };
    if entries.is_empty() {
        return empty::say(canvas, rect(area.list), "Trash is empty");
    }
    let window =
        Window { len: count, offset: state.offset, selected: state.selected, focused: true };
    popup::list(canvas, area, window, |canvas, row| {
        if let Some(entry) = entries.get(row.index) {
            draw_row(canvas, &row, entry, app);
        }
    });
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Row, entry: &TrashEntry, app: &App) {
    let Rect { x, y, width, .. } = row.area;
    let (text, dim) = (row.style(canvas, Meaning::Text), row.style(canvas, Meaning::Dim));
    let end = width.saturating_sub(1);
    let ago = words::ago(entry.deleted_at, app.wall);
    let taken = canvas.right(x + end, y, WHEN.min(end), &ago, dim);
    let room = end.saturating_sub(if taken > 0 { WHEN + 2 } else { 0 });
    let shows_kind = room > 50;
    if shows_kind {
        canvas.put(x + room - 8, y, 8, words::kind_short(entry.summary.kind), dim);
    }
    let room = if shows_kind { room - 10 } else { room };
    canvas.name(x + 1, y, room.saturating_sub(1), &entry.summary.name.to_string(), text);
}
