//! The first run: where the vault goes and a passphrase, twice, with its strength.

use super::canvas::{Canvas, rect};
use super::input::{self, Look};
use super::{meter, popup};
use crate::app::first_run::{FirstRun, FirstRunFocus};
use crate::app::layout::{Part, Popup};
use crate::config::Meaning;

/// What everybody must know before it is too late.
const WARNING: &str = "Nobody can recover a forgotten passphrase: without it the vault stays \
                       closed for ever, for you too.";

/// Draws the box.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &FirstRun) {
    popup::frame(canvas, area, "Welcome to tresor", "");
    if let Some(intro) = area.part(Part::Intro).map(rect) {
        canvas.sentence(
            intro.x,
            intro.y,
            intro.width,
            "A new encrypted vault will be made at",
            Meaning::Dim,
        );
        if intro.height > 1 {
            let style = canvas.style(Meaning::Text);
            canvas.name(intro.x, intro.y + 1, intro.width, &state.path, style);
        }
    }
    let fields = [
        (&state.passphrase, "Passphrase", FirstRunFocus::Passphrase),
        (&state.again, "And again", FirstRunFocus::Again),
    ];
    for (field_area, (field, label, which)) in area.fields.iter().zip(fields) {
        let focused = state.focus == which && state.working.is_none();
        let field_area = rect(*field_area);
        input::label(canvas, field_area, area.label, label, focused);
        let look = Look { focused, placeholder: "", meaning: Meaning::Text };
        input::draw(canvas, field_area, field, look);
    }
    draw_strength(canvas, area, state);
    popup::prose(canvas, area, Part::Text, WARNING, Meaning::Warn);
    draw_problem(canvas, area, state);
}

fn draw_strength(canvas: &mut Canvas<'_>, area: &Popup, state: &FirstRun) {
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

fn draw_problem(canvas: &mut Canvas<'_>, area: &Popup, state: &FirstRun) {
    if state.working.is_some() {
        return popup::working(canvas, area, "Making the vault");
    }
    if let Some(failure) = &state.failure {
        return popup::problem(
            canvas,
            area,
            Some(&format!(
                "{} {dash} {}",
                failure.message,
                failure.help,
                dash = canvas.glyphs().none
            )),
        );
    }
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
