//! Importing an environment file: from where, to where, and what would happen.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::{form, popup, words};
use crate::app::import::{Import, ImportField};
use crate::app::layout::{Part, Popup};
use crate::app::{ImportPreview, ImportRow, ImportState};
use crate::config::Meaning;

/// Draws the form and the preview.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Import) {
    popup::frame(canvas, area, "Import an environment file", "");
    let on = |field| state.focus == field && state.working.is_none();
    let path = form::plain(on(ImportField::Path), ".env");
    form::field(canvas, area, 0, "File", &state.path, path);
    form::field(canvas, area, 1, "Into", &state.scope, form::plain(on(ImportField::Scope), ""));
    form::completions(canvas, area, 1, &state.completions, on(ImportField::Scope));
    if let Some(preview) = &state.preview {
        draw_preview(canvas, area, state, preview);
    }
    if state.working.is_some() {
        let what = if state.preview.is_some() { "Importing" } else { "Reading the file" };
        return popup::working(canvas, area, what);
    }
    popup::problem(canvas, area, state.problem.as_deref());
}

fn draw_preview(canvas: &mut Canvas<'_>, area: &Popup, state: &Import, preview: &ImportPreview) {
    let count = |wanted| preview.rows.iter().filter(|row| row.state == wanted).count();
    let dot = format!(" {} ", canvas.glyphs().middot);
    let different = if state.overwrite { "replaced" } else { "kept" };
    let mut summary = format!(
        "{} new{dot}{} different, {different}{dot}{} the same",
        words::grouped(count(ImportState::New)),
        words::grouped(count(ImportState::Different)),
        words::grouped(count(ImportState::Same)),
    );
    if preview.left_out > 0 {
        let left_out = words::grouped(preview.left_out);
        summary += &format!("{dot}{left_out} left out");
    }
    popup::prose(canvas, area, Part::Text, &summary, Meaning::Text);
    let list = rect(area.list);
    let most = preview.rows.len().saturating_sub(usize::from(list.height));
    let offset = state.offset.min(most);
    for (y, row) in (list.y..list.bottom()).zip(preview.rows.iter().skip(offset)) {
        let line = Rect { y, height: 1, ..list };
        draw_row(canvas, line, row, state.overwrite);
    }
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, entry: &ImportRow, overwrite: bool) {
    let Rect { x, y, width, .. } = area;
    let glyphs = canvas.glyphs();
    let (glyph, meaning, word) = match (entry.state, overwrite) {
        (ImportState::New, _) => (glyphs.good, Meaning::Good, "new"),
        (ImportState::Same, _) => (glyphs.middot, Meaning::Dim, "the same"),
        (ImportState::Different, true) => (glyphs.warn, Meaning::Warn, "replaces another"),
        (ImportState::Different, false) => (glyphs.middot, Meaning::Warn, "different, kept"),
    };
    canvas.say(x, y, 1, glyph, meaning);
    let style = canvas.style(Meaning::Dim);
    let taken = canvas.right(x + width, y, width / 2, word, style);
    let text = canvas.style(Meaning::Text);
    let room = width.saturating_sub(2 + taken + 2);
    canvas.name(x + 2, y, room, entry.name.key.as_str(), text);
}
