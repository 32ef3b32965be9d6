//! The two fields of a new passphrase, its strength, and what is wrong with it. Not the box around them.

use super::canvas::{Canvas, rect};
use super::{form, meter, popup};
use crate::app::layout::{Part, Popup};
use crate::app::new_passphrase::{NewFocus, NewPassphrase};
use crate::config::Meaning;

/// Draws the fields and the strength below the first.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &NewPassphrase, working: bool) {
    let on = |focus| state.focus == focus && !working;
    let look = |focus| form::plain(on(focus), "");
    form::field(canvas, area, 0, "Passphrase", &state.passphrase, look(NewFocus::Passphrase));
    form::field(canvas, area, 1, "And again", &state.again, look(NewFocus::Again));
    let Some(line) = area.part(Part::Under(0)).map(rect) else { return };
    let x = line.x + area.label;
    let room = line.width.saturating_sub(area.label);
    match &state.strength {
        Some(strength) => meter::strength(canvas, (x, line.y, room), strength),
        None => {
            let advice = "four or more random words are easy to keep in mind";
            canvas.sentence(x, line.y, room, advice, Meaning::Dim);
        }
    }
}

/// Says what keeps it from being taken, or how to make it better.
pub fn draw_problem(canvas: &mut Canvas<'_>, area: &Popup, state: &NewPassphrase) {
    if let Some(problem) = &state.problem {
        let (glyph, meaning) = match state.weak_accepted {
            true => (canvas.glyphs().warn, Meaning::Warn),
            false => (canvas.glyphs().bad, Meaning::Bad),
        };
        return popup::remark(canvas, area, glyph, problem, meaning);
    }
    let advice = state.strength.as_ref().map_or("", |strength| strength.advice.as_str());
    if !advice.is_empty() {
        let dot = canvas.glyphs().middot;
        popup::remark(canvas, area, dot, advice, Meaning::Dim);
    }
}
