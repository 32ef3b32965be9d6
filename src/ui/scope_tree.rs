//! The pane of scopes: owners with their counts. Not their keys.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::pane::{self, Extent, Label};
use super::rows::{self, Row, Window};
use super::words;
use crate::app::App;
use crate::app::browse::{Browse, Pane};
use crate::app::layout::PaneArea;
use crate::app::scope_tree::{ScopeRow, ScopeRowKind};
use crate::config::Meaning;

/// Draws the pane.
pub fn draw(canvas: &mut Canvas<'_>, area: &PaneArea, borders: bool, app: &App, browse: &Browse) {
    let focused = browse.focus == Pane::Scopes;
    let tree = &browse.scopes;
    pane::frame(canvas, rect(area.outer), borders, Label { title: "Scopes", note: "", focused });
    let inner = rect(area.inner);
    let (len, selected) = (tree.rows.len(), tree.selected);
    let window = Window { len, offset: tree.offset, selected, focused };
    rows::draw(canvas, inner, window, |canvas, row| {
        if let Some(scope) = tree.rows.get(row.index) {
            let label = match &scope.kind {
                ScopeRowKind::Scope(scope) if app.presenting => browse.scope_alias(scope),
                _ => scope.label.clone(),
            };
            draw_row(canvas, &row, scope, &label);
        }
    });
    if borders {
        let extent = Extent { offset: window.first(inner.height), len };
        pane::thumb(canvas, rect(area.outer), inner, extent, focused);
    }
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Row, scope: &ScopeRow, label: &str) {
    let meaning = match scope.kind {
        ScopeRowKind::Gap => return,
        ScopeRowKind::Heading(_) => Meaning::Dim,
        _ => Meaning::Text,
    };
    let Rect { x, y, width, .. } = row.area;
    let count = match scope.kind {
        ScopeRowKind::Heading(_) => String::new(),
        _ => words::grouped(scope.count),
    };
    let style = row.style(canvas, Meaning::Dim);
    let taken =
        canvas.right(x + width.saturating_sub(1), y, width.saturating_sub(6), &count, style);
    let room = width.saturating_sub(taken + 2);
    let indent = (u16::from(scope.depth) * 2).min(room / 2);
    let mut at = indent;
    if let Some(expanded) = scope.expanded {
        let glyph = if expanded { canvas.glyphs().open } else { canvas.glyphs().folded };
        let style = row.style(canvas, Meaning::Dim);
        let sign = at.saturating_sub(2);
        canvas.put(x + sign, y, room - sign.min(room), glyph, style);
        at = sign + 2;
    }
    let style = row.style(canvas, meaning);
    canvas.name(x + at, y, room.saturating_sub(at), label, style);
}
