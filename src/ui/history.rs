//! The kept revisions of one secret, and the value of one of them while it is revealed.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::rows::Window;
use super::{empty, meter, popup, value, words};
use crate::app::App;
use crate::app::detail::Shown;
use crate::app::history::History;
use crate::app::layout::{Part, Popup};
use crate::config::Meaning;
use crate::vault::RevisionInfo;

/// Draws the history.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &History, app: &App) {
    let count = state.revisions.as_ref().map_or(0, Vec::len);
    let note = if count > 0 { words::counted(count, "revision") } else { String::new() };
    popup::frame(canvas, area, &format!("History of {}", state.name), &note);
    let Some(revisions) = &state.revisions else {
        return empty::say(canvas, rect(area.list), "");
    };
    let window =
        Window { len: count, offset: state.offset, selected: state.selected, focused: true };
    popup::list(canvas, area, window, |canvas, row| {
        if let Some(kept) = revisions.get(row.index) {
            draw_row(canvas, &row, *kept, row.index == 0, app);
        }
    });
    let Some(part) = area.part(Part::Text).map(rect) else { return };
    match &state.shown {
        Some(shown) => draw_shown(canvas, part, shown, app),
        None => value::masked(canvas, part.x, part.y, part.width),
    }
}

fn draw_row(
    canvas: &mut Canvas<'_>,
    row: &super::rows::Row,
    kept: RevisionInfo,
    live: bool,
    app: &App,
) {
    let Rect { x, y, width, .. } = row.area;
    let (text, dim) = (row.style(canvas, Meaning::Text), row.style(canvas, Meaning::Dim));
    let mut at = canvas.put(x + 1, y, width, &format!("{:<6}", kept.revision), text) + 1;
    let date = words::date_time(kept.written_at);
    at += canvas.put(x + at, y, width.saturating_sub(at), &format!("{date:<20}"), text);
    let ago = words::ago(kept.written_at, app.wall);
    at += canvas.put(x + at, y, width.saturating_sub(at), &format!("{ago:<14}"), dim);
    if live {
        canvas.put(x + at, y, width.saturating_sub(at), "now", dim);
    }
}

fn draw_shown(canvas: &mut Canvas<'_>, area: Rect, shown: &Shown, app: &App) {
    let rows = area.height.saturating_sub(1).max(1);
    value::draw(canvas, Rect { height: rows, ..area }, &shown.value, 0);
    if area.height > 1 {
        let used = value::height(&shown.value, area.width, rows);
        let verb = format!("revision {} hides in", shown.revision);
        let times = (shown.since, shown.until, app.now);
        meter::countdown(canvas, (area.x, area.y + used, area.width), &verb, times);
    }
}
