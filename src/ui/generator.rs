//! The generator: what was made, how strong it is, and how it is to be made.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::{form, input, meter, popup, value, words};
use crate::app::generator::{GenerateFor, Generator, GeneratorRow, Shape};
use crate::app::layout::{Part, Popup};
use crate::app::layout_popup::GENERATOR_BOXES;
use crate::config::Meaning;

/// Draws the generator.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Generator) {
    let note = match &state.target {
        GenerateFor::Secret(name, _) => format!("for {name}"),
        GenerateFor::Field | GenerateFor::Nothing => String::new(),
    };
    popup::frame(canvas, area, "Generate", &note);
    if let Some(area) = area.part(Part::Intro).map(rect) {
        match (&state.value, &state.problem) {
            (Some(made), _) => value::draw(canvas, area, made, 0),
            (None, Some(problem)) => {
                let bad = canvas.glyphs().bad;
                canvas.prose(area, &format!("{bad} {problem}"), Meaning::Bad);
            }
            (None, None) => {}
        }
    }
    if let (Some(line), Some(strength)) = (area.part(Part::Under(0)).map(rect), &state.strength) {
        canvas.say(line.x, line.y, area.label.saturating_sub(1), "Strength", Meaning::Dim);
        let room = line.width.saturating_sub(area.label);
        meter::strength(canvas, (line.x + area.label, line.y, room), strength);
    }
    draw_shape(canvas, area, state);
    form::choice(canvas, area, 1, "Length", &length(state), state.focus == GeneratorRow::Length);
    if state.shape == Shape::Characters {
        draw_boxes(canvas, area, state);
    }
    popup::prose(canvas, area, Part::Text, &consequence(&state.target), Meaning::Dim);
}

fn length(state: &Generator) -> String {
    match state.shape {
        Shape::Characters => words::counted(state.length, "character"),
        Shape::Words => words::counted(state.length, "word"),
        Shape::Token => words::counted(state.length, "random byte"),
    }
}

/// `● characters    ○ words    ○ token`.
fn draw_shape(canvas: &mut Canvas<'_>, area: &Popup, state: &Generator) {
    let Some(field) = form::place(area, 0) else { return };
    let focused = state.focus == GeneratorRow::Shape;
    input::label(canvas, field, area.label, "Shape", focused);
    let shapes =
        [(Shape::Characters, "characters"), (Shape::Words, "words"), (Shape::Token, "token")];
    let mut used = 0;
    for (shape, word) in shapes {
        let chosen = shape == state.shape;
        let glyph = if chosen { canvas.glyphs().dot } else { canvas.glyphs().ring };
        let meaning = match (chosen, focused) {
            (true, true) => Meaning::TitleFocused,
            (true, false) => Meaning::Text,
            (false, _) => Meaning::Dim,
        };
        if chosen && focused {
            canvas.place_cursor(field.x + used, field.y);
        }
        let text = format!("{glyph} {word}    ");
        used += canvas.say(field.x + used, field.y, field.width - used, &text, meaning);
    }
}

fn draw_boxes(canvas: &mut Canvas<'_>, area: &Popup, state: &Generator) {
    use GeneratorRow::{Digits, Lower, Readable, Symbols, Upper};
    let boxes = [
        (Lower, state.lower),
        (Upper, state.upper),
        (Digits, state.digits),
        (Symbols, state.symbols),
        (Readable, state.readable),
    ];
    if area.part(Part::Field(2)).is_none() {
        return;
    }
    for ((field, label), (row, on)) in area.fields.iter().skip(2).zip(GENERATOR_BOXES).zip(boxes) {
        let field: Rect = rect(*field);
        input::check_box(canvas, field, label, on, state.focus == row);
    }
}

fn consequence(target: &GenerateFor) -> String {
    match target {
        GenerateFor::Secret(_, revision) => {
            format!("Replaces revision {revision}. The old value stays in the history.")
        }
        GenerateFor::Field => "Fills the field; nothing is saved yet.".into(),
        GenerateFor::Nothing => "Becomes the value of a new secret.".into(),
    }
}
