//! What all forms share: labelled fields, completions, and where a problem is said.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::input::{self, Look};
use crate::app::SecretField;
use crate::app::layout::{Part, Popup};
use crate::config::Meaning;

/// Draws the text of field number `at`, and its label where the popup has a column for labels.
pub fn field(
    canvas: &mut Canvas<'_>,
    area: &Popup,
    at: usize,
    label: &str,
    text: &SecretField,
    look: Look<'_>,
) {
    let Some(cells) = place(area, at) else { return };
    if area.label > 0 {
        input::label(canvas, cells, area.label, label, look.focused);
    }
    input::draw(canvas, cells, text, look);
}

/// The cells of field number `at`, if it is on the screen.
pub fn place(area: &Popup, at: usize) -> Option<Rect> {
    area.part(Part::Field(at)).and_then(|_| area.fields.get(at)).copied().map(rect)
}

/// How a name or note is drawn.
pub fn plain(focused: bool, placeholder: &str) -> Look<'_> {
    Look { focused, placeholder, meaning: Meaning::Text }
}

/// A field of several lines: a thin line at its left shows how far it reaches.
pub fn area(
    canvas: &mut Canvas<'_>,
    area: &Popup,
    at: usize,
    label: &str,
    text: &SecretField,
    look: Look<'_>,
) {
    let Some(cells) = place(area, at) else { return };
    let vertical = canvas.glyphs().frame[5];
    let border = if look.focused { Meaning::BorderFocused } else { Meaning::Border };
    for y in cells.y..cells.bottom() {
        canvas.say(cells.x.saturating_sub(1), y, 1, vertical, border);
    }
    field(canvas, area, at, label, text, look);
}

/// Says what completes the scope being typed, or what is wrong there.
pub fn completions(
    canvas: &mut Canvas<'_>,
    area: &Popup,
    under: usize,
    completions: &[String],
    focused: bool,
) {
    let Some(line) = area.part(Part::Under(under)).map(rect) else { return };
    if !focused || completions.is_empty() {
        return;
    }
    let dot = format!(" {} ", canvas.glyphs().middot);
    let text = format!("{} {}", canvas.glyphs().arrow, completions.join(&dot));
    let x = line.x + area.label;
    canvas.sentence(x, line.y, line.width.saturating_sub(area.label), &text, Meaning::Dim);
}

/// A choice between several with Left and Right: `‹ API key ›`.
pub fn choice(
    canvas: &mut Canvas<'_>,
    area: &Popup,
    at: usize,
    label: &str,
    value: &str,
    focused: bool,
) {
    let Some(field) = place(area, at) else { return };
    input::label(canvas, field, area.label, label, focused);
    let meaning = if focused { Meaning::TitleFocused } else { Meaning::Text };
    let used = canvas.sentence(field.x, field.y, field.width, value, meaning);
    if focused {
        let arrows = if canvas.skin.ascii { "  < >" } else { "  ← →" };
        let room = field.width.saturating_sub(used);
        canvas.say(field.x + used, field.y, room, arrows, Meaning::Dim);
        canvas.place_cursor(field.x, field.y);
    }
}
