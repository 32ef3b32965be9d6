//! What of a secret can be copied, each with its key.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::popup;
use super::rows::{Row, Window};
use crate::app::copy_menu::{CopyItem, CopyMenu, CopyRow};
use crate::app::layout::Popup;
use crate::config::Meaning;

/// Columns of the name of an entry.
const LABEL: u16 = 14;

/// Draws the menu.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &CopyMenu) {
    popup::frame(canvas, area, &format!("Copy from {}", state.name.key), "");
    let window =
        Window { len: state.rows.len(), offset: 0, selected: state.selected, focused: true };
    popup::list(canvas, area, window, |canvas, row| {
        if let Some(entry) = state.rows.get(row.index) {
            draw_row(canvas, &row, entry);
        }
    });
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Row, entry: &CopyRow) {
    let Rect { x, y, width, .. } = row.area;
    let key = row.style(canvas, Meaning::HintKey);
    canvas.put(x + 1, y, 2, entry.key.encode_utf8(&mut [0; 4]), key);
    let text = row.style(canvas, Meaning::Text);
    canvas.put(x + 4, y, LABEL.min(width.saturating_sub(4)), entry.label, text);
    let at = 4 + LABEL;
    let masked = matches!(entry.item, CopyItem::Code | CopyItem::Value);
    let meaning = if masked { Meaning::Secret } else { Meaning::Dim };
    let style = row.style(canvas, meaning);
    canvas.name(x + at, y, width.saturating_sub(at + 1), &entry.preview, style);
}
