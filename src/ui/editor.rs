//! The built-in editor of one value.

use super::canvas::{Canvas, rect};
use super::input::Look;
use super::{form, hints_of_value, popup};
use crate::app::editor::Editor;
use crate::app::layout::{Part, Popup};
use crate::config::Meaning;
use crate::vault::Timestamp;

/// Draws the editor.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Editor, now: Timestamp) {
    let changed = if state.dirty { "changed" } else { "unchanged" };
    let dot = canvas.glyphs().middot;
    let note = format!("revision {} {dot} {changed}", state.revision);
    popup::frame(canvas, area, &format!("Edit {}", state.name), &note);
    let focused = state.saving.is_none();
    let look = Look { focused, placeholder: "empty", meaning: Meaning::Secret };
    form::area(canvas, area, 0, "", &state.text, look);
    if let Some(line) = area.part(Part::Under(0)).map(rect) {
        hints_of_value::draw(canvas, (line.x, line.y, line.width), &state.hints, now);
    }
    draw_problem(canvas, area, state);
}

fn draw_problem(canvas: &mut Canvas<'_>, area: &Popup, state: &Editor) {
    let (warn, dash) = (canvas.glyphs().warn, canvas.glyphs().none);
    if state.saving.is_some() {
        return popup::working(canvas, area, "Saving");
    }
    if let Some(failure) = &state.failure {
        let text = format!("{} {dash} {}", failure.message, failure.help);
        return popup::problem(canvas, area, Some(&text));
    }
    if state.gone {
        let text = "Somebody deleted this secret meanwhile; saving makes it anew.";
        return popup::remark(canvas, area, warn, text, Meaning::Warn);
    }
    if let Some(revision) = state.changed_to {
        let text = format!("Revision {revision} was written meanwhile; saving asks first.");
        popup::remark(canvas, area, warn, &text, Meaning::Warn);
    }
}
