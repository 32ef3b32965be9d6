//! The permission lens: what one actor sees, and why.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::rows::{Row, Window};
use super::{popup, words};
use crate::app::layout::Popup;
use crate::app::view_as::{LensRow, ViewAs};
use crate::config::Meaning;

/// Columns of the reason.
const REASON: u16 = 27;

/// Draws the lens.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &ViewAs) {
    let actor = state.actors.get(state.selected).map(ToString::to_string).unwrap_or_default();
    let (seen, all) = state.seen;
    let note = format!("sees {} of {}", words::grouped(seen), words::grouped(all));
    popup::frame(canvas, area, &format!("View as  {actor}"), &note);
    let len = state.rows.len();
    let window = Window { len, offset: state.offset, selected: state.row, focused: true };
    popup::list(canvas, area, window, |canvas, row| {
        if let Some(scope) = state.rows.get(row.index) {
            draw_row(canvas, &row, scope);
        }
    });
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Row, scope: &LensRow) {
    let Rect { x, y, width, .. } = row.area;
    let (glyph, meaning) = match scope.sees {
        true => (canvas.glyphs().good, Meaning::Good),
        false => (canvas.glyphs().bad, Meaning::Bad),
    };
    let sign = row.style(canvas, meaning);
    canvas.put(x + 1, y, 1, glyph, sign);
    let end = width.saturating_sub(1);
    let reason_at = if end > REASON + 30 { end - REASON } else { end };
    let text = row.style(canvas, if scope.sees { Meaning::Text } else { Meaning::Dim });
    let count = format!("  ({})", words::grouped(scope.count));
    let room = reason_at.saturating_sub(3 + 8);
    let used = canvas.name(x + 3, y, room, scope.scope.as_str(), text);
    let dim = row.style(canvas, Meaning::Dim);
    canvas.put(x + 3 + used, y, 8, &count, dim);
    if reason_at < end {
        let dot = canvas.glyphs().middot;
        let used = canvas.put(x + reason_at, y, REASON, scope.reason, dim);
        let writes = format!(" {dot} may write");
        if scope.writes && used + 12 <= REASON {
            canvas.put(x + reason_at + used, y, REASON - used, &writes, dim);
        }
    }
}
